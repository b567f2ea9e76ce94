/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amqp: asked with the header of AMQP 0-9-1; the server answers Connection.Start, whose properties
 * name product and version, or the header of the version that it speaks, and closes. No login
 * follows; RabbitMQ logs one line about the closed handshake.
 */
#include "proto/words.h"

enum { FRAME_METHOD = 1, TABLE_MAX = 4096 };

/* AMQP 0-9-1 section 4.2.2: "AMQP" 0 major minor revision; AMQP 1.0 section 2.2: "AMQP" id 1 0 0 */
static enum proto_match header(struct span bytes)
{
	enum proto_match m = WORDS_BEGIN(bytes, "AMQP");
	struct span s = span_skip(bytes, 4);

	if (m != PROTO_YES)
		return m;
	if (s.n > 0 && s.p[0] > 3)
		return PROTO_NO;
	if (s.n > 1 && s.p[1] > 9)
		return PROTO_NO;
	return s.n < 4 ? PROTO_MORE : PROTO_YES;
}

/* section 4.2.3: type 1, channel 2, size 4; then class 10, method 10, version 0.9, table */
static enum proto_match take_start(struct span *s, struct span *table)
{
	static const uint8_t want[] = {FRAME_METHOD, 0, 0};
	enum proto_match m = words_begin(*s, span_of(want, sizeof(want)));
	uint32_t size;
	uint32_t length;

	if (m != PROTO_YES)
		return m;
	*s = span_skip(*s, sizeof(want));
	if (s->n && s->p[0])
		return PROTO_NO;
	if (!take_u32be(s, &size))
		return PROTO_MORE;
	m = words_begin(*s, span_of("\0\12\0\12\0\11", 6));
	if (m != PROTO_YES)
		return m;
	*s = span_skip(*s, 6);
	if (!take_u32be(s, &length))
		return PROTO_MORE;
	if (length > size || size > 1 << 20)
		return PROTO_NO;
	*table = span_cut(*s, length < TABLE_MAX ? length : TABLE_MAX);
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span table;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = header(bytes);
	if (m != PROTO_NO || side == PROTO_CLIENT)
		return m;
	return take_start(&s, &table);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of("AMQP\0\0\11\1", 8), out, size);
}

/* A long string of the table: short name, 'S', length 4, bytes (section 4.2.5). */
static struct span property(struct span table, struct span name)
{
	struct span none = {0};
	ptrdiff_t at = span_find(table, name);
	struct span s;
	uint32_t n;
	struct span value;

	if (at < 0)
		return none;
	s = span_skip(table, (size_t)at + name.n);
	if (!take_u32be(&s, &n) || !take_span(&s, n, &value))
		return none;
	return value;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span table;

	(void)transport;
	if (side != PROTO_SERVER)
		return;
	if (header(bytes) == PROTO_YES) {
		proto_add(facts, "protocol",
			  bytes.p[4] || bytes.p[5] == 1 ? SPAN_LIT("1.0") : SPAN_LIT("0-9-1"));
		return;
	}
	if (take_start(&s, &table) != PROTO_YES)
		return;
	proto_add(facts, "protocol", SPAN_LIT("0-9-1"));

	struct span product = property(table, SPAN_LIT("\7productS"));
	struct span version = property(table, SPAN_LIT("\7versionS"));

	if (product.n)
		proto_add(facts, "server", product);
	if (span_is(product, "RabbitMQ")) {
		proto_set_product(facts, "rabbitmq");
		proto_set_version(facts, version);
	}
}

const struct proto proto_amqp = {
	.name = "amqp",
	.title = "Advanced Message Queuing Protocol",
	PROTO_HINTS(PROTO_TCP(5672)),
	.safety = PROTO_B,
	.sends = N_("the protocol header of AMQP 0-9-1"),
	.proves = N_("AMQP, and the product and version that Connection.Start names"),
	.source = "AMQP 0-9-1 sections 4.2.2, 4.2.3, 4.2.5; AMQP 1.0 section 2.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

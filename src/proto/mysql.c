/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mysql: the server speaks first: a packet header (length 3 LE, sequence 0), then either the
 * handshake of protocol 10 with the version text, or an error packet (host not allowed or blocked).
 * Nothing is sent. Limit: many half-open visits make old servers block a host (max_connect_errors),
 * so one visit is all that is made.
 */
#include "proto/words.h"

enum { PROTOCOL_10 = 0x0a, ERROR_PACKET = 0xff, VERSION_MAX = 100 };

/* MySQL "Protocol::HandshakeV10"; MariaDB "Connection: initial handshake packet" */
static enum proto_match take_handshake(struct span *s, struct span *version)
{
	uint8_t head[5];
	uint8_t nul;

	for (size_t i = 0; i < sizeof(head); i++)
		if (!take_u8(s, &head[i]))
			return PROTO_MORE;
		else if ((i == 1 && head[1] > 1) || (i == 2 && head[2]) || (i == 3 && head[3]) ||
			 (i == 4 && head[4] != PROTOCOL_10))
			return PROTO_NO;

	size_t length = head[0] + 256u * head[1];
	ptrdiff_t end = span_find_byte(span_cut(*s, VERSION_MAX), 0);

	if (length < 40)
		return PROTO_NO;
	if (end < 0)
		return s->n < VERSION_MAX && words_is_text(*s) ? PROTO_MORE : PROTO_NO;
	if (end == 0 || !take_span(s, (size_t)end, version) || !take_u8(s, &nul))
		return PROTO_NO;
	if (!words_is_text(*version) || version->p[0] < '0' || version->p[0] > '9')
		return PROTO_NO;
	return s->n + version->n + 2 >= length ? PROTO_YES : PROTO_MORE;
}

/* "Protocol::ERR_Packet" before the handshake: FF, code 2 LE, text */
static enum proto_match take_error(struct span *s, uint16_t *code)
{
	uint8_t head[5];

	for (size_t i = 0; i < sizeof(head); i++)
		if (!take_u8(s, &head[i]))
			return PROTO_MORE;
		else if ((i >= 1 && i <= 3 && head[i] > (i == 1)) ||
			 (i == 4 && head[4] != ERROR_PACKET))
			return PROTO_NO;
	if (!take_u16le(s, code))
		return PROTO_MORE;
	if (*code < 1000 || *code > 5000 || !words_is_text(*s))
		return PROTO_NO;
	return s->n + 3 >= head[0] + 256u * head[1] ? PROTO_YES : PROTO_MORE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span version;
	uint16_t code;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = take_handshake(&s, &version);

	if (m != PROTO_NO)
		return m;
	s = bytes;
	return take_error(&s, &code);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span version;

	(void)side;
	(void)transport;
	if (take_handshake(&s, &version) != PROTO_YES) {
		struct span e = bytes;
		uint16_t code;

		if (take_error(&e, &code) == PROTO_YES)
			proto_add(facts, "error", e);
		return;
	}
	proto_add(facts, "greeting", version);
	/* MariaDB 10 and 11.0 say "5.5.5-" first so that old replicas take them */
	if (span_starts(version, "5.5.5-"))
		version = span_skip(version, 6);
	if (span_find(version, SPAN_LIT("MariaDB")) >= 0) {
		ptrdiff_t end = span_find_byte(version, '-');

		proto_set_product(facts, "mariadb");
		proto_set_version(facts, span_cut(version, end > 0 ? (size_t)end : version.n));
	}
	/* thread id 4, scramble 8, filler 1, capabilities (low): bit 11 is TLS */
	struct span skipped;
	uint16_t low;

	if (take_span(&s, 13, &skipped) && take_u16le(&s, &low))
		proto_add(facts, "tls", low & 0x800 ? SPAN_LIT("offered") : SPAN_LIT("no"));
}

const struct proto proto_mysql = {
	.name = "mysql",
	.title = "MySQL and MariaDB",
	PROTO_HINTS(PROTO_TCP(3306), PROTO_TCP(3307)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the handshake: MariaDB by its own mark; the version that it gives, whether TLS is offered, or the error"),
	.source = "MySQL Internals, Protocol::HandshakeV10 and ERR_Packet",
	.recognise = recognise,
	.describe = describe,
};

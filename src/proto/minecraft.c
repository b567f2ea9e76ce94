/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minecraft: servers of the Java edition, asked for their entry in a client's list of servers, as
 * each client asks when it shows that list. Nobody joins. What answers tells a name of its version,
 * which servers of other makers choose too: it is shown, and proves no product.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	HANDSHAKE = 0,
	STATUS = 0,
	TO_STATUS = 1,
	TO_LOGIN = 2,
	TO_TRANSFER = 3,
	JSON_MAX = 1 << 16
};

/* node-minecraft-protocol, framing and "varint": seven bits a byte, lowest first, at most five */
static enum proto_match take_number(struct span *s, uint32_t *value)
{
	uint8_t byte;

	*value = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		if (!take_u8(s, &byte))
			return PROTO_MORE;
		*value |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return PROTO_YES;
	}
	return PROTO_NO;
}

/* minecraft-data protocol.json, handshaking and status: length, number of the packet; a client's
 * handshake holds version, address, port 2, next state; a server's status a text in JSON */
static enum proto_match server(struct span s, struct span *json)
{
	uint32_t length;
	uint32_t packet;
	uint32_t n;
	enum proto_match m = take_number(&s, &length);
	size_t before;

	if (m != PROTO_YES)
		return m;
	if (length < 4 || length > JSON_MAX)
		return PROTO_NO;
	before = s.n;
	m = take_number(&s, &packet);
	if (m != PROTO_YES)
		return m;
	if (packet != STATUS)
		return PROTO_NO;
	m = take_number(&s, &n);
	if (m != PROTO_YES)
		return m;
	if (n + (before - s.n) != length)
		return PROTO_NO;
	*json = span_cut(s, n);
	m = WORDS_BEGIN(*json, "{");
	if (m != PROTO_YES)
		return m;
	if (span_find(*json, SPAN_LIT("\"protocol\":")) >= 0 &&
	    span_find(*json, SPAN_LIT("\"version\":")) >= 0)
		return PROTO_YES;
	return json->n < n ? PROTO_MORE : PROTO_NO;
}

static enum proto_match client(struct span s)
{
	uint32_t length;
	uint32_t version;
	uint32_t n;
	uint32_t state;
	struct span address;
	uint16_t port;
	enum proto_match m = take_number(&s, &length);

	if (m != PROTO_YES)
		return m;
	if (length < 8 || length > 300)
		return PROTO_NO;

	struct span packet = span_cut(s, length);

	m = WORDS_BEGIN(packet, "\0"); /* HANDSHAKE */
	if (m != PROTO_YES)
		return m;
	if (packet.n < length)
		return PROTO_MORE;
	packet = span_skip(packet, 1);
	if (take_number(&packet, &version) != PROTO_YES || take_number(&packet, &n) != PROTO_YES ||
	    !take_span(&packet, n, &address) || !take_u16be(&packet, &port) ||
	    take_number(&packet, &state) != PROTO_YES || packet.n || state < TO_STATUS ||
	    state > TO_TRANSFER || !address.n)
		return PROTO_NO;
	return words_is_text(span_cut(address, (size_t)span_find_byte(address, 0))) ? PROTO_YES
										    : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span json;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_SERVER ? server(bytes, &json) : client(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* version -1: of no release; then the request for the status, which is empty */
	static const uint8_t words[] = {19,          HANDSHAKE, 0xff, 0xff,  0xff, 0xff,
					0x0f,        9,         'l',  'o',   'c',  'a',
					'l',         'h',       'o',  's',   't',  25565 >> 8,
					25565 & 255, TO_STATUS, 1,    STATUS};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span json = {0};
	struct span rest;
	struct span name;
	uint64_t number;
	size_t n = 0;
	ptrdiff_t at;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER || server(bytes, &json) != PROTO_YES)
		return;
	at = span_find(json, SPAN_LIT("\"version\":"));
	name = words_between(span_skip(json, (size_t)at), "\"name\":\"", "\"");
	if (name.n && words_is_text(name))
		proto_add(facts, "version_name", name);
	at = span_find(json, SPAN_LIT("\"protocol\":"));
	rest = span_trim(span_skip(json, (size_t)at + sizeof("\"protocol\":") - 1));
	while (n < rest.n && rest.p[n] >= '0' && rest.p[n] <= '9')
		n++;
	if (span_u64(span_cut(rest, n), UINT32_MAX, &number))
		facts_add(facts, "protocol", "%u", (unsigned)number);
}

const struct proto proto_minecraft = {
	.name = "minecraft",
	.title = "Minecraft, Java edition",
	PROTO_HINTS(PROTO_TCP(25565)),
	.safety = PROTO_B,
	.sends = N_("a request for the entry in the list of servers; nobody joins"),
	.proves = N_("a server of the Java edition, and what it calls its version"),
	.source = "PrismarineJS/minecraft-data protocol.json (handshaking, status) and "
		  "node-minecraft-protocol (framing)",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* gearman: an ECHO_REQ of the binary protocol, which comes back as ECHO_RES and queues no job; then
 * "version" of the text protocol, on the same connection. */
#include "proto/words.h"

enum { ECHO_REQ = 16, ECHO_RES = 17 };

/* Gearman PROTOCOL: magic "\0RES", type 4 BE, size 4 BE, data */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	uint32_t type;
	uint32_t size;
	struct span s = bytes;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match m =
		words_begin(s, side == PROTO_SERVER ? span_of("\0RES", 4) : span_of("\0REQ", 4));

	if (m != PROTO_YES)
		return m;
	s = span_skip(s, 4);
	if (!take_u32be(&s, &type) || !take_u32be(&s, &size))
		return PROTO_MORE;
	return type >= 1 && type <= 42 && size < 1 << 24 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return words_say(span_of("\0REQ\0\0\0\20\0\0\0\10periplus", 20), out, size);
	if (turn == 1 && recognise(heard, PROTO_SERVER, transport) == PROTO_YES)
		return WORDS_SAY("version\r\n", out, size);
	return 0;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "gearman");

	ptrdiff_t end = span_find_last(bytes, '\n');

	if (end > 0)
		proto_set_version(facts,
				  words_version_after(span_cut(bytes, (size_t)end), "periplusOK "));
}

const struct proto proto_gearman = {
	.name = "gearman",
	.title = "Gearman job server",
	PROTO_HINTS(PROTO_TCP(4730)),
	.safety = PROTO_B,
	.sends = N_("an echo request, then version; no job is queued"),
	.proves = N_("Gearman and its version"),
	.source = "Gearman PROTOCOL, Binary Packet and Administrative Protocol",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

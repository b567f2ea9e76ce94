/* SPDX-License-Identifier: Apache-2.0 */
/* epmd: Erlang's port mapper is asked for its names (as `epmd -names` does), which only reads. */
#include "proto/words.h"

/* Erlang Distribution Protocol, NAMES_RESP: EPMD's port 4 BE, then "name X at port N" LF lines */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint32_t port;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT) {
		/* NAMES_REQ 'n', ALIVE2_REQ 'x', PORT_PLEASE2_REQ 'z', behind a length */
		if ((bytes.n > 0 && bytes.p[0]) || (bytes.n > 2 && !memchr("nxz", bytes.p[2], 3)))
			return PROTO_NO;
		if (bytes.n < 3)
			return PROTO_MORE;
		return bytes.n == 2u + bytes.p[1] ? PROTO_MAYBE : PROTO_NO;
	}
	if ((s.n > 0 && s.p[0]) || (s.n > 1 && s.p[1]))
		return PROTO_NO;
	if (!take_u32be(&s, &port))
		return PROTO_MORE;
	if (port == 0)
		return PROTO_NO;
	if (s.n == 0)
		return PROTO_MAYBE;

	enum proto_match m = WORDS_BEGIN(s, "name ");
	struct span line;

	if (m != PROTO_YES)
		return m;
	if (!words_line(s, &line))
		return s.n < 300 ? PROTO_MORE : PROTO_NO;
	return span_find(line, SPAN_LIT(" at port ")) > 0 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of("\0\1n", 3), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "erlang-epmd");

	struct span rest = span_skip(bytes, 4);
	struct span line;

	for (unsigned n = 0; n < 8 && take_line(&rest, &line); n++)
		if (span_starts(line, "name "))
			proto_add(facts, "name", span_skip(line, 5));
}

const struct proto proto_epmd = {
	.name = "epmd",
	.title = "Erlang port mapper",
	PROTO_HINTS(PROTO_TCP(4369)),
	.safety = PROTO_B,
	.sends = N_("the question for its names, which only reads"),
	.proves = N_("epmd and the Erlang nodes of the host"),
	.source = "Erlang Distribution Protocol, NAMES_REQ and NAMES_RESP",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

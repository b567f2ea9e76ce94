/* SPDX-License-Identifier: Apache-2.0 */
/* socks: a SOCKS5 method selection that offers "no authentication"; no connection is asked for. The
 * answer has two bytes, so it is never more than MAYBE. */
#include "proto/words.h"

/* RFC 1928 section 3: 05, number of methods, methods; answer 05, method (ff: none acceptable) */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_TCP || (bytes.n && p[0] != 5))
		return PROTO_NO;
	if (bytes.n < 2)
		return PROTO_MORE;
	if (side == PROTO_CLIENT)
		return p[1] && bytes.n == 2u + p[1] && p[2] <= 2 ? PROTO_MAYBE : PROTO_NO;
	return bytes.n == 2 && (p[1] <= 2 || p[1] == 0xff) ? PROTO_MAYBE : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of("\5\1\0", 3), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_MAYBE)
		return;
	proto_add(facts, "auth", bytes.p[1] == 0 ? SPAN_LIT("none") : SPAN_LIT("required"));
}

const struct proto proto_socks = {
	.name = "socks",
	.title = "SOCKS 5",
	PROTO_HINTS(PROTO_TCP(1080), PROTO_TCP(9050), PROTO_TCP(9150)),
	.safety = PROTO_B,
	.sends = N_("a method selection; no connection is asked for"),
	.proves = N_("probably SOCKS 5, and whether it asks for a login"),
	.source = "RFC 1928 section 3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

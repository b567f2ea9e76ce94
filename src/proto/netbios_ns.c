/* SPDX-License-Identifier: Apache-2.0 */
/* netbios_ns: asked for the names that a machine has, which it tells to everybody. */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 12, NAME = 34, FIXED = HEAD + NAME + 10, ROW = 18, TEXT = 15, GROUP = 0x80 };

/* RFC 1002 section 4.2.17: id, flags, one question; the name '*' and zeroes in halves of
 * bytes (RFC 1001 sections 17.2 and 14.1); NBSTAT */
static const uint8_t question[] = "pe\0\0\0\1\0\0\0\0\0\0"
				  "\40CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0"
				  "\0\41\0\1";

/* section 4.2.1.1 and 4.1: names have 32 letters A to P */
static bool is_name(struct span s)
{
	if (s.n < NAME || s.p[0] != 32 || s.p[NAME - 1])
		return false;
	for (size_t i = 1; i < NAME - 1; i++)
		if (s.p[i] < 'A' || s.p[i] > 'P')
			return false;
	return true;
}

/* section 4.2.18: the answer's one record is of type 0021, class 1, and lists the names */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	bool is_answer;

	if (transport != TRANSPORT_UDP || bytes.n < HEAD + NAME + 4 ||
	    !is_name(span_skip(bytes, HEAD)))
		return PROTO_NO;
	is_answer = p[2] & 0x80;
	if (is_answer != (side == PROTO_SERVER) || p[HEAD + NAME] || p[HEAD + NAME + 2] ||
	    p[HEAD + NAME + 3] != 1)
		return PROTO_NO;
	return p[HEAD + NAME + 1] == 0x21 || p[HEAD + NAME + 1] == 0x20 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(question, sizeof(question) - 1), out, size);
}

/* count, then name of 15, its kind, flags 2: kind 0 is the machine, and of a group its domain */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, FIXED);
	struct span row;
	uint8_t n;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES ||
	    bytes.p[HEAD + NAME + 1] != 0x21 || !take_u8(&s, &n))
		return;
	while (n-- && take_span(&s, ROW, &row)) {
		struct span name = span_trim(span_cut(row, TEXT));

		if (row.p[TEXT] == 0 && words_is_text(name))
			proto_add(facts, row.p[TEXT + 1] & GROUP ? "domain" : "host", name);
	}
}

const struct proto proto_netbios_ns = {
	.name = "netbios-ns",
	.over = "dns", /* in its form */
	.title = "NetBIOS name service",
	PROTO_HINTS(PROTO_UDP(137)),
	.safety = PROTO_B,
	.sends = N_("a node status request"),
	.proves = N_("NetBIOS, the name of the machine and its domain"),
	.source =
		"RFC 1002 sections 4.1, 4.2.1, 4.2.17 and 4.2.18; RFC 1001 sections 14.1 and 17.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

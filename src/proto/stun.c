/* SPDX-License-Identifier: Apache-2.0 */
/* stun: a Binding request, which asks under which address the server sees us, and changes nothing.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 20, REQUEST = 0x0001, SUCCESS = 0x0101, FAILURE = 0x0111, SOFTWARE = 0x8022 };
static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42};

/* RFC 8489 section 5: type with two zero bits in front, length in words of 4, the magic cookie */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	enum proto_match m;
	unsigned type;
	size_t length;

	if (transport != TRANSPORT_UDP && transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (bytes.n > 0 && p[0] != (side == PROTO_SERVER ? SUCCESS >> 8 : REQUEST >> 8))
		return PROTO_NO;
	if (bytes.n < 4)
		return bytes.n < 2 || side == PROTO_CLIENT || p[1] == 1 || p[1] == 0x11 ? PROTO_MORE
											: PROTO_NO;
	type = (unsigned)p[0] << 8 | p[1];
	length = (size_t)p[2] << 8 | p[3];
	if ((side == PROTO_SERVER ? type != SUCCESS && type != FAILURE : type != REQUEST) ||
	    length % 4)
		return PROTO_NO;
	m = words_begin(span_skip(bytes, 4), span_of(cookie, sizeof(cookie)));
	if (m != PROTO_YES)
		return m;
	if (transport == TRANSPORT_UDP && bytes.n > HEAD + length)
		return PROTO_NO;
	return bytes.n < HEAD + length ? PROTO_MORE : PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* no attributes; the transaction's id is any twelve bytes */
	static const uint8_t words[HEAD] = {0,   1,   0,   0,   0x21, 0x12, 0xa4, 0x42, 'p', 'e',
					    'r', 'i', 'p', 'l', 'u',  's',  ' ',  'a',  's', 'k'};

	(void)heard;
	(void)transport;
	if (turn > 0)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

/* "Coturn-4.6.1 'Gorst'": name, sign, version */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, HEAD);
	struct span value;
	struct span pad;
	uint16_t type;
	uint16_t n;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	while (take_u16be(&s, &type) && take_u16be(&s, &n) && take_span(&s, n, &value)) {
		if (type == SOFTWARE && words_is_text(value)) {
			proto_add(facts, "software", value);
			if (span_starts(value, "Coturn-")) {
				proto_set_product(facts, "coturn");
				proto_set_version(facts, words_version(span_skip(value, 7)));
			}
		}
		if (!take_span(&s, (4u - n % 4u) % 4u, &pad))
			return;
	}
}

const struct proto proto_stun = {
	.name = "stun",
	.title = "Session Traversal Utilities for NAT",
	PROTO_HINTS(PROTO_UDP(3478), PROTO_TCP(3478)),
	.safety = PROTO_B,
	.sends = N_("one Binding request without attributes"),
	.proves = N_("STUN, and what the server calls its software"),
	.source = "RFC 8489 sections 5, 6 and 14.14",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

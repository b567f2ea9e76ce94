/* SPDX-License-Identifier: Apache-2.0 */
/* tftp: a read request for a name that cannot exist; the answer is an error, from a port that the
 * server opens for it: who asks must listen to the host, not to one port of it. */
#include "proto/words.h"

enum { RRQ = 1, WRQ = 2, DATA = 3, ACK = 4, ERROR = 5, OACK = 6, CODE_MAX = 8 };

/* RFC 1350 section 5: opcode 2 BE; ERROR: code 2, text, NUL; RRQ: name, NUL, mode, NUL */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span text;
	uint16_t opcode;
	uint16_t code;

	if (transport != TRANSPORT_UDP || (s.n && s.p[0]))
		return PROTO_NO;
	if (!take_u16be(&s, &opcode))
		return PROTO_MORE;
	if (side == PROTO_CLIENT) {
		struct span mode;

		if (opcode != RRQ && opcode != WRQ)
			return PROTO_NO;
		if (!take_until(&s, 0, &text) || !take_until(&s, 0, &mode))
			return PROTO_MORE;
		if (!text.n || !words_is_text(text))
			return PROTO_NO;
		return span_eq_nocase(mode, SPAN_LIT("octet")) ||
				       span_eq_nocase(mode, SPAN_LIT("netascii"))
			       ? PROTO_YES
			       : PROTO_MORE;
	}
	if (opcode != ERROR)
		return PROTO_NO;
	if (!take_u16be(&s, &code))
		return PROTO_MORE;
	if (code > CODE_MAX)
		return PROTO_NO;
	if (s.n == 0 || span_find_byte(s, 0) < 0)
		return words_is_cut(s) ? PROTO_MORE : PROTO_NO;
	return span_find_byte(s, 0) == (ptrdiff_t)s.n - 1 && words_is_text(span_cut(s, s.n - 1))
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of("\0\1periplus-has-no-such-file\0octet\0", 34), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side == PROTO_SERVER && recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "error", span_cut(span_skip(bytes, 4), bytes.n - 5));
}

const struct proto proto_tftp = {
	.name = "tftp",
	.title = "Trivial File Transfer Protocol",
	PROTO_HINTS(PROTO_UDP(69)),
	.safety = PROTO_B,
	.sends = N_("a read request for a name that cannot exist"),
	.proves = N_("TFTP"),
	.source = "RFC 1350 section 5",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

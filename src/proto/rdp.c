/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rdp: an X.224 Connection Request with a negotiation request in a TPKT; the Connection Confirm
 * tells which security was chosen. The visit ends before any session, so no user sees it.
 */
#include "proto/words.h"

enum { TPKT = 3, X224_CR = 0xe0, X224_CC = 0xd0, NEG_REQ = 1, NEG_RSP = 2, NEG_FAILURE = 3 };

/* MS-RDPBCGR 2.2.1.1 and 2.2.1.2: TPKT (4), X.224 (7), rdpNegData (8) */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	uint8_t code = side == PROTO_SERVER ? X224_CC : X224_CR;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if ((bytes.n > 0 && p[0] != TPKT) || (bytes.n > 1 && p[1] != 0) ||
	    (bytes.n > 2 && p[2] != 0) || (bytes.n > 3 && p[3] < 11) ||
	    (bytes.n > 4 && p[4] != p[3] - 5) || (bytes.n > 5 && p[5] != code))
		return PROTO_NO;
	if (bytes.n < 11)
		return PROTO_MORE;
	if (side == PROTO_CLIENT) {
		/* other users of X.224 (S7) have no cookie and no negotiation */
		struct span rest = span_skip(bytes, 11);
		enum proto_match cookie = WORDS_BEGIN(rest, "Cookie: mstshash=");
		enum proto_match neg = words_begin(rest, span_of("\1\0\10\0", 4));

		return cookie > neg ? cookie : neg;
	}
	if (p[3] == 11)
		return PROTO_MAYBE;
	if (p[3] != 19 || (bytes.n > 11 && p[11] != NEG_RSP && p[11] != NEG_FAILURE) ||
	    (bytes.n > 13 && p[13] != 8) || (bytes.n > 14 && p[14] != 0))
		return PROTO_NO;
	return bytes.n < 19 ? PROTO_MORE : PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* asked for: TLS, CredSSP and RDSTLS */
	static const uint8_t words[] = {TPKT, 0,       0, 19, 14, X224_CR, 0, 0, 0, 0,
					0,    NEG_REQ, 0, 8,  0,  0x0b,    0, 0, 0};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const char *const chosen[] = {
		[0] = "rdp",
		[1] = "tls",
		[2] = "credssp",
		[4] = "rdstls",
		[8] = "credssp-early-auth",
	};

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[11] == NEG_RSP && bytes.p[15] < ARRAY_LEN(chosen) && chosen[bytes.p[15]])
		proto_add(facts, "security", span_str(chosen[bytes.p[15]]));
}

const struct proto proto_rdp = {
	.name = "rdp",
	.title = "Remote Desktop Protocol",
	PROTO_HINTS(PROTO_TCP(3389)),
	.safety = PROTO_B,
	.sends = N_("an X.224 connection request, left before a session begins"),
	.proves = N_("RDP and the security that it chooses"),
	.source = "MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

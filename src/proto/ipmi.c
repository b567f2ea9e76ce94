/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipmi: management controllers, asked "ping" of the Alert Standard Format, which is made for being
 * found and needs no session.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { RMCP = 6, NO_ACK = 0xff, ASF = 6, IPMI = 7, PING = 0x80, PONG = 0x40, PONG_SIZE = 28 };

/* ASF 2.0 section 3.2.2: version, 0, sequence (ff: no acknowledgement), class; 3.2.2.3: maker 4542,
 * type, tag, 0, length. ipmitool: class 7 holds sessions of IPMI, whose specification was not read
 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const uint8_t maker[] = {0, 0, 0x11, 0xbe};
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_UDP || bytes.n < 12 || p[0] != RMCP || p[1])
		return PROTO_NO;
	if ((p[3] & 0x1f) == IPMI) /* none, MD2, MD5, -, password, OEM, RMCP+ */
		return p[3] == IPMI && p[4] <= 6 && p[4] != 3 ? PROTO_MAYBE : PROTO_NO;
	if (p[3] != ASF || memcmp(p + 4, maker, sizeof(maker)) != 0)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return p[8] == PING && p[11] == 0 && bytes.n == 12 ? PROTO_YES : PROTO_NO;
	return p[8] == PONG && p[11] == 16 && bytes.n >= PONG_SIZE ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[] = {RMCP, 0, NO_ACK, ASF, 0, 0, 0x11, 0xbe, PING, 'p', 0, 0};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

/* ASF 2.0 section 3.2.4.3: maker 4, defined by it 4, supported entities: bit 7 is IPMI */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	facts_add(facts, "enterprise", "%u",
		  (unsigned)bytes.p[12] << 24 | (unsigned)bytes.p[13] << 16 |
			  (unsigned)bytes.p[14] << 8 | bytes.p[15]);
	proto_add(facts, "ipmi", bytes.p[20] & 0x80 ? SPAN_LIT("yes") : SPAN_LIT("no"));
}

const struct proto proto_ipmi = {
	.name = "ipmi",
	.title = "IPMI and ASF over RMCP",
	PROTO_HINTS(PROTO_UDP(623)),
	.safety = PROTO_B,
	.sends = N_("a presence ping; no session is opened"),
	.proves = N_("a management controller, and whether it speaks IPMI"),
	.source = "DMTF DSP0136 (ASF 2.0) sections 3.2.2, 3.2.2.3 and 3.2.4.3; ipmitool "
		  "include/ipmitool/ipmi_constants.h (IPMI_SESSION_AUTHTYPE)",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

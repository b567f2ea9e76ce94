/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc: ONC remote procedure calls: rpcbind and the programs behind it. The question is procedure 0
 * (NULL) of program 100000 version 2, which by rule does nothing; any reply proves RPC, and one of
 * "success" proves the port mapper. DUMP is not asked: it lists, and is used to amplify.
 */
#include "proto/words.h"

enum { CALL = 0, REPLY = 1, PORTMAP = 100000, PORTMAP_VERSION = 2, XID = 0x70657269 };

/* RFC 5531 section 9; over TCP a record mark of four bytes goes first (section 11) */
static enum proto_match take_message(struct span *s, enum proto_side side, enum transport transport)
{
	uint32_t mark;
	uint32_t xid;
	uint32_t type;
	uint32_t word;

	if (transport == TRANSPORT_TCP) {
		if (s->n && (s->p[0] != 0x80 || (s->n > 1 && s->p[1])))
			return PROTO_NO;
		if (!take_u32be(s, &mark))
			return PROTO_MORE;
		if ((mark & 0x7fffffff) < 24)
			return PROTO_NO;
	}
	if (!take_u32be(s, &xid) || !take_u32be(s, &type))
		return PROTO_MORE;
	if (type != (side == PROTO_SERVER ? REPLY : CALL))
		return PROTO_NO;
	if (!take_u32be(s, &word))
		return PROTO_MORE;
	/* a call: RPC version 2; a reply: accepted 0 or denied 1 */
	return side == PROTO_CLIENT ? (word == 2 ? PROTO_YES : PROTO_NO)
				    : (word <= 1 ? PROTO_YES : PROTO_NO);
}

/* accepted: verifier flavour and length, then the state: 0 success, 2 versions that are known */
static enum proto_match take_state(struct span *s, uint32_t *state)
{
	uint32_t flavour;
	uint32_t length;
	struct span verifier;

	if (!take_u32be(s, &flavour) || !take_u32be(s, &length))
		return PROTO_MORE;
	if (flavour > 6 || length > 400)
		return PROTO_NO;
	if (!take_span(s, length, &verifier) || !take_u32be(s, state))
		return PROTO_MORE;
	return *state <= 5 ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint32_t program;
	uint32_t state;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return PROTO_NO;

	enum proto_match m = take_message(&s, side, transport);

	if (m != PROTO_YES)
		return m;
	if (side == PROTO_SERVER) {
		if (s.p[-1] == 0)
			return take_state(&s, &state);
		/* denied: RPC_MISMATCH or AUTH_ERROR */
		if (!take_u32be(&s, &state))
			return PROTO_MORE;
		return state <= 1 ? PROTO_MAYBE : PROTO_NO;
	}
	if (!take_u32be(&s, &program))
		return PROTO_MORE;
	/* RFC 5531 section 8.3: assigned from 0, user from 20000000, transient to 5fffffff */
	return program < 0x60000000 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[] = {
		0x80, 0, 0, 40, 'p', 'e', 'r',  'i',  0, 0, 0, CALL,
		0,    0, 0, 2,  0,   1,   0x86, 0xa0, 0, 0, 0, PORTMAP_VERSION,
		0,    0, 0, 0,  0,   0,   0,    0,    0, 0, 0, 0,
		0,    0, 0, 0,  0,   0,   0,    0};
	struct span s = span_of(words, sizeof(words));

	(void)heard;
	if (turn > 0)
		return 0;
	return words_say(transport == TRANSPORT_UDP ? span_skip(s, 4) : s, out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	uint32_t xid = 0;
	uint32_t state;
	struct span at = transport == TRANSPORT_TCP ? span_skip(bytes, 4) : bytes;

	if (side != PROTO_SERVER || take_message(&s, side, transport) != PROTO_YES ||
	    s.p[-1] != 0 || take_state(&s, &state) != PROTO_YES || !take_u32be(&at, &xid))
		return;
	/* only the answer to our own question tells what program it was */
	if (xid == XID && state == 0)
		proto_add(facts, "program", SPAN_LIT("portmapper"));
	if (xid == XID && state == 1)
		proto_add(facts, "program", SPAN_LIT("another"));
}

const struct proto proto_rpc = {
	.name = "rpc",
	.title = "ONC remote procedure calls",
	PROTO_HINTS(PROTO_TCP(111), PROTO_UDP(111)),
	.safety = PROTO_B,
	.sends = N_("a call of procedure 0 of the port mapper, which does nothing"),
	.proves = N_("ONC RPC, and whether it is the port mapper"),
	.source = "RFC 5531 sections 8.3, 9 and 11; RFC 1833 section 3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

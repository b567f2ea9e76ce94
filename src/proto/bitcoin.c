/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bitcoin: nodes of the main network and of coins that kept its mark. Who listens speaks only to
 * one that takes a place among its peers, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { COMMAND = 12, HEAD = 24, BEFORE_AGENT = 80, PAYLOAD_MAX = 4 << 20 };

/* bitcoin src/kernel/chainparams.cpp: main, testnet 3, signet (four bytes of the double SHA-256 of
 * its challenge), regtest */
static const struct {
	uint8_t magic[4];
	const char *name;
} networks[] = {
	{{0xf9, 0xbe, 0xb4, 0xd9}, "main"},
	{{0x0b, 0x11, 0x09, 0x07}, "test"},
	{{0x0a, 0x03, 0xcf, 0x40}, "signet"},
	{{0xfa, 0xbf, 0xb5, 0xda}, "regtest"},
};

/* src/protocol.h, CMessageHeader; developer reference, "Message Headers": magic 4, command 12 with
 * zeroes behind it, length 4 LE, sum 4 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match best = PROTO_NO;

	(void)side; /* both begin with their version */
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(networks); i++) {
		enum proto_match m = words_begin(bytes, span_of(networks[i].magic, 4));

		best = m > best ? m : best;
	}
	if (best != PROTO_YES)
		return best;
	best = WORDS_BEGIN(span_skip(bytes, 4), "version\0\0\0\0\0");
	if (best != PROTO_YES || bytes.n < HEAD)
		return best == PROTO_YES ? PROTO_MORE : best;
	return bytes.p[18] < PAYLOAD_MAX >> 16 && !bytes.p[19] ? PROTO_YES : PROTO_NO;
}

/* Bitcoin Cash specification, "version": 4, services 8, time 8, two addresses of 26, nonce 8, then
 * what it calls itself */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, HEAD + BEFORE_AGENT);
	struct span agent;
	uint8_t n;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	for (size_t i = 0; i < ARRAY_LEN(networks); i++)
		if (memcmp(bytes.p, networks[i].magic, 4) == 0)
			proto_add(facts, "network", span_str(networks[i].name));
	if (take_u8(&s, &n) && n < 0xfd && take_span(&s, n, &agent) && agent.n &&
	    words_is_text(agent))
		proto_add(facts, "agent", agent);
}

const struct proto proto_bitcoin = {
	.name = "bitcoin",
	.title = "Bitcoin",
	PROTO_HINTS(PROTO_TCP(8333), PROTO_TCP(18333), PROTO_TCP(38333), PROTO_TCP(18444)),
	.safety = PROTO_B,
	.proves = N_("a node of Bitcoin or of a coin with its mark, and what it calls itself"),
	.source = "bitcoin/bitcoin src/protocol.h (CMessageHeader), src/kernel/chainparams.cpp; "
		  "Bitcoin developer reference, P2P Network; Bitcoin Cash specification, version "
		  "message",
	.recognise = recognise,
	.describe = describe,
};

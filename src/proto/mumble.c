/* SPDX-License-Identifier: Apache-2.0 */
/* mumble: voice servers, asked by the ping with which clients fill their list of servers. */
#include "proto/facts.h"
#include "proto/words.h"

enum { PING = 12, PONG = 24, ID = 8 };
static const uint8_t question[PING] = {0, 0, 0, 0, 'p', 'e', 'r', 'i', 'p', 'l', 'u', 's'};

/* Mumble wiki, Protocol, "UDP Ping packet", all big-endian: 0 and an id of 8; back come version 4,
 * the id, users 4, most users 4, bandwidth 4 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return bytes.n == PING && !memcmp(bytes.p, question, 4) ? PROTO_MAYBE : PROTO_NO;
	return bytes.n == PONG && bytes.p[0] == 0 && bytes.p[1] >= 1 &&
			       memcmp(bytes.p + 4, question + 4, ID) == 0
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(question, sizeof(question)), out, size);
}

/* Others speak the protocol too, and tell the version of Mumble that they are like. */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	facts_add(facts, "mumble", "%u.%u.%u", bytes.p[1], bytes.p[2], bytes.p[3]);
	facts_add(facts, "users", "%u", (unsigned)bytes.p[14] << 8 | bytes.p[15]);
}

const struct proto proto_mumble = {
	.name = "mumble",
	.title = "Mumble",
	PROTO_HINTS(PROTO_UDP(64738)),
	.safety = PROTO_B,
	.sends = N_("the ping of the list of servers"),
	.proves = N_("a Mumble server, its protocol's version, and how many talk"),
	.source = "wiki.mumble.info, Protocol, \"UDP Ping packet\"; mumble-scripts mumble-ping.py",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

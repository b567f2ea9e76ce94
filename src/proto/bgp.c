/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bgp: routers. A router that does not know us hangs up or says in a notification why; a message of
 * ours might be logged as an attack on routing, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	MARKER = 16,
	HEAD = 19,
	OPEN = 1,
	UPDATE = 2,
	NOTIFICATION = 3,
	KEEPALIVE = 4,
	LENGTH_MAX = 4096
};

/* RFC 4271 section 4.1: 16 bytes ff, length, type; 4.2 OPEN: version 4, AS, hold time, id; 4.5
 * NOTIFICATION: code 1 to 6, and 7 of RFC 7313 section 5, 8 of RFC 9687 section 5 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	size_t length;

	(void)side; /* either may connect */
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	for (size_t i = 0; i < MARKER && i < bytes.n; i++)
		if (p[i] != 0xff)
			return PROTO_NO;
	if (bytes.n < HEAD)
		return PROTO_MORE;
	length = (size_t)p[MARKER] << 8 | p[MARKER + 1];
	if (length < HEAD || length > LENGTH_MAX)
		return PROTO_NO;
	switch (p[HEAD - 1]) {
	case OPEN:
		return length < HEAD + 10   ? PROTO_NO
		       : bytes.n < HEAD + 1 ? PROTO_MORE
		       : p[HEAD] == 4       ? PROTO_YES
					    : PROTO_NO;
	case UPDATE: return length >= HEAD + 4 ? PROTO_MAYBE : PROTO_NO;
	case NOTIFICATION:
		return length < HEAD + 2         ? PROTO_NO
		       : bytes.n < HEAD + 1      ? PROTO_MORE
		       : p[HEAD] && p[HEAD] <= 8 ? PROTO_YES
						 : PROTO_NO;
	case KEEPALIVE: return length == HEAD ? PROTO_MAYBE : PROTO_NO;
	default: return PROTO_NO;
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	const uint8_t *p = bytes.p + HEAD;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[HEAD - 1] == OPEN && bytes.n >= HEAD + 10) {
		facts_add(facts, "as", "%u", (unsigned)p[1] << 8 | p[2]);
		facts_add(facts, "router", "%u.%u.%u.%u", p[5], p[6], p[7], p[8]);
	}
	if (bytes.p[HEAD - 1] == NOTIFICATION && bytes.n >= HEAD + 2)
		facts_add(facts, "notification", "%u/%u", p[0], p[1]);
}

const struct proto proto_bgp = {
	.name = "bgp",
	.title = "Border Gateway Protocol",
	PROTO_HINTS(PROTO_TCP(179)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("a router that speaks BGP, its system and address where it greets"),
	.source = "RFC 4271 sections 4.1 to 4.5; RFC 7313 section 5; RFC 9687 section 5",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* bacnet: BACnet/IP, by which buildings are steered. A datagram holds one frame whose length is its
 * own. Nothing is sent. */
#include "proto/facts.h"
#include "proto/words.h"

enum { TYPE = 0x81, RESULT = 0, FORWARDED = 4, UNICAST = 10, BROADCAST = 11, FUNCTION_MOST = 12 };

/* BACnet, annex J.2: type 81, function, length of the whole; clause 6.2: version 1 of the network
 * layer behind it, and behind the six bytes of the sender's address where it was forwarded */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	size_t at;

	(void)side;
	if (transport != TRANSPORT_UDP || (bytes.n > 0 && p[0] != TYPE) ||
	    (bytes.n > 1 && p[1] > FUNCTION_MOST))
		return PROTO_NO;
	if (bytes.n < 4)
		return PROTO_MORE;
	if (((size_t)p[2] << 8 | p[3]) < bytes.n || p[2] > 6)
		return PROTO_NO;
	if (((size_t)p[2] << 8 | p[3]) > bytes.n)
		return PROTO_MORE;
	if (p[1] == RESULT)
		return bytes.n == 6 ? PROTO_MAYBE : PROTO_NO;
	if (p[1] != FORWARDED && p[1] != UNICAST && p[1] != BROADCAST)
		return PROTO_MAYBE;
	at = p[1] == FORWARDED ? 10 : 4;
	return bytes.n > at + 2 && p[at] == 1 ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word functions[] = {{RESULT, "result"},
						      {FORWARDED, "forwarded"},
						      {UNICAST, "unicast"},
						      {BROADCAST, "broadcast"}};
	const char *word;

	if (recognise(bytes, side, transport) < PROTO_MAYBE)
		return;
	word = facts_word(functions, ARRAY_LEN(functions), bytes.p[1]);
	if (word)
		proto_add(facts, "message", span_str(word));
}

const struct proto proto_bacnet = {
	.name = "bacnet",
	.title = "BACnet/IP",
	PROTO_HINTS(PROTO_UDP(47808)),
	.safety = PROTO_A,
	.proves = N_("a BACnet device"),
	.source = "BACnet (ANSI/ASHRAE 135) clause 6.2 and annex J.2",
	.recognise = recognise,
	.describe = describe,
};

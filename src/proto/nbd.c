/* SPDX-License-Identifier: Apache-2.0 */
/* nbd: network block devices; the server greets. Nothing is asked: an option would be a choice. */
#include "proto/facts.h"
#include "proto/words.h"

enum { MAGIC = 16, FIXED = 1, NO_ZEROES = 2 };

/* NBD protocol, "Newstyle negotiation": two constants and flags; "Oldstyle": another second one,
 * size 8, flags */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	m = WORDS_BEGIN(bytes, "NBDMAGICIHAVEOPT");
	return m == PROTO_NO ? WORDS_BEGIN(bytes, "NBDMAGIC\0\0\x42\2\x81\x86\x12\x53") : m;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, MAGIC);
	uint16_t flags;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[8] == 0)
		proto_add(facts, "negotiation", SPAN_LIT("old style: one export, to everybody"));
	else if (take_u16be(&s, &flags))
		proto_add(facts, "negotiation",
			  flags & FIXED ? SPAN_LIT("fixed new style") : SPAN_LIT("new style"));
}

const struct proto proto_nbd = {
	.name = "nbd",
	.title = "Network Block Device",
	PROTO_HINTS(PROTO_TCP(10809)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("a server of block devices"),
	.source = "NetworkBlockDevice/nbd doc/proto.md, \"Newstyle negotiation\" and \"Oldstyle "
		  "negotiation\"",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anep: the Active Network Encapsulation Protocol of the ABone (1997-2001), extinct. Its daemon
 * anetd listened on 3322, TCP and UDP; packets of type 51 are commands to the daemon, all others
 * were handed to execution environments. The payload runs as program, so nothing is ever sent. The
 * layout was confirmed from no primary text, so whatever fits is MAYBE.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* Active Network Encapsulation Protocol, draft of July 1997: version, flags, type id, header
 * length in words, packet length in bytes; options behind it */
enum { VERSION = 1, DISCARD = 0x80, ANETD = 51, FIXED = 8, OPTION = 4 };

struct packet {
	uint8_t flags;
	uint16_t type, length;
	struct span options;
};

static bool take_option(struct span *s, uint16_t *type, struct span *value)
{
	uint16_t words;

	return take_u16be(s, type) && take_u16be(s, &words) && words > 0 &&
	       take_span(s, words * 4u - OPTION, value);
}

static enum proto_match take_head(struct span s, struct packet *p)
{
	uint8_t version;
	uint16_t words;
	uint16_t type;
	struct span value;

	if (!take_u8(&s, &version))
		return PROTO_MORE;
	if (version != VERSION || (s.n && (s.p[0] & ~DISCARD)))
		return PROTO_NO;
	if (!take_u8(&s, &p->flags) || !take_u16be(&s, &p->type) || !take_u16be(&s, &words) ||
	    !take_u16be(&s, &p->length))
		return PROTO_MORE;
	if (p->type == 0 || words * 4u < FIXED || words * 4u > p->length)
		return PROTO_NO;
	if (!take_span(&s, words * 4u - FIXED, &p->options))
		return PROTO_MORE;
	for (struct span rest = p->options; rest.n;)
		if (!take_option(&rest, &type, &value))
			return PROTO_NO;
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct packet p;
	enum proto_match m = take_head(bytes, &p);

	(void)side;
	if (transport == TRANSPORT_UDP)
		return m == PROTO_YES && p.length == bytes.n ? PROTO_MAYBE : PROTO_NO;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return m == PROTO_YES ? PROTO_MAYBE : m;
}

static const struct facts_word options[] = {
	{1, "source"},
	{2, "destination"},
	{3, "checksum"},
	{4, "authentication"},
};

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct packet p;
	uint16_t type;
	struct span value;

	if (recognise(bytes, side, transport) != PROTO_MAYBE || take_head(bytes, &p) != PROTO_YES)
		return;
	facts_add(facts, "type", "%u%s", p.type, p.type == ANETD ? " (anetd)" : "");
	facts_add(facts, "unknown_type", "%s", p.flags & DISCARD ? "discard" : "forward");
	facts_add(facts, "length", "%u", p.length);
	for (unsigned n = 0; n < 6 && take_option(&p.options, &type, &value); n++) {
		const char *word = facts_word(options, ARRAY_LEN(options), type & 0x3fff);

		facts_add(facts, "option", "%u %s, %zu bytes", type & 0x3fffu,
			  word ? word : "unknown", value.n);
	}
}

const struct proto proto_anep = {
	.name = "anep",
	.title = "Active Network Encapsulation Protocol",
	PROTO_HINTS({TRANSPORT_UDP, 3322, 3325}, {TRANSPORT_TCP, 3322, 3325}),
	.safety = PROTO_A,
	.proves = N_("nothing for certain: a header that fits, and its type id"),
	.source = "Active Network Encapsulation Protocol draft, July 1997 (layout not confirmed); "
		  "SRI anetd documentation, 2001 (ports, type 51)",
	.recognise = recognise,
	.describe = describe,
};

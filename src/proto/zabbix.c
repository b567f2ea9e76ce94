/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zabbix: agents, asked for their version and then for which of the two agents they are: items that
 * need no right beyond being let in. An agent that does not know our address hangs up.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 13, LARGE_HEAD = 21, ORDINARY = 1, LARGE = 4, FLAGS = 7, LENGTH_MAX = 1 << 20 };

/* Zabbix manual, "Header and data length": ZBXD, flags, length 4 LE, 4 more; both are of 8 in a
 * large packet */
static enum proto_match take_message(struct span *s, struct span *data)
{
	enum proto_match m = WORDS_BEGIN(*s, "ZBXD");
	size_t head = HEAD;
	size_t n;

	if (m != PROTO_YES)
		return m;
	if (s->n > 4 && s->p[4] & LARGE)
		head = LARGE_HEAD;
	if (s->n > 4 && (!(s->p[4] & ORDINARY) || s->p[4] & ~FLAGS))
		return PROTO_NO;
	if (s->n < head)
		return PROTO_MORE;
	n = (size_t)s->p[5] | (size_t)s->p[6] << 8 | (size_t)s->p[7] << 16 | (size_t)s->p[8] << 24;
	if (n > LENGTH_MAX)
		return PROTO_NO;
	*data = span_cut(span_skip(*s, head), n);
	*s = span_skip(*s, head + n);
	return PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span data;

	(void)side;
	return transport == TRANSPORT_TCP ? take_message(&s, &data) : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	struct span s = heard;
	struct span data;

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return WORDS_SAY("ZBXD\1\15\0\0\0\0\0\0\0agent.version", out, size);
	if (turn == 1 && take_message(&s, &data) == PROTO_YES && words_version(data).n)
		return WORDS_SAY("ZBXD\1\15\0\0\0\0\0\0\0agent.variant", out, size);
	return 0;
}

/* manual, "Zabbix agent": agent.version is its version; agent.variant 1 the agent, 2 agent 2 */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span version;
	struct span variant;

	if (side != PROTO_SERVER || transport != TRANSPORT_TCP ||
	    take_message(&s, &version) != PROTO_YES || !version.n ||
	    !span_eq(words_version(version), version) || version.n > 16)
		return;
	proto_add(facts, "agent", version);
	if (take_message(&s, &variant) != PROTO_YES)
		return;
	if (span_is(variant, "1"))
		proto_set_product(facts, "zabbix-agent");
	else if (span_is(variant, "2"))
		proto_set_product(facts, "zabbix-agent2");
	else
		return;
	proto_set_version(facts, version);
}

const struct proto proto_zabbix = {
	.name = "zabbix",
	.title = "Zabbix",
	PROTO_HINTS(PROTO_TCP(10050)),
	.safety = PROTO_B,
	.sends = N_("the items agent.version and agent.variant"),
	.proves = N_("a Zabbix agent that knows our address, and its version"),
	.source = "Zabbix manual 6.0, \"Header and data length\", \"Passive and active agent "
		  "checks\"; 6.4, items \"Zabbix agent\"",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* munin: the node greets with a comment line, and tells its version when it is asked. Plugins are
 * not run by that. */
#include "proto/words.h"

/* Munin's guide, "Data exchange between master and node": "# munin node at HOST" LF */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;
	enum proto_match m;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	m = WORDS_BEGIN(bytes, "# munin node at ");
	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	if (turn > 0 || transport != TRANSPORT_TCP ||
	    recognise(heard, PROTO_SERVER, transport) != PROTO_YES ||
	    span_find(heard, SPAN_LIT(" version: ")) >= 0)
		return 0;
	return words_say(SPAN_LIT("version\n"), out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return words_say(SPAN_LIT("quit\n"), out, size);
}

/* The node of Munin says "munins node on HOST version: 2.0.73"; others that speak this protocol
 * have words of their own. */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;
	ptrdiff_t at;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_add(facts, "host", span_skip(line, strlen("# munin node at ")));
	bytes = span_skip(bytes, line.n);
	at = span_find(bytes, SPAN_LIT("munins node on "));
	if (at < 0)
		return;
	proto_set_product(facts, "munin-node");
	proto_set_version(facts, words_version_after(span_skip(bytes, (size_t)at), " version: "));
}

const struct proto proto_munin = {
	.name = "munin",
	.title = "Munin node",
	PROTO_HINTS(PROTO_TCP(4949)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("after the greeting: version"),
	.proves = N_("a Munin node, and its version"),
	.source = "Munin's guide, data exchange between master and node",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};

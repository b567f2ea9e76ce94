/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fox: what Tridium's Niagara speaks between stations and workbenches, in lines of text. It steers
 * buildings: nothing is sent. Both sides open with a hello that tells host, program and system.
 */
#include "proto/words.h"

/* zmap/zgrab2 modules/fox: frames of "fox", kind, sequence, channel, "fox", word; then lines of
 * name=kind:value between braces */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;
	struct span word[6];
	enum proto_match m;

	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = WORDS_BEGIN(bytes, "fox ");
	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 128 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(word); i++)
		if (!take_word(&line, &word[i]))
			return PROTO_NO;
	return word[1].n == 1 && span_is(word[4], "fox") ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES ||
	    span_find(bytes, SPAN_LIT(" fox hello\n")) < 0)
		return;
	words_tell(facts, "fox_version", words_between(bytes, "fox.version=s:", "\n"));
	words_tell(facts, "host", words_between(bytes, "hostName=s:", "\n"));
	words_tell(facts, "application", words_between(bytes, "app.name=s:", "\n"));
	words_tell(facts, "application_version", words_between(bytes, "app.version=s:", "\n"));
	words_tell(facts, "station", words_between(bytes, "station.name=s:", "\n"));
	words_tell(facts, "system", words_between(bytes, "os.name=s:", "\n"));
	words_tell(facts, "brand", words_between(bytes, "brandId=s:", "\n"));
}

const struct proto proto_fox = {
	.name = "fox",
	.title = "Niagara Fox",
	PROTO_HINTS(PROTO_TCP(1911), PROTO_TCP(4911)),
	.safety = PROTO_A,
	.proves = N_("a Niagara station or workbench, and what its hello tells"),
	.source = "zmap/zgrab2 modules/fox/fox.go",
	.recognise = recognise,
	.describe = describe,
};

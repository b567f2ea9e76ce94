/* SPDX-License-Identifier: Apache-2.0 */
/*
 * a2s: game servers of the Source engine and its kin, asked what a browser of servers asks. Many
 * answer with a number first, which comes back with the question: it shows that we are where the
 * datagram came from.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* Valve's wiki, "Server queries": four bytes ff, a letter, and fields that are LE or end in NUL */
#define MARK "\xff\xff\xff\xff"
#define ASK  MARK "TSource Engine Query"
enum { CHALLENGE = 'A', INFO = 'I', HEAD = 5, NUMBER = 4 };

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP || !span_starts(bytes, MARK))
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return span_starts(bytes, ASK) && bytes.n > strlen(ASK) && !bytes.p[strlen(ASK)]
			       ? PROTO_YES
			       : PROTO_NO;
	if (bytes.n <= HEAD)
		return PROTO_NO;
	if (bytes.p[4] == CHALLENGE)
		return bytes.n == HEAD + NUMBER ||
				       span_starts(span_skip(bytes, HEAD + NUMBER), MARK)
			       ? PROTO_YES
			       : PROTO_NO;
	/* the last text has an end, and before it stand name, map, folder and game */
	if (bytes.p[4] != INFO)
		return PROTO_NO;

	struct span s = span_skip(bytes, HEAD + 1);
	struct span text;

	for (unsigned i = 0; i < 4; i++)
		if (!take_until(&s, 0, &text))
			return PROTO_NO;
	return s.n >= 10 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	const size_t n = sizeof(ASK); /* with its NUL */

	if (transport != TRANSPORT_UDP || turn > 1 || size < n + NUMBER)
		return 0;
	memcpy(out, ASK, n);
	if (turn == 0)
		return n;
	if (heard.n != HEAD + NUMBER || heard.p[4] != CHALLENGE ||
	    recognise(heard, PROTO_SERVER, transport) != PROTO_YES)
		return 0;
	memcpy(out + n, heard.p + HEAD, NUMBER);
	return n + NUMBER;
}

static void tell(struct proto_facts *facts, const char *name, struct span text)
{
	if (text.n && words_is_text(text))
		proto_add(facts, name, text);
}

/* protocol, name, map, folder, game, id (2), players, most, bots, kind, system, password, cheats
 * guarded, version of the game */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word systems[] = {
		{'l', "Linux"}, {'w', "Windows"}, {'m', "macOS"}, {'o', "macOS"}};
	static const char *const names[] = {"host", "map", "folder", "game"};
	struct span s = bytes;
	struct span text;
	struct span rest;
	const char *system;
	uint8_t protocol;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (s.p[4] == CHALLENGE)
		s = span_skip(s, HEAD + NUMBER);
	if (recognise(s, side, transport) != PROTO_YES || s.p[4] != INFO)
		return;
	s = span_skip(s, HEAD);
	if (!take_u8(&s, &protocol))
		return;
	facts_add(facts, "protocol", "%u", protocol);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!take_until(&s, 0, &text))
			return;
		tell(facts, names[i], text);
	}
	if (!take_span(&s, 9, &rest))
		return;
	system = facts_word(systems, ARRAY_LEN(systems), rest.p[6]);
	if (system)
		proto_add(facts, "system", span_str(system));
	proto_add(facts, "auth", rest.p[7] ? SPAN_LIT("required") : SPAN_LIT("none"));
	if (take_until(&s, 0, &text))
		tell(facts, "game_version", text);
}

const struct proto proto_a2s = {
	.name = "a2s",
	.title = "Source engine's server queries",
	PROTO_HINTS({TRANSPORT_UDP, 27015, 27020}),
	.safety = PROTO_B,
	.sends = N_("A2S_INFO, which fills a player's list of servers"),
	.proves = N_("a game server of that engine, its game, version and system"),
	.source = "Valve Developer Community, \"Server queries\", A2S_INFO",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* quake3: games of that engine, asked what a browser of servers asks. */
#include "proto/facts.h"
#include "proto/words.h"

#define MARK "\xff\xff\xff\xff"

/* ioquake3 code/server/sv_main.c, SV_ConnectionlessPacket, SVC_Info and SVC_Status: four bytes ff,
 * a word, a line feed, and pairs between backslashes; the word after getinfo comes back */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return span_starts(bytes, MARK "getinfo") || span_starts(bytes, MARK "getstatus")
			       ? PROTO_YES
			       : PROTO_NO;
	return span_starts(bytes, MARK "infoResponse\n\\") ||
			       span_starts(bytes, MARK "statusResponse\n\\")
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return WORDS_SAY(MARK "getinfo periplus", out, size);
}

static void tell(struct proto_facts *facts, struct span bytes, const char *key, const char *name)
{
	ptrdiff_t at = span_find(bytes, span_str(key));
	struct span value;

	if (at < 0)
		return;
	value = span_skip(bytes, (size_t)at + strlen(key));
	at = span_find_byte(value, '\\');
	if (at >= 0)
		value = span_cut(value, (size_t)at);
	if (value.n && words_is_text(value))
		proto_add(facts, name, value);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	tell(facts, bytes, "\\gamename\\", "game");
	tell(facts, bytes, "\\protocol\\", "protocol");
	tell(facts, bytes, "\\hostname\\", "host");
}

const struct proto proto_quake3 = {
	.name = "quake3",
	.title = "Quake III and its kin",
	PROTO_HINTS({TRANSPORT_UDP, 27960, 27963}),
	.safety = PROTO_B,
	.sends = N_("getinfo, which fills a player's list of servers"),
	.proves = N_("a game server of that engine, its game and protocol"),
	.source = "ioquake/ioq3 code/server/sv_main.c (SV_ConnectionlessPacket, SVC_Info, "
		  "SVC_Status)",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

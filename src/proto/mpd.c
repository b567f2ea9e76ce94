/* SPDX-License-Identifier: Apache-2.0 */
/* mpd: the music player daemon speaks first, "OK MPD " and the protocol's version, which is not the
 * server's. Nothing is sent. */
#include "proto/words.h"

/* MPD protocol reference, "Protocol overview" */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "OK MPD ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 64 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return words_version(span_skip(line, 7)).n ? PROTO_YES : PROTO_NO;
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("close\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "protocol", words_version(span_skip(bytes, 7)));
}

const struct proto proto_mpd = {
	.name = "mpd",
	.title = "Music Player Daemon",
	PROTO_HINTS(PROTO_TCP(6600)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the greeting, and the version of the protocol, not of the program"),
	.source = "MPD protocol reference, Protocol overview",
	.recognise = recognise,
	.farewell = farewell,
	.describe = describe,
};

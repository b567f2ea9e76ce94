/* SPDX-License-Identifier: Apache-2.0 */
/* daytime: the server says the time as one line of text, in no fixed form (RFC 867): never sure. */
#include "proto/words.h"

static bool has_clock(struct span line)
{
	for (size_t i = 0; i + 8 <= line.n; i++)
		if (words_is_code(span_skip(line, i), 2, ":") &&
		    words_is_code(span_skip(line, i + 3), 2, ":") && line.p[i + 2] == ':' &&
		    line.p[i + 5] == ':')
			return true;
	return false;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if ((transport != TRANSPORT_TCP && transport != TRANSPORT_UDP) || side != PROTO_SERVER)
		return PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n < 64 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	/* "Sat Nov 21 10:22:04 2026", "21 NOV 2026 10:22:04 UTC": one line, nothing behind it */
	if (line.n < 18 || line.n > 64 || line.n + 2 < bytes.n || !words_is_text(line) ||
	    !has_clock(line) || span_find(line, SPAN_LIT("20")) < 0 || words_is_code(line, 3, " -"))
		return PROTO_NO;
	return PROTO_MAYBE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) == PROTO_MAYBE && words_line(bytes, &line))
		proto_add(facts, "time", line);
}

const struct proto proto_daytime = {
	.name = "daytime",
	.title = "Daytime",
	PROTO_HINTS(PROTO_TCP(13)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("a line with a date and a time, and nothing behind it"),
	.source = "RFC 867",
	.recognise = recognise,
	.describe = describe,
};

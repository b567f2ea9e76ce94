/* SPDX-License-Identifier: Apache-2.0 */
/* 9p: the file protocol of Plan 9, asked for its version, with which every conversation begins. */
#include "proto/facts.h"
#include "proto/words.h"

enum { TVERSION = 100, RVERSION = 101, HEAD = 13, LENGTH_MAX = 64 };

/* version(5): size 4 LE, type, tag ffff, msize 4, text with a length of 2 in front; "unknown" where
 * the dialect is not. fcall.h: the types */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const uint8_t zero[] = {0, 0, 0};
	const uint8_t *p = bytes.p;
	struct span text = span_skip(bytes, HEAD);

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if ((bytes.n > 0 && (p[0] < HEAD || p[0] > LENGTH_MAX)) ||
	    (bytes.n > 1 &&
	     words_begin(span_cut(span_skip(bytes, 1), 3), span_of(zero, 3)) == PROTO_NO))
		return PROTO_NO;
	if ((bytes.n > 4 && p[4] != (side == PROTO_SERVER ? RVERSION : TVERSION)) ||
	    (bytes.n > 5 && p[5] != 0xff) || (bytes.n > 6 && p[6] != 0xff))
		return PROTO_NO;
	if (bytes.n < HEAD)
		return PROTO_MORE;
	if ((size_t)(p[11] | p[12] << 8) + HEAD != p[0])
		return PROTO_NO;
	if (WORDS_BEGIN(text, "unknown") != PROTO_NO)
		return WORDS_BEGIN(text, "unknown");
	return WORDS_BEGIN(text, "9P20");
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("\25\0\0\0\144\377\377\0\40\0\0\10\0"
			 "9P2000.L",
			 out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span text;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	text = span_skip(span_cut(bytes, bytes.p[0]), HEAD);
	if (words_is_text(text))
		proto_add(facts, "9p", text);
}

const struct proto proto_9p = {
	.name = "9p",
	.title = "Plan 9 file protocol",
	PROTO_HINTS(PROTO_TCP(564)),
	.safety = PROTO_B,
	.sends = N_("Tversion, with which every conversation begins"),
	.proves = N_("a 9P server and the dialect that it takes"),
	.source =
		"Plan 9 manual, version(5); plan9port include/fcall.h; diod protocol.md (9P2000.L)",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* clamd: asked VERSION, which only reads; the answer names engine and signatures. */
#include "proto/words.h"

/* clamd(8), COMMANDS: n before a command ends it and its answer with a line feed */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "ClamAV ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 128 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return words_version(span_skip(line, 7)).n ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("nVERSION\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "clamav");
	proto_set_version(facts, words_version(span_skip(bytes, 7)));
}

const struct proto proto_clamd = {
	.name = "clamd",
	.title = "ClamAV daemon",
	PROTO_HINTS(PROTO_TCP(3310)),
	.safety = PROTO_B,
	.sends = N_("VERSION"),
	.proves = N_("ClamAV and its version"),
	.source = "clamd(8), COMMANDS",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* nut: upsd is asked VER, which only reads and needs no login. */
#include "proto/words.h"

/* RFC 9271 section 4.2.12: VER */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "Network UPS Tools upsd ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < 256 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return words_version(span_skip(line, 23)).n ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("VER\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("LOGOUT\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "nut");
	proto_set_version(facts, words_version(span_skip(bytes, 23)));
}

const struct proto proto_nut = {
	.name = "nut",
	.title = "Network UPS Tools",
	PROTO_HINTS(PROTO_TCP(3493)),
	.safety = PROTO_B,
	.sends = N_("VER"),
	.proves = N_("upsd and its version"),
	.source = "RFC 9271 section 4.2",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* chargen: sends lines of 72 characters for ever, each begun one character later. Nothing is sent;
 * over UDP it is a known amplifier and not asked at all. */
#include "proto/words.h"

enum { WIDTH = 72, FIRST = 0x20, LAST = 0x7e };

/* RFC 864, "A Popular Pattern"; some servers leave the blank out of the ring */
static enum proto_match pattern(struct span bytes, unsigned first)
{
	unsigned ring = LAST - first + 1u;

	if (bytes.n && (bytes.p[0] < first || bytes.p[0] > LAST))
		return PROTO_NO;
	for (size_t i = 1; i < bytes.n && i < WIDTH; i++)
		if (bytes.p[i] != first + (bytes.p[0] - first + i) % ring)
			return PROTO_NO;
	return bytes.n < WIDTH + 2 ? PROTO_MORE : bytes.p[WIDTH] == '\r' ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match with = pattern(bytes, FIRST);
	enum proto_match without = pattern(bytes, FIRST + 1);

	return with > without ? with : without;
}

const struct proto proto_chargen = {
	.name = "chargen",
	.title = "Character generator",
	PROTO_HINTS(PROTO_TCP(19)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the rotating pattern of printable characters"),
	.source = "RFC 864",
	.recognise = recognise,
};

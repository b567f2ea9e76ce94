/* SPDX-License-Identifier: Apache-2.0 */
/* echo: says back what it is told. Over UDP nothing is sent: two echoing servers can be made to
 * talk to each other for ever, and asking looks like looking for such a pair. */
#include "proto/words.h"

#define WORDS "periplus listens for an echo\r\n"

/* RFC 862 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, WORDS);

	return m == PROTO_YES && bytes.n != sizeof(WORDS) - 1 ? PROTO_NO : m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY(WORDS, out, size);
}

const struct proto proto_echo = {
	.name = "echo",
	.title = "Echo",
	PROTO_HINTS(PROTO_TCP(7)),
	.safety = PROTO_B,
	.sends = N_("one line of text"),
	.proves = N_("a server that echoes"),
	.source = "RFC 862",
	.recognise = recognise,
	.greet = greet,
};

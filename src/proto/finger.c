/* SPDX-License-Identifier: Apache-2.0 */
/* finger: asked for a user that cannot exist. There is no form of an answer in the protocol, only
 * habits: the usual words are sure, anything else is not claimed. */
#include "proto/words.h"

/* RFC 1288 section 2.5.5 shows the habit */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char *const words[] = {"no such user", "Login: ", "No one logged on",
					    "Login     Name"};

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_find_nocase(span_cut(bytes, 512), span_str(words[i])) >= 0)
			return i == 0 && span_find(bytes, SPAN_LIT("periplus-asks:")) >= 0
				       ? PROTO_YES /* our own question, understood */
				       : PROTO_MAYBE;
	return bytes.n < 64 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("periplus-asks\r\n", out, size);
}

const struct proto proto_finger = {
	.name = "finger",
	.title = "Finger",
	PROTO_HINTS(PROTO_TCP(79)),
	.safety = PROTO_B,
	.sends = N_("the name of a user that cannot exist"),
	.proves = N_("a finger server, when it answers in the usual words"),
	.source = "RFC 1288 section 2.5",
	.recognise = recognise,
	.greet = greet,
};

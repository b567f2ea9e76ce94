/* SPDX-License-Identifier: Apache-2.0 */
/* memcached: the text protocol's "version" command, which only reads. Over UDP nothing is asked:
 * open UDP memcached is a known amplifier, and asking looks like hunting for one. */
#include "proto/words.h"

/* memcached doc/protocol.txt, "version": "VERSION " text CR LF */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "VERSION ");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n <= 128 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return words_version(span_skip(line, 8)).n ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("version\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("quit\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "memcached");
	proto_set_version(facts, words_version(span_skip(bytes, 8)));
	/* with -Y every command but the login is answered "CLIENT_ERROR unauthenticated" */
	proto_needs_no_login(facts);
}

const struct proto proto_memcached = {
	.name = "memcached",
	.title = "memcached text protocol",
	PROTO_HINTS(PROTO_TCP(11211)),
	.safety = PROTO_B,
	.sends = N_("version"),
	.proves = N_("memcached and its version"),
	.source = "memcached doc/protocol.txt",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};

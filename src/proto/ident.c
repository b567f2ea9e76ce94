/* SPDX-License-Identifier: Apache-2.0 */
/* ident: asked who owns the pair of ports 1 and 1, which is never connected: the answer is an
 * error that repeats the pair. */
#include "proto/words.h"

/* RFC 1413 section 4: <port> , <port> : USERID or ERROR : ... */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;
	struct span rest;
	struct span part;
	struct span left;
	uint64_t port;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	if (!words_line(bytes, &line)) {
		for (size_t i = 0; i < bytes.n && bytes.p[i] != ':'; i++)
			if ((bytes.p[i] < '0' || bytes.p[i] > '9') && bytes.p[i] != ' ' &&
			    bytes.p[i] != ',')
				return PROTO_NO;
		return bytes.n < 256 ? PROTO_MORE : PROTO_NO;
	}
	rest = line;
	if (!take_until(&rest, ':', &part) || !take_until(&part, ',', &left) ||
	    !span_u64(span_trim(left), PORT_MAX, &port) ||
	    !span_u64(span_trim(part), PORT_MAX, &port) || !take_until(&rest, ':', &part))
		return PROTO_NO;
	part = span_trim(part);
	return span_is(part, "ERROR") || span_is(part, "USERID") ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("1, 1\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) == PROTO_YES && words_line(bytes, &line))
		proto_add(facts, "answer",
			  span_trim(span_skip(line, (size_t)span_find_last(line, ':') + 1)));
}

const struct proto proto_ident = {
	.name = "ident",
	.title = "Identification Protocol",
	PROTO_HINTS(PROTO_TCP(113)),
	.safety = PROTO_B,
	.sends = N_("the question for the pair of ports 1 and 1"),
	.proves = N_("an ident server"),
	.source = "RFC 1413 section 4",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

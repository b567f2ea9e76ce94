/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coap: asked for the list of its resources at the one address that is kept for that question.
 * The answer is known by the number and token that our question carried.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	VERSION = 1,
	CONFIRMABLE = 0,
	ACKNOWLEDGEMENT = 2,
	RESET = 3,
	TOKEN = 4,
	GET = 0x01,
	OPTIONS_MAX = 32,
	PAYLOAD = 0xff
};

/* RFC 7252 section 3, and RFC 6690 section 4: GET /.well-known/core */
static const uint8_t question[] = "\x44\1pe"
				  "peri\xbb.well-known\4core";

/* RFC 7252 section 3.1: difference and length in four bits each, 13 and 14 mean that more bytes
 * tell; ff begins the payload. False when the options do not end as they must. */
static bool skip_options(struct span *s)
{
	uint8_t byte;
	struct span value;

	for (unsigned i = 0; i < OPTIONS_MAX && s->n; i++) {
		uint16_t wide = 0;
		uint8_t small;
		size_t length;

		if (!take_u8(s, &byte))
			return false;
		if (byte == PAYLOAD)
			return s->n > 0;
		for (unsigned k = 0; k < 2; k++) {
			unsigned nibble = k ? byte & 15u : byte >> 4;

			length = nibble;
			if (nibble == 15 || (nibble == 14 && !take_u16be(s, &wide)))
				return false;
			if (nibble == 13) {
				if (!take_u8(s, &small))
					return false;
				length = 13u + small;
			}
			if (nibble == 14)
				length = 269u + wide;
		}
		if (!take_span(s, length, &value))
			return false;
	}
	return !s->n;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	struct span rest;
	unsigned type;

	if (transport != TRANSPORT_UDP || bytes.n < 4 || p[0] >> 6 != VERSION)
		return PROTO_NO;
	type = p[0] >> 4 & 3;
	if (side == PROTO_CLIENT) {
		rest = span_skip(bytes, 4 + (p[0] & 15u));
		if (type > 1 || (p[0] & 15) > 8 || p[1] < GET || p[1] > 7 || !skip_options(&rest))
			return PROTO_NO;
		return span_find(bytes, SPAN_LIT("\xbb.well-known\4core")) >= 0 ? PROTO_YES
										: PROTO_MAYBE;
	}
	/* one that knows no requests refuses ours with an empty reset */
	if (type == RESET && bytes.n == 4)
		return !p[1] && p[2] == 'p' && p[3] == 'e' ? PROTO_MAYBE : PROTO_NO;
	rest = span_skip(bytes, 4 + (p[0] & 15u));
	if ((p[0] & 15) > 8 || p[1] >> 5 < 2 || p[1] >> 5 > 5 || !skip_options(&rest))
		return PROTO_NO;
	return (p[0] & 15) == TOKEN &&
			       words_begin(span_skip(bytes, 4), SPAN_LIT("peri")) == PROTO_YES
		       ? PROTO_YES
		       : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(question, sizeof(question) - 1), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	ptrdiff_t at;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	facts_add(facts, "status", "%u.%02u", bytes.p[1] >> 5, bytes.p[1] & 31u);
	at = span_find(bytes, SPAN_LIT("\xff<"));
	if (at >= 0 && words_is_text(span_skip(bytes, (size_t)at + 1)))
		proto_add(facts, "resources", span_skip(bytes, (size_t)at + 1));
}

const struct proto proto_coap = {
	.name = "coap",
	.title = "Constrained Application Protocol",
	PROTO_HINTS(PROTO_UDP(5683)),
	.safety = PROTO_B,
	.sends = N_("GET /.well-known/core, the question kept for finding out"),
	.proves = N_("CoAP, and the resources that it lists"),
	.source = "RFC 7252 sections 3, 3.1, 4.2 and 12.1; RFC 6690 section 4",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

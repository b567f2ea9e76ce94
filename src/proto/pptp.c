/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pptp: asked to start a control connection, which is what comes before any call and any login. It
 * ends with the connection.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { SIZE = 156, REQUEST = 1, REPLY = 2, FIRMWARE = 26, HOST = 28, VENDOR = 92, NAME = 64 };

/* RFC 2637 section 1.4, 2.1 and 2.2: length, 1, magic cookie, type, 0, version 1.0 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	uint8_t want[14] = {0, SIZE, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, REPLY, 0, 0, 1, 0};

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	want[9] = side == PROTO_SERVER ? REPLY : REQUEST;
	return words_begin(bytes, span_of(want, sizeof(want)));
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* both kinds of framing and of bearer, no channel, our name twice */
	/* clang-format off */
	static const uint8_t question[SIZE] = {
		0, SIZE, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, REQUEST, 0, 0,
		1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3,
		[HOST] = 'p', 'e', 'r', 'i', 'p', 'l', 'u', 's',
		[VENDOR] = 'p', 'e', 'r', 'i', 'p', 'l', 'u', 's',
	};
	/* clang-format on */

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP || size < SIZE)
		return 0;
	memcpy(out, question, SIZE);
	return SIZE;
}

static void tell(struct proto_facts *facts, const char *name, struct span field)
{
	ptrdiff_t end = span_find_byte(field, 0);

	if (end >= 0)
		field = span_cut(field, (size_t)end);
	if (field.n && words_is_text(field))
		proto_add(facts, name, field);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES || bytes.n < SIZE)
		return;
	facts_add(facts, "firmware", "%u",
		  (unsigned)bytes.p[FIRMWARE] << 8 | bytes.p[FIRMWARE + 1]);
	tell(facts, "host", span_cut(span_skip(bytes, HOST), NAME));
	tell(facts, "vendor", span_cut(span_skip(bytes, VENDOR), NAME));
}

const struct proto proto_pptp = {
	.name = "pptp",
	.title = "Point-to-Point Tunneling Protocol",
	PROTO_HINTS(PROTO_TCP(1723)),
	.safety = PROTO_B,
	.sends = N_("the request to start a control connection; no call is made"),
	.proves = N_("a PPTP server, its host name and maker"),
	.source = "RFC 2637 sections 1.4, 2.1 and 2.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

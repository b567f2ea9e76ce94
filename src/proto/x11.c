/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x11: the connection set-up of 12 bytes without authorization. A server that refuses says so and
 * why; one that accepts tells vendor and release, and is left at once without a request.
 */
#include "proto/words.h"

enum { FAILED = 0, SUCCESS = 1, AUTHENTICATE = 2, PROTOCOL = 11 };

/* X Window System Protocol, chapter 8, connection setup; little endian, as asked */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT) {
		/* 'l' or 'B', unused, major 11, minor 0 */
		static const uint8_t lsb[] = {'l', 0, PROTOCOL, 0, 0, 0};
		static const uint8_t msb[] = {'B', 0, 0, PROTOCOL, 0, 0};

		enum proto_match little = words_begin(bytes, span_of(lsb, sizeof(lsb)));

		return little != PROTO_NO ? little : words_begin(bytes, span_of(msb, sizeof(msb)));
	}
	if (bytes.n > 0 && p[0] > AUTHENTICATE)
		return PROTO_NO;
	if (bytes.n > 2 && p[2] != PROTOCOL && p[0] != AUTHENTICATE)
		return PROTO_NO;
	if (bytes.n > 3 && p[3] && p[0] != AUTHENTICATE)
		return PROTO_NO;
	if (bytes.n < 8)
		return PROTO_MORE;
	if (p[0] == AUTHENTICATE || p[4] || p[5])
		return PROTO_NO;

	size_t length = 4u * (p[6] | (size_t)p[7] << 8);

	if (p[0] == FAILED) {
		if (p[1] == 0 || length < p[1] || length > 256)
			return PROTO_NO;
		struct span reason = span_cut(span_skip(bytes, 8), p[1]);

		if (reason.n && reason.p[reason.n - 1] == '\n')
			reason.n--;
		return !words_is_text(reason) ? PROTO_NO
		       : bytes.n < 8u + p[1]  ? PROTO_MORE
					      : PROTO_YES;
	}
	/* success: 32 bytes of fixed fields; the image formats' byte order is 0 or 1 */
	if (p[1] != 0 || length < 32 || (bytes.n > 30 && p[30] > 1) || (bytes.n > 31 && p[31] > 1))
		return PROTO_NO;
	return bytes.n < 40 ? PROTO_MORE : PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[12] = {'l', 0, PROTOCOL};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, 8);
	struct span part;
	uint32_t release;
	uint16_t n;
	char text[12];

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (bytes.p[0] == FAILED) {
		proto_add(facts, "auth", SPAN_LIT("required"));
		proto_add(facts, "refusal", span_trim(span_cut(s, bytes.p[1])));
		return;
	}
	proto_add(facts, "auth", SPAN_LIT("none"));
	/* release 4, ids 8, buffer 4, vendor length 2; the vendor's name stands behind 32 bytes */
	if (!take_u32le(&s, &release) || !take_span(&s, 12, &part) || !take_u16le(&s, &n))
		return;
	snprintf(text, sizeof(text), "%u", release);
	proto_add(facts, "release", span_str(text));
	s = span_skip(bytes, 40);
	if (take_span(&s, n, &part) && words_is_text(part))
		proto_add(facts, "vendor", part);
}

const struct proto proto_x11 = {
	.name = "x11",
	.title = "X Window System",
	PROTO_HINTS({TRANSPORT_TCP, 6000, 6063}),
	.safety = PROTO_B,
	.sends = N_("a connection set-up without authorization, left at once"),
	.proves = N_("X11, whether anybody may connect, and the vendor if so"),
	.source = "X Window System Protocol (X11R7.7), chapter 8",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

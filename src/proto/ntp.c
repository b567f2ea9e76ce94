/* SPDX-License-Identifier: Apache-2.0 */
/* ntp: one client packet of mode 3, as any clock sends. Control queries (mode 6, 7) would tell the
 * version, and look like hunting for an amplifier: they are not sent, only recognised. */
#include "proto/words.h"

enum { PACKET = 48, CLIENT = 3, SERVER = 4, CONTROL = 6, STRATUM_MAX = 16 };

/* RFC 5905 section 7.3: leap 2, version 3, mode 3; stratum, poll, precision ... 48 bytes */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (bytes.n < 2)
		return PROTO_MORE;

	unsigned version = bytes.p[0] >> 3 & 7;
	unsigned mode = bytes.p[0] & 7;
	int8_t poll = (int8_t)(bytes.n > 2 ? bytes.p[2] : 0);
	int8_t precision = (int8_t)(bytes.n > 3 ? bytes.p[3] : -20);

	if (version < 1 || version > 4 || mode != (side == PROTO_SERVER ? SERVER : CLIENT) ||
	    bytes.p[1] > STRATUM_MAX || poll < 0 || poll > 17)
		return PROTO_NO;
	if (bytes.n < PACKET)
		return PROTO_MORE;
	if (bytes.n % 4 || bytes.n > 1024)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return PROTO_MAYBE;
	/* a server's clock is no worse than 32 s; it sends within a second of receiving */
	uint32_t received;
	uint32_t sent;
	struct span s = span_skip(bytes, 32);
	struct span t = span_skip(bytes, 40);

	if (precision > 5 || !take_u32be(&s, &received) || !take_u32be(&t, &sent))
		return PROTO_NO;
	if (bytes.p[1] == 0) /* a kiss: its times may be unset */
		return PROTO_MAYBE;
	return sent && sent - received <= 1 ? PROTO_YES : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* version 4, mode 3; transmit time, section 7.3: any value, it comes back as the origin */
	static const uint8_t words[PACKET] = {
		[0] = 0x23, [40] = 'p', [41] = 'e', [42] = 'r', [43] = 'i',
		[44] = 'p', [45] = 'l', [46] = 'u', [47] = 's'};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	char text[12];
	const uint8_t *p = bytes.p;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) < PROTO_MAYBE)
		return;
	snprintf(text, sizeof(text), "%u", (p[0] >> 3) & 7u);
	proto_add(facts, "protocol", span_str(text));
	snprintf(text, sizeof(text), "%u", p[1]);
	proto_add(facts, "stratum", span_str(text));
	/* section 7.3: at stratum 0 a kiss code, at 1 a clock's name */
	if (p[1] <= 1 && words_is_text(span_of(p + 12, 3)))
		proto_add(facts, "reference", span_of(p + 12, p[15] ? 4 : 3));
	if (p[0] >> 6 == 3)
		proto_add(facts, "clock", SPAN_LIT("not synchronised"));
}

const struct proto proto_ntp = {
	.name = "ntp",
	.title = "Network Time Protocol",
	PROTO_HINTS(PROTO_UDP(123)),
	.safety = PROTO_B,
	.sends = N_("one client packet, as any clock sends"),
	.proves = N_("NTP and the stratum of its clock"),
	.source = "RFC 5905 section 7.3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

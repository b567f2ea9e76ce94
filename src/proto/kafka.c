/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kafka: asked ApiVersions, version 0, which every broker answers before any login. The answer
 * lists ranges of calls; they bound the release, and only the highest ones are shown.
 */
#include "proto/words.h"

enum { API_VERSIONS = 18, CORRELATION = 0x70657269, CALLS_MIN = 8, CALLS_MAX = 256 };

/* Kafka protocol guide: size 4, correlation 4; ApiVersions v0: error 2, count 4, (key, min, max) */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint32_t size;
	uint32_t correlation;
	uint32_t count;
	uint16_t error;
	uint16_t key;
	uint16_t lowest;
	uint16_t highest;

	if (transport != TRANSPORT_TCP || (s.n && s.p[0]))
		return PROTO_NO;
	if (!take_u32be(&s, &size))
		return PROTO_MORE;
	if (side == PROTO_CLIENT) {
		/* key 18, version 0-4, correlation, client id */
		if (size < 8 || size > 4096)
			return PROTO_NO;
		if (!take_u16be(&s, &key) || !take_u16be(&s, &lowest))
			return PROTO_MORE;
		return key == API_VERSIONS && lowest <= 4 ? PROTO_MAYBE : PROTO_NO;
	}
	if (size < 10 + 6 * CALLS_MIN || size > 10 + 6 * CALLS_MAX)
		return PROTO_NO;
	if (!take_u32be(&s, &correlation))
		return PROTO_MORE;
	if (correlation != CORRELATION)
		return PROTO_NO;
	if (!take_u16be(&s, &error) || !take_u32be(&s, &count))
		return PROTO_MORE;
	if (error || size != 10 + 6 * count)
		return PROTO_NO;
	for (uint32_t i = 0; i < count; i++) {
		if (!take_u16be(&s, &key) || !take_u16be(&s, &lowest) || !take_u16be(&s, &highest))
			return PROTO_MORE;
		if (lowest > highest || highest > 64)
			return PROTO_NO;
	}
	return PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[] = {0,   0, 0, 18,  0,   API_VERSIONS, 0,   0,   'p', 'e', 'r',
					'i', 0, 8, 'p', 'e', 'r',          'i', 'p', 'l', 'u', 's'};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	char text[8];

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	snprintf(text, sizeof(text), "%u", 256u * bytes.p[12] + bytes.p[13]);
	proto_add(facts, "calls", span_str(text));
}

const struct proto proto_kafka = {
	.name = "kafka",
	.title = "Apache Kafka",
	PROTO_HINTS(PROTO_TCP(9092)),
	.safety = PROTO_B,
	.sends = N_("ApiVersions, which comes before any login"),
	.proves = N_("the Kafka protocol"),
	.source = "Kafka protocol guide, ApiVersions v0",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

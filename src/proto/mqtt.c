/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt: CONNECT with a real protocol level opens a session and may throw another client out, so it
 * is not sent. A CONNECT of a level that no version has (7f) opens none: the server must answer
 * CONNACK with "unacceptable protocol version" and close (MQTT 3.1.1 section 3.1.2.2), or just
 * close. That proves MQTT, not who serves it; topics under $SYS would tell, but need a session.
 */
#include "proto/words.h"

enum { CONNECT = 0x10, CONNACK = 0x20 };

/* MQTT 3.1.1 section 3.2, MQTT 5.0 section 3.2: CONNACK, remaining length, flags, return code */
static enum proto_match server(struct span bytes)
{
	static const uint8_t codes5[] = {0x84, 0x80, 0x81, 0x82, 0x85,
					 0x86, 0x87, 0x88, 0x89, 0x8a};
	const uint8_t *p = bytes.p;

	if ((bytes.n > 0 && p[0] != CONNACK) || (bytes.n > 1 && (p[1] < 2 || p[1] > 127)) ||
	    (bytes.n > 2 && p[2] > 1))
		return PROTO_NO;
	if (bytes.n < 4)
		return PROTO_MORE;
	/* a refusal leaves the session flag clear */
	if (p[1] == 2 && p[3] <= 5 && (p[3] == 0 || p[2] == 0))
		return bytes.n == 4 && p[3] == 1 ? PROTO_YES : PROTO_MAYBE;
	if (p[1] > 2 && p[2] == 0 && memchr(codes5, p[3], sizeof(codes5)))
		return bytes.n < 2u + p[1] ? PROTO_MORE : PROTO_YES;
	return PROTO_NO;
}

/* MQTT 3.1.1 section 3.1: CONNECT, length, "MQTT" (or "MQIsdp", 3.1) and the level */
static enum proto_match client(struct span bytes)
{
	struct span s = bytes;
	uint8_t byte;
	size_t n = 0;

	if (!take_u8(&s, &byte))
		return PROTO_MORE;
	if (byte != CONNECT)
		return PROTO_NO;
	do {
		if (!take_u8(&s, &byte))
			return PROTO_MORE;
	} while ((byte & 0x80) && ++n < 4);

	enum proto_match mqtt = words_begin(s, span_of("\0\4MQTT", 6));
	enum proto_match old = words_begin(s, span_of("\0\6MQIsdp", 8));

	return mqtt > old ? mqtt : old;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_SERVER ? server(bytes) : client(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* level 7f, clean session, keep alive 0, empty client id */
	static const uint8_t words[] = {CONNECT, 12,   0,    4, 'M', 'Q', 'T',
					'T',     0x7f, 0x02, 0, 0,   0,   0};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

const struct proto proto_mqtt = {
	.name = "mqtt",
	.title = "MQTT",
	PROTO_HINTS(PROTO_TCP(1883)),
	.safety = PROTO_B,
	.sends = N_("CONNECT with a protocol level that does not exist: no session is opened"),
	.proves = N_("MQTT"),
	.source = "MQTT 3.1.1 sections 3.1.2.2 and 3.2; MQTT 5.0 section 3.2",
	.recognise = recognise,
	.greet = greet,
};

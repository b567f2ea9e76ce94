/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mqtt: a CONNECT of a level that no version has (7f) opens no session: the server must answer
 * CONNACK with "unacceptable protocol version" and close (MQTT 3.1.1 section 3.1.2.2), or just
 * close. That proves MQTT, not who serves it. Only then a session is asked for that ends with its
 * connection: a clean one without client id, which can throw nobody out (section 3.1.3.1), to read
 * the topic under which Mosquitto keeps its version, and to leave.
 */
#include "proto/words.h"

enum { CONNECT = 0x10, CONNACK = 0x20, SUBSCRIBE = 0x82, DISCONNECT = 0xe0 };

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
	/* our own first question was refused, and the second one answered */
	if (bytes.n > 4 && p[1] == 2 && p[2] == 0 && p[3] == 1)
		return p[4] == CONNACK ? PROTO_YES : PROTO_NO;
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

	/* level 4, clean session; SUBSCRIBE 1 to the topic at QoS 0 (sections 3.1 and 3.8) */
	static const uint8_t session[] = {
		CONNECT,   12,  0,   4,   'M', 'Q', 'T', 'T', 4,   0x02, 0,   30,  0,   0,
		SUBSCRIBE, 24,  0,   1,   0,   19,  '$', 'S', 'Y', 'S',  '/', 'b', 'r', 'o',
		'k',       'e', 'r', '/', 'v', 'e', 'r', 's', 'i', 'o',  'n', 0};

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return words_say(span_of(words, sizeof(words)), out, size);
	if (turn == 1 && heard.n == 4 && server(heard) == PROTO_YES)
		return words_say(span_of(session, sizeof(session)), out, size);
	return 0;
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	static const uint8_t disconnect[] = {DISCONNECT, 0};

	return heard.n > 4 ? words_say(span_of(disconnect, sizeof(disconnect)), out, size) : 0;
}

/* CONNACK of the session: 0 accepted, 4 and 5 wanted a name (section 3.2.2.3). The topic's PUBLISH
 * holds its name and what was kept under it: "mosquitto version 2.0.11". */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const char mark[] = "$SYS/broker/versionmosquitto version ";
	ptrdiff_t at = span_find(bytes, span_str(mark));

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES || bytes.n < 8)
		return;
	if (bytes.p[4] == CONNACK && bytes.p[5] == 2)
		proto_add(facts, "auth", bytes.p[7] == 0 ? SPAN_LIT("none") : SPAN_LIT("required"));
	if (at < 0)
		return;
	proto_set_product(facts, "mosquitto");
	proto_set_version(facts, words_version(span_skip(bytes, (size_t)at + sizeof(mark) - 1)));
}

const struct proto proto_mqtt = {
	.name = "mqtt",
	.title = "MQTT",
	PROTO_HINTS(PROTO_TCP(1883)),
	.safety = PROTO_B,
	.sends = N_(
		"CONNECT with a protocol level that does not exist; when that is refused, a clean "
		"session without a name that reads $SYS/broker/version and leaves"),
	.proves = N_("MQTT, whether it asks for a name, and Mosquitto's version"),
	.source = "MQTT 3.1.1 sections 3.1, 3.2 and 3.8; MQTT 5.0 section 3.2; mosquitto(8)",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};

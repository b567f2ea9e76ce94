/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arduino_ota: firmware upload of ESP32 and ESP8266 boards. A host sends one datagram, the
 * invitation: command, its own TCP port, size and MD5 of the image. The device answers OK, or AUTH
 * and a nonce, and later calls the host back over TCP: the image never goes to the device's port.
 *
 * The question is an invitation to an image of no bytes. A device with a password then waits for
 * the answer to its nonce, and the next real upload would fail, so the farewell is a datagram it
 * ignores in that state but for going back to idle (measured). Therefore class C.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { MD5_HEX = 32, SHA_HEX = 64 };

static bool is_hex(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f') ||
		      (s.p[i] >= 'A' && s.p[i] <= 'F')))
			return false;
	return true;
}

struct invitation {
	uint64_t command, port, size;
	struct span md5;
};

/* arduino-esp32 libraries/ArduinoOTA/src/ArduinoOTA.cpp: "0 PORT SIZE MD5\n", 100: file system */
static bool take_invitation(struct span s, struct invitation *in)
{
	struct span command, port, size;

	if (!take_until(&s, ' ', &command) || !take_until(&s, ' ', &port) ||
	    !take_until(&s, ' ', &size) || !take_span(&s, MD5_HEX, &in->md5) || !span_is(s, "\n"))
		return false;
	return span_u64(command, 100, &in->command) && (in->command == 0 || in->command == 100) &&
	       port.n <= 5 && span_u64(port, PORT_MAX, &in->port) && size.n <= 10 &&
	       span_u64(size, UINT32_MAX, &in->size) && is_hex(in->md5);
}

/* the answer to a nonce: "200 CNONCE RESPONSE\n", both as long as the nonce */
static bool is_answer(struct span s)
{
	struct span command, cnonce, response;

	return take_until(&s, ' ', &command) && take_until(&s, ' ', &cnonce) &&
	       take_until(&s, '\n', &response) && s.n == 0 && span_is(command, "200") &&
	       (cnonce.n == MD5_HEX || cnonce.n == SHA_HEX) && response.n == cnonce.n &&
	       is_hex(cnonce) && is_hex(response);
}

static bool is_nonce(struct span s)
{
	return span_starts(s, "AUTH ") && (s.n == 5 + MD5_HEX || s.n == 5 + SHA_HEX) &&
	       is_hex(span_skip(s, 5));
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct invitation in;

	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return take_invitation(bytes, &in) || is_answer(bytes) ? PROTO_YES : PROTO_NO;
	if (is_nonce(bytes) || span_is(bytes, "Authentication Failed") ||
	    (span_starts(bytes, "ERR: ERROR[") && span_ends(bytes, "\n")))
		return PROTO_YES;
	return span_is(bytes, "OK") || span_starts(bytes, "ERR: ") ? PROTO_MAYBE : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return WORDS_SAY("0 9 0 00000000000000000000000000000000\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("1\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct invitation in;

	(void)transport;
	if (side == PROTO_CLIENT) {
		if (take_invitation(bytes, &in)) {
			proto_add(facts, "image",
				  in.command ? SPAN_LIT("file system") : SPAN_LIT("firmware"));
			facts_add(facts, "call_back_port", "%u", (unsigned)in.port);
			facts_add(facts, "size", "%llu", (unsigned long long)in.size);
			proto_add(facts, "md5", in.md5);
		} else if (is_answer(bytes)) {
			proto_add(facts, "answer",
				  bytes.n > 100 ? SPAN_LIT("sha256") : SPAN_LIT("md5"));
		}
		return;
	}
	if (is_nonce(bytes)) {
		proto_set_product(facts, "arduino-ota");
		proto_add(facts, "auth",
			  bytes.n == 5 + MD5_HEX ? SPAN_LIT("md5") : SPAN_LIT("sha256"));
	} else if (span_starts(bytes, "ERR: ERROR[")) {
		proto_set_product(facts, "arduino-ota");
		proto_add(facts, "auth", SPAN_LIT("none"));
		proto_add(facts, "error", span_trim(span_skip(bytes, 5)));
	} else if (span_is(bytes, "Authentication Failed")) {
		proto_set_product(facts, "arduino-ota");
		proto_add(facts, "auth", SPAN_LIT("failed"));
	}
}

const struct proto proto_arduino_ota = {
	.name = "arduino-ota",
	.title = "ArduinoOTA firmware upload",
	PROTO_HINTS(PROTO_UDP(3232), PROTO_UDP(8266)),
	.safety = PROTO_C,
	.sends = N_("an invitation to an empty image, then a datagram that cancels it"),
	.proves = N_("ArduinoOTA, and whether a password is asked and by which scheme"),
	.source = "espressif/arduino-esp32 libraries/ArduinoOTA/src/ArduinoOTA.cpp; "
		  "esp8266/Arduino libraries/ArduinoOTA",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.describe = describe,
};

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
#include "proto/ota.h"
#include "proto/words.h"

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return ota_read_ask(bytes).kind == OTA_ASK_OTHER ? PROTO_NO : PROTO_YES;
	switch (ota_read_reply(bytes).kind) {
	case OTA_REPLY_NONCE:
	case OTA_REPLY_DENIED: return PROTO_YES;
	case OTA_REPLY_OK: return PROTO_MAYBE;
	case OTA_REPLY_ERROR:
		return span_starts(bytes, "ERR: ERROR[") && span_ends(bytes, "\n") ? PROTO_YES
										   : PROTO_MAYBE;
	default: return PROTO_NO;
	}
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
	return WORDS_SAY(OTA_CANCEL, out, size);
}

static void describe_ask(const struct ota_ask *ask, struct proto_facts *facts)
{
	const struct ota_invitation *in = &ask->invitation;

	if (ask->kind == OTA_ASK_INVITATION) {
		proto_add(facts, "image",
			  in->is_filesystem ? SPAN_LIT("file system") : SPAN_LIT("firmware"));
		facts_add(facts, "call_back_port", "%u", (unsigned)in->port);
		facts_add(facts, "size", "%lu", (unsigned long)in->size);
		proto_add(facts, "md5", span_str(in->md5));
	} else if (ask->kind == OTA_ASK_ANSWER) {
		proto_add(facts, "answer",
			  ask->cnonce.n == OTA_SHA_HEX ? SPAN_LIT("sha256") : SPAN_LIT("md5"));
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side == PROTO_CLIENT) {
		struct ota_ask ask = ota_read_ask(bytes);

		describe_ask(&ask, facts);
		return;
	}

	struct ota_reply reply = ota_read_reply(bytes);

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "arduino-ota");
	if (reply.kind == OTA_REPLY_NONCE) {
		proto_add(facts, "auth",
			  reply.text.n == OTA_MD5_HEX ? SPAN_LIT("md5") : SPAN_LIT("sha256"));
	} else if (reply.kind == OTA_REPLY_ERROR) {
		proto_needs_no_login(facts); /* with a password a nonce comes first */
		proto_add(facts, "error", reply.text);
	} else {
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

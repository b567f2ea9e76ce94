/* SPDX-License-Identifier: Apache-2.0 */
/*
 * esphome_ota: ESPHome's own firmware upload, over TCP to a device that listens. The question is
 * the five magic bytes; the device answers 00 and its protocol version, and the connection is
 * closed: the update is announced only after authentication and size, so nothing happens there. An
 * open connection keeps other uploads out for at most 20 s.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* esphome components/esphome/ota/ota_esphome.cpp: magic, then OK and the version */
static const uint8_t magic[] = {0x6c, 0x26, 0xf7, 0x5c, 0x45};

enum { OK = 0x00, WRONG_MAGIC = 0x80 };

static const struct facts_word errors[] = {
	{0x80, "magic"},           {0x81, "update prepare"},   {0x82, "authentication"},
	{0x83, "flash write"},     {0x84, "update end"},       {0x85, "bootstrap jumper"},
	{0x86, "flash config"},    {0x87, "new flash config"}, {0x88, "space"},
	{0x89, "space"},           {0x8a, "no partition"},     {0x8b, "md5"},
	{0x8c, "space"},           {0x8d, "signature"},        {0x8e, "type"},
	{0x8f, "partition table"}, {0x90, "partition table"},  {0xff, "unknown"},
};

struct answer {
	uint8_t version, features, flags, auth;
	const char *error;
};

/* Behind OK and version: a feature byte (48: extended, with a byte of flags), then what
 * authentication is wanted. Two bytes are all that the question gets, and other protocols begin
 * with them as well: MAYBE, until the handshake goes on. */
static enum proto_match server(struct span s, struct answer *a)
{
	uint8_t ok = 0;

	*a = (struct answer){0};
	if (take_u8(&s, &ok) && ok == WRONG_MAGIC)
		return s.n ? PROTO_NO : PROTO_MAYBE;
	if (ok != OK || (s.n && s.p[0] != 1 && s.p[0] != 2))
		return PROTO_NO;
	if (!take_u8(&s, &a->version))
		return PROTO_MORE;
	if (!take_u8(&s, &a->features))
		return PROTO_MAYBE;
	a->error = facts_word(errors, ARRAY_LEN(errors), a->features);
	if (a->error)
		return s.n ? PROTO_NO : PROTO_MAYBE;
	if (a->features != 0x40 && a->features != 0x46 && a->features != 0x48)
		return PROTO_NO;
	if (a->features == 0x48 && !take_u8(&s, &a->flags))
		return PROTO_MAYBE;
	if (!take_u8(&s, &a->auth))
		return PROTO_MAYBE;
	return a->auth == 0x41 || a->auth == 1 || a->auth == 2 ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return words_begin(bytes, span_of(magic, sizeof(magic)));
	struct answer a;

	return server(bytes, &a);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(magic, sizeof(magic)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct answer a;

	if (side != PROTO_SERVER || transport != TRANSPORT_TCP || server(bytes, &a) < PROTO_MAYBE ||
	    !a.version)
		return;
	proto_set_product(facts, "esphome");
	facts_add(facts, "protocol", "%u", a.version);
	if (a.error)
		proto_add(facts, "error", span_str(a.error));
	if (a.auth) {
		proto_add(facts, "compression",
			  a.features == 0x46 || (a.flags & 1) ? SPAN_LIT("yes") : SPAN_LIT("no"));
		proto_add(facts, "auth",
			  a.auth == 0x41 ? SPAN_LIT("none")
			  : a.auth == 1  ? SPAN_LIT("md5")
					 : SPAN_LIT("sha256"));
	}
}

const struct proto proto_esphome_ota = {
	.name = "esphome-ota",
	.title = "ESPHome firmware upload",
	PROTO_HINTS(PROTO_TCP(3232), PROTO_TCP(8266), PROTO_TCP(2040), PROTO_TCP(8892),
		    PROTO_TCP(8820), PROTO_TCP(4232), PROTO_TCP(8082)),
	.safety = PROTO_B,
	.sends = N_("five magic bytes, and closes after the answer of two"),
	.proves = N_("ESPHome's upload service and its protocol version"),
	.source = "esphome/esphome components/esphome/ota/ota_esphome.cpp; espota2.py",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

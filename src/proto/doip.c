/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doip: diagnostics of road vehicles over IP. Every message begins with the version and its
 * inverse, a type and a length. The question is the vehicle identification request, which each
 * DoIP entity answers with its announcement (UDP); routing activation is never asked.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* ISO 13400-2 table 16 (header) and table 17 (payload types); lengths as in scapy's doip */
enum { ANNOUNCEMENT = 0x0004, HEAD = 8, PAYLOAD_MAX = 1 << 20 };

struct type {
	uint16_t code;
	uint16_t least, most; /* payload length */
	bool is_server;
	bool is_client;
	const char *word;
};

static const struct type types[] = {
	{0x0000, 1, 1, true, true, "negative acknowledgement"},
	{0x0001, 0, 0, false, true, "vehicle identification request"},
	{0x0002, 6, 6, false, true, "vehicle identification request by EID"},
	{0x0003, 17, 17, false, true, "vehicle identification request by VIN"},
	{0x0004, 32, 33, true, true, "vehicle announcement"},
	{0x0005, 7, 11, false, true, "routing activation request"},
	{0x0006, 9, 13, true, false, "routing activation response"},
	{0x0007, 0, 0, true, true, "alive check request"},
	{0x0008, 2, 2, true, true, "alive check response"},
	{0x4001, 0, 0, false, true, "entity status request"},
	{0x4002, 3, 7, true, false, "entity status response"},
	{0x4003, 0, 0, false, true, "power mode request"},
	{0x4004, 1, 1, true, false, "power mode response"},
	{0x8001, 5, UINT16_MAX, true, true, "diagnostic message"},
	{0x8002, 5, UINT16_MAX, true, false, "diagnostic acknowledgement"},
	{0x8003, 5, UINT16_MAX, true, false, "diagnostic negative acknowledgement"},
};

struct message {
	uint8_t version;
	const struct type *type;
	struct span payload;
};

static enum proto_match take_head(struct span *s, struct message *m, uint32_t *length)
{
	uint8_t inverse;
	uint16_t code;

	if (!take_u8(s, &m->version))
		return PROTO_MORE;
	/* 2010, 2012, 2019 and amendment; FF in identification requests */
	if ((m->version < 1 || m->version > 4) && m->version != 0xff)
		return PROTO_NO;
	if (!take_u8(s, &inverse))
		return PROTO_MORE;
	if ((inverse ^ m->version) != 0xff)
		return PROTO_NO;
	if (!take_u16be(s, &code))
		return PROTO_MORE;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].code == code)
			m->type = &types[i];
	if (!m->type || (m->version == 0xff && (code < 1 || code > 3)))
		return PROTO_NO;
	return take_u32be(s, length) ? PROTO_YES : PROTO_MORE;
}

static enum proto_match take_message(struct span *s, enum proto_side side, struct message *m)
{
	uint32_t length;

	*m = (struct message){0};

	enum proto_match match = take_head(s, m, &length);

	if (match != PROTO_YES)
		return match;
	if (length < m->type->least || length > PAYLOAD_MAX ||
	    (length > m->type->most && m->type->most != UINT16_MAX) ||
	    !(side == PROTO_SERVER ? m->type->is_server : m->type->is_client))
		return PROTO_NO;
	m->payload = span_cut(*s, length);
	*s = span_skip(*s, length);
	return m->payload.n == length ? PROTO_YES : PROTO_MORE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct message m;
	struct span s = bytes;

	if (transport != TRANSPORT_UDP && transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match match = take_message(&s, side, &m);

	if (transport == TRANSPORT_TCP)
		return match == PROTO_MORE && bytes.n >= HEAD ? PROTO_YES : match;
	if (match != PROTO_YES)
		return PROTO_NO;
	return s.n == 0 ? PROTO_YES : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t request[HEAD] = {0x02, 0xfd, 0x00, 0x01};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(request, sizeof(request)), out, size);
}

/* ISO 13400-2 table 5: VIN 17, logical address 2, EID 6, GID 6, further action 1, [sync 1] */
static void tell_announcement(struct span s, struct proto_facts *facts)
{
	struct span part;
	uint16_t address;

	if (take_span(&s, 17, &part) && words_is_text(part))
		proto_add(facts, "vin", part);
	if (take_u16be(&s, &address))
		facts_add(facts, "address", "%04x", address);
	if (take_span(&s, 6, &part))
		facts_hex(facts, "eid", part);
	if (take_span(&s, 6, &part))
		facts_hex(facts, "gid", part);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct message m;

	(void)transport;
	for (unsigned n = 0; n < 3 && take_message(&bytes, side, &m) == PROTO_YES; n++) {
		if (n == 0 && m.version != 0xff)
			facts_add(facts, "doip", "%u", m.version);
		proto_add(facts, "message", span_str(m.type->word));
		if (m.type->code == ANNOUNCEMENT)
			tell_announcement(m.payload, facts);
	}
}

const struct proto proto_doip = {
	.name = "doip",
	.title = "Diagnostics over IP (ISO 13400)",
	PROTO_HINTS(PROTO_UDP(13400), PROTO_TCP(13400)),
	.safety = PROTO_B,
	.sends = N_("the vehicle identification request, over UDP"),
	.proves = N_("a DoIP entity, its VIN and addresses"),
	.source = "ISO 13400-2:2019 tables 5, 16 and 17, as in scapy 2.5 contrib/automotive/doip",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

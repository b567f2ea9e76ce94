/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncthing: the Block Exchange Protocol, inside of TLS, and the announcements of devices in the
 * local network. Both begin with one constant. Devices that have shown no certificate of their own
 * are told nothing, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* protocol buffers: field number and kind in one byte; these are texts with a length in front */
enum { FIELD_1 = 0x0a, FIELD_2 = 0x12, FIELD_3 = 0x1a, DEVICE = 32, SHORT = 0x80 };
static const uint8_t magic[] = {0x2e, 0xa7, 0xd9, 0x0b};

static bool take_field(struct span *s, uint8_t wanted, struct span *value)
{
	uint8_t key;
	uint8_t n;

	return take_u8(s, &key) && key == wanted && take_u8(s, &n) && n < SHORT &&
	       take_span(s, n, value);
}

/* BEP v1, "Pre-authentication messages": magic, length 2, Hello; local discovery v4: magic,
 * Announce, whose first field is the device's id */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m = words_begin(bytes, span_of(magic, sizeof(magic)));
	struct span s = span_skip(bytes, sizeof(magic));
	struct span value;
	uint16_t length;

	(void)side; /* both say the same */
	if (m != PROTO_YES || (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP))
		return transport == TRANSPORT_TCP ? m : PROTO_NO;
	if (transport == TRANSPORT_UDP)
		return take_field(&s, FIELD_1, &value) && value.n == DEVICE ? PROTO_YES : PROTO_NO;
	if (!take_u16be(&s, &length))
		return PROTO_MORE;
	if (!s.n)
		return length ? PROTO_MORE : PROTO_NO;
	return s.p[0] == FIELD_1 || s.p[0] == FIELD_2 ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, sizeof(magic) + 2);
	struct span device;
	struct span client;
	struct span version;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (transport == TRANSPORT_UDP) {
		s = span_skip(bytes, sizeof(magic));
		if (take_field(&s, FIELD_1, &device))
			facts_hex(facts, "device", device);
		while (take_field(&s, FIELD_2, &device))
			proto_add(facts, "address", device);
		return;
	}
	/* a device may keep its name to itself */
	if (s.n && s.p[0] == FIELD_1) {
		if (!take_field(&s, FIELD_1, &device))
			return;
		proto_add(facts, "device", device);
	}
	if (!take_field(&s, FIELD_2, &client) || !take_field(&s, FIELD_3, &version))
		return;
	proto_add(facts, "client", client);
	if (span_is(client, "syncthing")) {
		proto_set_product(facts, "syncthing");
		proto_set_version(
			facts, words_version(span_skip(version, version.n && version.p[0] == 'v')));
	}
}

const struct proto proto_syncthing = {
	.name = "syncthing",
	.title = "Syncthing: block exchange, local discovery",
	PROTO_HINTS(PROTO_TCP(22000), PROTO_UDP(21027)),
	.safety = PROTO_B,
	.proves = N_("a Syncthing device, where it greets or announces itself"),
	.source = "Syncthing specifications: BEP v1, \"Pre-authentication messages\"; Local "
		  "Discovery "
		  "Protocol v4",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * someip: service discovery of SOME/IP, by which control units announce their services. A header of
 * 16 bytes (service FFFF, method 8100), flags, an array of entries of 16 bytes, an array of
 * options. It is said again and again by multicast, so nothing is asked. Other SOME/IP messages
 * have a header of free numbers only, and are called MAYBE.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 16, SD_SERVICE = 0xffff, SD_METHOD = 0x8100, NOTIFICATION = 2, ENTRY = 16 };

struct message {
	uint16_t service, method;
	uint8_t interface, type, code;
	struct span payload;
};

static bool is_type(uint8_t type)
{
	/* AUTOSAR PRS_SOMEIPProtocol 4.1.2.7; bit 5 marks a segment (TP) */
	type &= (uint8_t)~0x20u;
	return type <= 2 || type == 0x40 || type == 0x41 || type == 0x42 || type == 0x80 ||
	       type == 0x81;
}

/* AUTOSAR PRS_SOMEIPProtocol 4.1.2: the length counts from the request id on */
static bool take_message(struct span *s, struct message *m)
{
	uint32_t length;
	uint16_t client, session;
	uint8_t version;

	return take_u16be(s, &m->service) && take_u16be(s, &m->method) && take_u32be(s, &length) &&
	       length >= 8 && take_u16be(s, &client) && take_u16be(s, &session) &&
	       take_u8(s, &version) && version == 1 && take_u8(s, &m->interface) &&
	       take_u8(s, &m->type) && is_type(m->type) && take_u8(s, &m->code) &&
	       take_span(s, length - 8, &m->payload);
}

struct discovery {
	uint8_t flags;
	struct span entries, options;
};

/* AUTOSAR PRS_SOMEIPServiceDiscoveryProtocol 4.1.2: flags, reserved 3, two arrays */
static bool take_discovery(const struct message *m, struct discovery *d)
{
	struct span s = m->payload;
	struct span reserved;
	uint32_t n;

	return m->service == SD_SERVICE && m->method == SD_METHOD && m->type == NOTIFICATION &&
	       m->code == 0 && take_u8(&s, &d->flags) && take_span(&s, 3, &reserved) &&
	       take_u32be(&s, &n) && n % ENTRY == 0 && take_span(&s, n, &d->entries) &&
	       take_u32be(&s, &n) && take_span(&s, n, &d->options) && s.n == 0;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct message m;
	struct discovery d;

	(void)side;
	if (transport != TRANSPORT_UDP || !take_message(&bytes, &m))
		return PROTO_NO;
	if (take_discovery(&m, &d))
		return PROTO_YES;
	while (bytes.n)
		if (!take_message(&bytes, &m))
			return PROTO_NO;
	return PROTO_MAYBE;
}

/* An entry: type, two indexes, two counts, service, instance, major and TTL, minor or group */
static void tell_entries(struct span s, struct proto_facts *facts)
{
	struct span entry;

	for (unsigned n = 0; n < 6 && take_span(&s, ENTRY, &entry); n++) {
		const uint8_t *p = entry.p;
		unsigned service = p[4] * 256u + p[5];
		unsigned instance = p[6] * 256u + p[7];
		bool is_gone = !p[9] && !p[10] && !p[11];
		const char *word = p[0] == 0   ? "find"
				   : p[0] == 1 ? is_gone ? "stop offer" : "offer"
				   : p[0] == 6 ? is_gone ? "stop subscribe" : "subscribe"
				   : p[0] == 7
					   ? is_gone ? "subscribe refused" : "subscribe accepted"
					   : "unknown";

		facts_add(facts, "entry", "%s service %04x instance %04x version %u", word, service,
			  instance, p[8]);
	}
}

/* An option: length (from the reserved byte on), type, reserved, value; 04 and 06 are endpoints */
static void tell_options(struct span s, struct proto_facts *facts)
{
	struct span value;
	uint16_t length;
	uint8_t type;

	for (unsigned n = 0; n < 4 && take_u16be(&s, &length) && take_u8(&s, &type) &&
			     take_span(&s, length, &value);
	     n++) {
		size_t address = type == 0x04 || type == 0x14 ? 4 : 16;
		char text[FACTS_ADDRESS];

		if ((type & 0xef) != 0x04 && (type & 0xef) != 0x06)
			continue;
		if (value.n != address + 5)
			continue;
		facts_add(facts, "endpoint", "%s port %u/%s",
			  facts_address_text(text, span_of(value.p + 1, address)),
			  value.p[address + 3] * 256u + value.p[address + 4],
			  value.p[address + 2] == 6    ? "tcp"
			  : value.p[address + 2] == 17 ? "udp"
						       : "unknown");
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct message m;
	struct discovery d;

	(void)side;
	(void)transport;
	if (!take_message(&bytes, &m))
		return;
	if (take_discovery(&m, &d)) {
		facts_add(facts, "discovery", "%s", d.flags & 0x80 ? "after reboot" : "running");
		tell_entries(d.entries, facts);
		tell_options(d.options, facts);
	} else {
		facts_add(facts, "service", "%04x", m.service);
		facts_add(facts, "method", "%04x", m.method);
		facts_add(facts, "type", "%02x", m.type);
	}
}

const struct proto proto_someip = {
	.name = "someip",
	.title = "SOME/IP service discovery",
	PROTO_HINTS(PROTO_UDP(30490)),
	.safety = PROTO_A,
	.proves = N_("a SOME/IP control unit, the services it offers and their endpoints"),
	.source = "AUTOSAR PRS_SOMEIPProtocol 4.1.2; PRS_SOMEIPServiceDiscoveryProtocol 4.1.2",
	.recognise = recognise,
	.describe = describe,
};

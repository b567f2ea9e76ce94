/* SPDX-License-Identifier: Apache-2.0 */
/* ethernet_ip: the encapsulation in which controllers speak CIP. Nothing is sent: they steer. */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 24, LENGTH_MAX = 65511 };

/* apache/plc4x eip.mspec: command, length, session 4, status 4, context 8, options 4, all LE */
static const struct facts_word commands[] = {
	{0x0004, "list services"},      {0x0063, "list identity"}, {0x0065, "register session"},
	{0x0066, "unregister session"}, {0x006f, "request"},       {0x0070, "connected message"},
};

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	size_t length;
	unsigned command;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return PROTO_NO;
	if (bytes.n > 1 && !facts_word(commands, ARRAY_LEN(commands), p[0] | (unsigned)p[1] << 8))
		return PROTO_NO;
	/* options are 0; a status below 0x70 */
	for (size_t i = 9; i < 12 && i < bytes.n; i++)
		if (p[i])
			return PROTO_NO;
	for (size_t i = 20; i < HEAD && i < bytes.n; i++)
		if (p[i])
			return PROTO_NO;
	if (bytes.n < HEAD)
		return transport == TRANSPORT_TCP ? PROTO_MORE : PROTO_NO;
	command = p[0] | (unsigned)p[1] << 8;
	length = p[2] | (size_t)p[3] << 8;
	if (length > LENGTH_MAX || p[8] > 0x70 ||
	    (transport == TRANSPORT_UDP && length + HEAD != bytes.n))
		return PROTO_NO;
	if (command == 0x0065) /* version 1, no options */
		return length != 4 ? PROTO_NO
				   : words_begin(span_skip(bytes, HEAD), span_of("\1\0\0\0", 4));
	if (command == 0x0063 && side == PROTO_SERVER) /* one item 0c, with the identity */
		return length < 8 ? PROTO_NO
				  : words_begin(span_skip(bytes, HEAD), span_of("\1\0\14\0", 4));
	return PROTO_MAYBE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, HEAD);
	struct span part;
	struct span name;
	uint16_t vendor;
	uint8_t n;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_add(facts, "message",
		  span_str(facts_word(commands, ARRAY_LEN(commands),
				      bytes.p[0] | (unsigned)bytes.p[1] << 8)));
	/* count, item, length, version 2, address 16; vendor, type, code, revision, status 2 each,
	 * serial 4, name with its length in front */
	if (bytes.p[0] != 0x63 || !take_span(&s, 24, &part) || !take_u16le(&s, &vendor) ||
	    !take_span(&s, 12, &part) || !take_u8(&s, &n) || !take_span(&s, n, &name))
		return;
	facts_add(facts, "vendor", "%u", vendor);
	if (words_is_text(name))
		proto_add(facts, "device", name);
}

const struct proto proto_ethernet_ip = {
	.name = "ethernet-ip",
	.title = "EtherNet/IP",
	PROTO_HINTS(PROTO_TCP(44818), PROTO_UDP(44818), PROTO_UDP(2222)),
	.safety = PROTO_A,
	.proves = N_("a controller or device of CIP, and its name where it identifies itself"),
	.source = "apache/plc4x protocols/eip eip.mspec (ODVA CIP volume 2)",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snmp: asked with the engine discovery of SNMPv3, which has neither user nor community and gets a
 * report with the engine id (its first four bytes name the maker). No community is ever guessed.
 */
#include "proto/words.h"

enum { SEQUENCE = 0x30, INTEGER = 2, OCTETS = 4, PDU_FIRST = 0xa0, PDU_LAST = 0xa8, REPORT = 0xa8 };

/* One BER element; lengths of at most two bytes, as in one datagram. */
static bool take_ber(struct span *s, uint8_t *tag, struct span *value)
{
	uint8_t byte;
	size_t n;

	if (!take_u8(s, tag) || !take_u8(s, &byte))
		return false;
	n = byte;
	if (byte & 0x80) {
		if (byte != 0x81 && byte != 0x82)
			return false;
		n = 0;
		for (unsigned left = byte & 0x7f; left; left--) {
			if (!take_u8(s, &byte))
				return false;
			n = n << 8 | byte;
		}
	}
	return take_span(s, n, value);
}

static bool take_tag(struct span *s, uint8_t wanted, struct span *value)
{
	uint8_t tag;

	return take_ber(s, &tag, value) && tag == wanted;
}

/* RFC 3412 section 6: version 3, header, security OCTET STRING, data; RFC 3416: v1 and v2c carry
 * version, community, PDU. *version is 0, 1 or 3; *data is the security part or the PDU's tag on.
 */
static bool take_message(struct span s, uint8_t *version, struct span *data)
{
	struct span body;
	struct span value;
	struct span header;

	if (!take_tag(&s, SEQUENCE, &body) || s.n || !take_tag(&body, INTEGER, &value) ||
	    value.n != 1)
		return false;
	*version = value.p[0];
	if (*version == 3) {
		if (!take_tag(&body, SEQUENCE, &header) || !take_tag(&header, INTEGER, &value) ||
		    !take_tag(&body, OCTETS, data))
			return false;
		return body.n > 0;
	}
	*data = span_of(NULL, 0);
	if (*version > 1 || !take_tag(&body, OCTETS, &value) || body.n < 2)
		return false;
	*data = body;
	return body.p[0] >= PDU_FIRST && body.p[0] <= PDU_LAST;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span data;
	uint8_t version;

	if (transport != TRANSPORT_UDP || (bytes.n && bytes.p[0] != SEQUENCE))
		return PROTO_NO;
	if (!take_message(bytes, &version, &data))
		return bytes.n < 24 || (bytes.n > 2 && bytes.p[1] <= 0x82) ? PROTO_MORE : PROTO_NO;
	/* v1, v2c: a response is a2; the rest are questions (a7 and a4 are traps, either way) */
	if (version != 3 && (data.p[0] == 0xa2) != (side == PROTO_SERVER))
		return PROTO_NO;
	return PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 3414 section 4: id 1, size 65507, flags reportable, model 3 (USM); empty engine, user
	 * and keys; scoped PDU with an empty get-request */
	static const uint8_t words[] =
		"\x30\x3a\x02\x01\x03\x30\x0f\x02\x02\x4a\x69\x02\x03\x00\xff\xe3\x04\x01\x04\x02"
		"\x01\x03"
		"\x04\x10\x30\x0e\x04\x00\x02\x01\x00\x02\x01\x00\x04\x00\x04\x00\x04\x00"
		"\x30\x12\x04\x00\x04\x00\xa0\x0c\x02\x02\x37\xf0\x02\x01\x00\x02\x01\x00\x30\x00";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(words, sizeof(words) - 1), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const char *const versions[] = {"1", "2c", "", "3"};
	struct span data;
	struct span usm;
	struct span engine;
	uint32_t maker;
	uint8_t version;
	char text[24];

	(void)transport;
	if (side != PROTO_SERVER || !take_message(bytes, &version, &data))
		return;
	proto_add(facts, "protocol", span_str(versions[version]));
	if (version != 3 || !take_tag(&data, SEQUENCE, &usm) || !take_tag(&usm, OCTETS, &engine))
		return;
	/* RFC 3411 section 5, SnmpEngineID: first bit set, then the private enterprise number */
	if (!take_u32be(&engine, &maker) || !(maker & 0x80000000))
		return;
	maker &= 0x7fffffff;
	snprintf(text, sizeof(text), "%u", maker);
	proto_add(facts, "enterprise", span_str(text));
	if (maker == 8072) /* IANA enterprise-numbers: net-snmp */
		proto_set_product(facts, "snmpd");
}

const struct proto proto_snmp = {
	.name = "snmp",
	.title = "Simple Network Management Protocol",
	PROTO_HINTS(PROTO_UDP(161)),
	.safety = PROTO_B,
	.sends = N_("an SNMPv3 engine discovery, with neither user nor community"),
	.proves = N_("SNMP and the maker's enterprise number"),
	.source = "RFC 3412 section 6; RFC 3414 section 4; RFC 3411 section 5",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

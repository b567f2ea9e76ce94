/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snmp: asked with the engine discovery of SNMPv3, which has neither user nor community and gets a
 * report with the engine id (its first four bytes name the maker). No community is ever guessed.
 */
#include "proto/ber.h"
#include "proto/words.h"

enum { SEQUENCE = BER_SEQUENCE, PDU_FIRST = 0xa0, PDU_LAST = 0xa8, REPORT = 0xa8 };

/* RFC 3412 section 6: version 3, header, security OCTET STRING, data; RFC 3416: v1 and v2c carry
 * version, community, PDU. *version is 0, 1 or 3; *data is the security part or the PDU's tag on.
 */
static bool take_message(struct span s, uint8_t *version, struct span *data)
{
	struct span body;
	struct span value;
	struct span header;

	if (!ber_take_tag(&s, BER_SEQUENCE, &body) || s.n ||
	    !ber_take_tag(&body, BER_INTEGER, &value) || value.n != 1)
		return false;
	*version = value.p[0];
	if (*version == 3) {
		if (!ber_take_tag(&body, BER_SEQUENCE, &header) ||
		    !ber_take_tag(&header, BER_INTEGER, &value) ||
		    !ber_take_tag(&body, BER_OCTETS, data))
			return false;
		return body.n > 0;
	}
	*data = span_of(NULL, 0);
	if (*version > 1 || !ber_take_tag(&body, BER_OCTETS, &value) || body.n < 2)
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
	if (version != 3 || !ber_take_tag(&data, BER_SEQUENCE, &usm) ||
	    !ber_take_tag(&usm, BER_OCTETS, &engine))
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

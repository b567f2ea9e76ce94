/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_names: reads the few fields of a certificate that say who it is for (RFC 5280 section 4.1).
 * A flat walk over DER with bounded depth; nothing is verified. Wrong DER ends the reading.
 */
#include "proto/ber.h"
#include "proto/facts.h"

enum {
	SEQUENCE = BER_SEQUENCE,
	SET = 0x31,
	OID = 0x06,
	OCTETS = BER_OCTETS,
	UTC_TIME = 0x17,
	GENERAL_TIME = 0x18,
	EXPLICIT_3 = 0xa3,
	VERSION_0 = 0xa0,
	NAMES_MAX = 5,
	PARTS_MAX = 64
};

/* Name = SEQUENCE OF SET OF SEQUENCE { type OID, value }; 2.5.4.3 is the common name, 2.5.4.10 the
 * organization, taken when there is no common name */
static struct span common_name(struct span name)
{
	struct span best = {0};
	struct span set;
	struct span pair;
	struct span oid;
	struct span value;
	uint8_t tag;

	for (unsigned i = 0; i < PARTS_MAX && ber_take_tag(&name, SET, &set); i++) {
		if (!ber_take_tag(&set, SEQUENCE, &pair) || !ber_take_tag(&pair, OID, &oid) ||
		    !ber_take(&pair, &tag, &value))
			break;
		if (span_eq(oid, SPAN_LIT("\x55\x04\x03")))
			return value;
		if (span_eq(oid, SPAN_LIT("\x55\x04\x0a")) && !best.n)
			best = value;
	}
	return best;
}

/* RFC 5280 section 4.2.1.6: SubjectAltName 2.5.29.17, dNSName is [2] */
static void tell_alternatives(struct span extensions, struct proto_facts *facts)
{
	struct span one;
	struct span oid;
	struct span value;
	struct span list;
	uint8_t tag;
	unsigned n = 0;

	for (unsigned i = 0; i < PARTS_MAX && ber_take_tag(&extensions, SEQUENCE, &one); i++) {
		if (!ber_take_tag(&one, OID, &oid) || !span_eq(oid, SPAN_LIT("\x55\x1d\x11")))
			continue;
		if (!ber_take(&one, &tag, &value) ||
		    (tag != OCTETS && !ber_take(&one, &tag, &value)))
			return;
		if (!ber_take_tag(&value, SEQUENCE, &list))
			return;
		while (n < NAMES_MAX && ber_take(&list, &tag, &value))
			if (tag == 0x82) {
				proto_add(facts, "name", value);
				n++;
			}
	}
}

/* UTCTime 261121133000Z (RFC 5280 section 4.1.2.5.1: 50 to 99 are 1950 to 1999) or GeneralizedTime
 * 20261121133000Z, as 2026-11-21T13:30:00Z; others as they stand. */
static void tell_date(struct proto_facts *facts, const char *name, uint8_t tag, struct span date)
{
	struct span rest = span_skip(date, tag == UTC_TIME ? 2 : 4);
	const char *p = (const char *)rest.p;
	int year;

	for (size_t i = 0; i + 1 < date.n; i++)
		if (date.p[i] < '0' || date.p[i] > '9')
			rest.n = 0;
	if (rest.n != 11 || p[10] != 'Z' || (tag != UTC_TIME && tag != GENERAL_TIME)) {
		proto_add(facts, name, date);
		return;
	}
	year = 10 * (date.p[0] - '0') + date.p[1] - '0';
	if (tag == UTC_TIME)
		year += year < 50 ? 2000 : 1900;
	else
		year = 100 * year + 10 * (date.p[2] - '0') + date.p[3] - '0';
	facts_add(facts, name, "%04d-%.2s-%.2sT%.2s:%.2s:%.2sZ", year, p, p + 2, p + 4, p + 6,
		  p + 8);
}

void proto_tell_certificate(struct span certificate, struct proto_facts *facts)
{
	struct span outer;
	struct span body;
	struct span part;
	struct span list;
	struct span issuer;
	struct span validity;
	struct span subject;
	struct span date;
	uint8_t tag;

	if (!ber_take_tag(&certificate, SEQUENCE, &outer) || !ber_take_tag(&outer, SEQUENCE, &body))
		return;
	/* [0] version, serial, signature, issuer, validity, subject, public key */
	if (!ber_take(&body, &tag, &part) || (tag == VERSION_0 && !ber_take(&body, &tag, &part)) ||
	    !ber_take_tag(&body, SEQUENCE, &part) || !ber_take_tag(&body, SEQUENCE, &issuer) ||
	    !ber_take_tag(&body, SEQUENCE, &validity) || !ber_take_tag(&body, SEQUENCE, &subject) ||
	    !ber_take_tag(&body, SEQUENCE, &part))
		return;
	proto_add(facts, "subject", common_name(subject));
	proto_add(facts, "issuer", common_name(issuer));
	if (ber_take(&validity, &tag, &date))
		tell_date(facts, "not_before", tag, date);
	if (ber_take(&validity, &tag, &date))
		tell_date(facts, "not_after", tag, date);
	while (ber_take(&body, &tag, &part))
		if (tag == EXPLICIT_3 && ber_take_tag(&part, SEQUENCE, &list))
			tell_alternatives(list, facts);
}

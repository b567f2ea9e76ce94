/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap: an anonymous search for the root DSE, which every server must let be read without bind
 * (RFC 4512 section 5.1), asking only vendor names. BER is read by a bounded walk, no recursion.
 */
#include "proto/starttls.h"
#include "proto/words.h"

enum {
	SEQUENCE = 0x30,
	INTEGER = 0x02,
	OCTETS = 0x04,
	SEARCH_REQUEST = 0x63,
	BIND_REQUEST = 0x60,
	SEARCH_ENTRY = 0x64,
	SEARCH_DONE = 0x65,
	EXTENDED = 0x78,
	DEPTH_MAX = 64
};

/* Tag and length, X.690 8.1; MORE when cut. */
static enum proto_match take_head(struct span *s, uint8_t tag, size_t *length)
{
	uint8_t byte;

	if (!take_u8(s, &byte))
		return PROTO_MORE;
	if (byte != tag)
		return PROTO_NO;
	if (!take_u8(s, &byte))
		return PROTO_MORE;
	*length = byte;
	if (byte < 0x80)
		return PROTO_YES;
	if (byte == 0x80 || byte > 0x84)
		return PROTO_NO;
	*length = 0;
	for (unsigned n = byte & 0x7f; n; n--) {
		if (!take_u8(s, &byte))
			return PROTO_MORE;
		*length = *length << 8 | byte;
	}
	return PROTO_YES;
}

/* RFC 4511 section 4.1.1: LDAPMessage = SEQUENCE { messageID INTEGER, protocolOp } */
static enum proto_match take_message(struct span *s, uint8_t *op, size_t *op_length)
{
	size_t length;
	size_t id_length;
	struct span id;
	enum proto_match m = take_head(s, SEQUENCE, &length);

	if (m != PROTO_YES)
		return m;
	if (length < 7 || length > 1 << 20)
		return PROTO_NO;
	m = take_head(s, INTEGER, &id_length);
	if (m != PROTO_YES)
		return m;
	if (id_length < 1 || id_length > 4)
		return PROTO_NO;
	if (!take_span(s, id_length, &id) || !s->n)
		return PROTO_MORE;
	*op = s->p[0];
	m = take_head(s, *op, op_length);
	if (m == PROTO_YES && *op_length > length)
		return PROTO_NO;
	return m;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint8_t op;
	size_t length;
	enum proto_match m;

	if (transport == TRANSPORT_ANY)
		return PROTO_NO;
	m = take_message(&s, &op, &length);
	if (m != PROTO_YES)
		return m;
	if (side == PROTO_CLIENT) {
		/* bind: version 3; search: base object, an OCTET STRING */
		if (op == BIND_REQUEST)
			return words_begin(s, span_of("\2\1\3\4", 4));
		if (op != SEARCH_REQUEST)
			return PROTO_NO;
		return words_begin(s, span_of("\4", 1)) == PROTO_YES ? PROTO_MAYBE : PROTO_NO;
	}
	if (op == SEARCH_ENTRY) /* objectName of the root DSE is empty, then the attributes */
		return words_begin(s, span_of("\4\0\60", 3));
	if (op == SEARCH_DONE || op == EXTENDED || op == 0x61) {
		/* LDAPResult: ENUMERATED of one byte, matchedDN, diagnosticMessage */
		m = words_begin(s, span_of("\12\1", 2));
		if (m != PROTO_YES)
			return m;
		if (s.n < 4)
			return PROTO_MORE;
		return s.p[3] == OCTETS && s.p[2] <= 123 ? PROTO_YES : PROTO_NO;
	}
	return PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 4511 section 4.5.1: base "", baseObject, never alias, 1 entry, 5 s,
	 * (objectClass=*), attributes vendorName, vendorVersion, objectClass */
	static const uint8_t words[] =
		"\x30\x4d\x02\x01\x01\x63\x48\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x01\x02\x01"
		"\x05"
		"\x01\x01\x00\x87\x0bobjectClass"
		"\x30\x28\x04\x0avendorName\x04\x0dvendorVersion\x04\x0bobjectClass";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words) - 1), out, size);
}

/* UnbindRequest, RFC 4511 section 4.3 */
static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return words_say(span_of("\x30\x05\x02\x01\x02\x42\x00", 7), out, size);
}

/* The first value of an attribute: type, SET, value. */
static struct span attribute(struct span bytes, const char *name)
{
	struct span none = {0};
	ptrdiff_t at = span_find_nocase(bytes, span_str(name));
	struct span s;
	struct span value;
	size_t n;

	if (at < 0)
		return none;
	s = span_skip(bytes, (size_t)at + strlen(name));
	if (take_head(&s, 0x31, &n) != PROTO_YES || take_head(&s, OCTETS, &n) != PROTO_YES ||
	    !take_span(&s, n, &value))
		return none;
	return value;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{"OpenLDAProotDSE", "openldap", NULL},
		{"389-Directory/", "389-ds", "389-Directory/"},
		{"Apache Software Foundation", "apacheds", NULL},
	};

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	words_product(bytes, products, ARRAY_LEN(products), facts);

	struct span name = attribute(bytes, "vendorName");
	struct span version = attribute(bytes, "vendorVersion");

	if (name.n)
		proto_add(facts, "vendor", name);
	if (version.n)
		proto_add(facts, "vendor_version", version);
}

const struct proto proto_ldap = {
	.name = "ldap",
	.title = "Lightweight Directory Access Protocol",
	PROTO_HINTS(PROTO_TCP(389), PROTO_TCP(3268)),
	.safety = PROTO_B,
	.sends = N_("an anonymous search for the root entry, which only reads"),
	.proves = N_("LDAP, and the vendor that the root entry names"),
	.source = "RFC 4511 sections 4.1.1 and 4.5; RFC 4512 section 5.1; RFC 3045",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_ldap,
	.describe = describe,
};

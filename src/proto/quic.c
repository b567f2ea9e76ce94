/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quic: asked with a packet of a version that is reserved for never being spoken, as large as a
 * first packet must be: a server that has room for a connection answers with the list of versions
 * that it speaks, and keeps no state. Nothing encrypted is read.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	LONG = 0x80,
	FIXED = 0x40,
	ID_MAX = 20,
	FIRST_ID_MIN = 8,
	FIRST_PACKET = 1200,
	TAG = 16, /* AEAD: number, at least one byte, and tag are 20 bytes at least */
	VERSIONS_MAX = 16
};

static const uint32_t v1 = 0x00000001; /* RFC 9000 section 15 */
static const uint32_t v2 = 0x6b3343cf; /* RFC 9369 section 3.1 */

struct packet {
	uint8_t first;
	uint32_t version;
	struct span to, from; /* connection ids */
	struct span rest;
};

/* RFC 8999 section 5.1: what no version may change */
static bool parse(struct span s, struct packet *p)
{
	uint8_t n;

	if (!take_u8(&s, &p->first) || !(p->first & LONG) || !take_u32be(&s, &p->version) ||
	    !take_u8(&s, &n) || !take_span(&s, n, &p->to) || !take_u8(&s, &n) ||
	    !take_span(&s, n, &p->from))
		return false;
	p->rest = s;
	return true;
}

/* RFC 9000 section 16 */
static bool take_varint(struct span *s, uint64_t *value)
{
	uint8_t byte;

	if (!take_u8(s, &byte))
		return false;
	*value = byte & 0x3f;
	for (unsigned left = (1u << (byte >> 6)) - 1; left; left--) {
		if (!take_u8(s, &byte))
			return false;
		*value = *value << 8 | byte;
	}
	return true;
}

/* RFC 9000 section 15 (the reserved form), IANA's QUIC versions; drafts were ff0000NN */
static bool is_known(uint32_t version)
{
	return version == v1 || version == v2 || version >> 8 == 0xff0000;
}

static bool is_reserved(uint32_t version)
{
	return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

/* RFC 8999 section 6: version 0, then versions of four bytes each */
static enum proto_match negotiation(const struct packet *p, enum proto_side side)
{
	struct span s = p->rest;
	uint32_t version;
	unsigned n_known = 0;

	if (side != PROTO_SERVER || s.n == 0 || s.n % 4)
		return PROTO_NO;
	while (take_u32be(&s, &version)) {
		if (version == 0)
			return PROTO_NO;
		n_known += is_known(version);
	}
	return n_known ? PROTO_YES : PROTO_MAYBE;
}

/* RFC 9000 section 17.2.2, 14.1 and 7.2; a server sends no token */
static enum proto_match initial(const struct packet *p, enum proto_side side, size_t n)
{
	struct span s = p->rest;
	struct span token;
	uint64_t length;

	if (!take_varint(&s, &length) || length > s.n || !take_span(&s, length, &token) ||
	    !take_varint(&s, &length) || length > s.n || length < TAG + 4)
		return PROTO_NO;
	if (side == PROTO_SERVER)
		return token.n ? PROTO_NO : PROTO_YES;
	return n < FIRST_PACKET ? PROTO_NO : PROTO_YES;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct packet p;
	uint64_t length;
	unsigned type;

	if (transport != TRANSPORT_UDP || !parse(bytes, &p))
		return PROTO_NO;
	if (p.version == 0)
		return negotiation(&p, side);
	if (is_reserved(p.version)) /* only a packet that asks for the versions has one */
		return side == PROTO_CLIENT && bytes.n >= FIRST_PACKET && p.first & FIXED
			       ? PROTO_MAYBE
			       : PROTO_NO;
	if (!is_known(p.version) || !(p.first & FIXED) || p.to.n > ID_MAX || p.from.n > ID_MAX)
		return PROTO_NO;
	/* RFC 9000 section 17.2: Initial, 0-RTT, Handshake, Retry; RFC 9369 section 3.2: one more
	 */
	type = p.first >> 4 & 3;
	if (p.version == v2)
		type = (type + 3) & 3;
	if (type == 0)
		return initial(&p, side, bytes.n);
	if (type == 3)
		return side == PROTO_SERVER && p.rest.n > TAG ? PROTO_MAYBE : PROTO_NO;
	return take_varint(&p.rest, &length) && length <= p.rest.n && length >= TAG + 4
		       ? PROTO_MAYBE
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 9000 sections 6.3 and 15: 0x?a?a?a?a forces the negotiation; ids of eight bytes */
	static const uint8_t head[] = {LONG | FIXED, 0x1a, 0x2a,         0x3a, 0x4a, FIRST_ID_MIN,
				       'p',          'e',  'r',          'i',  'p',  'l',
				       'u',          's',  FIRST_ID_MIN, 'a',  's',  'k',
				       's',          'y',  'o',          'u',  '.'};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP || size < FIRST_PACKET)
		return 0;
	memset(out, 0, FIRST_PACKET);
	memcpy(out, head, sizeof(head));
	return FIRST_PACKET;
}

static void tell_versions(struct span s, struct proto_facts *facts)
{
	char text[PROTO_TEXT] = "";
	uint32_t version;
	size_t n = 0;

	for (unsigned i = 0; i < VERSIONS_MAX && take_u32be(&s, &version); i++) {
		const char *comma = n ? "," : "";
		int more;

		if (is_reserved(version))
			continue;
		if (version == v1 || version == v2)
			more = snprintf(text + n, sizeof(text) - n, "%s%d", comma,
					version == v1 ? 1 : 2);
		else if (is_known(version))
			more = snprintf(text + n, sizeof(text) - n, "%sdraft-%u", comma,
					version & 0xff);
		else
			more = snprintf(text + n, sizeof(text) - n, "%s%08x", comma, version);
		if (more < 0 || (size_t)more >= sizeof(text) - n) {
			text[n] = 0;
			break;
		}
		n += (size_t)more;
	}
	if (n)
		proto_add(facts, "quic", span_of(text, n));
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct packet p;

	if (recognise(bytes, side, transport) != PROTO_YES || !parse(bytes, &p))
		return;
	if (p.version == 0)
		tell_versions(p.rest, facts);
	else
		facts_add(facts, "quic",
			  p.version == v2   ? "2"
			  : p.version == v1 ? "1"
					    : "draft-%u",
			  p.version & 0xff);
}

const struct proto proto_quic = {
	.name = "quic",
	.title = "QUIC",
	PROTO_HINTS(PROTO_UDP(443), PROTO_UDP(853), PROTO_UDP(8443)),
	.safety = PROTO_B,
	.sends = N_("1200 bytes of a reserved version, which no server takes for a connection"),
	.proves = N_("QUIC and the versions that the server speaks"),
	.source =
		"RFC 8999 sections 5.1 and 6; RFC 9000 sections 6, 14.1, 15, 16 and 17.2; RFC 9369 "
		"section 3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

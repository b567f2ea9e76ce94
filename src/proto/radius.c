/* SPDX-License-Identifier: Apache-2.0 */
/*
 * radius: an answer is given to nobody who does not share a secret, so nothing is sent; packets are
 * known by lengths that fit one another to the last byte.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	HEAD = 20,
	LENGTH_MAX = 4096,
	USER_NAME = 1,
	NAS_ADDRESS = 4,
	NAS_IDENTIFIER = 32,
	STATUS_TYPE = 40,
	MESSAGE_AUTH = 80
};

/* RFC 2865 section 3, RFC 2866 section 3, RFC 5997: who says what */
static const struct {
	uint8_t code;
	enum proto_side side;
	const char *word;
} codes[] = {
	{1, PROTO_CLIENT, "access request"},      {2, PROTO_SERVER, "access accept"},
	{3, PROTO_SERVER, "access reject"},       {4, PROTO_CLIENT, "accounting request"},
	{5, PROTO_SERVER, "accounting response"}, {11, PROTO_SERVER, "access challenge"},
	{12, PROTO_CLIENT, "status request"},
};

static const char *word_of(uint8_t code, enum proto_side side)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code && codes[i].side == side)
			return codes[i].word;
	return NULL;
}

/* code, id, length BE, authenticator 16; attributes of type, length, value (RFC 2865 section 5). A
 * request has NAS_ADDRESS or NAS_IDENTIFIER (sections 4.1 and 5.44; RFC 2866 section 4.1), or asks
 * for the status with MESSAGE_AUTH (RFC 5997 section 2). */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = span_skip(bytes, HEAD);
	struct span value;
	bool is_named = false;
	uint8_t type;
	uint8_t n;

	if (transport != TRANSPORT_UDP || bytes.n < HEAD || bytes.n > LENGTH_MAX ||
	    !word_of(bytes.p[0], side) || ((size_t)bytes.p[2] << 8 | bytes.p[3]) != bytes.n)
		return PROTO_NO;
	while (s.n) {
		if (!take_u8(&s, &type) || !take_u8(&s, &n) || n < 2 ||
		    !take_span(&s, n - 2u, &value))
			return PROTO_NO;
		is_named |= type == USER_NAME || type == NAS_ADDRESS || type == NAS_IDENTIFIER ||
			    type == STATUS_TYPE || type == MESSAGE_AUTH;
	}
	/* an answer may have no attribute at all */
	if (side == PROTO_CLIENT)
		return is_named ? PROTO_YES : PROTO_NO;
	return bytes.n > HEAD ? PROTO_YES : PROTO_MAYBE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "message", span_str(word_of(bytes.p[0], side)));
}

const struct proto proto_radius = {
	.name = "radius",
	.title = "RADIUS",
	PROTO_HINTS(PROTO_UDP(1812), PROTO_UDP(1813), PROTO_UDP(1645), PROTO_UDP(1646)),
	.safety = PROTO_B,
	.proves = N_("RADIUS, and what is asked or answered"),
	.source = "RFC 2865 sections 3, 4.1, 5 and 7.1; RFC 2866 sections 3, 4 and 5.1; RFC 5997 "
		  "sections 2 and 5",
	.recognise = recognise,
	.describe = describe,
};

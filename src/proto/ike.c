/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ike: asked in a version that there is not, which a responder must not follow: it names the
 * highest that it speaks, and keeps no state.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	SPI = 8,
	HEAD = 28,
	MARKER = 4, /* RFC 7296 section 3.1: on 4500 four zero bytes part IKE from ESP */
	INIT = 34,
	FLAGS_V2 = 0x38,
	NOTIFY = 41,
	SECURITY_1 = 1,
	SECURITY_2 = 33
};

struct message {
	uint8_t next, version, exchange, flags;
	bool is_first;
};

/* RFC 7296 section 3.1, RFC 2408 section 3.1: two SPIs, next payload, version, exchange, flags,
 * message, length of the whole */
static bool parse(struct span bytes, struct message *m)
{
	static const uint8_t zero[SPI] = {0};
	struct span s = bytes;
	struct span initiator;
	struct span responder;
	uint32_t id;
	uint32_t length;

	if (bytes.n > HEAD + MARKER && memcmp(bytes.p, zero, MARKER) == 0)
		s = span_skip(s, MARKER);

	size_t n = s.n;

	if (!take_span(&s, SPI, &initiator) || !take_span(&s, SPI, &responder) ||
	    !take_u8(&s, &m->next) || !take_u8(&s, &m->version) || !take_u8(&s, &m->exchange) ||
	    !take_u8(&s, &m->flags) || !take_u32be(&s, &id) || !take_u32be(&s, &length))
		return false;
	m->is_first = memcmp(responder.p, zero, SPI) == 0;
	return length == n && memcmp(initiator.p, zero, SPI) != 0;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct message m;

	if (transport != TRANSPORT_UDP || !parse(bytes, &m))
		return PROTO_NO;
	if (m.version == 0x10) /* RFC 2408: 2 main mode, 4 aggressive, 5 informational */
		return (m.exchange == 2 || m.exchange == 4) && m.next == SECURITY_1 && !m.flags
			       ? PROTO_YES
		       : m.exchange >= 1 && m.exchange <= 5 && m.flags < 8 ? PROTO_MAYBE
									   : PROTO_NO;
	/* RFC 7296 has 34 to 37; RFC 9242 43; RFC 9370 44 */
	if (m.version >> 4 != 2 || m.exchange < INIT || m.exchange > 44 || m.flags & ~FLAGS_V2)
		return PROTO_NO;
	if (m.exchange != INIT)
		return PROTO_MAYBE;
	if (side == PROTO_CLIENT)
		return m.next == SECURITY_2 && m.flags == 0x08 && m.is_first ? PROTO_YES
									     : PROTO_MAYBE;
	return m.flags & 0x20 && (m.next == SECURITY_2 || m.next == NOTIFY) ? PROTO_YES
									    : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 7296 section 2.5: major version 3, which is told by a notification of the same
	 * exchange (section 1.5); nothing follows the header */
	static const uint8_t words[] = {'p', 'e', 'r', 'i', 'p', 'l', 'u', 's',  0,    0,
					0,   0,   0,   0,   0,   0,   33,  0x30, INIT, 8,
					0,   0,   0,   0,   0,   0,   0,   HEAD};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct message m;

	if (recognise(bytes, side, transport) == PROTO_YES && parse(bytes, &m))
		facts_add(facts, "ike", "%u.%u", m.version >> 4, m.version & 15u);
}

const struct proto proto_ike = {
	.name = "ike",
	.title = "Internet Key Exchange",
	PROTO_HINTS(PROTO_UDP(500)),
	.safety = PROTO_B,
	.sends = N_("an empty message of version 3, which no responder follows"),
	.proves = N_("IKE, and the highest version that is spoken"),
	.source = "RFC 7296 sections 1.5, 2.5, 3.1, 3.2 and 3.10.1; RFC 9242; RFC 9370; RFC 2408 "
		  "section 3.1",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

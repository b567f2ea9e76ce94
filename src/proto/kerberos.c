/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kerberos: asked for a ticket for a name that is in no realm, as a client asks before it knows
 * whether a password is wanted. There is no password in it and no account to lock; the answer is
 * an error with the server's clock and realm. The KDC writes one line about an unknown client.
 */
#include "proto/ber.h"
#include "proto/facts.h"
#include "proto/words.h"

enum {
	AS_REQ = 0x6a, /* RFC 4120 section 5.10: application tags 10 to 13 and 30 */
	AS_REP = 0x6b,
	TGS_REQ = 0x6c,
	TGS_REP = 0x6d,
	KRB_ERROR = 0x7e,
	PVNO = 0xa0, /* context tags of the fields */
	MSG_TYPE = 0xa1,
	REQ_PVNO = 0xa1, /* KDC-REQ has its first field at 1 */
	REQ_MSG_TYPE = 0xa2,
	STIME = 0xa4,
	ERROR_CODE = 0xa6,
	REALM = 0xa9,
	VERSION = 5,
	TAGS = 0x1f,
	LENGTH_MAX = 1 << 16,
	HEAD = 24
};

static bool is_small(struct span *s, uint8_t field, uint8_t value)
{
	struct span part;
	struct span number;

	return ber_take_tag(s, field, &part) && ber_take_tag(&part, BER_INTEGER, &number) &&
	       number.n == 1 && number.p[0] == value;
}

/* section 5.4 and 5.9: pvno 5 and the type once more. The length is told by the tag, so that the
 * first bytes are enough. */
static enum proto_match message(struct span s, enum proto_side side)
{
	bool is_request;
	struct span body;
	uint8_t tag;
	uint8_t skip;
	size_t n;

	if (!s.n)
		return PROTO_MORE;
	tag = s.p[0];
	is_request = tag == AS_REQ || tag == TGS_REQ;
	if (side == PROTO_SERVER ? tag != AS_REP && tag != TGS_REP && tag != KRB_ERROR
				 : !is_request)
		return PROTO_NO;
	/* tag and length twice: of the message, of its sequence */
	body = span_skip(s, 1);
	for (unsigned i = 0; i < 2; i++) {
		if (!body.n)
			return PROTO_MORE;
		skip = body.p[0] & 0x80 ? 1 + (body.p[0] & 0x7f) : 1;
		if (body.p[0] == 0x80 || skip > 4)
			return PROTO_NO;
		body = span_skip(body, skip);
		if (i == 0) {
			if (!body.n)
				return PROTO_MORE;
			if (body.p[0] != BER_SEQUENCE)
				return PROTO_NO;
			body = span_skip(body, 1);
		}
	}
	n = body.n;
	if (is_small(&body, is_request ? REQ_PVNO : PVNO, VERSION) &&
	    is_small(&body, is_request ? REQ_MSG_TYPE : MSG_TYPE, tag & TAGS))
		return PROTO_YES;
	return n < 10 ? PROTO_MORE : PROTO_NO;
}

/* section 7.2.2: over TCP a length of four bytes stands in front, its highest bit clear */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	uint32_t length;
	enum proto_match m;

	if (transport == TRANSPORT_UDP) {
		m = message(bytes, side);
		return m == PROTO_MORE ? PROTO_NO : m;
	}
	if (transport != TRANSPORT_TCP || (bytes.n && bytes.p[0]))
		return PROTO_NO;
	if (!take_u32be(&s, &length))
		return PROTO_MORE;
	if (length < HEAD || length > LENGTH_MAX)
		return PROTO_NO;
	return message(span_cut(s, length), side);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* section 5.4.1: AS-REQ, of "periplus" in the realm "PERIPLUS.INVALID" (RFC 2606) for its
	 * krbtgt (7.3); no longer than 2037, for 1970 would ask for as long as may be; AES
	 * (RFC 3962 section 7) */
	static const uint8_t words[] =
		"\0\0\0\226"
		"\x6a\x81\x93\x30\x81\x90\xa1\3\2\1\5\xa2\3\2\1\12"
		"\xa4\x81\x83\x30\x81\x80\xa0\7\3\5\0\0\0\0\0"
		"\xa1\25\x30\23\xa0\3\2\1\1\xa1\14\x30\12\x1b\10periplus"
		"\xa2\22\x1b\20PERIPLUS.INVALID"
		"\xa3\45\x30\43\xa0\3\2\1\2\xa1\34\x30\32\x1b\6krbtgt\x1b\20PERIPLUS.INVALID"
		"\xa5\21\x18\017"
		"20370913024805Z"
		"\xa7\6\2\4\x70\x65\x72\x69\xa8\10\x30\6\2\1\22\2\1\21";
	struct span all = span_of(words, sizeof(words) - 1);

	(void)heard;
	if (turn > 0 || (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP))
		return 0;
	return words_say(transport == TRANSPORT_TCP ? all : span_skip(all, 4), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word messages[] = {{AS_REQ, "ticket request"},
						     {AS_REP, "ticket"},
						     {TGS_REQ, "service request"},
						     {TGS_REP, "service ticket"},
						     {KRB_ERROR, "error"}};
	struct span s = transport == TRANSPORT_TCP ? span_skip(bytes, 4) : bytes;
	struct span body;
	struct span sequence;
	struct span field;
	struct span value;
	uint8_t tag;

	if (recognise(bytes, side, transport) != PROTO_YES || !ber_take(&s, &tag, &body))
		return;
	proto_add(facts, "message", span_str(facts_word(messages, ARRAY_LEN(messages), tag)));
	if (tag != KRB_ERROR || !ber_take_tag(&body, BER_SEQUENCE, &sequence))
		return;
	while (ber_take(&sequence, &tag, &field)) {
		uint8_t kind;

		if (!ber_take(&field, &kind, &value))
			return;
		if (tag == ERROR_CODE && value.n == 1)
			facts_add(facts, "error", "%u", value.p[0]);
		if (tag == STIME && words_is_text(value))
			proto_add(facts, "time", value);
		if (tag == REALM && words_is_text(value) && !span_is(value, "PERIPLUS.INVALID"))
			proto_add(facts, "realm", value);
	}
}

const struct proto proto_kerberos = {
	.name = "kerberos",
	.title = "Kerberos 5",
	PROTO_HINTS(PROTO_UDP(88), PROTO_TCP(88)),
	.safety = PROTO_B,
	.sends = N_("a ticket request for a name of no realm, without any password"),
	.proves = N_("a key distribution centre, and its clock"),
	.source = "RFC 4120 sections 5.2.2, 5.4.1, 5.4.2, 5.9.1, 5.10, 7.2.2 and 7.3; RFC 3962",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

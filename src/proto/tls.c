/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls: one ClientHello, no more. The ServerHello tells version, cipher and ALPN; when the answer is
 * TLS 1.2 or older the certificate follows in clear and tells names and dates (tls_names).
 * Nothing is decrypted and nothing trusted: these are the peer's words.
 */
#include <assert.h>

#include "proto/words.h"

enum {
	ALERT = 21,
	HANDSHAKE = 22,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	CERTIFICATE = 11,
	RECORD_MAX = (1 << 14) + 2048,
	MESSAGE_MAX = 1 << 17
};

/* RFC 8446 section 5.1, RFC 5246 section 6.2.1: type, version 3.x, length */
static enum proto_match take_record(struct span *s, uint8_t *type, struct span *body)
{
	const uint8_t *p = s->p;

	if ((s->n > 0 && p[0] != ALERT && p[0] != HANDSHAKE) || (s->n > 1 && p[1] != 3) ||
	    (s->n > 2 && p[2] > 4))
		return PROTO_NO;
	if (s->n < 5)
		return PROTO_MORE;

	size_t length = (size_t)p[3] << 8 | p[4];

	if (length == 0 || length > RECORD_MAX)
		return PROTO_NO;
	*type = p[0];
	*s = span_skip(*s, 5);
	*body = span_cut(*s, length);
	*s = span_skip(*s, length);
	return body->n == length ? PROTO_YES : PROTO_MORE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span body;
	uint8_t type;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match m = take_record(&s, &type, &body);

	if (m == PROTO_NO || bytes.n < 5)
		return m;
	if (type == ALERT) {
		/* RFC 8446 section 6: level 1 or 2, description */
		if ((bytes.p[3] << 8 | bytes.p[4]) != 2 ||
		    (body.n && (body.p[0] < 1 || body.p[0] > 2)))
			return PROTO_NO;
		return body.n < 2 ? PROTO_MORE : PROTO_YES;
	}
	/* RFC 8446 section 4: msg_type, length 3; then 3.x for both hellos */
	if (body.n > 0 && body.p[0] != (side == PROTO_SERVER ? SERVER_HELLO : CLIENT_HELLO))
		return PROTO_NO;
	if ((body.n > 1 && body.p[1] != 0) || (body.n > 4 && body.p[4] != 3) ||
	    (body.n > 5 && body.p[5] > 4))
		return PROTO_NO;
	return body.n < 6 ? PROTO_MORE : PROTO_YES;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* TLS 1.2 is offered, and 1.3 is not: only then does the certificate come in clear. Ciphers
	 * of RFC 5289, 5288, 5246, 7905 and the old CBC ones; curves x25519, P-256, P-384. */
	/* clang-format off */
	static const uint8_t hello[] = {
		HANDSHAKE, 3, 1, 0, 125, CLIENT_HELLO, 0, 0, 121, 3, 3,
		/* random, 32 bytes: no secret is made from it */
		'p', 'e', 'r', 'i', 'p', 'l', 'u', 's', ' ', 'a', 's', 'k', 's', ' ', 'w', 'h',
		'o', ' ', 'l', 'i', 's', 't', 'e', 'n', 's', ' ', 'h', 'e', 'r', 'e', ' ', '.',
		0, /* no session */
		0, 32, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8,
		0xc0, 0x09, 0xc0, 0x13, 0xc0, 0x0a, 0xc0, 0x14, 0, 0x9c, 0, 0x9d, 0, 0x3c, 0, 0x2f,
		0, 0x35, 0, 0xff,
		1, 0,  /* no compression */
		0, 48, /* extensions: groups, point formats, signatures, extended master secret */
		0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24,
		0, 11, 0, 2, 1, 0,
		0, 13, 0, 22, 0, 20, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1, 2, 3, 2, 1,
		0, 23, 0, 0,
	};
	/* The same with TLS 1.3 alone, for a server that refused the first: its answer tells version
	 * and cipher, and no more in clear. The key share is a point of no secret (RFC 7748). */
	static const uint8_t hello13[] = {
		HANDSHAKE, 3, 1, 0, 140, CLIENT_HELLO, 0, 0, 136, 3, 3,
		'p', 'e', 'r', 'i', 'p', 'l', 'u', 's', ' ', 'a', 's', 'k', 's', ' ', 'w', 'h',
		'o', ' ', 'l', 'i', 's', 't', 'e', 'n', 's', ' ', 'h', 'e', 'r', 'e', ' ', '.',
		0,
		0, 6, 0x13, 1, 0x13, 2, 0x13, 3,
		1, 0,
		0, 89, /* groups, signatures, versions, key exchange modes, key share */
		0, 10, 0, 4, 0, 2, 0, 29,
		0, 13, 0, 22, 0, 20, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1, 2, 3, 2, 1,
		0, 43, 0, 3, 2, 3, 4,
		0, 45, 0, 2, 1, 1,
		0, 51, 0, 38, 0, 36, 0, 29, 0, 32,
		9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	/* clang-format on */
	static const uint8_t refusal[] = {ALERT, 3};
	static_assert(sizeof(hello) == 5 + 125 && sizeof(hello13) == 5 + 140, "lengths are right");

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return words_say(span_of(hello, sizeof(hello)), out, size);
	if (turn == 1 && heard.n == 7 && words_begin(heard, span_of(refusal, 2)) == PROTO_YES)
		return words_say(span_of(hello13, sizeof(hello13)), out, size);
	return 0;
}

static const char *version_word(unsigned version)
{
	static const char *const words[] = {"ssl3.0", "tls1.0", "tls1.1", "tls1.2", "tls1.3"};

	return version >= 0x300 && version <= 0x304 ? words[version - 0x300] : "unknown";
}

/* RFC 8446 section 4.1.3: ServerHello */
static void tell_hello(struct span s, struct proto_facts *facts)
{
	static const char hex[] = "0123456789abcdef";
	uint16_t version;
	uint16_t cipher;
	uint16_t type;
	uint16_t length;
	uint8_t n;
	struct span part;

	if (!take_u16be(&s, &version) || !take_span(&s, 32, &part) || !take_u8(&s, &n) ||
	    !take_span(&s, n, &part) || !take_u16be(&s, &cipher) || !take_u8(&s, &n))
		return;
	if (take_u16be(&s, &length)) {
		while (take_u16be(&s, &type) && take_u16be(&s, &length) &&
		       take_span(&s, length, &part)) {
			struct span name;

			if (type == 43 && take_u16be(&part, &length))
				version = length;
			if (type == 16 && take_u16be(&part, &length) && take_u8(&part, &n) &&
			    take_span(&part, n, &name))
				proto_add(facts, "alpn", name);
		}
	}
	proto_add(facts, "tls", span_str(version_word(version)));

	char text[4];

	for (unsigned i = 0; i < 4; i++)
		text[i] = hex[cipher >> (12 - 4 * i) & 15];
	proto_add(facts, "cipher", span_of(text, sizeof(text)));
}

/* Messages may share a record or span several of them; only those whole in one run are read. */
static void tell_messages(struct span s, struct proto_facts *facts)
{
	struct span body;
	uint8_t type;
	uint8_t high;
	uint16_t low;

	while (take_u8(&s, &type) && take_u8(&s, &high) && take_u16be(&s, &low) &&
	       take_span(&s, (size_t)high << 16 | low, &body)) {
		struct span certificate;

		if (type == SERVER_HELLO)
			tell_hello(body, facts);
		/* RFC 5246 section 7.4.2: list length 3, then length 3 and the peer's own */
		if (type == CERTIFICATE && take_span(&body, 3, &certificate) &&
		    take_u8(&body, &high) && take_u16be(&body, &low) &&
		    take_span(&body, (size_t)high << 16 | low, &certificate))
			proto_tell_certificate(certificate, facts);
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span body;
	uint8_t type;

	(void)transport;
	if (side != PROTO_SERVER)
		return;
	while (take_record(&s, &type, &body) == PROTO_YES) {
		if (type == ALERT && body.n == 2)
			proto_add(facts, "alert",
				  body.p[1] == 40    ? SPAN_LIT("handshake_failure")
				  : body.p[1] == 70  ? SPAN_LIT("protocol_version")
				  : body.p[1] == 112 ? SPAN_LIT("unrecognized_name")
						     : SPAN_LIT("other"));
		else if (type == HANDSHAKE)
			tell_messages(body, facts);
	}
}

const struct proto proto_tls = {
	.name = "tls",
	.title = "Transport Layer Security",
	PROTO_HINTS(PROTO_TCP(443), PROTO_TCP(465), PROTO_TCP(563), PROTO_TCP(636), PROTO_TCP(853),
		    PROTO_TCP(989), PROTO_TCP(990), PROTO_TCP(993), PROTO_TCP(995), PROTO_TCP(2376),
		    PROTO_TCP(3269), PROTO_TCP(3451), PROTO_TCP(5061), PROTO_TCP(5671),
		    PROTO_TCP(6443), PROTO_TCP(6697), PROTO_TCP(8443), PROTO_TCP(8883),
		    PROTO_TCP(9443), PROTO_TCP(10250)),
	.safety = PROTO_B,
	.sends = N_("one ClientHello of TLS 1.2; the handshake is not finished"),
	.proves = N_("TLS, its version and cipher, and the names in the certificate"),
	.source = "RFC 8446 sections 4, 5.1 and 6; RFC 5246 sections 6.2.1 and 7.4.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dtls: one ClientHello without cookie. The answer, a HelloVerifyRequest as a rule, is the
 * evidence; a second flight is never sent, so a server that uses cookies keeps no state. Encrypted
 * records of DTLS 1.3 have a head of their own (001xxxxx) and are left alone.
 */
#include "proto/dtls_record.h"
#include "proto/facts.h"
#include "proto/words.h"

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* DTLS 1.2 (RFC 6347 section 4.2.1) with ciphers of RFC 5289, 5288, 7905 and curves x25519,
	 * P-256, P-384 */
	/* clang-format off */
	static const uint8_t hello[] = {
		22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 114,
		DTLS_CLIENT_HELLO, 0, 0, 102, 0, 0, 0, 0, 0, 0, 0, 102, 0xfe, 0xfd,
		/* random, 32 bytes: no secret is made from it */
		'p', 'e', 'r', 'i', 'p', 'l', 'u', 's', ' ', 'a', 's', 'k', 's', ' ', 'w', 'h', 'o',
		' ', 'l', 'i', 's', 't', 'e', 'n', 's', ' ', 'h', 'e', 'r', 'e', ' ', '.',
		0, 0,	      /* no session, no cookie */
		0, 22, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8,
		0xc0, 0x0a, 0xc0, 0x14, 0, 0x9c, 0, 0x2f, 0, 0xff,
		1, 0,	      /* no compression */
		0, 38,	      /* extensions */
		0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24,
		0, 11, 0, 2, 1, 0,
		0, 13, 0, 12, 0, 10, 4, 3, 8, 4, 4, 1, 5, 1, 2, 1,
		0, 23, 0, 0,
	};
	/* clang-format on */

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(hello, sizeof(hello)), out, size);
}

static const struct facts_word messages[] = {
	{1, "ClientHello"},         {2, "ServerHello"},      {3, "HelloVerifyRequest"},
	{4, "NewSessionTicket"},    {11, "Certificate"},     {12, "ServerKeyExchange"},
	{13, "CertificateRequest"}, {14, "ServerHelloDone"}, {16, "ClientKeyExchange"},
};

static const char *version_word(unsigned version)
{
	return version == 0xfeff ? "dtls1.0" : version == 0xfefd ? "dtls1.2" : "dtls1.3";
}

static void tell_handshake(const struct dtls_handshake *h, struct proto_facts *facts)
{
	const char *word = facts_word(messages, ARRAY_LEN(messages), h->type);
	struct span s = h->body;
	uint16_t version;
	uint16_t cipher;
	struct span part;
	uint8_t n;

	facts_add(facts, "message", "%s", word ? word : "other");
	if (h->offset || h->type > DTLS_HELLO_VERIFY_REQUEST || !take_u16be(&s, &version))
		return;
	if (h->type == DTLS_HELLO_VERIFY_REQUEST) {
		/* RFC 6347 section 4.2.1: its version is 1.0 whatever will be spoken */
		if (take_u8(&s, &n) && take_span(&s, n, &part))
			facts_add(facts, "cookie", "%u bytes", n);
		return;
	}
	facts_add(facts, "dtls", "%s", version_word(version));
	if (h->type == DTLS_SERVER_HELLO && take_span(&s, 32, &part) && take_u8(&s, &n) &&
	    take_span(&s, n, &part) && take_u16be(&s, &cipher))
		facts_add(facts, "cipher", "%04x", cipher);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct dtls_record record;
	struct dtls_handshake h;

	(void)side;
	if (transport != TRANSPORT_UDP)
		return;
	while (dtls_take_record(&bytes, &record) && record.epoch == 0)
		if (record.type == DTLS_ALERT && record.body.n == 2)
			facts_add(facts, "alert", "%u", record.body.p[1]);
		else if (record.type == DTLS_HANDSHAKE && dtls_take_handshake(record.body, &h))
			tell_handshake(&h, facts);
}

const struct proto proto_dtls = {
	.name = "dtls",
	.title = "Datagram Transport Layer Security",
	PROTO_HINTS(PROTO_UDP(443), PROTO_UDP(853), PROTO_UDP(2221), PROTO_UDP(4433),
		    PROTO_UDP(4740), PROTO_UDP(5061), PROTO_UDP(5349), PROTO_UDP(5684),
		    PROTO_UDP(10161), PROTO_UDP(10162)),
	.safety = PROTO_B,
	.sends = N_("one ClientHello of DTLS 1.2 without cookie, and no second flight"),
	.proves = N_("DTLS; with a ServerHello its version and cipher"),
	.source = "RFC 6347 sections 4.1 and 4.2; RFC 9147 section 4",
	.recognise = dtls_recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * smtp: the server greets with code 220 (or 554, 421 when it refuses). FTP greets with 220 as well,
 * so only a greeting that says SMTP or LMTP is sure; others are asked EHLO, which changes nothing.
 */
#include "proto/starttls.h"
#include "proto/words.h"

static const struct words_product products[] = {
	{"ESMTP Postfix", "postfix", "ESMTP Postfix "},
	{"ESMTP Exim ", "exim4", "ESMTP Exim "},
	{"ESMTP OpenSMTPD", "opensmtpd", NULL},
	{"ESMTP Sendmail ", "sendmail", "ESMTP Sendmail "},
	{" Sendmail ", "sendmail", " Sendmail "},
	{"Microsoft ESMTP MAIL Service", "exchange", NULL},
	{"MailHog", "mailhog", NULL},
	{"Mailpit", "mailpit", NULL},
	{"ESMTP Haraka", "haraka", "ESMTP Haraka/"},
	{"Inbucket", "inbucket", NULL},
	{"EventMachine SMTP Server", "mailcatcher", NULL},
	{"qpsmtpd ", "qpsmtpd", "qpsmtpd "},
	{"Cyrus LMTP ", "cyrus-imapd", "Cyrus LMTP "},
	{"LMTP Dovecot", "dovecot", NULL},
};

/* RFC 5321 section 4.2: Greeting = "220 " text, or "220-" lines */
static enum proto_match server(struct span bytes)
{
	struct span line;

	if (!words_is_code(bytes, 3, " -") || (bytes.n && bytes.p[0] != '2' && bytes.p[0] != '5'))
		return PROTO_NO;
	if (bytes.n > 3 && !span_starts(bytes, "220") && !span_starts(bytes, "554"))
		return PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n <= 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (line.n < 4 || !words_is_text(line))
		return PROTO_NO;
	if (span_find(line, SPAN_LIT("SMTP")) >= 0 || span_find(line, SPAN_LIT("LMTP")) >= 0)
		return PROTO_YES;
	if (span_find_nocase(line, SPAN_LIT("ftp")) >= 0)
		return PROTO_NO;
	/* RFC 5321 section 4.1.1.1: the answer to EHLO lists 250- lines */
	return span_find(bytes, SPAN_LIT("\n250-")) >= 0 &&
			       (span_find(bytes, SPAN_LIT("\n250-PIPELINING")) >= 0 ||
				span_find(bytes, SPAN_LIT("8BITMIME")) >= 0 ||
				span_find(bytes, SPAN_LIT("\n250-SIZE")) >= 0)
		       ? PROTO_YES
		       : PROTO_MAYBE;
}

static enum proto_match client(struct span bytes)
{
	enum proto_match ehlo = WORDS_BEGIN(bytes, "EHLO ");
	enum proto_match helo = WORDS_BEGIN(bytes, "HELO ");
	enum proto_match lhlo = WORDS_BEGIN(bytes, "LHLO ");
	struct span line;

	if (ehlo < PROTO_YES && helo < PROTO_YES && lhlo < PROTO_YES)
		return ehlo || helo || lhlo ? PROTO_MORE : PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n <= 512 ? PROTO_MORE : PROTO_NO;
	return words_is_text(line) ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_SERVER ? server(bytes) : client(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* .invalid: RFC 2606; only where the greeting left it open */
	if (turn > 0 || transport != TRANSPORT_TCP || server(heard) != PROTO_MAYBE)
		return 0;
	return WORDS_SAY("EHLO periplus.invalid\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("QUIT\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;
	struct span text;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES ||
	    !words_line(bytes, &line))
		return;
	text = span_skip(line, 4);
	proto_add(facts, "greeting", text);
	words_product(text, products, ARRAY_LEN(products), facts);
	if (span_find(bytes, SPAN_LIT("250-STARTTLS")) >= 0 ||
	    span_find(bytes, SPAN_LIT("250 STARTTLS")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("starttls"));
}

const struct proto proto_smtp = {
	.name = "smtp",
	.title = "Simple Mail Transfer Protocol",
	PROTO_HINTS(PROTO_TCP(25), PROTO_TCP(587), PROTO_TCP(1025), PROTO_TCP(2525), PROTO_TCP(24)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("EHLO, only when the greeting names no protocol; QUIT at the end"),
	.proves = N_("SMTP or LMTP, and the software that the greeting names"),
	.source = "RFC 5321 sections 4.2 and 4.1.1.1; RFC 2033 section 4",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_smtp,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* imap: the server greets with "* OK", "* PREAUTH" or "* BYE"; CAPABILITY is asked when the
 * greeting does not say IMAP, ID never (it may be logged as a client's identity). */
#include "proto/starttls.h"
#include "proto/words.h"

static const struct words_product products[] = {
	{"Dovecot", "dovecot", NULL},
	{"Courier-IMAP", "courier-imap", NULL},
	{"Cyrus IMAP ", "cyrus-imapd", "Cyrus IMAP "},
	{"Cyrus IMAP4 ", "cyrus-imapd", "Cyrus IMAP4 "},
	{"UW IMAP", "uw-imapd", NULL},
	{"Gimap", "gmail", NULL},
	{"Microsoft Exchange", "exchange", NULL},
};

/* RFC 9051 section 7.1 (greeting), 7.2.2 (CAPABILITY) */
static enum proto_match server(struct span bytes)
{
	struct span line;
	enum proto_match ok = WORDS_BEGIN(bytes, "* OK");
	enum proto_match preauth = WORDS_BEGIN(bytes, "* PREAUTH ");
	enum proto_match bye = WORDS_BEGIN(bytes, "* BYE ");

	if (ok != PROTO_YES && preauth != PROTO_YES && bye != PROTO_YES)
		return ok || preauth || bye ? PROTO_MORE : PROTO_NO;
	if (!words_line(bytes, &line))
		return bytes.n <= 8192 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (!words_is_text(line))
		return PROTO_NO;
	if (span_find_nocase(line, SPAN_LIT("IMAP")) >= 0 ||
	    span_find(line, SPAN_LIT("[CAPABILITY ")) >= 0 || preauth == PROTO_YES ||
	    span_find(bytes, SPAN_LIT("\n* CAPABILITY IMAP4")) >= 0)
		return PROTO_YES;
	return PROTO_MAYBE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	return server(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	if (turn > 0 || transport != TRANSPORT_TCP || server(heard) != PROTO_MAYBE)
		return 0;
	return WORDS_SAY("a CAPABILITY\r\n", out, size);
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	(void)heard;
	return WORDS_SAY("z LOGOUT\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_add(facts, "greeting", span_skip(line, 2));
	words_product(line, products, ARRAY_LEN(products), facts);
	if (span_find(bytes, SPAN_LIT("STARTTLS")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("starttls"));
}

const struct proto proto_imap = {
	.name = "imap",
	.title = "Internet Message Access Protocol",
	PROTO_HINTS(PROTO_TCP(143)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("CAPABILITY, only when the greeting does not say IMAP; LOGOUT at the end"),
	.proves = N_("IMAP, and the software that the greeting names"),
	.source = "RFC 9051 sections 7.1 and 7.2.2",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_imap,
	.describe = describe,
};

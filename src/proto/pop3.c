/* SPDX-License-Identifier: Apache-2.0 */
/* pop3: the server greets with "+OK" or "-ERR". Redis answers in the same form, so a greeting must
 * say POP or carry an APOP time stamp to be sure; else CAPA (RFC 2449) is asked, without login. */
#include "proto/starttls.h"
#include "proto/words.h"

static const struct words_product products[] = {
	{"Dovecot", "dovecot", NULL},
	{"Courier Mail Server", "courier-imap", NULL},
	{"Cyrus POP3 ", "cyrus-imapd", "Cyrus POP3 "},
	{"Microsoft Exchange", "exchange", NULL},
	{"Solid POP3", "solid-pop3d", NULL},
	{"Inbucket", "inbucket", NULL},
};

/* "<" ... "@" ... ">": RFC 1939 section 7 */
static bool has_stamp(struct span line)
{
	ptrdiff_t open = span_find_byte(line, '<');
	ptrdiff_t at = span_find_byte(line, '@');

	return open > 0 && at > open && span_find_last(line, '>') > at;
}

static enum proto_match server(struct span bytes)
{
	struct span line;
	enum proto_match m = WORDS_BEGIN(bytes, "+OK");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n <= 512 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (!words_is_text(line) || (line.n > 3 && line.p[3] != ' '))
		return PROTO_NO;
	if (span_find_nocase(line, SPAN_LIT("pop")) >= 0 || has_stamp(line))
		return PROTO_YES;

	struct span rest = span_skip(bytes, (size_t)span_find_byte(bytes, '\n') + 1);

	return span_starts(rest, "+OK") && span_find(rest, SPAN_LIT("\nUIDL")) >= 0 ? PROTO_YES
										    : PROTO_MAYBE;
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
	return WORDS_SAY("CAPA\r\n", out, size);
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
	enum proto_match m = recognise(bytes, side, transport);

	if (m < PROTO_MAYBE || !words_line(bytes, &line))
		return;
	proto_add(facts, "greeting", line);
	if (m == PROTO_YES)
		words_product(bytes, products, ARRAY_LEN(products), facts);
	if (span_find(bytes, SPAN_LIT("\nSTLS")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("stls"));
}

const struct proto proto_pop3 = {
	.name = "pop3",
	.title = "Post Office Protocol 3",
	PROTO_HINTS(PROTO_TCP(110)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("CAPA, only when the greeting does not say POP; QUIT at the end"),
	.proves = N_("POP3, and the software that the greeting names"),
	.source = "RFC 1939 sections 4 and 7; RFC 2449 section 5",
	.recognise = recognise,
	.greet = greet,
	.farewell = farewell,
	.starttls = &starttls_pop3,
	.describe = describe,
};

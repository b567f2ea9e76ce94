/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipp: the Internet Printing Protocol, in HTTP. Asked are attributes of the printer, which only
 * reads; nothing is printed. Also a server that knows no printer of that address answers in IPP.
 */
#include "proto/facts.h"
#include "proto/http_api.h"
#include "proto/http_products.h"

enum { OPERATION_GROUP = 1, DELIMITER_MAX = 0x0f, TEXT = 0x41, TAGS_MAX = 64 };

/* RFC 8010 section 3.1.1: version 2, operation or status 2, request 4, then the first group */
static enum proto_match message(struct span s)
{
	if ((s.n > 0 && (s.p[0] < 1 || s.p[0] > 2)) || (s.n > 1 && s.p[1] > 2))
		return PROTO_NO;
	if (s.n < 9)
		return PROTO_MORE;
	return s.p[8] == OPERATION_GROUP ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m = http_api_head(bytes, side, transport, &head);

	if (m != PROTO_YES)
		return m;
	if (!span_is(http_head_field(&head, "Content-Type"), "application/ipp"))
		return PROTO_NO;
	return message(head.body);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 8011 section 4.2.5.1: Get-Printer-Attributes of version 1.1, which that document asks
	 * of every printer; charset, language, address, and which (tags: RFC 8010 section 3.5.2) */
	static const uint8_t words[] =
		"POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nUser-Agent: periplus\r\n"
		"Content-Type: application/ipp\r\nContent-Length: 160\r\nConnection: close\r\n\r\n"
		"\1\1\0\13\0\0\0\1\1"
		"\107\0\22attributes-charset\0\5utf-8"
		"\110\0\33attributes-natural-language\0\2en"
		"\105\0\13printer-uri\0\31ipp://localhost/ipp/print"
		"\104\0\24requested-attributes\0\26printer-make-and-model"
		"\3";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words) - 1), out, size);
}

/* RFC 8010 section 3.1.4: tag, length of the name, name, length of the value, value; section 3.5.1:
 * tags below 16 part groups */
static void tell_model(struct span s, struct proto_facts *facts)
{
	struct span name;
	struct span value;
	uint8_t tag;
	uint16_t n;

	for (unsigned i = 0; i < TAGS_MAX && take_u8(&s, &tag); i++) {
		if (tag <= DELIMITER_MAX)
			continue;
		if (!take_u16be(&s, &n) || !take_span(&s, n, &name) || !take_u16be(&s, &n) ||
		    !take_span(&s, n, &value))
			return;
		if (tag == TEXT && span_is(name, "printer-make-and-model") && words_is_text(value))
			proto_add(facts, "model", value);
	}
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http_head head;
	struct span s;

	if (recognise(bytes, side, transport) != PROTO_YES ||
	    http_api_head(bytes, side, transport, &head) != PROTO_YES)
		return;
	s = head.body;
	facts_add(facts, "ipp", "%u.%u", s.p[0], s.p[1]);
	if (side != PROTO_SERVER)
		return;
	http_products_tell(&head, facts);
	tell_model(span_skip(s, 8), facts);
}

const struct proto proto_ipp = {
	.name = "ipp",
	.over = "http",
	.title = "Internet Printing Protocol",
	PROTO_HINTS(PROTO_TCP(631)),
	.safety = PROTO_B,
	.sends = N_("a question for the printer's model, which only reads"),
	.proves = N_("a printer or print server, and its model"),
	.source =
		"RFC 8010 sections 3.1.1, 3.1.4, 3.4, 3.5 and 4; RFC 8011 sections 4.1.4 and 4.2.5",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

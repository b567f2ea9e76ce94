/* SPDX-License-Identifier: Apache-2.0 */
/* managesieve: a mailbox's filters. The server says what it can before anybody logs in, so nothing
 * needs to be asked. */
#include "proto/starttls.h"
#include "proto/words.h"

enum { GREETING_MAX = 4096 };

/* RFC 5804 section 1.8: capabilities, one a line, "IMPLEMENTATION" among them, then OK */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span line;
	bool has_name = false;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	if (bytes.n && bytes.p[0] != '"')
		return PROTO_NO;
	while (words_line(s, &line)) {
		if (has_name && span_starts(line, "OK"))
			return PROTO_YES;
		if (!line.n || line.p[0] != '"' || !words_is_text(line))
			return PROTO_NO;
		has_name = has_name ||
			   span_eq_nocase(span_cut(line, 17), SPAN_LIT("\"IMPLEMENTATION\" "));
		s = span_skip(s, line.n);
		while (s.n && (s.p[0] == '\r' || s.p[0] == '\n'))
			s = span_skip(s, 1);
	}
	return bytes.n < GREETING_MAX && words_is_cut(s) ? PROTO_MORE : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{"Dovecot", "dovecot", NULL},
		{"Cyrus timsieved", "cyrus-imapd", "Cyrus timsieved v"},
	};
	struct span name;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	name = words_between(bytes, "\"IMPLEMENTATION\" \"", "\"");
	if (name.n) {
		proto_add(facts, "implementation", name);
		words_product(name, products, ARRAY_LEN(products), facts);
	}
	if (span_find(bytes, SPAN_LIT("\"STARTTLS\"")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("starttls"));
}

const struct proto proto_managesieve = {
	.name = "managesieve",
	.title = "ManageSieve",
	PROTO_HINTS(PROTO_TCP(4190)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("ManageSieve, and the software that it names"),
	.source = "RFC 5804 section 1.8",
	.recognise = recognise,
	.starttls = &starttls_managesieve,
	.describe = describe,
};

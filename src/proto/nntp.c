/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nntp: news servers greet; a greeting that does not name itself is asked for its capabilities,
 * which comes before any login.
 */
#include "proto/words.h"

enum { LINE_MAX_BYTES = 1024 };

static bool has_news_word(struct span line)
{
	static const char *const words[] = {"NNTP", "NNRP", "InterNetNews", "nntp"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_find(line, span_str(words[i])) >= 0)
			return true;
	return false;
}

/* RFC 3977 section 5.1: 200 or 201 and text; section 5.2: 101, then lines that begin with VERSION
 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char *const begins[] = {"200 ", "201 ", "101 "};
	enum proto_match m = PROTO_NO;
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
		enum proto_match one = words_begin(bytes, span_str(begins[i]));

		m = one > m ? one : m;
	}
	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < LINE_MAX_BYTES && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (!words_is_text(line))
		return PROTO_NO;
	if (span_starts(line, "101 ")) {
		struct span rest = span_skip(bytes, (size_t)span_find_byte(bytes, '\n') + 1);

		return WORDS_BEGIN(rest, "VERSION ");
	}
	return has_news_word(line) ? PROTO_YES : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	if (turn > 0 || transport != TRANSPORT_TCP || !heard.n ||
	    recognise(heard, PROTO_SERVER, transport) != PROTO_MAYBE)
		return 0;
	return WORDS_SAY("CAPABILITIES\r\n", out, size);
}

/* Also section 3.3.2, IMPLEMENTATION: name and version as the server pleases. */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{"Leafnode NNTP Daemon, version ", "leafnode", "version "},
		{" INN 2.", "inn2", " INN "},
	};
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	if (!span_starts(line, "101 "))
		proto_add(facts, "greeting", span_skip(line, 4));
	words_product(bytes, products, ARRAY_LEN(products), facts);
}

const struct proto proto_nntp = {
	.name = "nntp",
	.title = "Network News Transfer Protocol",
	PROTO_HINTS(PROTO_TCP(119), PROTO_TCP(563)),
	.safety = PROTO_B,
	.speaks_first = true,
	.sends = N_("CAPABILITIES, where the greeting does not tell"),
	.proves = N_("a news server, and the program and version that it names"),
	.source = "RFC 3977 sections 3.3.2, 5.1 and 5.2; greeting of Leafnode 1.12.0",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

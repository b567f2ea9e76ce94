/* SPDX-License-Identifier: Apache-2.0 */
/* dict: dictionary servers, which greet with what they can and an id of the connection. */
#include "proto/words.h"

enum { LINE_MAX_BYTES = 1024 };

/* RFC 2229 section 3.1: 220 text capabilities msg-id, both between angles; the id has an '@', the
 * capabilities, which may be missing, have none. Mail and file servers greet with 220 too, and
 * seldom end with such an id. */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m;
	struct span line;
	ptrdiff_t id;
	ptrdiff_t first;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;
	m = WORDS_BEGIN(bytes, "220 ");
	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n < LINE_MAX_BYTES && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	id = span_find_last(line, '<');
	first = span_find_byte(line, '<');
	if (!words_is_text(line) || first < 0 || !span_ends(line, ">") ||
	    span_find_byte(span_skip(line, (size_t)id), '@') < 0)
		return PROTO_NO;
	if (first == id)
		return PROTO_MAYBE;
	if (span_find(span_skip(line, (size_t)first), SPAN_LIT("> <")) < 0 ||
	    span_find_byte(span_cut(line, (size_t)id), '@') >= 0)
		return PROTO_NO;
	return PROTO_YES;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {{" dictd ", "dictd", " dictd "}};
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_add(facts, "greeting", span_skip(line, 4));
	words_product(line, products, ARRAY_LEN(products), facts);
}

const struct proto proto_dict = {
	.name = "dict",
	.title = "Dictionary server protocol",
	PROTO_HINTS(PROTO_TCP(2628)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("a dictionary server, and the program that it names"),
	.source = "RFC 2229 section 3.1; greeting of dictd 1.13.0",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* s7comm: what Siemens' controllers speak, in ISO transport over TCP. The makers keep it to
 * themselves; the fields are those that others found out. Nothing is sent: a controller steers
 * machines. */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 7, DATA = 0xf0, LAST = 0x80, MARK = 0x32 };

/* RFC 1006 section 6: version 3, 0, length of the whole; RFC 905 section 13.7: header of 2 bytes,
 * DT; then 32 and the kind of message: 1 job, 2 acknowledged, 3 with data, 7 of the user */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const uint8_t begin[] = {3, 0};
	static const uint8_t data[] = {2, DATA, LAST, MARK};
	enum proto_match m;
	uint8_t kind;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = words_begin(bytes, span_of(begin, sizeof(begin)));
	if (m != PROTO_YES || bytes.n < 5)
		return m == PROTO_YES ? PROTO_MORE : m;
	m = words_begin(span_skip(bytes, 4), span_of(data, sizeof(data)));
	if (m != PROTO_YES || bytes.n < HEAD + 2)
		return m == PROTO_YES ? PROTO_MORE : m;
	kind = bytes.p[HEAD + 1];
	if (((size_t)bytes.p[2] << 8 | bytes.p[3]) < HEAD + 10)
		return PROTO_NO;
	if (side == PROTO_SERVER ? kind == 2 || kind == 3 : kind == 1)
		return PROTO_YES;
	return kind == 7 ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word kinds[] = {
		{1, "job"}, {2, "acknowledged"}, {3, "acknowledged with data"}, {7, "user data"}};
	const char *word;

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	word = facts_word(kinds, ARRAY_LEN(kinds), bytes.p[HEAD + 1]);
	if (word)
		proto_add(facts, "message", span_str(word));
}

const struct proto proto_s7comm = {
	.name = "s7comm",
	.title = "S7 communication",
	PROTO_HINTS(PROTO_TCP(102)),
	.safety = PROTO_A,
	.proves = N_("a controller that speaks S7 communication"),
	.source = "RFC 1006 section 6; RFC 905 section 13.7; libnodave's account of the PDU",
	.recognise = recognise,
	.describe = describe,
};

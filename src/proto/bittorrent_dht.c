/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bittorrent_dht: nodes of the distributed hash table, asked "ping" as one that only reads, so that
 * it takes nobody of us into its table.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { ID = 20, FIELDS_MAX = 16, DEPTH_MAX = 8, DIGITS_MAX = 5 };

/* BEP 3, "bencoding": a text is its length, a colon, and its bytes */
static bool take_text(struct span *s, struct span *text)
{
	size_t n = 0;
	size_t digits = 0;
	uint8_t byte = 0;

	while (digits <= DIGITS_MAX && take_u8(s, &byte) && byte >= '0' && byte <= '9') {
		n = 10 * n + (size_t)(byte - '0');
		digits++;
	}
	return digits && digits <= DIGITS_MAX && byte == ':' && take_span(s, n, text);
}

/* One value of any kind, by a walk with a count of what is open. */
static bool take_value(struct span *s, struct span *value)
{
	struct span from = *s;
	unsigned depth = 0;

	do {
		struct span text;
		ptrdiff_t end;

		if (!s->n)
			return false;
		switch (s->p[0]) {
		case 'd':
		case 'l':
			*s = span_skip(*s, 1);
			if (++depth > DEPTH_MAX)
				return false;
			break;
		case 'e':
			if (!depth)
				return false;
			depth--;
			*s = span_skip(*s, 1);
			break;
		case 'i':
			end = span_find_byte(span_cut(*s, 24), 'e');
			if (end < 2)
				return false;
			*s = span_skip(*s, (size_t)end + 1);
			break;
		default:
			if (!take_text(s, &text))
				return false;
		}
	} while (depth);
	*value = span_of(from.p, from.n - s->n);
	return true;
}

struct message {
	struct span kind, query, body, version;
};

/* BEP 5, "KRPC protocol": one dictionary with t, y, and q and a, or r, or e */
static bool parse(struct span s, struct message *m)
{
	struct span key;
	struct span value;
	bool has_id = false;

	*m = (struct message){0};
	if (s.n < 2 || s.p[0] != 'd')
		return false;
	s = span_skip(s, 1);
	for (unsigned i = 0; i < FIELDS_MAX && s.n && s.p[0] != 'e'; i++) {
		struct span rest;
		struct span text;

		if (!take_text(&s, &key) || !take_value(&s, &value))
			return false;
		rest = value;
		if (value.p[0] < '0' || value.p[0] > '9' || !take_text(&rest, &text))
			text = value;
		has_id |= span_is(key, "t");
		if (span_is(key, "y"))
			m->kind = text;
		if (span_is(key, "q"))
			m->query = text;
		if (span_is(key, "a") || span_is(key, "r") || span_is(key, "e"))
			m->body = value;
		if (span_is(key, "v"))
			m->version = text;
	}
	return has_id && s.n == 1 && s.p[0] == 'e' && m->kind.n == 1 && m->body.n;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct message m;

	(void)side; /* every node is both */
	if (transport != TRANSPORT_UDP || !parse(bytes, &m))
		return PROTO_NO;
	switch (m.kind.p[0]) {
	case 'q': return m.query.n && m.body.p[0] == 'd' ? PROTO_YES : PROTO_NO;
	case 'r': return span_find(m.body, SPAN_LIT("2:id20:")) >= 0 ? PROTO_YES : PROTO_MAYBE;
	case 'e': return m.body.p[0] == 'l' ? PROTO_YES : PROTO_NO;
	default: return PROTO_NO;
	}
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	/* BEP 43: "ro" */
	return WORDS_SAY("d1:ad2:id20:periplus asks again.e1:q4:ping2:roi1e1:t2:pp1:y1:qe", out,
			 size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct message m;

	if (recognise(bytes, side, transport) != PROTO_YES || !parse(bytes, &m))
		return;
	if (m.query.n && words_is_text(m.query))
		proto_add(facts, "query", m.query);
	/* two letters of the client as in BEP 20, two bytes of its version */
	if (m.version.n == 4 && words_is_text(span_cut(m.version, 2)))
		proto_add(facts, "client", span_cut(m.version, 2));
	if (span_starts(m.version, "TR"))
		proto_set_product(facts, "transmission");
}

const struct proto proto_bittorrent_dht = {
	.name = "bittorrent-dht",
	.title = "BitTorrent distributed hash table",
	PROTO_HINTS({TRANSPORT_UDP, 6881, 6889}, PROTO_UDP(51413)),
	.safety = PROTO_B,
	.sends = N_("one ping of a node that only reads"),
	.proves = N_("a node of BitTorrent's hash table"),
	.source = "BEP 5, \"KRPC protocol\"; BEP 43; BEP 3, \"bencoding\"; BEP 20",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

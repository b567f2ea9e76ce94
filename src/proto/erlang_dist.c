/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erlang-dist: nodes of Erlang among each other. The handshake is begun by a node that does not
 * exist and is left where the other side has said its name and its challenge: without the cookie of
 * the cluster nobody comes further, and nothing has been joined.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* Erlang/OTP, ERTS user's guide, "Distribution Protocol", 13.2: two bytes of length, a letter;
 * numbers BE. Version 6: 'N', flags 8, challenge 4, creation 4, length of the name 2, name */
enum { STATUS = 's', NAME = 'N', OLD_NAME = 'n', CHALLENGE_HEAD = 19, NAME_MAX_BYTES = 512 };

static enum proto_match take_message(struct span *s, struct span *body)
{
	struct span rest = *s;
	uint16_t n;

	if (!take_u16be(&rest, &n))
		return s->n && s->p[0] > 1 ? PROTO_NO : PROTO_MORE;
	if (n < 2 || n > NAME_MAX_BYTES)
		return PROTO_NO;
	if (rest.n < n) {
		*body = rest;
		return PROTO_MORE;
	}
	*body = span_cut(rest, n);
	*s = span_skip(rest, n);
	return PROTO_YES;
}

static bool is_name(struct span name)
{
	return span_find_byte(name, '@') > 0 && words_is_text(name);
}

/* What the node calls itself in its challenge. */
static struct span name_of(struct span body)
{
	struct span none = {0};
	struct span name;
	uint16_t n;

	if (body.n < CHALLENGE_HEAD || body.p[0] != NAME)
		return none;
	body = span_skip(body, CHALLENGE_HEAD - 2);
	if (!take_u16be(&body, &n) || !take_span(&body, n, &name) || !is_name(name))
		return none;
	return name;
}

static bool is_status(struct span body)
{
	static const char *const words[] = {"ok", "ok_simultaneous", "nok", "not_allowed", "alive"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (body.p[0] == STATUS && span_is(span_skip(body, 1), words[i]))
			return true;
	return false;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span body = {0};
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = take_message(&s, &body);
	if (m == PROTO_MORE && body.n && side == PROTO_SERVER && body.p[0] != STATUS)
		return PROTO_NO;
	if (m != PROTO_YES)
		return m;
	if (side == PROTO_CLIENT) {
		uint16_t n;

		if (body.p[0] == OLD_NAME && body.n > 7)
			return is_name(span_skip(body, 7)) ? PROTO_YES : PROTO_NO;
		if (body.p[0] != NAME || body.n < 15)
			return PROTO_NO;
		body = span_skip(body, 13);
		return take_u16be(&body, &n) && n == body.n && is_name(body) ? PROTO_YES : PROTO_NO;
	}
	if (!is_status(body))
		return PROTO_NO;
	/* two messages that fit each other */
	m = take_message(&s, &body);
	if (m != PROTO_YES)
		return m == PROTO_MORE && s.n ? PROTO_MORE : PROTO_MAYBE;
	return name_of(body).n ? PROTO_YES : PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* the flags that OTP 26 wants of everybody, and no wish to be told to others */
	static const uint8_t words[] = {0,   31,  NAME, 0,   0,   0,   4,   0x03, 0x07, 0x0f, 0x94,
					0,   0,   0,    1,   0,   16,  'p', 'e',  'r',  'i',  'p',
					'l', 'u', 's',  '@', 'i', 'n', 'v', 'a',  'l',  'i',  'd'};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span body;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES ||
	    take_message(&s, &body) != PROTO_YES)
		return;
	proto_add(facts, "status", span_skip(body, 1));
	if (take_message(&s, &body) == PROTO_YES)
		proto_add(facts, "node", name_of(body));
}

const struct proto proto_erlang_dist = {
	.name = "erlang-dist",
	.title = "Erlang distribution",
	PROTO_HINTS(PROTO_TCP(25672)),
	.safety = PROTO_B,
	.sends = N_("the first message of a handshake, by a node that does not exist"),
	.proves = N_("a node of Erlang, and its name"),
	.source = "Erlang/OTP, ERTS user's guide, Distribution Protocol, section 13.2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

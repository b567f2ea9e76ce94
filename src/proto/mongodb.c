/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mongodb: asked "buildInfo", which needs no login, reads only, and carries the version; a server
 * older than OP_MSG (3.6) stays silent. Answers are BSON, walked flat.
 */
#include "proto/words.h"

enum { HEAD = 16, OP_REPLY = 1, OP_QUERY = 2004, OP_MSG = 2013, MESSAGE_MAX = 48000000 };

/* MongoDB Wire Protocol: messageLength, requestID, responseTo, opCode, all int32 LE */
static enum proto_match take_body(struct span *s, enum proto_side side, uint32_t *op)
{
	uint32_t length;
	uint32_t id;
	uint32_t to;

	if (s->n > 3 && s->p[3] > 2)
		return PROTO_NO;
	if (s->n > 12 && s->p[12] != (OP_MSG & 255) && s->p[12] != (OP_QUERY & 255) &&
	    s->p[12] != OP_REPLY)
		return PROTO_NO;
	if (!take_u32le(s, &length) || !take_u32le(s, &id) || !take_u32le(s, &to) ||
	    !take_u32le(s, op))
		return PROTO_MORE;
	if (length < HEAD + 10 || length > MESSAGE_MAX)
		return PROTO_NO;
	if (*op != OP_MSG && (side == PROTO_CLIENT ? *op != OP_QUERY : *op != OP_REPLY))
		return PROTO_NO;
	return (side == PROTO_CLIENT) == (to == 0) ? PROTO_YES : PROTO_NO;
}

/* OP_MSG: flags 4, section kind 0, document; OP_REPLY: flags 4, cursor 8, from 4, n 4, document */
static enum proto_match take_document(struct span *s, uint32_t op, struct span *document)
{
	struct span skipped;
	struct span peek;
	uint32_t flags;
	uint32_t length;
	uint8_t kind;

	if (!take_u32le(s, &flags))
		return PROTO_MORE;
	if (flags > (op == OP_MSG ? 0x1ffffu : 0xffu))
		return PROTO_NO;
	if (op == OP_MSG) {
		if (!take_u8(s, &kind))
			return PROTO_MORE;
		if (kind > 1)
			return PROTO_NO;
	} else if (!take_span(s, 16, &skipped)) {
		return PROTO_MORE;
	}
	peek = *s;
	if (!take_u32le(&peek, &length))
		return PROTO_MORE;
	if (length < 5 || length > MESSAGE_MAX)
		return PROTO_NO;
	*document = span_cut(*s, length);
	return document->n == length ? PROTO_YES : PROTO_MORE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span s = bytes;
	struct span document;
	uint32_t op;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;

	enum proto_match m = take_body(&s, side, &op);

	if (m != PROTO_YES || op == OP_QUERY)
		return m;
	return take_document(&s, op, &document);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* {buildInfo: 1, $db: "admin"} */
	static const uint8_t words[] = "\x38\0\0\0"
				       "\1\0\0\0"
				       "\0\0\0\0"
				       "\xdd\7\0\0"
				       "\0\0\0\0"
				       "\0"
				       "\x23\0\0\0"
				       "\x10"
				       "buildInfo\0"
				       "\1\0\0\0"
				       "\2$db\0"
				       "\6\0\0\0"
				       "admin\0"
				       "";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

/* BSON string: type 2, name, NUL, length int32 with its NUL, bytes (bsonspec.org) */
static struct span text_of(struct span document, struct span name)
{
	struct span none = {0};
	ptrdiff_t at = span_find(document, name);
	struct span s;
	struct span value;
	uint32_t n;

	if (at < 0)
		return none;
	s = span_skip(document, (size_t)at + name.n);
	if (!take_u32le(&s, &n) || n < 1 || !take_span(&s, n - 1, &value))
		return none;
	return value;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;
	struct span document;
	uint32_t op;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES ||
	    take_body(&s, side, &op) != PROTO_YES || take_document(&s, op, &document) != PROTO_YES)
		return;

	struct span version = text_of(document, SPAN_LIT("\2version\0"));

	/* FerretDB speaks the protocol and names itself; its "version" is an imitated one */
	if (span_find(document, SPAN_LIT("ferretdb")) >= 0) {
		proto_set_product(facts, "ferretdb");
	} else if (version.n && span_find(document, SPAN_LIT("\2gitVersion\0")) >= 0) {
		proto_set_product(facts, "mongodb");
		proto_set_version(facts, words_version(version));
	}
	if (span_find(document, SPAN_LIT("requires authentication")) >= 0)
		proto_add(facts, "auth", SPAN_LIT("required"));
}

const struct proto proto_mongodb = {
	.name = "mongodb",
	.title = "MongoDB wire protocol",
	PROTO_HINTS({TRANSPORT_TCP, 27017, 27019}),
	.safety = PROTO_B,
	.sends = N_("buildInfo, which only reads"),
	.proves = N_("MongoDB and its version"),
	.source = "MongoDB Wire Protocol, OP_MSG and OP_REPLY; bsonspec.org",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

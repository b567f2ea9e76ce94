/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http2: HTTP/2 in clear, or inside of TLS. Said is the preface with empty settings, and behind it
 * gRPC's health question, the one public question of those that live in HTTP/2 without pages:
 * other servers say 404 to it. Header fields are not decoded here.
 */
#include "proto/http2.h"

#include "proto/facts.h"
#include "proto/words.h"

enum { SETTING = 6, SETTINGS_MAX = 32, SETTING_KNOWN_MAX = 9, MAX_STREAMS = 3 };

static const uint8_t ack[] = {0, 0, 0, HTTP2_SETTINGS, HTTP2_ACK, 0, 0, 0, 0};

/* RFC 9113 section 3.4 */
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* section 4.1: length 3, type, flags, stream 4 without its first bit */
bool http2_take_frame(struct span *s, struct http2_frame *frame)
{
	struct span rest = *s;
	uint8_t high;
	uint16_t low;

	if (!take_u8(&rest, &high) || !take_u16be(&rest, &low) || !take_u8(&rest, &frame->type) ||
	    !take_u8(&rest, &frame->flags) || !take_u32be(&rest, &frame->stream) ||
	    !take_span(&rest, (size_t)high << 16 | low, &frame->payload))
		return false;
	frame->stream &= 0x7fffffff;
	*s = rest;
	return true;
}

/* section 6.5: SETTINGS of stream 0, whose settings are six bytes each. Ids: section 6.5.2, RFC
 * 8441 and RFC 9218; others must be ignored, so they may come too, but not alone. */
static enum proto_match settings(struct span s)
{
	static const uint8_t rest[] = {HTTP2_SETTINGS, 0, 0, 0, 0, 0};
	unsigned n_known = 0;
	size_t length;
	uint16_t id;
	uint32_t value;

	if (s.n >= sizeof(ack) && words_begin(s, span_of(ack, sizeof(ack))) == PROTO_YES)
		return PROTO_MAYBE; /* theirs came before: see grpc */
	if ((s.n > 0 && s.p[0]) || (s.n > 1 && s.p[1]))
		return PROTO_NO;
	if (s.n < 3)
		return PROTO_MORE;
	length = s.p[2];
	if (length % SETTING || length > (size_t)SETTING * SETTINGS_MAX)
		return PROTO_NO;
	s = span_skip(s, 3);

	enum proto_match m = words_begin(s, span_of(rest, sizeof(rest)));

	if (m != PROTO_YES)
		return m;
	s = span_skip(s, sizeof(rest));
	if (length == 0) { /* nine bytes that say little: ours are acknowledged behind them? */
		m = words_begin(s, span_of(ack, sizeof(ack)));
		return m == PROTO_NO ? PROTO_MAYBE : m;
	}
	if (s.n < length)
		return PROTO_MORE;
	for (s.n = length; take_u16be(&s, &id) && take_u32be(&s, &value);)
		n_known += id >= 1 && id <= SETTING_KNOWN_MAX;
	return n_known ? PROTO_YES : PROTO_NO;
}

enum proto_match http2_begin(struct span bytes, enum proto_side side, struct span *frames)
{
	enum proto_match m;

	*frames = bytes;
	if (side == PROTO_SERVER)
		return settings(bytes);
	m = WORDS_BEGIN(bytes, PREFACE);
	*frames = span_skip(bytes, sizeof(PREFACE) - 1);
	return m;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span frames;

	return transport == TRANSPORT_TCP ? http2_begin(bytes, side, &frames) : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* RFC 7541: fields from the static table, values as they are; the message of gRPC's health
	 * question is empty: how is the server itself? */
	static const uint8_t words[] =
		PREFACE "\0\0\0\4\0\0\0\0\0"
			"\0\0\126\1\4\0\0\0\1"
			"\203\206\4\34/grpc.health.v1.Health/Check\1\11localhost"
			"\17\20\20application/grpc\0\2te\10trailers\17\53\10periplus"
			"\0\0\5\0\1\0\0\0\1\0\0\0\0"; /* and the text's own NUL */

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http2_frame frame;
	struct span frames;
	uint16_t id;
	uint32_t value;

	(void)transport;
	if (http2_begin(bytes, side, &frames) != PROTO_YES)
		return;
	proto_add(facts, "http", SPAN_LIT("2"));
	while (http2_take_frame(&frames, &frame))
		while (frame.type == HTTP2_SETTINGS && take_u16be(&frame.payload, &id) &&
		       take_u32be(&frame.payload, &value))
			if (id == MAX_STREAMS && value < UINT32_MAX)
				facts_add(facts, "streams", "%u", value);
}

const struct proto proto_http2 = {
	.name = "http2",
	.over = "http", /* not inside of it: the same in another version, and meant by that word */
	.alpn = "h2", /* RFC 9113 section 3.3 */
	.title = "HTTP/2",
	PROTO_HINTS(PROTO_TCP(50051)),
	.safety = PROTO_B,
	.sends = N_("the preface with empty settings, and gRPC's health question"),
	.proves = N_("HTTP/2, spoken without asking for it first"),
	.source = "RFC 9113 sections 3.4, 4.1, 6.5 and 6.5.2; RFC 7541 appendix A; gRPC over HTTP2",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

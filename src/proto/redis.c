/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redis: asked "INFO server", which reads and changes nothing; a server with a password says
 * NOAUTH instead, and that proves Redis as well. PING is not asked: it would tell less for as much.
 */
#include "proto/words.h"

static const char *const refusals[] = {
	"-NOAUTH Authentication required",      "-DENIED Redis is running in protected mode",
	"-ERR operation not permitted",         "-LOADING Redis is loading",
	"-NOPERM this user has no permissions",
};

static enum proto_match refused(struct span bytes)
{
	enum proto_match best = PROTO_NO;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		enum proto_match m = words_begin(bytes, span_str(refusals[i]));

		best = m > best ? m : best;
	}
	return best;
}

/* RESP bulk string: "$" length CR LF bytes; or, in RESP3, "=" length CR LF "txt:" bytes */
static enum proto_match info(struct span bytes)
{
	struct span line;
	struct span rest;
	uint64_t length;

	if (bytes.n && bytes.p[0] != '$')
		return PROTO_NO;
	if (!words_line(bytes, &line)) {
		for (size_t i = 1; i < bytes.n; i++)
			if ((bytes.p[i] < '0' || bytes.p[i] > '9') &&
			    (bytes.p[i] != '\r' || i + 1 != bytes.n))
				return PROTO_NO;
		return bytes.n < 12 ? PROTO_MORE : PROTO_NO;
	}
	if (!span_u64(span_skip(line, 1), 1 << 20, &length))
		return PROTO_NO;
	rest = span_skip(bytes, line.n + 2);

	enum proto_match m = WORDS_BEGIN(rest, "# Server\r\n");

	if (m != PROTO_YES)
		return m;
	if (span_find(rest, SPAN_LIT("_version:")) < 0)
		return rest.n < 512 ? PROTO_MORE : PROTO_NO;
	return PROTO_YES;
}

static enum proto_match server(struct span bytes)
{
	enum proto_match m = refused(bytes);

	return m != PROTO_NO ? m : info(bytes);
}

/* A client's command is an array of bulk strings: "*2\r\n$4\r\nINFO..." */
static enum proto_match client(struct span bytes)
{
	struct span line;
	struct span rest = bytes;
	uint64_t n;

	if (bytes.n && bytes.p[0] != '*')
		return PROTO_NO;
	if (bytes.n > 1 && (bytes.p[1] < '1' || bytes.p[1] > '9'))
		return PROTO_NO;
	if (!words_line(rest, &line))
		return bytes.n < 12 ? PROTO_MORE : PROTO_NO;
	if (!span_u64(span_skip(line, 1), 1 << 20, &n))
		return PROTO_NO;
	rest = span_skip(rest, line.n + 2);
	if (rest.n && rest.p[0] != '$')
		return PROTO_NO;
	if (!words_line(rest, &line))
		return rest.n < 12 ? PROTO_MORE : PROTO_NO;
	return span_u64(span_skip(line, 1), 1 << 29, &n) ? PROTO_YES : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_SERVER ? server(bytes) : client(bytes);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("INFO server\r\n", out, size);
}

/* Forks answer with redis_version as well, so they are looked for first. */
static const struct words_product products[] = {
	{"valkey_version:", "valkey", "valkey_version:"},
	{"dragonfly_version:", "dragonfly", "dragonfly_version:df-v"},
	{"keydb-server", "keydb", "redis_version:"},
	{"kvrocks_version:", "kvrocks", "kvrocks_version:"},
	{"redis_mode:sentinel", "redis-sentinel", "redis_version:"},
	{"redis_version:", "redis", "redis_version:"},
};

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	(void)transport;
	if (side != PROTO_SERVER)
		return;
	if (refused(bytes) == PROTO_YES) {
		struct span line = bytes;

		if (words_line(bytes, &line))
			proto_add(facts, "refusal", span_skip(line, 1));
		proto_add(facts, "auth", SPAN_LIT("required"));
		return;
	}
	if (info(bytes) != PROTO_YES)
		return;
	words_product(bytes, products, ARRAY_LEN(products), facts);
	proto_needs_no_login(facts); /* with one, INFO is answered NOAUTH */

	struct span mode = words_between(bytes, "redis_mode:", "\r\n");

	if (mode.n)
		proto_add(facts, "mode", mode);
}

const struct proto proto_redis = {
	.name = "redis",
	.title = "Redis serialization protocol",
	PROTO_HINTS(PROTO_TCP(6379), PROTO_TCP(6380), PROTO_TCP(26379)),
	.safety = PROTO_B,
	.sends = N_("INFO server, which only reads"),
	.proves = N_("Redis or a relative, its version, and whether a password is asked"),
	.source = "Redis serialization protocol specification; Redis command INFO",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

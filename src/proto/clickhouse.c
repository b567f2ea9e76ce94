/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clickhouse: the native protocol of ClickHouse. Its first message is a login, so it is not said;
 * a server that hears HTTP there says in HTTP whose port this is, and that proves it. Versions are
 * told in the greeting after a login, which is read where it is seen.
 */
#include "proto/facts.h"
#include "proto/http_api.h"

enum { HELLO = 0, EXCEPTION = 2, NAME_MAX_BYTES = 64, REVISION_OF_PATCH = 54401, BROKEN = 1024 };

/* src/IO/VarInt.h: seven bits a byte, lowest first */
static bool take_number(struct span *s, uint64_t *value)
{
	uint8_t byte;

	*value = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		if (!take_u8(s, &byte))
			return false;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool take_text(struct span *s, struct span *text)
{
	uint64_t n;

	return take_number(s, &n) && n <= BROKEN && take_span(s, n, text);
}

/* src/Server/TCPHandler.cpp, sendHello: packet, name, major, minor, revision, zone, display name,
 * patch; sendException: packet, code 4, name, message */
static enum proto_match server(struct span bytes)
{
	static const uint8_t hello[] = "\0\12ClickHouse";
	struct span name;

	if (!bytes.n || bytes.p[0] == HELLO)
		return words_begin(bytes, span_of(hello, sizeof(hello) - 1));
	if (bytes.p[0] != EXCEPTION)
		return PROTO_NO;
	if (bytes.n < 6)
		return PROTO_MORE;
	name = span_skip(bytes, 6);
	if (bytes.p[5] < 4 || bytes.p[5] > NAME_MAX_BYTES)
		return PROTO_NO;
	return WORDS_BEGIN(name, "DB::");
}

/* sendHello of src/Client/Connection.cpp: packet, "ClickHouse client" and the like, ... */
static enum proto_match client(struct span bytes)
{
	if (bytes.n && bytes.p[0] != HELLO)
		return PROTO_NO;
	if (bytes.n < 2)
		return PROTO_MORE;
	if (bytes.p[1] < 12 || bytes.p[1] > NAME_MAX_BYTES)
		return PROTO_NO;
	return WORDS_BEGIN(span_skip(bytes, 2), "ClickHouse ");
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return client(bytes);
	m = http_api_head(bytes, side, transport, &head);
	if (m == PROTO_NO)
		return server(bytes);
	return m == PROTO_YES ? http_api_body(&head, " is for clickhouse-client program.") : m;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, 1);
	struct span text;
	struct span zone;
	uint64_t major;
	uint64_t minor;
	uint64_t revision;
	uint64_t patch;
	char version[64];

	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (side == PROTO_SERVER)
		proto_set_product(facts, "clickhouse");
	if (bytes.p[0] != HELLO || !take_text(&s, &text) || !take_number(&s, &major) ||
	    !take_number(&s, &minor) || !take_number(&s, &revision))
		return;
	if (side == PROTO_CLIENT) {
		proto_add(facts, "client", text);
		return;
	}
	facts_add(facts, "revision", "%u", (unsigned)revision);
	/* what stands between has changed: the patch is read where all ends with it */
	if (revision >= REVISION_OF_PATCH && take_text(&s, &zone) && take_text(&s, &text) &&
	    take_number(&s, &patch) && !s.n)
		snprintf(version, sizeof(version), "%u.%u.%u", (unsigned)major, (unsigned)minor,
			 (unsigned)patch);
	else
		snprintf(version, sizeof(version), "%u.%u", (unsigned)major, (unsigned)minor);
	proto_set_version(facts, span_str(version));
}

const struct proto proto_clickhouse = {
	.name = "clickhouse",
	.over = "http",
	.title = "ClickHouse native protocol",
	PROTO_HINTS(PROTO_TCP(9000)),
	.safety = PROTO_B,
	.sends = N_("nothing of its own, for its first message is a login: it answers HTTP's"),
	.proves = N_("a ClickHouse server; its version only where a login is overheard"),
	.source = "ClickHouse/ClickHouse src/Server/TCPHandler.cpp, src/Core/Protocol.h, "
		  "src/IO/VarInt.h",
	.recognise = recognise,
	.describe = describe,
};

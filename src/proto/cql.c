/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cql: Cassandra's and ScyllaDB's native protocol, asked OPTIONS, which comes before any login. The
 * SUPPORTED answer tells the language versions, which are not the server's.
 */
#include "proto/words.h"

enum { VERSION = 4, RESPONSE = 0x80, ERROR = 0, STARTUP = 1, OPTIONS = 5, SUPPORTED = 6 };

/* native_protocol_v4.spec section 2: version, flags, stream 2, opcode, length 4 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	uint8_t bit = side == PROTO_SERVER ? RESPONSE : 0;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if ((bytes.n > 0 && (p[0] < (bit | 3) || p[0] > (bit | 5))) || (bytes.n > 1 && p[1] > 0x1f))
		return PROTO_NO;
	if (bytes.n > 4 && (side == PROTO_SERVER ? p[4] != ERROR && p[4] != SUPPORTED
						 : p[4] != OPTIONS && p[4] != STARTUP))
		return PROTO_NO;
	if (bytes.n > 5 && p[5])
		return PROTO_NO;
	if (bytes.n < 9)
		return PROTO_MORE;
	if (side == PROTO_CLIENT && p[4] == OPTIONS)
		return p[6] || p[7] || p[8] || p[2] > 0x7f ? PROTO_NO : PROTO_YES;
	if (p[4] == SUPPORTED) {
		if (span_find(bytes, SPAN_LIT("\0\13CQL_VERSION")) >= 0)
			return PROTO_YES;
		return bytes.n < 1024 ? PROTO_MORE : PROTO_NO;
	}
	return PROTO_MAYBE;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[] = {VERSION, 0, 0, 0, OPTIONS, 0, 0, 0, 0};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span name = SPAN_LIT("\0\13CQL_VERSION");
	struct span text;
	uint16_t n;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;

	struct span s = span_skip(bytes, (size_t)span_find(bytes, name) + name.n);

	/* section 3, string multimap: a count 2, then strings of length 2 */
	if (take_u16be(&s, &n) && n && take_u16be(&s, &n) && take_span(&s, n, &text))
		proto_add(facts, "cql", text);
	/* ScyllaDB protocol extensions all begin so */
	if (span_find(bytes, SPAN_LIT("SCYLLA_")) >= 0)
		proto_set_product(facts, "scylladb");
}

const struct proto proto_cql = {
	.name = "cql",
	.title = "Cassandra native protocol",
	PROTO_HINTS(PROTO_TCP(9042)),
	.safety = PROTO_B,
	.sends = N_("OPTIONS, which comes before any login"),
	.proves = N_("the Cassandra protocol and its language version"),
	.source = "Cassandra native_protocol_v4.spec sections 2, 3, 4.1.4 and 4.2.4",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tds: Tabular Data Stream, asked PRELOGIN, which comes before encryption and login. The answer
 * carries the version of SQL Server. Other servers of TDS give the version of the SQL Server that
 * they stand in for, so it is told as a fact, and as the product's version only where its build
 * number is not one that a stand-in gives.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum {
	RESPONSE = 0x04, /* MS-TDS 2.2.3.1.1 */
	PRELOGIN = 0x12,
	LAST = 0x01,
	HEAD = 8,
	VERSION = 0x00, /* 2.2.6.5 */
	ENCRYPTION = 0x01,
	TERMINATOR = 0xff,
	OPTIONS_MAX = 16,
	LENGTH_MAX = 1024
};

/* 2.2.6.5: token, offset from the first token, length; then ff; then the data */
static bool find_option(struct span all, uint8_t wanted, struct span *data)
{
	struct span s = all;
	uint16_t offset;
	uint16_t length;
	uint8_t token;

	for (unsigned i = 0; i < OPTIONS_MAX && take_u8(&s, &token) && token != TERMINATOR; i++) {
		if (!take_u16be(&s, &offset) || !take_u16be(&s, &length))
			return false;
		if (token != wanted)
			continue;
		s = span_skip(all, offset);
		return offset <= all.n && take_span(&s, length, data);
	}
	return false;
}

/* type, status, length BE, process 2, packet, window 0; the version must be the first option, and
 * its data follows the last token */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	struct span version;
	size_t length;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if ((bytes.n > 0 && p[0] != (side == PROTO_SERVER ? RESPONSE : PRELOGIN)) ||
	    (bytes.n > 1 && p[1] != LAST))
		return PROTO_NO;
	if (bytes.n < 4)
		return PROTO_MORE;
	length = (size_t)p[2] << 8 | p[3];
	if (length < HEAD + 12 || length > LENGTH_MAX)
		return PROTO_NO;
	/* a process id only from the server; packets count from 0 or 1 */
	if ((bytes.n > 6 && p[6] > 1) || (bytes.n > 7 && p[7]))
		return PROTO_NO;
	if ((bytes.n > 8 && p[8] != VERSION) || (bytes.n > 9 && p[9]) ||
	    (bytes.n > 10 && (p[10] < 11 || (p[10] - 1) % 5)) || (bytes.n > 11 && p[11]) ||
	    (bytes.n > 12 && p[12] != 6))
		return PROTO_NO;
	if (bytes.n < length)
		return PROTO_MORE;
	bytes = span_skip(span_cut(bytes, length), HEAD);
	return find_option(bytes, VERSION, &version) && bytes.p[bytes.p[2] - 1] == TERMINATOR
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	/* version (0: nobody's), encryption (not supported), thread; 2.2.6.5 */
	static const uint8_t words[] = {PRELOGIN, LAST, 0, 35,         0, 0,  1, 0, VERSION, 0,
					16,       0,    6, ENCRYPTION, 0, 22, 0, 1, 3,       0,
					23,       0,    4, TERMINATOR, 0, 0,  0, 0, 0,       0,
					2,        0,    0, 0,          0};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct facts_word words[] = {{0, "off, and for the login only"},
						  {1, "on"},
						  {2, "not supported"},
						  {3, "required"}};
	struct span options = span_skip(bytes, HEAD);
	struct span data;
	uint16_t build;
	char version[32];

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (find_option(options, ENCRYPTION, &data) && data.n == 1 &&
	    facts_word(words, ARRAY_LEN(words), data.p[0]))
		proto_add(facts, "encryption",
			  span_str(facts_word(words, ARRAY_LEN(words), data.p[0])));
	if (!find_option(options, VERSION, &data) || data.n < 4)
		return;
	build = (uint16_t)(data.p[2] << 8 | data.p[3]);
	snprintf(version, sizeof(version), "%u.%u.%u", data.p[0], data.p[1], build);
	proto_add(facts, "server_version", span_str(version));
	/* Babelfish for PostgreSQL says 12.0.2000, a real one's first build too */
	if (data.p[0] < 8 || (data.p[0] == 12 && build == 2000))
		return;
	proto_set_product(facts, "mssql");
	proto_set_version(facts, span_str(version));
}

const struct proto proto_tds = {
	.name = "tds",
	.title = "Tabular Data Stream (SQL Server)",
	PROTO_HINTS(PROTO_TCP(1433)),
	.safety = PROTO_B,
	.sends = N_("PRELOGIN, which comes before encryption and login"),
	.proves = N_("TDS, and the version of SQL Server"),
	.source = "MS-TDS sections 2.2.3.1, 2.2.6.5, 4.1 and 4.2; babelfish_extensions tdslogin.c",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

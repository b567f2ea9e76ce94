/* SPDX-License-Identifier: Apache-2.0 */
/* sql_browser: SQL Server's resolution service, asked which instances there are. */
#include "proto/words.h"

enum { ASK_ALL = 0x02, ASK = 0x03, ASK_ONE = 0x04, RESPONSE = 0x05, HEAD = 3 };

/* MC-SQLR 2.2.5: 05, length LE, and text */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span text = span_skip(bytes, HEAD);

	if (transport != TRANSPORT_UDP || !bytes.n)
		return PROTO_NO;
	if (side == PROTO_CLIENT) {
		/* 2.2.1 to 2.2.3: one byte says little; a name of at most 32 and NUL */
		if (bytes.n == 1)
			return bytes.p[0] == ASK || bytes.p[0] == ASK_ALL ? PROTO_MAYBE : PROTO_NO;
		return bytes.p[0] == ASK_ONE && bytes.n <= 34 && !bytes.p[bytes.n - 1] ? PROTO_MAYBE
										       : PROTO_NO;
	}
	if (bytes.n < HEAD || bytes.p[0] != RESPONSE ||
	    (size_t)(bytes.p[1] | bytes.p[2] << 8) != text.n)
		return PROTO_NO;
	return span_starts(text, "ServerName;") && span_find(text, SPAN_LIT(";Version;")) >= 0
		       ? PROTO_YES
		       : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t words[] = {ASK};

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size);
}

/* 2.2.5, RESP_DATA of the first instance: pairs between semicolons */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span text = span_skip(bytes, HEAD);
	ptrdiff_t end = span_find(text, SPAN_LIT(";;"));

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (end >= 0)
		text = span_cut(text, (size_t)end + 1);
	proto_set_product(facts, "mssql");
	proto_set_version(facts, words_version_after(text, ";Version;"));
	words_tell(facts, "server", words_between(text, "ServerName;", ";"));
	words_tell(facts, "instance", words_between(text, ";InstanceName;", ";"));
	words_tell(facts, "port", words_between(text, ";tcp;", ";"));
}

const struct proto proto_sql_browser = {
	.name = "sql-browser",
	.title = "SQL Server Browser",
	PROTO_HINTS(PROTO_UDP(1434)),
	.safety = PROTO_B,
	.sends = N_("one byte, which asks for the list of instances"),
	.proves = N_("SQL Server, its version, and where its instances listen"),
	.source = "MC-SQLR sections 2.2.1, 2.2.2, 2.2.3 and 2.2.5",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

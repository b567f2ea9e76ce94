/* SPDX-License-Identifier: Apache-2.0 */
/* spamc: mail is weighed by a daemon that PING only asks whether it is there. Others than
 * SpamAssassin speak this too, so it proves no product. */
#include "proto/words.h"

/* Apache SpamAssassin's spamd/PROTOCOL: "SPAMD/" version, code, word; asked "PING SPAMC/1.2" */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char *const commands[] = {"CHECK",         "SYMBOLS", "REPORT",
					       "REPORT_IFSPAM", "SKIP",    "PING",
					       "PROCESS",       "TELL",    "HEADERS"};
	struct span version;
	struct span line;
	struct span word;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_SERVER) {
		m = WORDS_BEGIN(bytes, "SPAMD/");
		if (m != PROTO_YES)
			return m;
		if (!words_line(bytes, &line))
			return bytes.n < 128 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
		if (!take_word(&line, &version) || !take_word(&line, &word))
			return PROTO_NO;
		return word.n <= 3 && words_is_code(word, word.n, "") ? PROTO_YES : PROTO_NO;
	}
	if (!words_line(bytes, &line))
		return bytes.n < 64 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	if (!take_word(&line, &word))
		return PROTO_NO;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (span_is(word, commands[i]))
			return take_word(&line, &word) && span_starts(word, "SPAMC/") ? PROTO_YES
										      : PROTO_NO;
	return PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("PING SPAMC/1.2\r\n\r\n", out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;
	struct span word;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line) ||
	    !take_word(&line, &word))
		return;
	if (side == PROTO_SERVER)
		proto_add(facts, "protocol", span_skip(word, strlen("SPAMD/")));
	else
		proto_add(facts, "command", word);
}

const struct proto proto_spamc = {
	.name = "spamc",
	.title = "SpamAssassin's daemon",
	PROTO_HINTS(PROTO_TCP(783)),
	.safety = PROTO_B,
	.sends = N_("PING, by which no mail is weighed"),
	.proves = N_("a daemon that weighs mail for spamc"),
	.source = "Apache SpamAssassin, spamd/PROTOCOL",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* telnet: known by option negotiation (RFC 854, 855): IAC, a verb, an option. Nothing is asked. */
#include "proto/words.h"

enum { IAC = 255, DO = 253, DONT = 254, WILL = 251, WONT = 252, SB = 250, OPTION_MAX = 49 };

static bool is_prompt(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\t') ||
		    s.p[i] >= 0x7f)
			return false;
	return true;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	uint8_t iac;
	uint8_t verb;
	uint8_t option;
	struct span s = bytes;

	(void)side;
	if (transport != TRANSPORT_TCP || (bytes.n && bytes.p[0] != IAC))
		return PROTO_NO;
	if (bytes.n > 1 && (bytes.p[1] < WILL || bytes.p[1] > DONT))
		return PROTO_NO;
	if (!take_u8(&s, &iac) || !take_u8(&s, &verb) || !take_u8(&s, &option))
		return PROTO_MORE;
	/* telnet options in use end at 49, then 138-140 and 255 (IANA telnet-options) */
	if (option > OPTION_MAX && (option < 138 || option > 140))
		return PROTO_NO;
	/* one command may be chance; two, or text to the end behind one, are not */
	if (s.n >= 3 && s.p[0] == IAC && s.p[1] >= WILL && s.p[1] <= DONT && s.p[2] <= OPTION_MAX)
		return PROTO_YES;
	return s.n >= 8 && is_prompt(s) ? PROTO_YES : PROTO_MAYBE;
}

/* The first line of text behind the negotiation: a banner or "login:". */
static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = bytes;

	if (recognise(bytes, side, transport) < PROTO_MAYBE)
		return;
	while (s.n >= 3 && s.p[0] == IAC && s.p[1] != SB)
		s = span_skip(s, 3);
	s = span_trim(s);

	struct span line = s;

	if (words_line(s, &line) || s.n)
		if (words_is_text(line) && line.n)
			proto_add(facts, "greeting", line);
}

const struct proto proto_telnet = {
	.name = "telnet",
	.title = "Telnet",
	PROTO_HINTS(PROTO_TCP(23), PROTO_TCP(2323)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("option negotiation, and the text in front of a login"),
	.source = "RFC 854; RFC 855; IANA telnet-options",
	.recognise = recognise,
	.describe = describe,
};

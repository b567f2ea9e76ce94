/* SPDX-License-Identifier: Apache-2.0 */
/* syslog: only clients speak, and what a stranger says lands in a log: nothing is sent. */
#include "proto/words.h"

enum { PRIORITY_MAX = 191 };

/* RFC 5424 section 6: "<" PRI ">" VERSION SP; RFC 3164 section 4.1: "<PRI>Mmm dd hh:mm:ss";
 * RFC 6587 section 3.4.1: over TCP perhaps a length and a blank before */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct span s = bytes;
	size_t n = 0;
	unsigned priority = 0;

	if (side != PROTO_CLIENT || (transport != TRANSPORT_UDP && transport != TRANSPORT_TCP))
		return PROTO_NO;
	if (transport == TRANSPORT_TCP) {
		while (n < s.n && n < 6 && s.p[n] >= '0' && s.p[n] <= '9')
			n++;
		if (n == s.n)
			return n < 6 ? PROTO_MORE : PROTO_NO;
		if (n && s.p[n] != ' ')
			return PROTO_NO;
		s = span_skip(s, n ? n + 1 : 0);
	}
	if (!s.n)
		return PROTO_MORE;
	if (s.p[0] != '<')
		return PROTO_NO;
	for (n = 1; n < s.n && n < 4 && s.p[n] >= '0' && s.p[n] <= '9'; n++)
		priority = priority * 10 + (s.p[n] - '0');
	if (n == s.n)
		return priority <= PRIORITY_MAX && n < 5 ? PROTO_MORE : PROTO_NO;
	if (n == 1 || s.p[n] != '>' || priority > PRIORITY_MAX)
		return PROTO_NO;
	s = span_skip(s, n + 1);
	if (s.n < 4)
		return PROTO_MORE;
	if (s.p[0] == '1' && s.p[1] == ' ')
		return PROTO_YES;
	for (size_t i = 0; i < 36; i += 3)
		if (memcmp(s.p, months + i, 3) == 0 && s.p[3] == ' ')
			return PROTO_YES;
	return PROTO_MAYBE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;

	struct span s = span_skip(bytes, (size_t)span_find_byte(bytes, '>') + 1);

	proto_add(facts, "form", s.p[0] == '1' ? SPAN_LIT("rfc5424") : SPAN_LIT("rfc3164"));
}

const struct proto proto_syslog = {
	.name = "syslog",
	.title = "Syslog",
	PROTO_HINTS(PROTO_UDP(514), PROTO_TCP(514), PROTO_TCP(601)),
	.safety = PROTO_B,
	.proves = N_("the form of a message, which any sender of log lines has"),
	.source = "RFC 5424 section 6; RFC 3164 section 4.1; RFC 6587 section 3.4.1",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* ajp: what web servers speak to the servlet container behind them, asked whether it is there. */
#include "proto/words.h"

/* AJP Protocol Reference, "Packet Headers": to the container 12 34, from it AB; length
 * 2; CPing 10, answered by CPong 9. A request for a page has code 2 and begins with its method. */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_SERVER)
		return words_begin(bytes, span_of("AB\0\1\11", 5));
	m = words_begin(bytes, span_of("\x12\x34", 2));
	if (m != PROTO_YES || bytes.n < 5)
		return m == PROTO_YES ? PROTO_MORE : m;
	if (p[4] == 10)
		return p[2] == 0 && p[3] == 1 ? PROTO_YES : PROTO_NO;
	return p[4] == 2 ? PROTO_MAYBE : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of("\x12\x34\0\1\12", 5), out, size);
}

const struct proto proto_ajp = {
	.name = "ajp",
	.title = "Apache JServ Protocol",
	PROTO_HINTS(PROTO_TCP(8009)),
	.safety = PROTO_B,
	.sends = N_("CPing, which asks whether the container is there"),
	.proves = N_("a servlet container that takes AJP from us"),
	.source =
		"apache/tomcat-connectors xdocs/ajp/ajpv13a.xml, \"Packet Headers\" and \"Request "
		"Packet Structure\"",
	.recognise = recognise,
	.greet = greet,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgp: Citrix' Common Gateway Protocol (session reliability), which carries ICA. Both sides begin
 * with 1A and CGP; then, as seen, the version "/01". What a client must say is not public, so
 * nothing is sent.
 */
#include "proto/words.h"

/* libprotoident lpi_cgp.cc ("\x1a" CGP both ways); nDPI citrix.c ("\x1a" CGP/01) */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	(void)side;
	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return WORDS_BEGIN(bytes, "\x1a"
				  "CGP/01");
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_add(facts, "cgp", SPAN_LIT("01"));
	if (span_find(bytes, SPAN_LIT("Citrix.TcpProxyService")) >= 0)
		proto_add(facts, "service", SPAN_LIT("Citrix.TcpProxyService"));
}

const struct proto proto_cgp = {
	.name = "cgp",
	.title = "Citrix Common Gateway Protocol",
	PROTO_HINTS(PROTO_TCP(2598)),
	.safety = PROTO_B,
	.proves = N_("Citrix session reliability, by the first seven bytes of either side"),
	.source = "traffic signatures of libprotoident lpi_cgp.cc and nDPI citrix.c "
		  "(format is not public)",
	.recognise = recognise,
	.describe = describe,
};

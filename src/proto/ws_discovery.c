/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ws_discovery: printers, cameras and Windows machines, asked for everything that they are, as a
 * neighbour that looks for them asks. Of the XML only names are looked for; nothing is parsed.
 */
#include "proto/words.h"

/* WS-Discovery 2005/04 and 1.1 (2009/01): SOAP whose action is one of the namespace's */
static bool is_ours(struct span s, const char *kind)
{
	static const char *const spaces[] = {
		"http://schemas.xmlsoap.org/ws/2005/04/discovery/",
		"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/"};
	ptrdiff_t at;

	for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
		struct span rest = s;

		while ((at = span_find(rest, span_str(spaces[i]))) >= 0) {
			rest = span_skip(rest, (size_t)at + strlen(spaces[i]));
			if (span_starts(rest, kind))
				return true;
		}
	}
	return false;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP || !bytes.n || bytes.p[0] != '<' ||
	    span_find(bytes, SPAN_LIT("Envelope")) < 0)
		return PROTO_NO;
	if (side == PROTO_CLIENT)
		return is_ours(bytes, "Probe<") || is_ours(bytes, "Resolve<") ||
				       is_ours(bytes, "Hello<") || is_ours(bytes, "Bye<")
			       ? PROTO_YES
			       : PROTO_NO;
	return is_ours(bytes, "ProbeMatches<") || is_ours(bytes, "ResolveMatches<") ? PROTO_YES
										    : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_UDP)
		return 0;
	/* section 5.2: a probe without types or scopes meets everything */
	return WORDS_SAY(
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>"
		"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
		"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
		"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header><a:Action>"
		"http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>"
		"urn:uuid:70657269-706c-4573-8000-61736b732031</a:MessageID><a:To>"
		"urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe/>"
		"</s:Body></s:Envelope>",
		out, size);
}

static void tell(struct proto_facts *facts, struct span bytes, const char *element,
		 const char *name)
{
	ptrdiff_t at = span_find(bytes, span_str(element));
	struct span value;

	if (at < 0)
		return;
	value = span_skip(bytes, (size_t)at + strlen(element));
	at = span_find_byte(value, '<');
	if (at > 0 && words_is_text(span_cut(value, (size_t)at)))
		proto_add(facts, name, span_cut(value, (size_t)at));
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	tell(facts, bytes, "Types>", "types");
	tell(facts, bytes, "XAddrs>", "address");
}

const struct proto proto_ws_discovery = {
	.name = "ws-discovery",
	.title = "Web Services Dynamic Discovery",
	PROTO_HINTS(PROTO_UDP(3702)),
	.safety = PROTO_B,
	.sends = N_("a probe for everything"),
	.proves = N_("a device, what kinds of service it has, and where"),
	.source =
		"WS-Discovery 2005/04 sections 5.2 and 5.3; OASIS WS-Discovery 1.1; christgau/wsdd "
		"wsdd.py",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

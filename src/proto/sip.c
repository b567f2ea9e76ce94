/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip: asked OPTIONS, the method made for that question: no call, no registration. The Via asks
 * for the answer to come back to where it was asked from (RFC 3581).
 */
#include "proto/http_head.h"
#include "proto/words.h"

/* RFC 3261 sections 7.1 and 7.2 */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;

	if (transport != TRANSPORT_TCP && transport != TRANSPORT_UDP)
		return PROTO_NO;
	/* either side may ask or answer */
	enum proto_match a = http_head_parse(bytes, side, "SIP", &head);

	return a != PROTO_NO || side == PROTO_CLIENT                             ? a
	       : http_head_parse(bytes, PROTO_CLIENT, "SIP", &head) == PROTO_YES ? PROTO_YES
										 : PROTO_NO;
}

#define OPTIONS(transport)                                                                         \
	"OPTIONS sip:periplus.invalid SIP/2.0\r\n"                                                 \
	"Via: SIP/2.0/" transport " periplus.invalid;branch=z9hG4bKperiplus;rport\r\n"             \
	"Max-Forwards: 0\r\nFrom: <sip:periplus@periplus.invalid>;tag=periplus\r\n"                \
	"To: <sip:periplus.invalid>\r\nCall-ID: periplus@periplus.invalid\r\n"                     \
	"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0)
		return 0;
	if (transport == TRANSPORT_UDP)
		return WORDS_SAY(OPTIONS("UDP"), out, size);
	return transport == TRANSPORT_TCP ? WORDS_SAY(OPTIONS("TCP"), out, size) : 0;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	static const struct words_product products[] = {
		{"kamailio (", "kamailio", "kamailio ("},
		{"Asterisk PBX ", "asterisk", "Asterisk PBX "},
		{"FreeSWITCH", "freeswitch", NULL},
		{"OpenSIPS (", "opensips", "OpenSIPS ("},
	};
	struct http_head head;

	(void)transport;
	if (http_head_parse(bytes, side, "SIP", &head) != PROTO_YES)
		return;
	if (head.status.n)
		proto_add(facts, "status", head.status);
	if (head.method.n)
		proto_add(facts, "method", head.method);

	struct span agent = http_head_field(&head, "Server");

	if (!agent.n)
		agent = http_head_field(&head, "User-Agent");
	if (!agent.n)
		return;
	proto_add(facts, "server", agent);
	if (head.is_response)
		words_product(agent, products, ARRAY_LEN(products), facts);
}

const struct proto proto_sip = {
	.name = "sip",
	.title = "Session Initiation Protocol",
	PROTO_HINTS(PROTO_UDP(5060), PROTO_TCP(5060)),
	.safety = PROTO_B,
	.sends = N_("OPTIONS, which neither calls nor registers"),
	.proves = N_("SIP and the software that its head names"),
	.source = "RFC 3261 sections 7 and 11; RFC 3581 section 3",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

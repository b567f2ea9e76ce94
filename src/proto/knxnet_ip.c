/* SPDX-License-Identifier: Apache-2.0 */
/* knxnet_ip: gateways of building control. Nothing is sent: what is behind them moves. */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 6 };

/* The KNX standard was not read; calimero-core and knxd (which names its 3/8/1 section 5) agree: 06
 * 10, service, length of the whole */
static const struct facts_word services[] = {
	{0x0201, "search request"},
	{0x0202, "search response"},
	{0x0203, "description request"},
	{0x0204, "description response"},
	{0x0205, "connect request"},
	{0x0206, "connect response"},
	{0x0207, "connection state request"},
	{0x0208, "connection state response"},
	{0x0209, "disconnect request"},
	{0x020a, "disconnect response"},
	{0x0310, "configuration request"},
	{0x0311, "configuration acknowledgement"},
	{0x0420, "tunnelling request"},
	{0x0421, "tunnelling acknowledgement"},
	{0x0530, "routing indication"},
	{0x0531, "routing lost message"},
	{0x0532, "routing busy"},
};

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	(void)side;
	if (transport != TRANSPORT_UDP || bytes.n < HEAD + 2 || p[0] != HEAD || p[1] != 0x10 ||
	    ((size_t)p[4] << 8 | p[5]) != bytes.n)
		return PROTO_NO;
	return facts_word(services, ARRAY_LEN(services), (unsigned)p[2] << 8 | p[3]) ? PROTO_YES
										     : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_add(facts, "message",
		  span_str(facts_word(services, ARRAY_LEN(services),
				      (unsigned)bytes.p[2] << 8 | bytes.p[3])));
}

const struct proto proto_knxnet_ip = {
	.name = "knxnet-ip",
	.title = "KNXnet/IP",
	PROTO_HINTS(PROTO_UDP(3671)),
	.safety = PROTO_A,
	.proves = N_("a gateway to KNX, and what it does"),
	.source = "calimero-core KNXnetIPHeader.java; knxd src/libserver/eibnetip.h (ServiceType)",
	.recognise = recognise,
	.describe = describe,
};

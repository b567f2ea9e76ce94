/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdt: the MDT Join (S-PMSI Join) of multicast VPNs, by which one provider router tells the others
 * that a customer's flow moves to a group of its own. One datagram holds messages of one type back
 * to back: 16 bytes for a flow of IPv4, 40 for one of IPv6. It goes to 224.0.0.13 or ff02::d inside
 * the provider's tunnel (GRE); seen bare or as unicast it must be dropped by a router, which the
 * capture reader can tell and these bytes cannot. Nothing is ever sent: it would move traffic.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* RFC 6037 section 7.2 (type 1), RFC 6516 section 3 (type 4) */
enum { IPV4_FLOW = 1, IPV4_LENGTH = 16, IPV6_FLOW = 4, IPV6_LENGTH = 40 };

struct join {
	uint8_t type;
	struct span source, group, provider;
};

static bool is_multicast(struct span address)
{
	return address.n == 4 ? address.p[0] >> 4 == 14 : address.p[0] == 0xff;
}

static bool take_join(struct span *s, struct join *j)
{
	uint16_t length;
	uint8_t reserved;

	if (!take_u8(s, &j->type) || !take_u16be(s, &length) || !take_u8(s, &reserved) ||
	    (j->type != IPV4_FLOW && j->type != IPV6_FLOW) ||
	    length != (j->type == IPV4_FLOW ? IPV4_LENGTH : IPV6_LENGTH))
		return false;

	size_t n = j->type == IPV4_FLOW ? 4 : 16;

	return take_span(s, n, &j->source) && take_span(s, n, &j->group) &&
	       take_span(s, 4, &j->provider) && !is_multicast(j->source) &&
	       is_multicast(j->group) && is_multicast(j->provider);
}

/* One-way and periodic: whoever says it is the speaker, so the side does not matter. */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct join first;
	struct join j;

	(void)side;
	if (transport != TRANSPORT_UDP || !take_join(&bytes, &first))
		return PROTO_NO;
	/* a datagram of two types, or with a rest, is not what the RFC lets a router say */
	while (bytes.n)
		if (!take_join(&bytes, &j) || j.type != first.type)
			return PROTO_MAYBE;
	return PROTO_YES;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct join j;
	char source[FACTS_ADDRESS];
	char group[FACTS_ADDRESS];
	char provider[FACTS_ADDRESS];
	size_t n = 0;

	(void)side;
	(void)transport;
	while (take_join(&bytes, &j)) {
		if (n++ == 0)
			facts_add(facts, "type", "%u", j.type);
		facts_add(facts, "flow", "%s to %s moves to %s",
			  facts_address_text(source, j.source), facts_address_text(group, j.group),
			  facts_address_text(provider, j.provider));
	}
}

const struct proto proto_mdt = {
	.name = "mdt",
	.title = "MDT Join of multicast VPNs",
	PROTO_HINTS(PROTO_UDP(3232)),
	.safety = PROTO_A,
	.needs_gre = true,
	.proves = N_("a router's S-PMSI Join: customer source and group, provider group"),
	.source = "RFC 6037 section 7.2; RFC 6513 section 7.4.2; RFC 6516 section 3",
	.recognise = recognise,
	.describe = describe,
};

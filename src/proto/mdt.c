/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdt: the MDT Join (S-PMSI Join) of multicast VPNs, by which one provider router tells the others
 * that a customer's flow moves to a group of its own. One datagram holds messages of one type back
 * to back: 16 bytes for a flow of IPv4, 40 for one of IPv6. It goes to 224.0.0.13 or ff02::d inside
 * the provider's tunnel (GRE); seen bare or as unicast it must be dropped by a router, which the
 * capture reader can tell and these bytes cannot. Nothing is ever sent: it would move traffic.
 */
#include "proto/facts.h"
#include "proto/mdt_join.h"
#include "proto/words.h"

/* One-way and periodic: whoever says it is the speaker, so the side does not matter. */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct mdt_join first;
	struct mdt_join j;

	(void)side;
	if (transport != TRANSPORT_UDP || !mdt_take(&bytes, &first))
		return PROTO_NO;
	/* a datagram of two types, or with a rest, is not what the RFC lets a router say */
	while (bytes.n)
		if (!mdt_take(&bytes, &j) || j.type != first.type)
			return PROTO_MAYBE;
	return PROTO_YES;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct mdt_join j;
	char source[FACTS_ADDRESS];
	char group[FACTS_ADDRESS];
	char provider[FACTS_ADDRESS];
	size_t n = 0;

	(void)side;
	(void)transport;
	while (mdt_take(&bytes, &j)) {
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

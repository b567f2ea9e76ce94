/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet_open: takes the own ports, the sockets and the routes, starts the process that reads
 * answers, and asks the gateways for their link addresses.
 */
#include "scan/packet.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/scope.h"
#include "base/text.h"

enum { NEIGHBOURS_MAX = 1 << 20 };

static void take_neighbour(void *arg, int interface, const struct address *address,
			   const uint8_t mac[RAW_MAC])
{
	struct packet *s = arg;

	for (size_t i = 0; i < s->ways.n_hops; i++) {
		struct raw_hop *hop = &s->ways.hops[i];

		if (hop->interface == interface && address_eq(&hop->gateway, address)) {
			memcpy(hop->mac, mac, RAW_MAC);
			hop->is_known = true;
		}
	}
}

static bool needs_near(const struct packet *s)
{
	for (size_t i = 0; i < s->ways.n_hops; i++)
		if (s->ways.hops[i].has_mac && s->ways.hops[i].gateway.family == ADDRESS_NONE)
			return true;
	return false;
}

static struct raw_hop *unknown_gateway(struct packet *s)
{
	for (size_t i = 0; i < s->ways.n_hops; i++)
		if (s->ways.hops[i].has_mac && s->ways.hops[i].gateway.family != ADDRESS_NONE &&
		    !s->ways.hops[i].is_known)
			return &s->ways.hops[i];
	return NULL;
}

/* Asks the gateways whose link addresses the kernel does not know. */
static int find_gateways(struct packet *s, struct why *why)
{
	struct raw_hop *hop = unknown_gateway(s);
	char text[ADDRESS_TEXT];

	for (int i = 0; hop && i < PACKET_ASK_TIMES * 2; i++) {
		int64_t end = packet_now_ns() / NS_OF_MS + PACKET_ASK_MS;
		int r = 0;

		for (size_t k = 0; k < s->ways.n_hops; k++)
			if (s->ways.hops[k].has_mac && !s->ways.hops[k].is_known &&
			    s->ways.hops[k].gateway.family != ADDRESS_NONE)
				packet_ask(s, &s->ways.hops[k], &s->ways.hops[k].gateway);
		r = packet_flush(s, why);
		if (r < 0 && r != -ENOBUFS)
			return r;
		for (r = 0; r == 0 && hop && packet_now_ns() / NS_OF_MS < end;
		     hop = unknown_gateway(s)) {
			r = raw_hear_wait(s->hearing, PACKET_ASK_MS * NS_OF_MS / 4, &s->deaths,
					  why);
			packet_take(s);
		}
		if (r < 0)
			return r;
	}
	if (hop)
		return why_set(why, EOPNOTSUPP, _("the next hop '%s' does not answer"),
			       address_text(&hop->gateway, text));
	return 0;
}

/* Those through this machine's own stack, where its own addresses are targets. */
static int open_here(struct packet *s, struct why *why)
{
	for (size_t i = 0; i < s->ways.n_hops; i++) {
		bool is_v6 = s->ways.hops[i].source.family == ADDRESS_IPV6;

		if (!s->ways.hops[i].is_here || s->here[is_v6] >= 0)
			continue;
		s->here[is_v6] = raw_sender_here(s->ways.hops[i].source.family, why);
		if (s->here[is_v6] < 0)
			return s->here[is_v6];
	}
	return 0;
}

static int one_interface(const struct raw_ways *ways)
{
	for (size_t i = 1; i < ways->n_hops; i++)
		if (ways->hops[i].interface != ways->hops[0].interface)
			return 0;
	return ways->n_hops ? ways->hops[0].interface : 0;
}

static int open_state(struct packet *s, struct why *why)
{
	const struct target_plan *plan = s->session->plan;
	struct raw_hear_query query = {.plan = plan, .ways = &s->ways, .self = &s->self};
	int r;

	s->sender = raw_sender(why); /* first: it says which rights are missing */
	r = s->sender < 0 ? s->sender : raw_ways_init(&s->ways, plan, &s->arena, why);
	if (r == 0)
		r = open_here(s, why);
	if (r == 0)
		r = raw_ports_init(&s->ports, &s->self, plan->transport == TRANSPORT_UDP, why);
	if (r < 0)
		return r;
	if (needs_near(s)) {
		if (plan->n_hosts > NEIGHBOURS_MAX)
			return why_set(why, EOPNOTSUPP, _("more than %d neighbours"),
				       NEIGHBOURS_MAX);
		s->nears = arena_get_array(&s->arena, plan->n_hosts, sizeof(*s->nears));
	}
	if (plan->transport == TRANSPORT_UDP && s->session->payloads) {
		s->may_answer_elsewhere = arena_get_array(&s->arena, plan->n_ports, sizeof(bool));
		for (uint32_t i = 0; i < plan->n_ports; i++)
			s->may_answer_elsewhere[i] = s->session->payloads[i].may_answer_elsewhere;
		query.may_answer_elsewhere = s->may_answer_elsewhere;
	}
	r = raw_neighbours(take_neighbour, s, why);
	if (r < 0)
		return r;
	s->receiver = raw_receiver(&s->self, one_interface(&s->ways),
				   s->nears || unknown_gateway(s), &s->ring, why);
	if (s->receiver < 0)
		return s->receiver;
	query.fd = s->receiver;
	query.ring = s->ring;
	r = raw_hear_start(&s->hearing, &query, why);
	return r < 0 ? r : find_gateways(s, why);
}

struct packet *packet_free(struct packet *s)
{
	if (!s)
		return NULL;
	raw_hear_stop(s->hearing);
	raw_ports_done(&s->ports);
	if (s->ring)
		munmap(s->ring, RAW_RING_SIZE);
	for (size_t i = 0; i < 2; i++)
		if (s->here[i] >= 0)
			close(s->here[i]);
	if (s->sender >= 0)
		close(s->sender);
	if (s->receiver >= 0)
		close(s->receiver);
	arena_done(&s->arena);
	free(s);
	return NULL;
}

int packet_new(struct packet **packet, struct engine_session *session, struct why *why)
{
	struct packet *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return why_set(why, ENOMEM, _("out of memory"));
	s->session = session;
	s->sender = s->receiver = s->here[0] = s->here[1] = s->ports.tcp = -1;
	for (size_t i = 0; i < RAW_UDP_PORTS; i++)
		s->ports.udp[i] = -1;
	r = open_state(s, why);
	if (r < 0)
		packet_free(s);
	else
		*packet = s;
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_plan: from what was ordered to a plan, and how much of it lies outside of the scope.
 *
 * Everything is arithmetic of ranges: what is never asked and the opt-out list are cut out of what
 * was named; the scope's networks are cut out of that, and what is left lies outside; private
 * networks are cut out of the rest, and what is left is public.
 */
#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/payload.h"
#include "scan/search_private.h"

/* Networks that nobody on the Internet owns: RFC 1918, 6598, 2544, 3927, 1122 3.2.1.3, 4193, 4291,
 * and those for documentation: RFC 5737, 3849. */
static const char *const private_networks[] = {
	"10.0.0.0/8",   "100.64.0.0/10",  "127.0.0.0/8",   "169.254.0.0/16",  "172.16.0.0/12",
	"192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
};

static bool is_private_ipv6(const struct address *a)
{
	static const uint8_t documentation[4] = {0x20, 0x01, 0x0d, 0xb8};

	return (a->bytes[0] & 0xfe) == 0xfc || address_is_link_local(a) || address_is_loopback(a) ||
	       memcmp(a->bytes, documentation, 4) == 0;
}

void search_add_network(struct arena *arena, struct target_ranges *ranges,
			const struct scan_network *network)
{
	struct address first = network->address;

	if (first.family != ADDRESS_IPV4)
		return;
	for (unsigned i = network->bits; i < 32; i++)
		first.bytes[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	target_add(arena, ranges, &first, 1ull << (32 - network->bits));
}

/* IPv6 networks are wider than a range can be: both ends are asked for. */
static bool is_inside_ipv6(const struct scan_scope *scope, const struct target_range *row)
{
	struct address last = target_plus(&row->first, row->n - 1);

	return row->first.family == ADDRESS_IPV6 &&
	       scan_scope_ask(scope, &row->first) > SCAN_OUTSIDE &&
	       scan_scope_ask(scope, &last) > SCAN_OUTSIDE;
}

static int parse_words(struct scan_search *search, const struct scan_order *order,
		       struct target_ranges *named, struct why *why)
{
	int r = 0;

	for (size_t i = 0; i < order->n_words && r == 0; i++)
		r = order->words[i][0] == '@'
			    ? target_read(&search->arena, order->words[i] + 1, named, why)
			    : target_parse(&search->arena, span_str(order->words[i]), named, why);
	if (r == 0 && order->file)
		r = target_read(&search->arena, order->file, named, why);
	if (r == 0 && named->n == 0)
		return why_set(why, ENOENT, _("no target was named"));
	target_sort(named);
	return r;
}

/* How many /24 (IPv6: /64) the ranges touch. */
static uint32_t count_networks(const struct target_ranges *ranges)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ranges->n; i++) {
		const struct target_range *row = &ranges->rows[i];
		uint64_t low = target_low(&row->first);

		n += row->first.family == ADDRESS_IPV6 ? 1
						       : (low + row->n - 1) / 256 - low / 256 + 1;
	}
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static void judge_scope(struct scan_search *search)
{
	struct arena *arena = &search->arena;
	struct target_ranges inside = {0};
	struct target_ranges outside = {0};
	struct target_ranges others = {0};
	struct target_ranges public = {0};
	struct scan_network loopback = {.bits = 8};
	struct scan_scope private = {0};

	loopback.address = address_ipv4((const uint8_t[]){127, 0, 0, 0});
	search_add_network(arena, &inside, &loopback);
	for (size_t i = 0; i < search->scope.n_networks; i++)
		search_add_network(arena, &inside, &search->scope.networks[i]);
	target_sort(&inside);
	target_cut(arena, &search->plan.hosts, &inside, &outside);
	for (size_t i = 0; i < outside.n; i++)
		if (!is_inside_ipv6(&search->scope, &outside.rows[i]))
			target_add(arena, &others, &outside.rows[i].first, outside.rows[i].n);
	target_sort(&others);
	search->facts.n_outside = target_count(&others);
	search->facts.n_networks_outside = count_networks(&others);

	inside = (struct target_ranges){0};
	for (size_t i = 0; i < ARRAY_LEN(private_networks); i++)
		if (scan_scope_add(&private, span_str(private_networks[i]), NULL) == 0)
			search_add_network(arena, &inside, &private.networks[i]);
	target_sort(&inside);
	target_cut(arena, &others, &inside, &public);
	for (size_t i = 0; i < public.n; i++)
		if (public.rows[i].first.family == ADDRESS_IPV4 ||
		    !is_private_ipv6(&public.rows[i].first))
			search->facts.n_public += public.rows[i].n;
}

/* Hosts that were named, without those that are never asked and those that wished it. */
static int choose_hosts(struct scan_search *search, const struct scan_order *order, struct why *why)
{
	struct arena *arena = &search->arena;
	struct target_ranges named = {0};
	struct target_ranges never = {0};
	struct target_ranges allowed = {0};
	struct target_ranges opted_out = {.is_whole = true};
	uint64_t n;
	int r = parse_words(search, order, &named, why);

	if (r == 0 && order->kept_to)
		r = search_keep_to(arena, order->kept_to, &named, why);
	if (r < 0)
		return r;
	n = target_count(&named);
	target_never(arena, &search->scope, &never);
	target_cut(arena, &named, &never, &allowed);
	search->facts.n_never = n - target_count(&allowed);
	if (order->opt_out) {
		r = target_read(arena, order->opt_out, &opted_out, why);
		if (r < 0)
			return r;
		target_sort(&opted_out);
	}
	target_cut(arena, &allowed, &opted_out, &search->plan.hosts);
	search->facts.n_opted_out = target_count(&allowed) - target_count(&search->plan.hosts);
	return 0;
}

static void choose_ports(struct scan_search *search, const struct scan_order *order)
{
	struct target_plan *plan = &search->plan;

	plan->ports = arena_get_array(&search->arena, order->n_ports + 1, sizeof(*plan->ports));
	for (uint32_t i = 0; i < order->n_ports; i++) {
		struct scan_target target = {.port = order->ports[i],
					     .transport = order->transport};

		if (order->transport == TRANSPORT_UDP && payload_is_spared(&target))
			search->facts.n_spared++;
		else
			plan->ports[plan->n_ports++] = order->ports[i];
	}
}

static int make(struct scan_search *search, const struct scan_order *order, struct why *why)
{
	struct target_plan *plan = &search->plan;
	uint64_t n_named;
	int r;

	search->scope = *order->scope;
	plan->transport = order->transport;
	plan->shard = order->shard;
	plan->n_shards = order->n_shards;
	search->is_patient = order->is_patient && order->transport == TRANSPORT_UDP;
	if (order->resume)
		search->resume =
			(const char *)arena_copy(&search->arena, span_str(order->resume)).p;
	r = seen_seed(search->resume, &plan->seed, why);
	if (r == 0)
		r = choose_hosts(search, order, why);
	if (r < 0)
		return r;
	choose_ports(search, order);
	if (plan->n_shards > 1)
		plan->seed = seen_shared_seed(plan);
	n_named = target_count(&plan->hosts);
	r = target_plan(&search->arena, plan, why);
	if (r == 0)
		r = seen_open(&search->seen, search->resume, plan, why);
	if (r < 0)
		return r;
	judge_scope(search);
	search->facts.n_never += n_named - plan->n_hosts;
	search->facts.first = plan->hosts.rows[0].first;
	search->facts.n_hosts = plan->n_hosts;
	search->facts.ports = plan->ports;
	search->facts.n_ports = plan->n_ports;
	search->facts.n_targets = plan->n;
	search->facts.n_own = plan->n_steps;
	search->facts.n_done = seen_count(search->seen.bits.answered, plan->n);
	return 0;
}

int scan_search_new(struct scan_search **search, const struct scan_order *order, struct why *why)
{
	struct scan_search *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return why_set(why, ENOMEM, _("out of memory"));
	made->seen.fd = -1;
	r = make(made, order, why);
	if (r < 0)
		scan_search_free(made);
	else
		*search = made;
	return r;
}

struct scan_search *scan_search_free(struct scan_search *search)
{
	if (search) {
		seen_close(&search->seen);
		search_forget_absent(search);
		arena_done(&search->arena);
		free(search);
	}
	return NULL;
}

const struct scan_plan *scan_search_plan(const struct scan_search *search)
{
	return &search->facts;
}

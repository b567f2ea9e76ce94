/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target: ranges of addresses, and the plan that is made of them; see target.h.
 *
 * Ranges are sorted by family, upper half (IPv6) and lower half; to cut one list out of another
 * both are walked once, side by side.
 */
#include "scan/target.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"

static uint64_t half(const uint8_t *bytes, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | bytes[i];
	return v;
}

static uint64_t high(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? half(a->bytes, 8) : 0;
}

uint64_t target_low(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? half(a->bytes + 8, 8) : half(a->bytes, 4);
}

struct address target_plus(const struct address *address, uint64_t n)
{
	struct address a = *address;
	size_t first = a.family == ADDRESS_IPV6 ? 8 : 0;
	size_t end = a.family == ADDRESS_IPV6 ? 16 : 4;
	uint64_t low = target_low(address) + n;

	for (size_t i = end; i-- > first; low >>= 8)
		a.bytes[i] = (uint8_t)low;
	return a;
}

/* The last address of a range, by its lower half. */
static uint64_t last(const struct target_range *r)
{
	return target_low(&r->first) + (r->n - 1);
}

static bool same_space(const struct address *a, const struct address *b)
{
	return a->family == b->family && high(a) == high(b) && a->interface == b->interface;
}

static int cmp_space(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (high(a) != high(b))
		return high(a) < high(b) ? -1 : 1;
	return a->interface < b->interface ? -1 : a->interface > b->interface;
}

static int cmp_range(const void *a, const void *b)
{
	const struct target_range *x = a;
	const struct target_range *y = b;
	int r = cmp_space(&x->first, &y->first);

	if (r)
		return r;
	if (target_low(&x->first) != target_low(&y->first))
		return target_low(&x->first) < target_low(&y->first) ? -1 : 1;
	return 0;
}

void target_add(struct arena *arena, struct target_ranges *ranges, const struct address *first,
		uint64_t n)
{
	struct target_range *row;

	if (n == 0)
		return;
	row = arena_push(arena, &ranges->rows, &ranges->n, &ranges->capacity, sizeof(*row));
	row->first = *first;
	row->n = n;
}

void target_sort(struct target_ranges *ranges)
{
	size_t kept = 0;
	uint64_t before = 0;

	if (ranges->n)
		qsort(ranges->rows, ranges->n, sizeof(*ranges->rows), cmp_range);
	for (size_t i = 0; i < ranges->n; i++) {
		struct target_range row = ranges->rows[i];
		struct target_range *end = kept ? &ranges->rows[kept - 1] : NULL;

		if (end && same_space(&end->first, &row.first) &&
		    (last(end) == UINT64_MAX || target_low(&row.first) <= last(end) + 1)) {
			if (last(&row) > last(end))
				end->n = last(&row) - target_low(&end->first) + 1;
			continue;
		}
		ranges->rows[kept++] = row;
	}
	ranges->n = kept;
	for (size_t i = 0; i < kept; i++) {
		ranges->rows[i].before = before;
		before += ranges->rows[i].n;
	}
}

uint64_t target_count(const struct target_ranges *ranges)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ranges->n; i++)
		if (__builtin_add_overflow(n, ranges->rows[i].n, &n))
			return UINT64_MAX;
	return n;
}

/* Whether the range ends before address a begins. */
static bool is_before(const struct target_range *r, const struct address *a)
{
	int order = cmp_space(&r->first, a);

	return order ? order < 0 : last(r) < target_low(a);
}

void target_cut(struct arena *arena, const struct target_ranges *from,
		const struct target_ranges *without, struct target_ranges *left)
{
	size_t k = 0;

	for (size_t i = 0; i < from->n; i++) {
		struct target_range row = from->rows[i];
		bool is_over = false;

		while (k < without->n && is_before(&without->rows[k], &row.first))
			k++;
		for (size_t c = k; c < without->n && !is_over; c++) {
			const struct target_range *cut = &without->rows[c];
			uint64_t begin = target_low(&row.first);
			uint64_t from_cut = target_low(&cut->first);

			if (cmp_space(&cut->first, &row.first) != 0 || from_cut > last(&row))
				break;
			if (from_cut > begin)
				target_add(arena, left, &row.first, from_cut - begin);
			is_over = last(cut) >= last(&row);
			if (!is_over) {
				uint64_t skip = last(cut) + 1 - begin;

				row.first = target_plus(&row.first, skip);
				row.n -= skip;
			}
		}
		if (!is_over)
			target_add(arena, left, &row.first, row.n);
	}
	target_sort(left);
}

static void never_ipv4(struct arena *arena, struct target_ranges *ranges, const char *first,
		       uint64_t n)
{
	struct address a;

	if (address_parse(span_str(first), &a))
		target_add(arena, ranges, &a, n);
}

void target_never(struct arena *arena, const struct scan_scope *scope, struct target_ranges *ranges)
{
	never_ipv4(arena, ranges, "0.0.0.0", 1ull << 24);
	never_ipv4(arena, ranges, "127.255.255.255", 1);
	never_ipv4(arena, ranges, "169.254.169.254", 1);
	never_ipv4(arena, ranges, "224.0.0.0", 1ull << 29);
	for (size_t i = 0; i < scope->n_networks; i++) {
		const struct scan_network *network = &scope->networks[i];
		uint64_t size = 1ull << (32 - network->bits % 33);
		struct address a = network->address;

		if (a.family != ADDRESS_IPV4 || network->bits >= 31 || address_is_loopback(&a))
			continue;
		a = target_plus(&a, (size - 1) - target_low(&a) % size);
		target_add(arena, ranges, &a, 1);
	}
	target_sort(ranges);
}

/* IPv6 has two addresses and a prefix that are never asked; their upper halves do not fit into
 * ranges, so whole rows are looked at. */
static bool is_never_ipv6(const struct address *a)
{
	static const uint8_t metadata[16] = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};

	return a->family == ADDRESS_IPV6 &&
	       (a->bytes[0] == 0xff || address_is_any(a) || memcmp(a->bytes, metadata, 16) == 0);
}

/* Takes out the rows, or the addresses at the edge of a row, that IPv6 never asks. */
static void drop_never_ipv6(struct target_ranges *hosts)
{
	size_t kept = 0;

	for (size_t i = 0; i < hosts->n; i++) {
		struct target_range row = hosts->rows[i];

		if (is_never_ipv6(&row.first)) {
			if (row.first.bytes[0] == 0xff || --row.n == 0)
				continue;
			row.first = target_plus(&row.first, 1);
		}
		hosts->rows[kept++] = row;
	}
	hosts->n = kept;
}

int target_plan(struct arena *arena, struct target_plan *plan, struct why *why)
{
	drop_never_ipv6(&plan->hosts);
	target_sort(&plan->hosts);
	plan->n_hosts = target_count(&plan->hosts);
	if (plan->n_hosts == 0)
		return why_set(why, ENOENT,
			       _("no host is left to ask: what was named is never asked, or stands "
				 "on the opt-out list"));
	if (plan->n_ports == 0)
		return why_set(why, ENOENT, _("no port is left to ask"));
	if (__builtin_mul_overflow(plan->n_hosts, (uint64_t)plan->n_ports, &plan->n) ||
	    plan->n > TARGETS_MAX)
		return why_set(why, E2BIG,
			       _("more than %llu targets (hosts times ports): scan in parts"),
			       (unsigned long long)TARGETS_MAX);
	if (plan->n_shards == 0)
		plan->shard = plan->n_shards = 1;
	if (plan->shard > plan->n)
		return why_set(why, ENOENT, _("shard %u of %u is empty: there are %llu targets"),
			       plan->shard, plan->n_shards, (unsigned long long)plan->n);
	plan->n_steps = (plan->n - plan->shard) / plan->n_shards + 1;
	plan->port_row = arena_get_array(arena, N_PORTS, sizeof(*plan->port_row));
	for (uint32_t i = 0; i < plan->n_ports; i++)
		plan->port_row[plan->ports[i]] = (uint16_t)(i + 1);
	mix_init(&plan->mix, plan->n, plan->seed);
	return 0;
}

/* The row of a host by its number. */
static const struct target_range *row_of(const struct target_plan *plan, uint64_t host)
{
	size_t low = 0;
	size_t end = plan->hosts.n;

	while (end - low > 1) {
		size_t middle = low + (end - low) / 2;

		if (plan->hosts.rows[middle].before <= host)
			low = middle;
		else
			end = middle;
	}
	return &plan->hosts.rows[low];
}

void target_at(const struct target_plan *plan, uint64_t index, struct address *address,
	       uint16_t *port)
{
	uint64_t host = index / plan->n_ports;
	const struct target_range *row = row_of(plan, host);

	*address = target_plus(&row->first, host - row->before);
	*port = plan->ports[index % plan->n_ports];
}

bool target_find(const struct target_plan *plan, const struct address *address, uint16_t port,
		 uint64_t *index)
{
	size_t low = 0;
	size_t end = plan->hosts.n;
	const struct target_range *row;

	if (plan->port_row[port] == 0)
		return false;
	while (low < end) {
		size_t middle = low + (end - low) / 2;

		if (is_before(&plan->hosts.rows[middle], address))
			low = middle + 1;
		else
			end = middle;
	}
	if (low == plan->hosts.n)
		return false;
	row = &plan->hosts.rows[low];
	if (!same_space(&row->first, address) || target_low(address) < target_low(&row->first))
		return false;
	*index = (row->before + (target_low(address) - target_low(&row->first))) * plan->n_ports +
		 plan->port_row[port] - 1;
	return true;
}

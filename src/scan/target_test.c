/* SPDX-License-Identifier: Apache-2.0 */
/* The plan of a scan: every target once, none that is never asked, whatever the shard. */
#include "scan/target.h"

#include <stdlib.h>

#include "base/scope.h"
#include "test/tap.h"

static void order_is_a_bijection(void)
{
	static const uint64_t sizes[] = {1, 2, 3, 5, 64, 65, 1000, 4096, 65535, 65537, 100003};
	auto_free uint8_t *seen = malloc(100003);

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (uint64_t seed = 0; seed < 4; seed++) {
			struct mix mix;
			uint64_t n = sizes[i];
			uint64_t wrong = 0;

			mix_init(&mix, n, seed);
			memset(seen, 0, n);
			for (uint64_t at = 0; at < n; at++) {
				uint64_t index = mix_at(&mix, at);

				if (index >= n || seen[index]++)
					wrong++;
			}
			if (wrong || seed == 3)
				ok(wrong == 0, "%llu targets: each stands at one position",
				   (unsigned long long)n);
		}
}

static void order_depends_on_seed(void)
{
	struct mix a;
	struct mix b;
	unsigned same = 0;
	unsigned straight = 0;

	mix_init(&a, 65536, 1);
	mix_init(&b, 65536, 2);
	for (uint64_t i = 0; i < 65535; i++) {
		same += mix_at(&a, i) == mix_at(&b, i);
		straight += mix_at(&a, i) + 1 == mix_at(&a, i + 1);
	}
	ok(same < 100 && straight < 100, "seeds give orders of their own, and neighbours part");
}

static bool has(const struct target_ranges *ranges, const char *text)
{
	struct address a;

	if (!address_parse(span_str(text), &a))
		return false;
	for (size_t i = 0; i < ranges->n; i++)
		for (uint64_t k = 0; k < ranges->rows[i].n && k < 4096; k++) {
			struct address b = target_plus(&ranges->rows[i].first, k);

			if (address_eq(&a, &b))
				return true;
		}
	return false;
}

static void words_name_hosts(void)
{
	static const struct {
		const char *word;
		uint64_t n;
		const char *first, *last;
	} cases[] = {
		{"192.0.2.7", 1, "192.0.2.7", "192.0.2.7"},
		{"192.0.2.0/24", 254, "192.0.2.1", "192.0.2.254"},
		{"192.0.2.77/30", 2, "192.0.2.77", "192.0.2.78"},
		{"192.0.2.4/31", 2, "192.0.2.4", "192.0.2.5"},
		{"192.0.2.4/32", 1, "192.0.2.4", "192.0.2.4"},
		{"192.0.2.250-192.0.3.5", 12, "192.0.2.250", "192.0.3.5"},
		{"192.0.2.1-9", 9, "192.0.2.1", "192.0.2.9"},
		{"2001:db8::/120", 256, "2001:db8::", "2001:db8::ff"},
		{"[2001:db8::9]", 1, "2001:db8::9", "2001:db8::9"},
		{"2001:db8::1-2001:db8::20", 32, "2001:db8::1", "2001:db8::20"},
		{"::ffff:192.0.2.7", 1, "192.0.2.7", "192.0.2.7"},
		{"192.0.2.9-1", 0, NULL, NULL},
		{"192.0.2.0/33", 0, NULL, NULL},
		{"2001:db8::/64", 0, NULL, NULL},
		{"192.0.2.1-x", 0, NULL, NULL},
		{"", 0, NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = {0};
		struct target_ranges ranges = {0};
		struct why why = {0};
		int r = target_parse(&arena, span_str(cases[i].word), &ranges, &why);

		target_sort(&ranges);
		ok(cases[i].n ? r == 0 && target_count(&ranges) == cases[i].n &&
					has(&ranges, cases[i].first) && has(&ranges, cases[i].last)
			      : r < 0 && why.text[0],
		   "'%s' is %llu hosts", cases[i].word, (unsigned long long)cases[i].n);
		arena_done(&arena);
	}
}

static void parse(struct arena *arena, const char *word, struct target_ranges *ranges)
{
	if (target_parse(arena, span_str(word), ranges, NULL) < 0)
		abort();
	target_sort(ranges);
}

static void ranges_are_cut(void)
{
	struct arena arena = {0};
	struct scan_scope scope = {.n_networks = 1};
	struct target_ranges hosts = {0};
	struct target_ranges never = {0};
	struct target_ranges left = {0};

	parse(&arena, "192.0.2.10-30", &hosts);
	parse(&arena, "192.0.2.20-40", &hosts);
	ok(hosts.n == 1 && target_count(&hosts) == 31, "ranges that touch are joined");
	parse(&arena, "169.254.169.250-255", &hosts);
	parse(&arena, "223.255.255.250-224.0.0.5", &hosts);
	parse(&arena, "0.255.255.255-1.0.0.0", &hosts);
	parse(&arena, "240.0.0.1", &hosts);
	parse(&arena, "198.18.0.250-198.18.1.5", &hosts);
	parse(&arena, "2001:db8::5", &hosts);
	scope.networks[0].bits = 24;
	if (!address_parse(SPAN_LIT("198.18.0.1"), &scope.networks[0].address))
		abort();
	target_never(&arena, &scope, &never);
	target_cut(&arena, &hosts, &never, &left);
	ok(target_count(&left) == 31 + 5 + 6 + 1 + 11 + 1, "what is never asked is cut out");
	ok(!has(&left, "169.254.169.254") && has(&left, "169.254.169.253") &&
		   has(&left, "169.254.169.255"),
	   "the metadata service is not asked, its neighbours are");
	ok(!has(&left, "224.0.0.0") && has(&left, "223.255.255.255"), "nor multicast");
	ok(!has(&left, "0.255.255.255") && has(&left, "1.0.0.0"), "nor this network");
	ok(!has(&left, "198.18.0.255") && has(&left, "198.18.1.0"),
	   "nor the broadcast address of a network that we know");
	arena_done(&arena);
}

static void make(struct arena *arena, struct target_plan *plan, uint32_t shard, uint32_t n)
{
	static const uint16_t ports[] = {22, 53, 80, 443, 65535};

	*plan = (struct target_plan){.n_ports = ARRAY_LEN(ports),
				     .transport = TRANSPORT_TCP,
				     .seed = 7,
				     .shard = shard,
				     .n_shards = n};
	plan->ports = arena_get_array(arena, ARRAY_LEN(ports), sizeof(*ports));
	memcpy(plan->ports, ports, sizeof(ports));
	parse(arena, "192.0.2.0/25", &plan->hosts);
	parse(arena, "198.18.3.1-200", &plan->hosts);
	parse(arena, "2001:db8::/122", &plan->hosts);
	if (target_plan(arena, plan, NULL) < 0)
		abort();
}

static void shards_part_the_plan(void)
{
	struct arena arena = {0};
	struct target_plan whole;
	auto_free uint8_t *seen = calloc(1, 4096);
	uint64_t wrong = 0;
	uint64_t n = 0;

	make(&arena, &whole, 1, 1);
	ok(whole.n == (126 + 200 + 64) * 5 && whole.n_steps == whole.n, "hosts times ports");
	for (uint32_t shard = 1; shard <= 7; shard++) {
		struct target_plan plan;

		make(&arena, &plan, shard, 7);
		n += plan.n_steps;
		for (uint64_t step = 0; step < plan.n_steps; step++) {
			uint64_t index = target_index(&plan, step);

			if (index >= plan.n || seen[index]++)
				wrong++;
		}
	}
	ok(wrong == 0 && n == whole.n, "seven shards have every target once");
	arena_done(&arena);
}

static void replies_find_their_target(void)
{
	struct arena arena = {0};
	struct target_plan plan;
	struct address address;
	uint64_t wrong = 0;
	uint64_t index;
	uint16_t port;

	make(&arena, &plan, 1, 1);
	for (uint64_t i = 0; i < plan.n; i++) {
		target_at(&plan, i, &address, &port);
		if (!target_find(&plan, &address, port, &index) || index != i)
			wrong++;
	}
	ok(wrong == 0, "address and port lead back to the index");
	target_at(&plan, 0, &address, &port);
	ok(!target_find(&plan, &address, 81, &index),
	   "a port that was not asked is nobody's reply");
	ok(address_parse(SPAN_LIT("192.0.2.127"), &address) &&
		   !target_find(&plan, &address, 22, &index),
	   "nor is an address beside the range");
	ok(address_parse(SPAN_LIT("2001:db8::40"), &address) &&
		   !target_find(&plan, &address, 22, &index),
	   "nor one behind the last");
	arena_done(&arena);
}

static void bounds_are_kept(void)
{
	struct arena arena = {0};
	struct target_plan plan = {.transport = TRANSPORT_TCP, .n_ports = 2};
	uint16_t ports[] = {1, 2};
	struct why why = {0};

	plan.ports = ports;
	ok(target_plan(&arena, &plan, &why) == -2 && why.text[0], "no host is an error");
	parse(&arena, "1.0.0.0-223.255.255.255", &plan.hosts);
	ok(target_plan(&arena, &plan, &why) == -7 && why.text[0], "too many targets are refused");
	plan.hosts = (struct target_ranges){0};
	parse(&arena, "ff02::1", &plan.hosts);
	parse(&arena, "::", &plan.hosts);
	ok(target_plan(&arena, &plan, &why) == -2, "IPv6 multicast and :: are never asked");
	parse(&arena, "192.0.2.1", &plan.hosts);
	plan.shard = 5;
	plan.n_shards = 9;
	ok(target_plan(&arena, &plan, &why) == -2, "a shard without targets is said to be empty");
	arena_done(&arena);
}

int main(void)
{
	order_is_a_bijection();
	order_depends_on_seed();
	words_name_hosts();
	ranges_are_cut();
	shards_part_the_plan();
	replies_find_their_target();
	bounds_are_kept();
	return done();
}

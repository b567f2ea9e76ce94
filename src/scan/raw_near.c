/* SPDX-License-Identifier: Apache-2.0 */
/* raw_near: see raw_near.h. */
#include "scan/raw_near.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/scope.h"
#include "scan/raw_way.h"

enum { LIMIT = 1024 };

int raw_near_each(const struct target_plan *plan, raw_near_fn *each, void *arg, struct why *why)
{
	struct arena arena = {0};
	struct raw_ways *ways = arena_get(&arena, sizeof(*ways));
	int r = raw_ways_init(ways, plan, &arena, why);

	for (size_t i = 0; r == 0 && i < ways->n_segments; i++) {
		uint64_t end =
			i + 1 < ways->n_segments ? ways->segments[i + 1].host : plan->n_hosts;
		int32_t hop = ways->segments[i].hop;

		if (hop != RAW_NO_WAY && ways->hops[hop].has_mac &&
		    ways->hops[hop].gateway.family == ADDRESS_NONE)
			each(arg, ways->segments[i].host, end - ways->segments[i].host);
	}
	arena_done(&arena);
	return r;
}

uint64_t raw_near_limit(void)
{
	auto_close int fd =
		open("/proc/sys/net/ipv4/neigh/default/gc_thresh3", O_RDONLY | O_CLOEXEC);
	uint64_t limit;
	char text[32];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return n > 0 && span_u64(span_trim(span_of(text, (size_t)n)), UINT32_MAX, &limit) ? limit
											   : LIMIT;
}

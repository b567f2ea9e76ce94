/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_absent: the hosts of a search that are not there, so that nothing is sent for them. The
 * engines add to the table what the own links tell them (engine_give_up).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/text.h"
#include "scan/discover.h"
#include "scan/raw_near.h"
#include "scan/search_private.h"

static size_t table_size(const struct scan_search *search)
{
	return (search->plan.n_hosts + 63) / 64 * 8;
}

/* Steps of hosts that are not there. A shard's are not counted: it ends by the clock then. */
static uint64_t count_given_up(const struct scan_search *search)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < search->plan.n && search->plan.n_shards == 1; i++)
		n += engine_is_settled(&search->session, i) &&
		     !engine_is_answered(&search->session.seen, i);
	return n;
}

static void show_hosts(void *owner)
{
	struct scan_search *search = owner;
	struct scan_progress progress = {
		.n_hosts = search->plan.n_hosts,
		.n_there = search->plan.n_hosts - search_count_absent(search),
		.is_discovering = true,
	};

	if (search->listener->progress)
		search->listener->progress(search->listener, &progress);
}

int search_find_absent(struct scan_search *search, struct why *why)
{
	uint64_t n = search->plan.n_hosts;
	struct discover discover = {.plan = &search->plan,
				    .rate_pps = search->rounds.rate_pps,
				    .stop = search->way->stop,
				    .tick = show_hosts,
				    .owner = search};
	void *table;
	int r;

	/* one port a host: asking whether he is there would be as much work */
	if (!search->way->is_discovering && search->plan.n_ports == 1)
		return 0;
	table = mmap(NULL, table_size(search), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (table == MAP_FAILED)
		return why_set(why, ENOMEM, _("out of memory"));
	search->session.absent = search->absent = discover.absent = table;
	if (!search->way->is_discovering)
		return 0;
	for (uint64_t i = 0; i < n; i++)
		discover.absent[i / 64] |= 1ull << (i % 64);
	r = discover_hosts(&discover, why);
	search->rounds.n_given_up = r == 0 ? count_given_up(search) : 0;
	return r;
}

uint64_t search_count_absent(const struct scan_search *search)
{
	return search->absent ? seen_count(search->absent, search->plan.n_hosts) : 0;
}

void search_forget_absent(struct scan_search *search)
{
	if (search->absent)
		munmap(search->absent, table_size(search));
	search->absent = NULL;
}

static void count(void *arg, uint64_t host, uint64_t n)
{
	(void)host;
	*(uint64_t *)arg += n;
}

void search_remark_neighbours(struct scan_search *search)
{
	uint64_t limit = raw_near_limit();
	char text[WHY_SIZE];
	uint64_t n = 0;

	if (search->engine->is_raw || !search->listener->remark || search->plan.n_hosts <= limit ||
	    raw_near_each(&search->plan, count, &n, NULL) < 0 || n <= limit)
		return;
	snprintf(text, sizeof(text),
		 _("%" PRIu64 " neighbours, and this kernel remembers %" PRIu64
		   " (net.ipv4.neigh.default.gc_thresh3): the scan waits for it; the packet engine "
		   "does not"),
		 n, limit);
	search->listener->remark(search->listener, text);
}

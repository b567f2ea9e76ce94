/* SPDX-License-Identifier: Apache-2.0 */
/* search_private: a search between its plan (search_plan.c) and its run (search.c). Private. */
#ifndef PERIPLUS_SCAN_SEARCH_PRIVATE_H
#define PERIPLUS_SCAN_SEARCH_PRIVATE_H

#include "scan/rounds.h"
#include "scan/tell.h"

struct scan_search {
	struct arena arena;
	struct scan_scope scope;
	struct target_plan plan;
	struct scan_plan facts;
	const char *resume; /* in the arena */
	bool is_patient;
	struct seen seen;
	uint64_t *absent; /* as in engine_session; shared memory */

	/* While it runs. */
	const struct scan_way *way;
	struct scan_listener *listener;
	struct engine_session session;
	const struct engine *engine;
	struct tell tell;
	uint64_t *fresh; /* open ports to be told of as they are, by index */
	size_t n_fresh, fresh_capacity;
	size_t first_fresh; /* those before it have been told of */
	struct rounds rounds;
	double begin; /* seconds */
	double shown;
	uint64_t open_before; /* by the runs before */
	uint64_t n_told, n_failed;
	uint64_t n_rested; /* of n_told, at the listener's last rest */
	bool is_out_of_memory;
};

/* search_kept.c: refuses what was named outside of the networks; `named` is sorted. */
int search_keep_to(struct arena *arena, const struct scan_scope *networks,
		   const struct target_ranges *named, struct why *why) must_check;
/* search_plan.c: all addresses of an IPv4 network. */
void search_add_network(struct arena *arena, struct target_ranges *ranges,
			const struct scan_network *network);

/* search_absent.c: hosts that are not there. Makes the table, and asks when the way says so. */
int search_find_absent(struct scan_search *search, struct why *why) must_check;
uint64_t search_count_absent(const struct scan_search *search);
/* Says when more neighbours are asked through the kernel than it remembers. */
void search_remark_neighbours(struct scan_search *search);
void search_forget_absent(struct scan_search *search);

#endif

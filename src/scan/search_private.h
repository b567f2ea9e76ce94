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
	struct seen seen;

	/* While it runs. */
	const struct scan_way *way;
	struct scan_listener *listener;
	struct engine_session session;
	const struct engine *engine;
	struct tell tell;
	struct rounds rounds;
	double begin; /* seconds */
	double shown;
	uint64_t open_before; /* by the runs before */
	uint64_t n_told, n_failed;
	bool is_out_of_memory;
};

#endif

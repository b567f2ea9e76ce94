/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: identifies open ports while others are still looked for. Private to scan.
 *
 * They are told in batches to a child that runs scan_identify and sends its results through a pipe;
 * the scan never waits for a server that talks slowly. One batch at a time, so that the limits of
 * conversations per address hold.
 */
#ifndef PERIPLUS_SCAN_TELL_H
#define PERIPLUS_SCAN_TELL_H

#include "scan/search.h"
#include "scan/worker.h"

struct tell_item {
	uint64_t index;  /* in the plan */
	bool must_prove; /* open only if its protocol is proved */
	bool is_done;
};

struct tell {
	uint32_t timeout_ms, per_address, per_network; /* as in scan_query */
	/* Whom an item is about. Called by the child that asks, too. */
	void (*target)(const struct tell *tell, const struct tell_item *item,
		       struct scan_target *target);
	/* Each item once; result NULL when it was not asked any more. Not 0 ends the scan. */
	int (*put)(struct tell *tell, const struct tell_item *item,
		   const struct scan_result *result);
	void *owner;

	struct tell_item *items;
	size_t n, capacity;
	size_t first, n_batch; /* of the batch that runs */
	size_t n_done;         /* in it */
	pid_t pid;             /* 0: none runs */
	int fd;
	struct record *record;
	size_t n_read; /* bytes of the record */
	int64_t waiting_since_ms;
};

/* Adds one; -ENOMEM. */
int tell_add(struct tell *tell, uint64_t index, bool must_prove) must_check;
/* Starts a batch when one pays (or is_last), takes what has come; waits at most `ms` for it. */
int tell_step(struct tell *tell, bool is_last, int ms, struct why *why) must_check;
bool tell_is_over(const struct tell *tell);
/* Ends the child and puts what is left without result. */
int tell_stop(struct tell *tell) must_check;
void tell_done(struct tell *tell);

#endif

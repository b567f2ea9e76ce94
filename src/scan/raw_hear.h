/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_hear: the process without rights that reads answers, and what it tells the one that sends.
 *
 * It has the packet ring, the plan, and a queue of small records in shared memory; no right, no
 * file, no other socket. Where it reads stands in shared memory before it reads there: if it dies
 * over a packet, the next one begins behind that packet. Private to scan.
 */
#ifndef PERIPLUS_SCAN_RAW_HEAR_H
#define PERIPLUS_SCAN_RAW_HEAR_H

#include <sys/types.h>

#include "scan/raw_frame.h"
#include "scan/raw_way.h"

/* OPEN to ELSEWHERE: of a target, by index. NEAR: of a neighbour, by host number. GATEWAY: by hop.
 */
enum raw_heard_kind {
	RAW_HEARD_OPEN,
	RAW_HEARD_CLOSED,
	RAW_HEARD_ELSEWHERE,
	RAW_HEARD_PROHIBITED,
	RAW_HEARD_UNREACHABLE,
	RAW_HEARD_NEAR,
	RAW_HEARD_GATEWAY,
	N_RAW_HEARD,
};

struct raw_heard {
	uint32_t number;
	uint32_t us; /* when it came: low bits of the real-time clock */
	uint8_t kind;
	uint8_t mac[RAW_MAC];
	uint8_t unused;
};

struct raw_hearing;

struct raw_hear_query {
	const struct target_plan *plan;
	const struct raw_ways *ways;
	const struct raw_self *self;
	const bool *may_answer_elsewhere; /* by row of plan->ports; NULL: none */
	int fd;                           /* of raw_receiver */
	void *ring;
};

/* Starts the process. What the query points at must stay. */
int raw_hear_start(struct raw_hearing **hearing, const struct raw_hear_query *query,
		   struct why *why) must_check;
/* The next record; false: none is there now. */
bool raw_hear_take(struct raw_hearing *hearing, struct raw_heard *heard) must_check;
/* True while it has more than it reads: whoever sends at full speed on the same processors has to
 * leave it some of their time, or takes lateness for loss. */
bool raw_hear_is_behind(const struct raw_hearing *hearing);
/* Waits for a record, at most so long. Starts a new process if the last one has died, which *deaths
 * counts; an error when it cannot. */
int raw_hear_wait(struct raw_hearing *hearing, int64_t ns, uint64_t *deaths,
		  struct why *why) must_check;
void raw_hear_stop(struct raw_hearing *hearing); /* takes NULL */

#endif

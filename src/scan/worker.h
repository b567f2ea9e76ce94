/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: the process that talks and parses, and the records by which it reports. Private to scan.
 *
 * A record is as foreign to the parent as the bytes it was made from: record_check mends or refuses
 * it. Which target the worker is parsing stands in a page that both share, so that a worker's death
 * has a name.
 */
#ifndef PERIPLUS_SCAN_WORKER_H
#define PERIPLUS_SCAN_WORKER_H

#include <sys/types.h>

#include "scan/scan.h"

enum { RECORD_MAGIC = 0x70727031, NO_TARGET = -1, NO_PROTO = -1 };

struct record {
	uint32_t magic;
	uint32_t index;        /* of the target */
	int32_t proto, spared; /* rows by number; the pointers in result are not to be followed */
	struct scan_result result;
};

/* A row as it stands in a record; NULL is NO_PROTO. */
int32_t record_number(const struct proto *proto);
/* Makes the result safe to use: terminated texts, counts and offsets within bounds, pointers from
 * numbers. False when it is not even that. */
bool record_check(struct record *record, size_t n_targets) must_check;

/* In the child: talks to every target that is not done, writes records to fd; never returns. */
_Noreturn void worker_run(const struct scan_query *query, const bool *done, int fd,
			  volatile int32_t *parsing, pid_t parent);

#endif

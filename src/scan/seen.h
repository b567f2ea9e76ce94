/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen: what a scan has done so far: one integer, and two bits a target. Private to scan.
 *
 * With a file it lies there (mapped, so that a killed process loses nothing) and the next run goes
 * on: it begins again at the lowest step that was in flight, and sends only to those that have not
 * answered. The file belongs to one plan: hosts, ports, transport and shard; the seed stands in it.
 */
#ifndef PERIPLUS_SCAN_SEEN_H
#define PERIPLUS_SCAN_SEEN_H

#include "scan/engine.h"

enum { SEEN_ROUNDS = 5 };

/* Head of the file, in this machine's byte order; then the words of answered, then those of open.
 */
struct seen_head {
	char magic[16];
	uint64_t plan; /* fingerprint */
	uint64_t seed;
	uint64_t n;
	uint64_t cursor; /* round * steps + step: everything before it was sent, and waited for */
	uint64_t is_done;
	uint64_t sent;
	uint64_t answered[SEEN_ROUNDS]; /* by round, of those that tell of loss */
};

struct seen {
	struct seen_head *head;
	struct engine_seen bits;
	size_t size; /* of the mapping */
	int fd;      /* -1: memory only */
};

/* The seed of an existing file, else one at random. */
int seen_seed(const char *path, uint64_t *seed, struct why *why) must_check;
/* The seed of a plan that is parted: of its hosts, ports and transport, the same everywhere. */
uint64_t seen_shared_seed(const struct target_plan *plan);
/* path NULL: memory. -EBUSY when another run has the file, -EINVAL when it is of another plan. */
int seen_open(struct seen *seen, const char *path, const struct target_plan *plan,
	      struct why *why) must_check;
void seen_close(struct seen *seen);
uint64_t seen_count(const uint64_t *words, uint64_t n); /* bits set */
/* Groups of so many bits side by side of which at least one is set. */
uint64_t seen_count_groups(const uint64_t *words, uint64_t n, uint32_t group);

#endif

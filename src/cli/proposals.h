/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proposals: the directory in which what visitors proposed waits for a person. Private to cli; used by
 * periplus-serve, which keeps, and by `periplus facts review`, which shows and removes.
 *
 * One file a proposal, named by its own text: the same one sent again is the same file. A file appears
 * whole or not at all, so that neither side waits for the other.
 */
#ifndef PERIPLUS_CLI_PROPOSALS_H
#define PERIPLUS_CLI_PROPOSALS_H

#include "base/arena.h"
#include "base/proposal.h"
#include "base/why.h"

/* Letters of a name; how many are kept at a time. */
enum { PROPOSAL_NAME = 12, PROPOSALS_MOST = 5000 };

struct kept_proposal {
	char name[PROPOSAL_NAME + 1];
	struct proposal proposal; /* its texts are in the arena */
};

/* The directory below that of the registry, made when it is not there and `make` says so. A descriptor,
 * or -ENOENT without why when there is none, or another negative errno with why. */
int proposals_open(bool make, struct why *why) must_check;
/* 1 when it was kept, 0 when it is there already, or a negative errno with why. `now` in seconds. */
int proposals_keep(int directory, const struct proposal *proposal, int64_t now,
		   struct why *why) must_check;
/* How many there are, or a negative errno. */
int proposals_count(int directory);
/* All that can be read, oldest first, then by port. 0 or a negative errno with why. */
int proposals_list(int directory, struct arena *arena, struct kept_proposal **all, size_t *n,
		   struct why *why) must_check;
int proposals_remove(int directory, const char *name, struct why *why) must_check;

#endif

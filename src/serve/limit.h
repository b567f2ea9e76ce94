/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit: how often visitors may send something: some at once, then one after a while, each and all
 * together (private to serve).
 *
 * A visitor is a place in a table, by a hash with a secret of this run: nothing that is kept tells an
 * address, and all is gone with the process. Two visitors of one place share what it may.
 */
#ifndef PERIPLUS_SERVE_LIMIT_H
#define PERIPLUS_SERVE_LIMIT_H

#include "base/span.h"

/* Places; how many at once; ms after which one more may come. */
enum {
	LIMIT_PLACES = 4096,
	LIMIT_EACH = 5,
	LIMIT_EACH_MS = 30000,
	LIMIT_ALL = 60,
	LIMIT_ALL_MS = 2000,
};

struct limit {
	uint64_t secret;
	int64_t all;		     /* ms at which all of them would be as rested as at the start */
	int64_t each[LIMIT_PLACES]; /* the same of one visitor */
};

/* Whether one more may come now (ms of any clock that does not go back), and counts it. An empty
 * `who` stands for nobody in particular: only all together count. */
bool limit_admits(struct limit *limit, int64_t now, struct span who);

#endif

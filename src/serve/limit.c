/* SPDX-License-Identifier: Apache-2.0 */
/* limit: see limit.h. The generic cell rate algorithm (ITU-T I.371, annex A): one time per visitor. */
#include "serve/limit.h"

/* When it would be rested again after one more; -1: there have been too many. */
static int64_t after(int64_t rested, int64_t now, int64_t most, int64_t ms)
{
	int64_t from = rested > now ? rested : now;

	return from - now > (most - 1) * ms ? -1 : from + ms;
}

static size_t place_of(const struct limit *limit, struct span who)
{
	uint64_t hash = 0xcbf29ce484222325u ^ limit->secret;

	for (size_t i = 0; i < who.n; i++) {
		hash = (hash ^ who.p[i]) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	return (hash ^ hash >> 32 ^ limit->secret >> 17) % LIMIT_PLACES;
}

bool limit_admits(struct limit *limit, int64_t now, struct span who)
{
	int64_t *place = &limit->each[place_of(limit, who)];
	int64_t all = after(limit->all, now, LIMIT_ALL, LIMIT_ALL_MS);
	int64_t own = who.n ? after(*place, now, LIMIT_EACH, LIMIT_EACH_MS) : 0;

	if (all < 0 || own < 0)
		return false;
	limit->all = all;
	if (who.n)
		*place = own;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* lookup: the map in process: nanoseconds for one answer, and for a search over everything; each
 * the best of many turns, since whoever else works on the machine only adds. */
#include <stdio.h>
#include <time.h>

#include "map/map.h"

enum { TURNS = 60, ROUNDS = 1000000, SEARCHES = 200 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Ports by steps of `step`; the time of one look-up. */
static double look(uint32_t step, const struct map *map, size_t *n)
{
	struct map_registration row;
	double best = 0;
	uint32_t port = 0;

	for (size_t turn = 0; turn < TURNS; turn++) {
		double start = now_ns();

		for (size_t i = 0; i < ROUNDS; i++) {
			uint32_t cursor = 0;

			port = (port + step) & PORT_MAX;
			*n += map_next_registration(map, (uint16_t)port, TRANSPORT_TCP, &cursor,
						    &row);
		}

		double one = (now_ns() - start) / ROUNDS;

		best = turn && best < one ? best : one;
	}
	return best;
}

static double search(const char *words, const struct map *map, size_t *n)
{
	static struct map_hit hits[64];
	struct why why;
	double best = 0;

	for (size_t turn = 0; turn < SEARCHES; turn++) {
		double start = now_ns();

		*n += (size_t)map_search(map, span_str(words), hits, 64, &why);

		double one = now_ns() - start;

		best = turn && best < one ? best : one;
	}
	return best;
}

int main(void)
{
	static const char *const words[] = {"http", "management protocol", "omnibond", "zzzz"};
	const struct map *map = map_builtin();
	size_t n = 0;

	printf("lookup in order %.2f ns\n", look(1, map, &n));
	printf("lookup at random %.2f ns\n", look(40503, map, &n));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		printf("search '%s' %.3f ms\n", words[i], search(words[i], map, &n) / 1e6);
	return n == 0;
}

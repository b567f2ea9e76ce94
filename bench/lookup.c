/* SPDX-License-Identifier: Apache-2.0 */
/* lookup: the map in process: nanoseconds for one answer, and for a search over everything. */
#include <stdio.h>
#include <time.h>

#include "map/map.h"

enum { ROUNDS = 20000000, SEARCHES = 200 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t look(uint32_t step, const struct map *map)
{
	struct map_registration row;
	size_t n = 0;
	uint32_t port = 0;

	for (size_t i = 0; i < ROUNDS; i++) {
		uint32_t cursor = 0;

		port = (port + step) & PORT_MAX;
		n += map_next_registration(map, (uint16_t)port, TRANSPORT_TCP, &cursor, &row);
	}
	return n;
}

int main(void)
{
	static const char *const words[] = {"http", "management protocol", "omnibond", "zzzz"};
	static struct map_hit hits[64];
	const struct map *map = map_builtin();
	struct why why;
	size_t n = 0;
	double start = now_ns();

	n += look(1, map);
	printf("lookup in order %.2f ns\n", (now_ns() - start) / ROUNDS);
	start = now_ns();
	n += look(40503, map);
	printf("lookup at random %.2f ns\n", (now_ns() - start) / ROUNDS);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		start = now_ns();
		for (size_t k = 0; k < SEARCHES; k++)
			n += (size_t)map_search(map, span_str(words[i]), hits, 64, &why);
		printf("search '%s' %.3f ms\n", words[i], (now_ns() - start) / SEARCHES / 1e6);
	}
	return n == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a port are those whose range it is in, for every port. */
#include <stdio.h>

#include "map/map.h"
#include "tap.h"

/* Answers of all ports together; `bad` counts those that do not cover their port. */
static size_t n_answers(enum transport transport, size_t *bad)
{
	struct map_practice fact;
	size_t n = 0;

	for (unsigned port = 0; port < N_PORTS; port++) {
		int last = -1;

		for (uint32_t cursor = 0;
		     map_next_practice(NULL, (uint16_t)port, transport, &cursor, &fact); n++) {
			*bad += port < fact.first || port > fact.last || fact.first < last;
			*bad += transport != TRANSPORT_ANY && fact.transport != TRANSPORT_ANY &&
				fact.transport != transport;
			last = fact.first;
		}
	}
	return n;
}

static size_t n_wanted(enum transport transport)
{
	struct map_practice fact;
	size_t n = 0;

	for (uint32_t i = 0; i < map_n_practice(NULL); i++) {
		map_practice_get(NULL, i, &fact);
		if (transport == TRANSPORT_ANY || fact.transport == TRANSPORT_ANY ||
		    fact.transport == transport)
			n += (size_t)(fact.last - fact.first) + 1;
	}
	return n;
}

int main(void)
{
	static const enum transport transports[] = {TRANSPORT_ANY, TRANSPORT_TCP, TRANSPORT_UDP};
	struct map_practice fact;
	uint32_t cursor = 0;

	for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++) {
		size_t n_bad = 0;

		is_int((int64_t)n_answers(transports[i], &n_bad), (int64_t)n_wanted(transports[i]),
		       "every fact answers once for each of its ports");
		is_int((int64_t)n_bad, 0, "and for no other, in order");
	}
	ok(map_next_practice(NULL, 22, TRANSPORT_TCP, &cursor, &fact) && fact.first == 22,
	   "22 has a fact");
	return done();
}

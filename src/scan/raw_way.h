/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_way: by which interface, from which own address and through whom each target is reached, as
 * the kernel's routes say. Sends nothing. Private to scan.
 *
 * A plan's hosts become segments that share a hop. The segments are exact so long as routes go by
 * destination: each is cut where a more particular route begins.
 */
#ifndef PERIPLUS_SCAN_RAW_WAY_H
#define PERIPLUS_SCAN_RAW_WAY_H

#include "scan/target.h"

enum { RAW_HOPS_MAX = 64, RAW_MAC = 6 };

struct raw_hop {
	int interface;
	struct address source;
	struct address gateway; /* ADDRESS_NONE: the targets are neighbours themselves */
	bool is_here;           /* addresses of this machine: through its own stack */
	bool has_mac;           /* an Ethernet: link addresses are needed */
	uint8_t own_mac[RAW_MAC];
	bool is_known; /* mac is the gateway's */
	uint8_t mac[RAW_MAC];
};

struct raw_segment {
	uint64_t host; /* number in the plan of the first */
	int32_t hop;   /* RAW_NO_WAY: this machine has no route, or refuses */
};

enum { RAW_NO_WAY = -1 };

struct raw_ways {
	struct raw_hop hops[RAW_HOPS_MAX];
	size_t n_hops;
	struct raw_segment *segments;
	size_t n_segments;
};

/* Asks the kernel; all in the arena. */
int raw_ways_init(struct raw_ways *ways, const struct target_plan *plan, struct arena *arena,
		  struct why *why) must_check;
/* The hop of a host by its number; NULL: there is no way. */
const struct raw_hop *raw_ways_find(const struct raw_ways *ways, uint64_t host);
/* Calls each with what the kernel knows of neighbours (reachable, stale, permanent...). */
typedef void raw_neighbour_fn(void *arg, int interface, const struct address *address,
			      const uint8_t mac[RAW_MAC]);
int raw_neighbours(raw_neighbour_fn *each, void *arg, struct why *why) must_check;

#endif

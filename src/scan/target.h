/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target: the plan of a scan: which addresses, which ports, in which order. Private to scan.
 *
 * Addresses are ranges, sorted (IPv4 first) and disjoint, from which everything that is never asked
 * has been cut out when the plan was made: an engine needs no check of its own. A target has an
 * index, host * n_ports + port, by which the bitmaps are kept, and stands at a position of the
 * order (mix.h). Shard I of N visits the positions I-1, I-1+N, ... of the whole order; what the
 * house calls a step is the count of positions that one shard has visited:
 *
 *     step -> target_position -> mix_at -> index -> target_at -> address and port
 */
#ifndef PERIPLUS_SCAN_TARGET_H
#define PERIPLUS_SCAN_TARGET_H

#include "base/arena.h"
#include "scan/mix.h"
#include "scan/scan.h"

/* n addresses from `first` on; no range crosses the lower 64 bits of IPv6. */
struct target_range {
	struct address first;
	uint64_t n;
	uint64_t before; /* hosts of the ranges before this one */
};

struct target_ranges {
	struct target_range *rows;
	size_t n;
	size_t capacity;
	bool is_whole; /* networks keep their first and last address: a list of whom not to ask */
};

struct target_plan {
	struct target_ranges hosts;
	uint64_t n_hosts;
	uint16_t *ports;    /* sorted */
	uint16_t *port_row; /* N_PORTS of them: row in `ports`, from 1; 0: not in the plan */
	uint32_t n_ports;
	enum transport transport; /* TCP or UDP */
	uint64_t n;               /* targets: n_hosts * n_ports, at most TARGETS_MAX */
	uint64_t seed;
	uint32_t shard, n_shards; /* from 1 */
	uint64_t n_steps;         /* targets of this shard */
	struct mix mix;
};

enum { TARGET_SHARDS_MAX = 65536 };
#define TARGETS_MAX (1ull << 32)

/* The integer part of a range's first address: the whole of IPv4, the lower 64 bits of IPv6. */
uint64_t target_low(const struct address *address);
struct address target_plus(const struct address *address, uint64_t n);

static inline uint64_t target_position(const struct target_plan *plan, uint64_t step)
{
	return step * plan->n_shards + plan->shard - 1;
}

static inline uint64_t target_index(const struct target_plan *plan, uint64_t step)
{
	return mix_at(&plan->mix, target_position(plan, step));
}

/* Address and port of an index below plan->n. */
void target_at(const struct target_plan *plan, uint64_t index, struct address *address,
	       uint16_t *port);
/* The index of an address and port; false when they are not in the plan, or not in this shard's
 * hosts. A reply is only looked at when this says so. */
bool target_find(const struct target_plan *plan, const struct address *address, uint16_t port,
		 uint64_t *index) must_check;

/* Ranges. All keep them unsorted until target_sort, which sorts, joins and counts. */
void target_add(struct arena *arena, struct target_ranges *ranges, const struct address *first,
		uint64_t n);
void target_sort(struct target_ranges *ranges);
/* What is left of `from` without `without`; both sorted. */
void target_cut(struct arena *arena, const struct target_ranges *from,
		const struct target_ranges *without, struct target_ranges *left);
uint64_t target_count(const struct target_ranges *ranges);
/* Multicast, broadcast, this-network, reserved, metadata; and the broadcast addresses of the
 * scope's networks. */
void target_never(struct arena *arena, const struct scan_scope *scope,
		  struct target_ranges *ranges);

/* Adds what a word names: an address, NETWORK/BITS, FIRST-LAST (LAST may be the last number of an
 * IPv4 address alone), an interface of this machine (its subnets), a host's name (asked of the
 * resolver; its first address). -EINVAL, -ENOENT or -E2BIG with why. */
int target_parse(struct arena *arena, struct span word, struct target_ranges *ranges,
		 struct why *why) must_check;
/* Calls each for every word of a file; '#' begins a comment; "-" is standard input. */
typedef int target_word_fn(void *arg, struct span word, struct why *why);
int target_words(const char *path, target_word_fn *each, void *arg, struct why *why) must_check;
/* As target_parse, for every word of a file; '#' begins a comment; "-" is standard input. */
int target_read(struct arena *arena, const char *path, struct target_ranges *ranges,
		struct why *why) must_check;

/* Makes the plan of ranges that are sorted and ports that are sorted and unique. -E2BIG when there
 * are too many, -ENOENT when there is none. */
int target_plan(struct arena *arena, struct target_plan *plan, struct why *why) must_check;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rounds: how fast, how often and how long is asked. Private to scan.
 *
 * A round sends to every target of the shard that has not answered. The order is a permutation, so
 * every stretch of a round is a fair sample of all targets: when the share that answers falls while
 * the rate grows, it is the rate that loses them, and it is taken back. The share of targets that
 * answer only in a later round is the loss; from it follows how many are still missing, and when
 * that is less than half a target there is no further round.
 */
#ifndef PERIPLUS_SCAN_ROUNDS_H
#define PERIPLUS_SCAN_ROUNDS_H

#include "scan/search.h"
#include "scan/seen.h"

struct rounds {
	struct engine_session *session;
	const struct engine *engine;
	struct seen *seen;
	uint64_t rate_pps; /* at most */
	bool is_polite;    /* outside of the own networks: their "prohibited" ends the scan */
	/* UDP, no faster than hosts tell of closed ports: packets a second of which none is left
	 * unanswered for being one too many; more as long as that costs no answer. 0: not so. */
	double patient_pps;
	/* Called between slices, about every 50 ms; not 0 ends the scan. May be NULL. */
	int (*pause)(struct rounds *rounds);
	void *owner;
	uint64_t n_given_up; /* steps that are not asked for their host's sake, as far as is known */

	/* Results, and what pause may show. */
	unsigned round; /* from 0 */
	uint64_t step;
	uint64_t rate_now;
	uint64_t n_before; /* answered by earlier runs */
	uint64_t sent_before;
	double missing; /* expected number of targets that answer and were not heard */
	bool has_loss;  /* missing rests on a measurement */
	enum scan_end end;

	/* Private. */
	double best; /* share that answers at rates that lose nothing, from these */
	uint64_t good_sent, good_answered;
	bool has_backed_off;
	struct {
		double pps, credit;        /* now; probes that may leave */
		int64_t ns;                /* of the credit */
		unsigned n_calm, n_wanted; /* windows since it was too fast; before another try */
	} patience;
	uint64_t window_sent, window_answered, window_dropped; /* since window_ns */
	int64_t window_ns;
	struct {
		uint64_t sent;           /* since the last answer, to steps of the first round */
		int64_t ns;              /* of the last answer */
		uint64_t first, step;    /* of this run; where the last answer was heard */
		uint64_t heard;          /* answers from first to step */
		bool is_over;            /* a later round has heard something */
	} dry;
	struct {
		uint64_t refused;        /* by this host itself, since something was sent */
		uint64_t in_round;       /* in this round */
		int64_t ns;
		uint64_t step;
	} unsent;
	uint64_t conntrack_first;
	int64_t conntrack_ns;
	int64_t sent_ns; /* when the last probe of the round was sent */
};

/* 0 with `end` set, what pause returned, or a negative errno with why. */
int rounds_run(struct rounds *rounds, struct why *why) must_check;

/* Targets that would still be found, when each round found so many; -1: it cannot be told. */
double rounds_missing(const uint64_t *answered, unsigned n);
/* The share of probes that were lost, by the same; -1: it cannot be told. */
double rounds_loss(const uint64_t *answered, unsigned n);
/* Probes that were lost on targets which answered a later one. */
uint64_t rounds_lost(const uint64_t *answered, unsigned n);

#endif

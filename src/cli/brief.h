/* SPDX-License-Identifier: Apache-2.0 */
/*
 * brief: listeners that an event told of and that no look has seen yet; many never will be.
 *
 * Each is counted once, by what became of it. Private to the cli room.
 */
#ifndef PERIPLUS_CLI_BRIEF_H
#define PERIPLUS_CLI_BRIEF_H

#include "cli/track.h"

enum { BRIEFS = 8192, BRIEF_NAME = 16 };

struct brief {
	struct host_event event;
	char name[BRIEF_NAME];
	bool is_closed;
	uint8_t n_looks; /* that have not seen it */
};

struct brief_counts {
	size_t opened; /* events; the sum of those below */
	size_t seen;   /* by a look */
	size_t told;   /* from their event alone: they were gone too soon */
	size_t unseen; /* gone too soon, and only counted */
	size_t other;  /* no news: a place that its process holds anyway, UDP that was connected */
};

struct briefs {
	struct brief *rows; /* BRIEFS of them */
	size_t n;
	struct brief_counts counts;
};

/* An event came in. True when it needs a look at its port. */
bool brief_note(struct briefs *briefs, const struct track *track, const struct host_event *event);
/* Ports of those that may still be seen; false when there is none. */
bool brief_range(const struct briefs *briefs, uint16_t *first, uint16_t *last);
/* After a look: tells of those that are gone, and forgets what is settled. */
void brief_settle(struct briefs *briefs, struct track *track);
/* The end: whatever is left was not seen. */
void brief_end(struct briefs *briefs);

#endif

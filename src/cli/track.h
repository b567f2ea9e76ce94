/* SPDX-License-Identifier: Apache-2.0 */
/*
 * track: the listeners as `periplus watch` knows them, and what a new look changes in them.
 *
 * Private to the cli room.
 */
#ifndef PERIPLUS_CLI_TRACK_H
#define PERIPLUS_CLI_TRACK_H

#include "cli/cli.h"

enum { TRACK_LOOKS = 64, TRACK_NO_LOOK = TRACK_LOOKS };

struct tracked {
	struct judged row;
	uint64_t gone_ms; /* 0: it is there; else since when it is missing */
	uint8_t look;	  /* in whose memory it lies */
};

/* Rows stand in order of their ports. Looks keep their memory while a row needs it. */
struct track {
	struct cli *cli;
	bool namespaces; /* other network namespaces too */
	struct tracked *rows;
	size_t n;
	struct arena looks[TRACK_LOOKS];
	struct gathered last; /* the newest look */
	uint8_t last_look;
	uint64_t grace_ms; /* a row that comes back within it was never away */
	size_t n_told;
};

/* Looks at the ports and tells what changed in them, but for the first time. 0, or an exit status
 * after having printed why. */
int track_look(struct track *track, uint16_t first, uint16_t last, uint64_t now_ms);
/* Tells of what is gone for longer than the grace. Returns milliseconds until the next one is, or
 * -1 when none is missing. */
int64_t track_expire(struct track *track, uint64_t now_ms);
/* True when memory for another partial look is there. */
bool track_has_room(const struct track *track);
/* Whether a row has this place, whoever holds it; pid 0: any. */
bool track_has_place(const struct track *track, const struct host_event *event, uint32_t pid);
bool track_has_cookie(const struct track *track, const struct host_event *event);
void track_tell(struct track *track, const char *action, const struct judged *row);
void track_done(struct track *track);

#endif

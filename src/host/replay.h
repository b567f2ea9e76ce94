/* SPDX-License-Identifier: Apache-2.0 */
/* replay: the texts of a recording (replay.c tells their form). Private to the host room. */
#ifndef PERIPLUS_HOST_REPLAY_H
#define PERIPLUS_HOST_REPLAY_H

#include "host/survey.h"

struct recording_texts {
	struct span host, processes, sockets;
};

/* Fills the survey's tables. The texts must live as long as the survey's arena. */
int replay_read(const struct recording_texts *texts, struct survey *survey, struct why *why) must_check;
bool replay_unescape(struct arena *arena, struct span text, struct span *value) must_check;

#endif

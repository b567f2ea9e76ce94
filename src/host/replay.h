/* SPDX-License-Identifier: Apache-2.0 */
/* replay: from the texts of a recording (replay.c tells their form) to a survey's tables. Private to
 * the host room. */
#ifndef PERIPLUS_HOST_REPLAY_H
#define PERIPLUS_HOST_REPLAY_H

#include "host/recording.h"

/* Fills the survey's tables. What they hold lies in the survey's arena, not in the texts. */
int replay_read(const struct recording_texts *texts, struct survey *survey, struct why *why) must_check;
bool replay_unescape(struct arena *arena, struct span text, struct span *value) must_check;

#endif

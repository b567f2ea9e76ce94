/* SPDX-License-Identifier: Apache-2.0 */
/* reason: sockets without owner: why, and what is known all the same. Private to the host room. */
#ifndef PERIPLUS_HOST_REASON_H
#define PERIPLUS_HOST_REASON_H

#include "host/survey.h"

bool reason_in_own_pid_namespace(void);
/* By the text of /proc/mounts: whether /proc hides processes of others. */
bool reason_is_proc_hidden(struct span mounts);
/* Sets `hidden` of all rows without owner. */
void reason_fill(struct survey *survey);
/* Finds the control groups of sockets whose owner is hidden, and the units by them. */
void reason_find_groups(struct survey *survey);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* darwin: one look at this Mac. Private to the host room, and to its files for macOS. */
#ifndef PERIPLUS_HOST_DARWIN_H
#define PERIPLUS_HOST_DARWIN_H

#include "host/survey.h"

/* process.c. What is known of a process; the same one for the same pid. NULL: it has ended. */
struct process_row *darwin_process(struct survey *survey, uint32_t pid);
/* arguments.c. Sets argv where the process lets us read it. */
void darwin_arguments_read(struct arena *arena, struct process *process);
/* sockets.c. Fills the tables of sockets and owners. */
int darwin_sockets_read(struct survey *survey, struct why *why) must_check;
/* A number of sysctl(3) by name, or `otherwise`. */
uint32_t darwin_number(const char *name, uint32_t otherwise);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* argv: what follows from the arguments of a process. Private to the host room. */
#ifndef PERIPLUS_HOST_ARGV_H
#define PERIPLUS_HOST_ARGV_H

#include "base/arena.h"
#include "base/sighting.h"

/* Sets runtime, script and command_line from argv where they are empty. program: base name of the
 * executable, as the table of interpreters writes it. What is new lives in the arena. */
void argv_tell(struct arena *arena, struct span program, struct process *process);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alike: processes that need not be read, because others like them were. Private to the host room.
 *
 * The BPF pass tells of each process which file it runs, in which directory and control group it
 * is, by numbers. What these numbers stand for (paths, units, containers) is read from /proc for
 * the first process that has them, and taken over by the others. An interpreter is always read:
 * its script is its own.
 */
#ifndef PERIPLUS_HOST_ALIKE_H
#define PERIPLUS_HOST_ALIKE_H

#include "host/bpf/look.h"
#include "host/proc.h"

struct alike;

/* Room for n processes. NULL when memory is out. Release with alike_free, which takes NULL. */
struct alike *alike_new(size_t n);
struct alike *alike_free(struct alike *alike);
/* The process that the kernel tells of: made from others, or read. NULL: it has ended. */
const struct process *alike_find(struct alike *alike, struct survey *survey,
				 const struct look_process *look);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* namespaces: the other network namespaces of this machine. Private to the host room. */
#ifndef PERIPLUS_HOST_NAMESPACES_H
#define PERIPLUS_HOST_NAMESPACES_H

#include "host/survey.h"

typedef int namespace_fn(void *arg, uint64_t net_namespace);

/* Calls fn in every network namespace but the survey's own that a process lives in or that has a
 * name in /run/netns, in a thread that stands in that namespace. Ends early when fn returns a
 * negative errno. Namespaces that may not be entered count as failed. */
int namespaces_each(struct survey *survey, namespace_fn *fn, void *arg) must_check;
/* Inode of the calling thread's network namespace; 0 when it cannot be told. */
uint64_t namespace_own(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* jail_calls: the system calls that are left to a jailed process. Used by jail.c only. */
#ifndef PERIPLUS_BASE_JAIL_CALLS_H
#define PERIPLUS_BASE_JAIL_CALLS_H

#include "base/jail.h"

/* Closes all calls but those of the kind, for good. *has tells whether this system has such a wall.
 * 0, or a negative errno with why. PR_SET_NO_NEW_PRIVS must be set before. */
int jail_calls(enum jail_kind kind, bool *has, struct why *why) must_check;

#endif

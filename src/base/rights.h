/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rights: gives up the capabilities of this process (capabilities(7)), for good, but those named.
 *
 * For a process that has opened what needs them. It stays the user that it is: root without
 * capabilities still owns root's files. Neither a program that it starts nor a child gets back what
 * was given up. For a child without any rights, see jail.h.
 */
#ifndef PERIPLUS_BASE_RIGHTS_H
#define PERIPLUS_BASE_RIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

/* kept: numbers of linux/capability.h. 0, or a negative errno with why. Calls nothing that would
 * change nothing: a service whose manager has done it already may lack the system calls. Does
 * nothing on a system without capabilities. */
int rights_keep(const uint8_t *kept, size_t n_kept, struct why *why) must_check;

#endif

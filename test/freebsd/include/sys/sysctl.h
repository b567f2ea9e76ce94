/* SPDX-License-Identifier: Apache-2.0 */
/* sysctl: what sysctl(3) of FreeBSD declares; for test/freebsd.t, where there are no headers of FreeBSD. */
#ifndef PERIPLUS_FREEBSD_SYSCTL_H
#define PERIPLUS_FREEBSD_SYSCTL_H

#include <stddef.h>

int sysctl(const int *name, unsigned n, void *old, size_t *old_size, const void *fresh, size_t fresh_size);
int sysctlnametomib(const char *name, int *path, size_t *n);

#endif

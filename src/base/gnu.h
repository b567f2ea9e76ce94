/* SPDX-License-Identifier: Apache-2.0 */
/* gnu: see gnu.c; for base/SYSTEM/posix.h of the systems that lack them. */
#ifndef PERIPLUS_BASE_GNU_H
#define PERIPLUS_BASE_GNU_H

#include <stddef.h>

void *memrchr(const void *text, int byte, size_t n);
const char *strerrorname_np(int error);
void *reallocarray(void *p, size_t n, size_t size);

#endif

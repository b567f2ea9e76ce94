/* SPDX-License-Identifier: Apache-2.0 */
/* bsd: see bsd.c; for base/SYSTEM/posix.h of macOS and FreeBSD. */
#ifndef PERIPLUS_BASE_BSD_H
#define PERIPLUS_BASE_BSD_H

#include <stdlib.h>
#include <string.h>

#include "base/gnu.h"

/* As glibc has them. */
char *posix_strerror_r(int error, char *text, size_t size);
#define strerror_r posix_strerror_r
char *posix_secure_getenv(const char *name);
#define secure_getenv posix_secure_getenv

#endif

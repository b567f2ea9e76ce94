/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix: what the rooms take for granted of a C library and macOS's has not. The build puts it before
 * every file (tools/macos).
 */
#if !defined(PERIPLUS_BASE_DARWIN_POSIX_H) && !defined(__ASSEMBLER__)
#define PERIPLUS_BASE_DARWIN_POSIX_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/gnu.h"

enum { SOCK_CLOEXEC = 0 }; /* nothing is started while a socket of ours is open */

/* As glibc has them. */
char *posix_strerror_r(int error, char *text, size_t size);
#define strerror_r posix_strerror_r
char *secure_getenv(const char *name);

#endif

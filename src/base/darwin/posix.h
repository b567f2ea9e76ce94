/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix: what the rooms take for granted of a C library and macOS's has not. The build puts it before
 * every file (tools/macos).
 */
#if !defined(PERIPLUS_BASE_DARWIN_POSIX_H) && !defined(__ASSEMBLER__)
#define PERIPLUS_BASE_DARWIN_POSIX_H

#include "base/bsd.h"

enum { SOCK_CLOEXEC = 0 }; /* nothing is started while a socket of ours is open */

#endif

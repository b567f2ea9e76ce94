/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix: what the rooms take for granted of a C library and FreeBSD's has not. The build puts it before
 * every file (meson.build, tools/freebsd).
 */
#if !defined(PERIPLUS_BASE_FREEBSD_POSIX_H) && !defined(__ASSEMBLER__)
#define PERIPLUS_BASE_FREEBSD_POSIX_H

#include "base/bsd.h"

#endif

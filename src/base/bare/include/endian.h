/* SPDX-License-Identifier: Apache-2.0 */
/* endian: every processor that Windows and macOS run on is little-endian; FreeBSD knows its own. */
#ifndef PERIPLUS_BARE_ENDIAN_H
#define PERIPLUS_BARE_ENDIAN_H

#ifdef __FreeBSD__
#include <sys/endian.h>
#else

#define htole16(x) (x)
#define htole32(x) (x)
#define htole64(x) (x)
#define le16toh(x) (x)
#define le32toh(x) (x)
#define le64toh(x) (x)
#endif

#endif

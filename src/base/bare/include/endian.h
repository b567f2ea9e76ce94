/* SPDX-License-Identifier: Apache-2.0 */
/* endian: every processor that Windows and macOS run on is little-endian. */
#ifndef PERIPLUS_BARE_ENDIAN_H
#define PERIPLUS_BARE_ENDIAN_H

#define htole16(x) (x)
#define htole32(x) (x)
#define htole64(x) (x)
#define le16toh(x) (x)
#define le32toh(x) (x)
#define le64toh(x) (x)

#endif

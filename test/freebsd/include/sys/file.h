/* SPDX-License-Identifier: Apache-2.0 */
/* file: struct xfile as FreeBSD's sys/sys/file.h has it; see sys/socketvar.h here. */
#ifndef PERIPLUS_FREEBSD_FILE_H
#define PERIPLUS_FREEBSD_FILE_H

#include <stdint.h>

#define DTYPE_SOCKET 2

struct xfile {
	uint64_t xf_size;
	int32_t xf_pid;
	uint32_t xf_uid;
	int32_t xf_fd, pad;
	uint64_t xf_file;
	int16_t xf_type, pad_of_type;
	int32_t xf_count, xf_msgcount, pad_of_counts;
	int64_t xf_offset;
	uint64_t xf_data, xf_vnode;
	uint32_t xf_flag;
	int32_t pad_of_flag;
	int64_t spare[6];
};

#endif

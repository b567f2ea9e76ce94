/* SPDX-License-Identifier: Apache-2.0 */
/* kernel: asks FreeBSD's kernel by name (sysctl(3)); what it answers is read in freebsd_list.c. */
#include "host/freebsd/freebsd.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/sysctl.h>

enum { FIRST_SIZE = 16 << 10, LIMIT = 1 << 30, DEPTH = 16 };

int freebsd_ask(const char *name, int pid, uint8_t **bytes, size_t *n)
{
	int path[DEPTH + 1];
	size_t depth = DEPTH;

	if (sysctlnametomib(name, path, &depth) != 0)
		return -errno;
	if (pid >= 0)
		path[depth++] = pid;
	for (size_t size = FIRST_SIZE; size <= LIMIT; size *= 2) {
		int error;

		*bytes = malloc(size);
		if (!*bytes)
			return -ENOMEM;
		*n = size;
		if (sysctl(path, (unsigned)depth, *bytes, n, NULL, 0) == 0)
			return 0;
		error = errno;
		free(*bytes);
		*bytes = NULL;
		if (error != ENOMEM) /* else the answer did not fit */
			return -error;
	}
	return -E2BIG;
}

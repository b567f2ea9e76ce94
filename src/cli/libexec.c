/* SPDX-License-Identifier: Apache-2.0 */
/* libexec: see libexec.h. */
#include "cli/libexec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, NAME_ROOM = 64 };

bool libexec_self(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	if (n <= 0 || (size_t)n >= size - 1)
		return false;
	path[n] = 0;
	return true;
}

void libexec_become(const char *name, char *const *arguments)
{
	char path[PATH_SIZE];
	char *slash;

	snprintf(path, sizeof(path), "%s/%s", PERIPLUS_LIBEXECDIR, name);
	execv(path, arguments);
	if (errno != ENOENT)
		return;
	if (!libexec_self(path, PATH_SIZE - NAME_ROOM))
		return;
	slash = strrchr(path, '/');
	if (!slash)
		return;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/%s", name);
	execv(path, arguments);
}

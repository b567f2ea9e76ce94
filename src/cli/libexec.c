/* SPDX-License-Identifier: Apache-2.0 */
/* libexec: see libexec.h. */
#include "cli/libexec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, NAME_ROOM = 64 };

void libexec_become(const char *name, char *const *arguments)
{
	char path[PATH_SIZE];
	char *slash;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", PERIPLUS_LIBEXECDIR, name);
	execv(path, arguments);
	if (errno != ENOENT)
		return;
	n = readlink("/proc/self/exe", path, PATH_SIZE - NAME_ROOM);
	if (n <= 0)
		return;
	path[n] = 0;
	slash = strrchr(path, '/');
	if (!slash)
		return;
	snprintf(slash, sizeof(path) - (size_t)(slash - path), "/%s", name);
	execv(path, arguments);
}

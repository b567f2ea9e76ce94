/* SPDX-License-Identifier: Apache-2.0 */
/* bsd: what glibc has and neither macOS nor FreeBSD; each function does what its manual page of Linux says. */
#include "base/bsd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef strerror_r
int issetugid(void); /* both systems have it; glibc, where this is linted, has not */

char *posix_strerror_r(int error, char *text, size_t size)
{
	if (strerror_r(error, text, size) != 0)
		snprintf(text, size, "error %d", error);
	return text;
}

char *posix_secure_getenv(const char *name)
{
	return issetugid() ? NULL : getenv(name);
}

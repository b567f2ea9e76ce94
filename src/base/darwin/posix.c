/* SPDX-License-Identifier: Apache-2.0 */
/* posix: see posix.h. Each function does what its manual page of Linux says. */
#include "base/darwin/posix.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

char *posix_strerror_r(int error, char *text, size_t size)
{
	snprintf(text, size, "%s", strerror(error));
	return text;
}

char *secure_getenv(const char *name)
{
	return issetugid() ? NULL : getenv(name);
}

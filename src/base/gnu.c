/* SPDX-License-Identifier: Apache-2.0 */
/* gnu: what glibc has and neither macOS, FreeBSD nor Windows; each function does what its manual page of Linux says. */
#include "base/gnu.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void *memrchr(const void *text, int byte, size_t n)
{
	const unsigned char *bytes = text;

	while (n--)
		if (bytes[n] == (unsigned char)byte)
			return (void *)(uintptr_t)(bytes + n);
	return NULL;
}

const char *strerrorname_np(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
#define E(name) {name, #name}
		E(EACCES), E(EADDRINUSE), E(EADDRNOTAVAIL), E(EAFNOSUPPORT), E(EBADMSG), E(EINVAL),
		E(EIO),	   E(EMFILE),	  E(ENOBUFS),	    E(ENOENT),	     E(ENOMEM),	 E(EPERM),
#undef E
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].error == error)
			return names[i].name;
	return NULL;
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

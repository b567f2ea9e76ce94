/* SPDX-License-Identifier: Apache-2.0 */
/* scope: what is released when a variable leaves its block (gcc's and clang's cleanup). */
#ifndef PERIPLUS_BASE_SCOPE_H
#define PERIPLUS_BASE_SCOPE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void scope_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void scope_free(void *p)
{
	free(*(void **)p);
}

static inline void scope_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void scope_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

#define auto_close __attribute__((cleanup(scope_close)))
#define auto_free __attribute__((cleanup(scope_free)))
#define auto_fclose __attribute__((cleanup(scope_fclose)))
#define auto_closedir __attribute__((cleanup(scope_closedir)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* sys/mman: reading maps of whole files, which is all that the rooms ask. */
#ifndef PERIPLUS_WINDOWS_SYS_MMAN_H
#define PERIPLUS_WINDOWS_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

enum { PROT_READ = 1, MAP_PRIVATE = 2 };
#define MAP_FAILED ((void *)-1)

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset);
int munmap(void *at, size_t n);

#endif

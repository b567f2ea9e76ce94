/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix: what the rooms take for granted of a C library and Windows' has not.
 *
 * The build puts it before every file of a Windows program (meson.build), and include/ beside it has
 * the headers of POSIX that Windows lacks, with as much of them as is used. Nothing here decides
 * anything: what a system is asked differently stands in files of its own (tools/sources).
 */
#if !defined(PERIPLUS_BASE_WINDOWS_POSIX_H) && !defined(__ASSEMBLER__)
#define PERIPLUS_BASE_WINDOWS_POSIX_H

#define tell crt_tell /* rooms use the name */
#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#undef tell

#include "base/gnu.h"

typedef short uid_t; /* as st_uid of struct stat */

/* Never inherited, never a device that waits: Windows' open is like that already, and knows no
 * symbolic links but those of an administrator. */
enum { O_CLOEXEC = _O_NOINHERIT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 };
enum { LC_MESSAGES = 1729 }; /* no category of setlocale's: it refuses */
typedef _sigset_t sigset_t;

/* string.h, stdlib.h, stdio.h, unistd.h, as glibc has them. */
void *memmem(const void *text, size_t n, const void *part, size_t n_part);
char *strcasestr(const char *text, const char *part);
char *stpcpy(char *to, const char *from);
char *strerror_r(int error, char *text, size_t size);
char *secure_getenv(const char *name);
int setenv(const char *name, const char *value, int overwrite);
uid_t geteuid(void); /* 0 for an administrator who uses it (is elevated), else 1 */
int fsync(int fd);

#define mkdir(path, mode) ((void)(mode), _mkdir(path)) /* rights are those of the directory above */

/* As write, but a reader who has gone is EPIPE; Windows' own says EINVAL. */
ssize_t posix_write(int fd, const void *bytes, size_t n);
#define write(fd, bytes, n) posix_write(fd, bytes, n)

#endif

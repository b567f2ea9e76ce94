/* SPDX-License-Identifier: Apache-2.0 */
/* posix: see posix.h. Each function does what its manual page of Linux says, for the uses that the
 * rooms make of it. */
#include "base/windows/posix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <strings.h>

#include "base/windows/include/langinfo.h"
#include "base/windows/include/sys/mman.h"
#include "base/windows/winapi.h"

void *memmem(const void *text, size_t n, const void *part, size_t n_part)
{
	const char *at = text;

	if (n_part == 0)
		return (void *)(uintptr_t)at;
	for (; n >= n_part; n -= (size_t)(at - (const char *)text), text = at) {
		at = memchr(text, *(const unsigned char *)part, n - n_part + 1);
		if (!at)
			return NULL;
		if (memcmp(at, part, n_part) == 0)
			return (void *)(uintptr_t)at;
		at++;
	}
	return NULL;
}

char *strcasestr(const char *text, const char *part)
{
	size_t n = strlen(part);

	for (; *text; text++)
		if (_strnicmp(text, part, n) == 0)
			return (char *)(uintptr_t)text;
	return n ? NULL : (char *)(uintptr_t)text;
}

char *stpcpy(char *to, const char *from)
{
	size_t n = strlen(from);

	memcpy(to, from, n + 1);
	return to + n;
}

char *strerror_r(int error, char *text, size_t size)
{
	snprintf(text, size, "%s", strerror(error));
	return text;
}

/* A program of Windows never runs with another's rights by its file: every environment is ours. */
char *secure_getenv(const char *name)
{
	return getenv(name);
}

int setenv(const char *name, const char *value, int overwrite)
{
	if (!overwrite && getenv(name))
		return 0;
	return _putenv_s(name, value);
}

uid_t geteuid(void)
{
	TOKEN_ELEVATION elevation = {0};
	HANDLE token;
	DWORD n;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return 1;

	bool is_read = GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &n);

	CloseHandle(token);
	return is_read && elevation.TokenIsElevated ? 0 : 1;
}

int fsync(int fd)
{
	return _commit(fd);
}

ssize_t posix_write(int fd, const void *bytes, size_t n)
{
	int r = _write(fd, bytes, (unsigned)(n < INT32_MAX ? n : INT32_MAX));

	if (r < 0 && errno == EINVAL && GetFileType((HANDLE)_get_osfhandle(fd)) == FILE_TYPE_PIPE)
		errno = EPIPE;
	return r;
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
	HANDLE file = (HANDLE)_get_osfhandle(fd);
	HANDLE mapping = NULL;
	void *bytes = NULL;

	(void)at;
	if (protection == PROT_READ && flags == MAP_PRIVATE && offset == 0)
		mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
	if (mapping) {
		bytes = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, n);
		CloseHandle(mapping); /* the view keeps it */
	}
	if (!bytes)
		errno = EINVAL;
	return bytes ? bytes : MAP_FAILED;
}

int munmap(void *at, size_t n)
{
	(void)n;
	return UnmapViewOfFile(at) ? 0 : -1;
}

const char *nl_langinfo(int item)
{
	DWORD mode;

	(void)item;
	if (!GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode))
		return "UTF-8"; /* a file or a pipe */
	return GetConsoleOutputCP() == CP_UTF8 ? "UTF-8" : "";
}

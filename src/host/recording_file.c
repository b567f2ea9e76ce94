/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording_file: a recording as a directory of three files. As POSIX has it; windows/recording_file.c
 * does the same there.
 *
 * It appears at once and whole: its files are written under another name and the directory is
 * renamed.
 */
#include "host/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"

/* name is what an error calls the file. */
static int read_all(int fd, const char *name, struct arena *arena, struct span *text, struct why *why)
{
	struct stat st;
	size_t n = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return why_errno(why, _("cannot open '%s'"), name);
	if (S_ISDIR(st.st_mode))
		return why_set(why, EISDIR, _("'%s' is a directory"), name);
	if (!S_ISREG(st.st_mode) || st.st_size > RECORDING_TEXT_MAX)
		return why_set(why, EINVAL, _("'%s' is no recording"), name);

	uint8_t *bytes = arena_get(arena, (size_t)st.st_size + 1);

	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, bytes + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return why_errno(why, _("cannot read '%s'"), name);
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*text = span_of(bytes, n);
	return 0;
}

int recording_read(const char *directory, const char *name, struct arena *arena, struct span *text,
		   struct why *why)
{
	auto_close int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int fd = dir < 0 ? -1 : openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return read_all(fd, path, arena, text, why);
}

int recording_read_file(const char *path, struct arena *arena, struct span *text, struct why *why)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return read_all(fd, path, arena, text, why);
}

/* One file of a new directory, on the disk when this returns 0. */
static int write_file(int dir, const char *name, struct buf *text)
{
	auto_close int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct span rest = buf_span(text);

	if (text->error)
		return -text->error;
	if (fd < 0)
		return -errno;
	while (rest.n) {
		ssize_t n = write(fd, rest.p, rest.n);

		if (n < 0 && errno != EINTR)
			return -errno;
		rest = span_skip(rest, n > 0 ? (size_t)n : 0);
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_files(int dir, const struct host_recording *recording)
{
	struct buf texts[N_RECORDING_TEXTS] = {BUF_INIT, BUF_INIT, BUF_INIT};
	int r = 0;

	recording_write(recording, texts);
	for (size_t i = 0; i < N_RECORDING_TEXTS; i++) {
		if (r == 0)
			r = write_file(dir, recording_names[i], &texts[i]);
		buf_done(&texts[i]);
	}
	return r == 0 && fsync(dir) < 0 ? -errno : r;
}

static void remove_files(int dir, const char *path)
{
	for (size_t i = 0; dir >= 0 && i < N_RECORDING_TEXTS; i++)
		unlinkat(dir, recording_names[i], 0);
	rmdir(path);
}

int host_record(const char *directory, const struct host_recording *recording, struct why *why)
{
	struct span name = span_str(directory);
	char path[PATH_MAX];
	int r;

	while (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	if (!name.n || name.n + sizeof(".XXXXXX") > sizeof(path))
		return why_set(why, EINVAL, _("cannot make '%s'"), directory);
	snprintf(path, sizeof(path), "%.*s.XXXXXX", SPAN_ARG(name));
	if (!mkdtemp(path))
		return why_errno(why, _("cannot make '%s'"), directory);

	auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	r = dir < 0 ? -errno : write_files(dir, recording);
	/* rename(2) replaces an empty directory, and nothing else */
	if (r == 0 && rename(path, directory) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	remove_files(dir, path);
	if (r == -ENOTEMPTY || r == -EEXIST || r == -ENOTDIR)
		return why_set(why, EEXIST, _("'%s' exists; a recording makes a new directory"),
			       directory);
	errno = -r;
	return why_errno(why, _("cannot make '%s'"), directory);
}

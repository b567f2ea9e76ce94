/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording_file: a recording as a directory of three files, as Windows has it.
 *
 * The directory is made first and must be new, so that nobody's files are written over; what was
 * made is removed when something fails.
 */
#include "host/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"

enum { PATH_SIZE = 4096 };

static bool join(char path[PATH_SIZE], const char *directory, const char *name)
{
	return snprintf(path, PATH_SIZE, "%s/%s", directory, name) < PATH_SIZE;
}

int recording_read_file(const char *path, struct arena *arena, struct span *text, struct why *why)
{
	auto_close int fd = -1;
	struct stat st;
	size_t n = 0;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return why_set(why, EISDIR, _("'%s' is a directory"), path);
	fd = open(path, O_RDONLY | O_BINARY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return why_errno(why, _("cannot open '%s'"), path);
	if (!S_ISREG(st.st_mode) || st.st_size > RECORDING_TEXT_MAX)
		return why_set(why, EINVAL, _("'%s' is no recording"), path);

	uint8_t *bytes = arena_get(arena, (size_t)st.st_size + 1);

	while (n < (size_t)st.st_size) {
		int got = read(fd, bytes + n, (unsigned)((size_t)st.st_size - n));

		if (got < 0)
			return why_errno(why, _("cannot read '%s'"), path);
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
	char path[PATH_SIZE];

	if (!join(path, directory, name))
		return why_set(why, ENAMETOOLONG, _("'%s' is too long"), directory);
	return recording_read_file(path, arena, text, why);
}

static int write_file(const char *path, struct buf *text)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_BINARY, 0600);

	if (text->error || fd < 0)
		return text->error ? -text->error : -errno;
	text->fd = fd;
	return buf_flush(text);
}

static void remove_files(const char *directory)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < N_RECORDING_TEXTS; i++)
		if (join(path, directory, recording_names[i]))
			unlink(path);
	rmdir(directory);
}

int host_record(const char *directory, const struct host_recording *recording, struct why *why)
{
	struct buf texts[N_RECORDING_TEXTS] = {BUF_INIT, BUF_INIT, BUF_INIT};
	char path[PATH_SIZE];
	int r = 0;

	if (mkdir(directory, 0700) < 0)
		return errno == EEXIST
			       ? why_set(why, EEXIST, _("'%s' exists; a recording makes a new directory"),
					 directory)
			       : why_errno(why, _("cannot make '%s'"), directory);
	recording_write(recording, texts);
	for (size_t i = 0; i < N_RECORDING_TEXTS; i++) {
		if (r == 0)
			r = join(path, directory, recording_names[i]) ? write_file(path, &texts[i])
								      : -ENAMETOOLONG;
		buf_done(&texts[i]);
	}
	if (r == 0)
		return 0;
	remove_files(directory);
	errno = -r;
	return why_errno(why, _("cannot make '%s'"), directory);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: the directory that holds an updated registry, and how it changes.
 *
 * A file is written without a name (O_TMPFILE), brought to the disk, named FILE.new, and renamed
 * over FILE, whose bytes stay as FILE.old. The image decides which registry is in use, so it comes
 * last: whoever is interrupted leaves either the old registry or the new one. Nothing is written
 * through a link: names are taken in the opened directory, and a directory that others may write
 * is refused. Root never looks at a user's directory, nor at PERIPLUS_STATE_DIR.
 */
#include "cli/update.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/registry.h"

static const char *const names[] = {
#define F(name, file) file,
	STATE_FILES(F)
#undef F
};

enum { NAME_SIZE = 64 };

static const char *name_with(char name[NAME_SIZE], enum state_file file, const char *ending)
{
	snprintf(name, NAME_SIZE, "%s%s", names[file], ending);
	return name;
}

static int lock_own(const struct state *state, struct why *why)
{
	struct stat info;

	if (fstat(state->fd, &info) < 0)
		return why_errno(why, _("cannot read '%s'"), state->path);
	if (info.st_uid != geteuid() || (info.st_mode & 022))
		return why_set(why, EACCES, _("directory '%s' is not yours alone to write"),
			       state->path);
	if (faccessat(state->fd, ".", W_OK, AT_EACCESS) < 0)
		return why_errno(why, _("cannot write in '%s'"), state->path);
	if (flock(state->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? why_set(why, EAGAIN, _("another update is running in '%s'"),
					 state->path)
			       : why_errno(why, _("cannot lock '%s'"), state->path);
	return 0;
}

int state_open(struct state *state, struct why *why)
{
	*state = (struct state){.path = registry_directory(), .fd = -1};
	if (!state->path)
		return why_set(why, EACCES, _("no home directory to keep the registry in"));
	int error = registry_make_directories(state->path, why);

	if (error)
		return error;
	state->fd = open(state->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (state->fd < 0)
		return why_errno(why, _("cannot open directory '%s'"), state->path);
	return lock_own(state, why);
}

int state_open_scratch(struct state *state, struct why *why)
{
	const char *tmp = secure_getenv("TMPDIR");

	*state = (struct state){.fd = -1};
	if (asprintf(&state->path, "%s/periplus-XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp") < 0) {
		state->path = NULL;
		return why_set(why, ENOMEM, _("out of memory"));
	}
	if (!mkdtemp(state->path))
		return why_errno(why, _("cannot make directory '%s'"), state->path);
	state->is_scratch = true;
	state->fd = open(state->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (state->fd < 0)
		return why_errno(why, _("cannot open directory '%s'"), state->path);
	return 0;
}

void state_done(struct state *state)
{
	if (state->is_scratch) {
		if (state->fd >= 0)
			state_unstage(state);
		rmdir(state->path);
	}
	if (state->fd >= 0)
		close(state->fd);
	free(state->path);
	*state = (struct state){.fd = -1};
}

static int write_all(int fd, struct span bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = span_skip(bytes, (size_t)n);
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* Gives the nameless file fd a name in the directory. */
static int name_file(const struct state *state, int fd, const char *name)
{
	char from[NAME_SIZE];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, state->fd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

int state_stage(const struct state *state, enum state_file file, struct span bytes, struct why *why)
{
	char name[NAME_SIZE];
	bool has_name = false;
	auto_close int fd = openat(state->fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);

	name_with(name, file, ".new");
	unlinkat(state->fd, name, 0);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		has_name = true;
		fd = openat(state->fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
			    0644);
	}
	if (fd < 0)
		return why_errno(why, _("cannot write in '%s'"), state->path);
	int error = fchmod(fd, 0644) < 0 ? -errno : write_all(fd, bytes);

	if (!error && !has_name)
		error = name_file(state, fd, name);
	if (!error)
		return 0;
	errno = -error;
	return why_errno(why, _("cannot write '%s/%s'"), state->path, name);
}

struct map *state_staged_map(const struct state *state, struct why *why)
{
	char name[NAME_SIZE];
	auto_free char *path = NULL;

	if (asprintf(&path, "%s/%s", state->path, name_with(name, STATE_IMAGE, ".new")) < 0) {
		path = NULL;
		why_set(why, ENOMEM, _("out of memory"));
		return NULL;
	}
	return map_open(path, why);
}

/* FILE.old becomes another name of FILE; nothing is done when there is no FILE. */
static int keep_old(const struct state *state, enum state_file file)
{
	char name[NAME_SIZE], old[NAME_SIZE], spare[NAME_SIZE];

	name_with(name, file, "");
	name_with(old, file, ".old");
	name_with(spare, file, ".spare");
	unlinkat(state->fd, spare, 0);
	if (linkat(state->fd, name, state->fd, spare, 0) < 0) {
		if (errno == ENOENT)
			return 0;
		/* No second names here: for a moment there is no FILE, and the built-in answers. */
		return renameat(state->fd, name, state->fd, old) < 0 ? -errno : 0;
	}
	/* Two names of one file are left as they are by rename: nothing to do then. */
	int error = renameat(state->fd, spare, state->fd, old) < 0 ? -errno : 0;

	unlinkat(state->fd, spare, 0);
	return error;
}

int state_swap(const struct state *state, struct why *why)
{
	char name[NAME_SIZE], fresh[NAME_SIZE];

	for (enum state_file file = 0; file < N_STATE_FILES; file++) {
		int error = keep_old(state, file);

		name_with(name, file, "");
		name_with(fresh, file, ".new");
		if (!error && renameat(state->fd, fresh, state->fd, name) < 0)
			error = -errno;
		if (!error && fsync(state->fd) < 0)
			error = -errno;
		if (error) {
			errno = -error;
			return why_errno(why, _("cannot put '%s/%s' in place"), state->path, name);
		}
	}
	return 0;
}

void state_unstage(const struct state *state)
{
	char name[NAME_SIZE];

	for (enum state_file file = 0; file < N_STATE_FILES; file++)
		unlinkat(state->fd, name_with(name, file, ".new"), 0);
}

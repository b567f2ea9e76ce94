/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason: why a socket has no owner that we can name, and the group that tells its unit.
 *
 * Found from what the walk met: a holder of this very socket that ended while it was read, processes
 * that refused us, a /proc that hides them, a pid namespace of our own. Sockets that were closed
 * meanwhile are not among them: all without owner were asked for once more (linux.c). When nothing was
 * hidden, one that is still there belongs to the kernel (nfsd, wireguard, vxlan), or its descriptor is
 * in flight between processes, which from here looks the same.
 *
 * Of a hidden owner the socket's control group is known to everybody. The kernel gives its id,
 * which is the inode of the group's directory: the tree is searched for it, once, and only when
 * there is such a socket.
 */
#include "host/reason.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/scope.h"
#include "host/proc.h"
#include "host/unit.h"

enum { MAX_DEPTH = 32, MAX_GROUPS = 65536, MOUNTS_SIZE = 64 << 10 };

bool reason_in_own_pid_namespace(void)
{
	enum { INITIAL_PID_NAMESPACE = 0xEFFFFFFC }; /* PROC_PID_INIT_INO */
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != (ino_t)INITIAL_PID_NAMESPACE;
}

bool reason_is_proc_hidden(struct span mounts)
{
	struct span line;

	while (take_line(&mounts, &line)) {
		struct span cell[4]; /* device, directory, type, options: fstab(5) */
		size_t n = 0;

		while (n < ARRAY_LEN(cell) && take_word(&line, &cell[n]))
			n++;
		if (n < ARRAY_LEN(cell) || !span_is(cell[1], "/proc") || !span_is(cell[2], "proc"))
			continue;

		struct span option;

		while (take_until(&cell[3], ',', &option))
			if (span_starts(option, "hidepid=") && !span_is(option, "hidepid=0") &&
			    !span_is(option, "hidepid=off"))
				return true;
	}
	return false;
}

static bool is_proc_hidden(void)
{
	auto_free uint8_t *text = malloc(MOUNTS_SIZE);
	ssize_t n = text ? proc_read(-1, "/proc/self/mounts", text, MOUNTS_SIZE) : -1;

	return n > 0 && reason_is_proc_hidden(span_of(text, (size_t)n));
}

static enum hidden_reason find_reason(const struct survey *survey)
{
	if (survey->n_denied)
		return HIDDEN_PERMISSION;
	if (!survey->is_root && is_proc_hidden())
		return HIDDEN_HIDEPID;
	if (reason_in_own_pid_namespace())
		return HIDDEN_PID_NAMESPACE;
	if (survey->n_failed || !survey->is_root)
		return HIDDEN_UNKNOWN;
	return HIDDEN_KERNEL;
}

void reason_fill(struct survey *survey)
{
	enum hidden_reason reason = HIDDEN_NONE;

	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		if (row->is_dropped || row->n_owners || row->hidden != HIDDEN_NONE)
			continue;
		if (row->inode == 0) {
			row->hidden = HIDDEN_KERNEL; /* no file: no process can hold it */
			continue;
		}
		if (row->has_lost) {
			row->hidden = HIDDEN_EXITED;
			continue;
		}
		if (reason == HIDDEN_NONE)
			reason = find_reason(survey);
		row->hidden = (uint8_t)reason;
	}
}

struct search {
	struct survey *survey;
	size_t n_left;	 /* sockets whose group is not known yet */
	size_t n_groups; /* looked at so far */
};

static bool is_asked(const struct socket_row *row)
{
	return !row->is_dropped && !row->n_owners && row->cgroup_id && reason_is_hidden(row->hidden);
}

static void note_group(struct search *search, uint64_t id, struct span path)
{
	struct survey *survey = search->survey;
	struct socket_extra *extra = NULL;
	struct cgroup_facts facts;

	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		if (row->cgroup_id != id || !is_asked(row))
			continue;
		if (!extra) {
			cgroup_read_path(path, &facts);
			extra = arena_get(survey->arena, sizeof(*extra));
			extra->cgroup = survey_intern(survey, path);
			extra->unit = survey_intern(survey, facts.unit);
		}
		row->extra = extra;
		search->n_left--;
	}
}

/* path holds the name of the directory, n bytes of it. */
static void search_groups(struct search *search, int above, const char *entry, char *path, size_t n)
{
	int fd = openat(above, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	size_t depth = 0;

	if (!dir && fd >= 0)
		close(fd);
	for (size_t i = 0; i < n; i++)
		depth += path[i] == '/';
	while (dir && search->n_left && depth < MAX_DEPTH && search->n_groups < MAX_GROUPS &&
	       (e = readdir(dir))) {
		size_t length = strlen(e->d_name);

		if (e->d_type != DT_DIR || e->d_name[0] == '.' || n + length + 2 > PATH_MAX)
			continue;
		search->n_groups++;
		path[n] = '/';
		memcpy(path + n + 1, e->d_name, length + 1);
		note_group(search, e->d_ino, span_of(path, n + 1 + length));
		search_groups(search, dirfd(dir), e->d_name, path, n + 1 + length);
	}
}

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (uint32_t)fs.f_type == CGROUP2_SUPER_MAGIC;
}

void reason_find_groups(struct survey *survey)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct search search = {.survey = survey};
	char path[PATH_MAX];

	for (size_t i = 0; i < survey->sockets.n; i++)
		search.n_left += is_asked(&survey->sockets.rows[i]);
	for (size_t i = 0; i < ARRAY_LEN(roots) && search.n_left; i++)
		if (is_cgroup2(roots[i])) {
			search_groups(&search, AT_FDCWD, roots[i], path, 0);
			break;
		}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process: reads one process from /proc.
 *
 * Everything is looked up from a descriptor of a directory of /proc/PID, which belongs to the
 * process and not to its number (see proc.h): descriptors, start and names cannot be of two
 * processes. A program that execs meanwhile may show its new name with its old descriptors; they
 * are the same process to the kernel too.
 *
 * What is the same for all processes of one executable (kind of file system, rights of its
 * directory) is asked once per file. Paths are looked up from the process's own root, because it
 * may live in another mount namespace. Files may lie on a server that does not answer: only
 * attributes that are known here are asked for, except for the directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/scope.h"
#include "host/activation.h"
#include "host/proc.h"
#include "host/script.h"
#include "host/unit.h"

enum {
	SMALL_TEXT = 4096,
	PATH_TEXT = 4096,
	ARGUMENTS_READ = 64 << 10, /* a class path may come before what we look for */
	ARGUMENTS_KEPT = 4096,
	PF_KTHREAD = 0x00200000,
};

static const char deleted_mark[] = " (deleted)";

/* Raw bytes of one process, before anything is kept. */
struct raw {
	uint32_t pid;
	struct stat_facts stat;
	struct status_facts status;
	struct span executable, working_directory, arguments, cgroup;
	uint64_t exe_device, exe_inode;
	uint64_t net_namespace;
	bool is_deleted, is_replaced, is_memfd, is_script_missing;
	bool is_in_tmpfs, is_in_world_writable;
	struct script script;
	uint8_t stat_text[SMALL_TEXT];
	uint8_t status_text[SMALL_TEXT];
	uint8_t executable_text[PATH_TEXT];
	uint8_t directory_text[PATH_TEXT];
	uint8_t cgroup_text[SMALL_TEXT];
	uint8_t arguments_text[ARGUMENTS_READ];
};

ssize_t proc_read(int dir, const char *path, void *bytes, size_t size)
{
	auto_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t n = 0;

	if (fd < 0)
		return -errno;
	while (n < size) {
		ssize_t got = read(fd, (uint8_t *)bytes + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

struct span proc_link(int dir, const char *path, void *bytes, size_t size)
{
	ssize_t n = readlinkat(dir, path, bytes, size);

	return span_of(bytes, n > 0 ? (size_t)n : 0);
}

/* A text that the kernel makes in one piece: one read gets all that fits. */
static struct span read_text(int dir, const char *path, uint8_t *bytes, size_t size)
{
	auto_close int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	do
		n = fd < 0 ? -1 : read(fd, bytes, size);
	while (n < 0 && fd >= 0 && errno == EINTR);
	return span_of(bytes, n > 0 ? (size_t)n : 0);
}

/* Attributes of a path as the process sees it. False when there is no such file, or no leave. */
static bool look_up(int dir, struct span path, struct stat *st)
{
	char whole[PATH_TEXT + 16];

	if (path.n == 0 || path.p[0] != '/' || path.n > PATH_TEXT || span_find_byte(path, 0) >= 0)
		return false;
	snprintf(whole, sizeof(whole), "../root%.*s", SPAN_ARG(path));
	return fstatat(dir, whole, st, AT_NO_AUTOMOUNT) == 0;
}

static void read_executable(int dir, struct raw *raw)
{
	struct stat st;
	struct stat named;
	size_t mark = sizeof(deleted_mark) - 1;

	raw->executable = proc_link(dir, "../exe", raw->executable_text, PATH_TEXT);
	if (raw->executable.n == 0)
		return;
	if (fstatat(dir, "../exe", &st, AT_NO_AUTOMOUNT) == 0) {
		raw->exe_device = st.st_dev;
		raw->exe_inode = st.st_ino;
	}
	if (!span_ends(raw->executable, deleted_mark))
		return;
	/* A file may really have that name. */
	if (look_up(dir, raw->executable, &named) && named.st_ino == raw->exe_inode &&
	    named.st_dev == raw->exe_device)
		return;
	raw->executable.n -= mark;
	raw->is_deleted = true;
	raw->is_memfd = span_starts(raw->executable, "/memfd:");
	raw->is_replaced = !raw->is_memfd && look_up(dir, raw->executable, &named);
}

static bool is_memory(int dir)
{
	auto_close int fd = openat(dir, "../exe", O_PATH | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return false;
	return (uint32_t)fs.f_type == TMPFS_MAGIC || (uint32_t)fs.f_type == RAMFS_MAGIC;
}

/* What the file system says of the executable; the same for all processes of one file. */
static void read_place(struct survey *survey, int dir, struct raw *raw)
{
	struct stat st;

	survey_lock(survey);
	for (const struct process_row *row = survey->by_exe[raw->exe_inode % PROCESS_SLOTS];
	     row && raw->exe_inode; row = row->next_of_exe)
		if (row->exe_inode == raw->exe_inode && row->exe_device == raw->exe_device &&
		    span_eq(row->process.executable, raw->executable)) {
			raw->is_in_tmpfs = row->process.is_in_tmpfs;
			raw->is_in_world_writable = row->process.is_in_world_writable;
			survey_unlock(survey);
			return;
		}
	survey_unlock(survey);
	if (raw->is_memfd || raw->executable.n == 0)
		return;
	raw->is_in_tmpfs = is_memory(dir) || span_starts(raw->executable, "/dev/shm/");
	raw->is_in_world_writable = look_up(dir, span_dir(raw->executable), &st) &&
				    S_ISDIR(st.st_mode) && st.st_mode & S_IWOTH;
}

/* Relative names are the working directory's. */
static bool is_missing(int dir, struct span name)
{
	char path[PATH_TEXT + 16];
	struct stat st;

	if (name.n == 0 || name.n > PATH_TEXT || span_find(name, SPAN_LIT("://")) >= 0)
		return false;
	snprintf(path, sizeof(path), "../%s%s%.*s", name.p[0] == '/' ? "root" : "cwd",
		 name.p[0] == '/' ? "" : "/", SPAN_ARG(name));
	return fstatat(dir, path, &st, AT_NO_AUTOMOUNT) < 0 && errno == ENOENT;
}

static void read_arguments(int dir, struct raw *raw)
{
	struct span text = read_text(dir, "../cmdline", raw->arguments_text, ARGUMENTS_READ - 1);

	/* Programs that rewrite their title leave a run of NULs. */
	while (text.n && text.p[text.n - 1] == 0)
		text.n--;
	if (text.n) {
		raw->arguments_text[text.n] = 0;
		text.n++;
	}
	raw->arguments = text;
	if (raw->executable.n)
		raw->script = script_read(span_base(raw->executable), text);
	raw->is_script_missing = raw->script.kind == SCRIPT_PATH && is_missing(dir, raw->script.name);
}

static bool read_raw(struct survey *survey, int dir, struct raw *raw)
{
	char link[64];
	struct span text = read_text(dir, "../stat", raw->stat_text, SMALL_TEXT);
	struct stat st;

	if (!stat_read(text, &raw->stat))
		return false;
	text = read_text(dir, "../status", raw->status_text, SMALL_TEXT);
	if (!status_read(text, &raw->status)) {
		if (fstatat(dir, "..", &st, 0) < 0)
			return false;
		raw->status = (struct status_facts){.uid = st.st_uid};
	}
	read_executable(dir, raw);
	read_arguments(dir, raw);
	raw->working_directory = proc_link(dir, "../cwd", raw->directory_text, PATH_TEXT);
	raw->cgroup = read_text(dir, "../cgroup", raw->cgroup_text, SMALL_TEXT);
	if (survey->query->namespaces) {
		text = proc_link(dir, "../ns/net", link, sizeof(link));
		if (span_starts(text, "net:[") && span_ends(text, "]"))
			(void)!span_u64(span_of(text.p + 5, text.n - 6), UINT64_MAX,
					&raw->net_namespace);
	}
	read_place(survey, dir, raw);
	return true;
}

static struct span join_arguments(struct survey *survey, struct span argv)
{
	uint8_t text[ARGUMENTS_KEPT];
	struct span joined = span_of(text, argv.n);

	for (size_t i = 0; i < argv.n; i++)
		text[i] = argv.p[i] ? argv.p[i] : ' ';
	while (joined.n && joined.p[joined.n - 1] == ' ')
		joined.n--;
	return arena_copy(survey->arena, joined);
}

static struct span name_script(struct survey *survey, const struct script *script)
{
	char text[ARGUMENTS_KEPT];
	struct span name = span_cut(script->name, ARGUMENTS_KEPT / 2);
	int n;

	if (script->kind != SCRIPT_MODULE)
		return survey_intern(survey, name);
	n = snprintf(text, sizeof(text), "-m %.*s", SPAN_ARG(name));
	return survey_intern(survey, span_of(text, n > 0 ? (size_t)n : 0));
}

static struct span name_container(struct survey *survey, const struct cgroup_facts *facts)
{
	enum { SHORT_ID = 12, NAME_SIZE = 300 };
	char text[NAME_SIZE];
	int n;

	if (!facts->runtime)
		return span_of(NULL, 0);
	n = snprintf(text, sizeof(text), "%s %.*s", facts->runtime,
		     SPAN_ARG(span_cut(facts->container, facts->is_id ? SHORT_ID : NAME_SIZE / 2)));
	return survey_intern(survey, span_of(text, n > 0 ? (size_t)n : 0));
}

int64_t process_start_time(const struct survey *survey, uint64_t start_ticks)
{
	static const int64_t ms = 1000;
	int64_t hertz = sysconf(_SC_CLK_TCK);

	return (survey->boot_time_ms + (int64_t)start_ticks * ms / hertz) / ms;
}

/* Under the lock: from here on only memory. */
static void keep(struct survey *survey, const struct raw *raw, struct process_row *row)
{
	struct process *p = &row->process;
	char text[CAPABILITY_TEXT];
	struct cgroup_facts cgroup;

	cgroup_read(raw->cgroup, &cgroup);
	*p = (struct process){
		.pid = raw->pid,
		.start_ticks = raw->stat.start_ticks,
		.start_time = process_start_time(survey, raw->stat.start_ticks),
		.uid = raw->status.uid,
		.name = survey_intern(survey, raw->stat.name),
		.executable = survey_intern(survey, raw->executable),
		.argv = arena_copy(survey->arena, span_cut(raw->arguments, ARGUMENTS_KEPT)),
		.working_directory = survey_intern(survey, raw->working_directory),
		.runtime = span_str(raw->script.runtime),
		.script = name_script(survey, &raw->script),
		.unit = survey_intern(survey, cgroup.unit),
		.user_unit = survey_intern(survey, cgroup.user_unit),
		.cgroup = survey_intern(survey, cgroup.path),
		.container = name_container(survey, &cgroup),
		.net_namespace = raw->net_namespace,
		.is_deleted = raw->is_deleted,
		.is_replaced = raw->is_replaced,
		.is_memfd = raw->is_memfd,
		.is_in_tmpfs = raw->is_in_tmpfs,
		.is_in_world_writable = raw->is_in_world_writable,
		.is_kernel_thread = raw->stat.flags & PF_KTHREAD,
		.is_script_missing = raw->is_script_missing,
	};
	p->command_line = join_arguments(survey, p->argv);
	p->is_manager = process_is_manager(p);
	p->terminal = survey_intern(survey, span_of(text, terminal_name(raw->stat.terminal, text)));
	p->capabilities = survey_intern(survey, span_of(text, capability_names(raw->status.capabilities,
						survey->known_capabilities, text)));
	row->parent = raw->stat.parent;
	row->exe_device = raw->exe_device;
	row->exe_inode = raw->exe_inode;
}

void process_add(struct survey *survey, struct process_row *row)
{
	struct process_row **of_pid = &survey->by_pid[row->process.pid % PROCESS_SLOTS];
	struct process_row **of_exe = &survey->by_exe[row->exe_inode % PROCESS_SLOTS];

	row->next = survey->processes;
	survey->processes = row;
	row->next_of_pid = *of_pid;
	*of_pid = row;
	row->next_of_exe = *of_exe;
	*of_exe = row;
}

const struct process *process_read(struct survey *survey, int dir, uint32_t pid)
{
	auto_free struct raw *raw = malloc(sizeof(*raw));
	struct process_row *row;

	if (!raw)
		return NULL;
	memset(raw, 0, offsetof(struct raw, stat_text));
	raw->pid = pid;
	if (!read_raw(survey, dir, raw))
		return NULL;
	survey_lock(survey);
	row = arena_get(survey->arena, sizeof(*row));
	keep(survey, raw, row);
	process_add(survey, row);
	survey_unlock(survey);
	return &row->process;
}

const struct process *process_find(struct survey *survey, uint32_t pid, uint64_t start_ticks)
{
	const struct process *process = NULL;
	char path[32];

	survey_lock(survey);
	for (struct process_row *row = survey->by_pid[pid % PROCESS_SLOTS]; row && !process;
	     row = row->next_of_pid)
		if (row->process.pid == pid &&
		    (!start_ticks || row->process.start_ticks == start_ticks))
			process = &row->process;
	survey_unlock(survey);
	if (process)
		return process;
	snprintf(path, sizeof(path), "/proc/%u/fd", pid);

	auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return NULL;
	process = process_read(survey, dir, pid);
	return process && start_ticks && process->start_ticks != start_ticks ? NULL : process;
}

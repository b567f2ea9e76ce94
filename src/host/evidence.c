/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence: what a process leaves behind: files with their sums, memory maps, descriptors, names of
 * its environment.
 *
 * Everything is read through one directory of /proc/PID, which belongs to the process and not to its
 * number. Files are read as the process has them, through /proc/PID/exe and map_files, so that those
 * whose names are gone are summed up too. sha256sum(1) and dpkg(1) do the sums and the comparison.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/host.h"
#include "host/proc.h"

enum {
	TEXT_SIZE = 1 << 20,
	ITEMS_MAX = 4096,
	SAID_MAX = 64 << 10,
	HASH_DIGITS = 64,
	PATH_SIZE = 4096,
};
static const uint64_t summed_most = 1ull << 30; /* bytes of a file */

extern char **environ;

static struct span read_whole(struct arena *arena, int dir, const char *name, bool *is_complete)
{
	auto_free uint8_t *text = malloc(TEXT_SIZE);
	ssize_t n = text ? proc_read(dir, name, text, TEXT_SIZE) : -ENOMEM;

	*is_complete &= n >= 0 && n < TEXT_SIZE;
	return arena_copy(arena, span_of(text, n > 0 ? (size_t)n : 0));
}

/* Runs a program with this input and keeps what it prints, at most SAID_MAX bytes. False: it could
 * not be run. */
static bool ask(struct arena *arena, char *const *arguments, int input, struct span *said)
{
	auto_free char *text = malloc(SAID_MAX);
	posix_spawn_file_actions_t actions;
	size_t n = 0;
	int ends[2];
	pid_t child = -1;

	if (!text || pipe2(ends, O_CLOEXEC) < 0)
		return false;

	auto_close int from = ends[0];

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (input >= 0)
		posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ))
		child = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (child > 0 && n < SAID_MAX) {
		ssize_t got = read(from, text + n, SAID_MAX - n);

		if (got <= 0 && !(got < 0 && errno == EINTR))
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	*said = arena_copy(arena, span_of(text, n));
	return child > 0;
}

/* The file behind a link of /proc: its attributes and its sum. */
static bool read_file(struct arena *arena, int dir, const char *link, struct evidence_file *file)
{
	static char *const arguments[] = {(char *)"sha256sum", (char *)"-b", NULL};
	auto_close int fd = openat(dir, link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint8_t bytes[PATH_SIZE];
	struct span target = proc_link(dir, link, bytes, sizeof(bytes));
	struct span said;
	struct stat info;

	file->path = arena_copy(arena, target);
	if (span_ends(file->path, " (deleted)")) {
		file->is_deleted = true;
		file->path.n -= sizeof(" (deleted)") - 1;
	}
	if (fd < 0 || fstat(fd, &info) < 0)
		return false;
	file->size = (uint64_t)info.st_size;
	file->inode = info.st_ino;
	file->device = info.st_dev;
	file->mode = info.st_mode;
	file->uid = info.st_uid;
	file->gid = info.st_gid;
	file->modified = info.st_mtime;
	if (!S_ISREG(info.st_mode) || file->size > summed_most ||
	    !ask(arena, arguments, fd, &said) || said.n < HASH_DIGITS)
		return false;
	file->sha256 = span_cut(said, HASH_DIGITS);
	return true;
}

static bool is_known(const struct evidence_file *files, size_t n, struct span path)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(files[i].path, path))
			return true;
	return false;
}

/* proc_pid_maps(5): address perms offset dev inode path; only what may be executed is of interest. */
static void read_maps(struct arena *arena, int dir, struct evidence *e)
{
	struct span text = read_whole(arena, dir, "maps", &e->is_complete);
	struct evidence_file *files = NULL;
	size_t capacity = 0;
	struct span line;

	while (take_line(&text, &line) && e->n_mapped < ITEMS_MAX) {
		struct evidence_file file = {0};
		struct span word[5];
		char link[128];
		size_t n = 0;

		while (n < ARRAY_LEN(word) && take_word(&line, &word[n]))
			n++;
		if (n < ARRAY_LEN(word) || !span_starts(span_trim(line), "/") || word[1].n != 4 ||
		    word[1].p[2] != 'x' || word[0].n > 64)
			continue;
		snprintf(link, sizeof(link), "map_files/%.*s", SPAN_ARG(word[0]));
		e->is_complete &= read_file(arena, dir, link, &file);
		file.permissions = word[1];
		if (!file.path.n)
			file.path = span_trim(line);
		if (!is_known(files, e->n_mapped, file.path))
			*(struct evidence_file *)arena_push(arena, &files, &e->n_mapped, &capacity,
							    sizeof(file)) = file;
	}
	e->mapped = files;
}

static void read_descriptors(struct arena *arena, int dir, struct evidence *e)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_closedir DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct evidence_descriptor *descriptors = NULL;
	size_t capacity = 0;
	struct dirent *entry;

	e->is_complete &= list != NULL;
	while (list && (entry = readdir(list)) && e->n_descriptors < ITEMS_MAX) {
		uint8_t bytes[PATH_SIZE];
		uint64_t number;

		if (span_u64(span_str(entry->d_name), UINT32_MAX, &number))
			*(struct evidence_descriptor *)arena_push(arena, &descriptors,
								  &e->n_descriptors, &capacity,
								  sizeof(*descriptors)) =
				(struct evidence_descriptor){
					(uint32_t)number,
					arena_copy(arena, proc_link(dirfd(list), entry->d_name, bytes,
								    sizeof(bytes)))};
	}
	e->descriptors = descriptors;
}

/* Texts by NUL; of NAME=value only the name. */
static void read_environment(struct arena *arena, int dir, struct evidence *e)
{
	struct span text = read_whole(arena, dir, "environ", &e->is_complete);
	struct span *names = NULL;
	size_t capacity = 0;
	struct span item;

	while (text.n && take_until(&text, 0, &item) && e->n_environment < ITEMS_MAX) {
		ptrdiff_t equals = span_find_byte(item, '=');

		if (equals > 0)
			*(struct span *)arena_push(arena, &names, &e->n_environment, &capacity,
						   sizeof(*names)) = span_cut(item, (size_t)equals);
	}
	e->environment = names;
}

static void read_status(struct arena *arena, int dir, struct evidence *e)
{
	struct span text = read_whole(arena, dir, "status", &e->is_complete);
	struct span *lines = NULL;
	size_t capacity = 0;
	struct span line;

	while (take_line(&text, &line) && e->n_status < ITEMS_MAX)
		*(struct span *)arena_push(arena, &lines, &e->n_status, &capacity, sizeof(*lines)) = line;
	e->status = lines;
}

static void verify_package(struct arena *arena, const struct process *p, struct evidence *e)
{
	char package[256];
	char *const arguments[] = {(char *)"dpkg", (char *)"--verify", (char *)"--", package, NULL};

	if (p->package_answer != PACKAGE_OWNS || !p->package.n || p->package.n >= sizeof(package) ||
	    access("/var/lib/dpkg/status", R_OK) != 0)
		return;
	memcpy(package, p->package.p, p->package.n);
	package[p->package.n] = 0;
	e->is_package_verified = ask(arena, arguments, -1, &e->package_says);
}

static bool is_of(int dir, const struct process *process, struct arena *arena)
{
	struct stat_facts facts;
	bool is_complete = true;

	return stat_read(read_whole(arena, dir, "stat", &is_complete), &facts) &&
	       facts.start_ticks == process->start_ticks;
}

int host_evidence(const struct process *process, struct arena *arena, struct evidence *evidence,
		  struct why *why)
{
	uint8_t bytes[PATH_SIZE];
	char path[64];

	*evidence = (struct evidence){.process = process, .is_complete = true};
	snprintf(path, sizeof(path), "/proc/%u", process->pid);

	auto_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || !is_of(dir, process, arena))
		return why_set(why, ESRCH, _("process %u has ended"), process->pid);
	evidence->is_complete &= read_file(arena, dir, "exe", &evidence->executable);
	evidence->root = arena_copy(arena, proc_link(dir, "root", bytes, sizeof(bytes)));
	evidence->cgroup = span_trim(read_whole(arena, dir, "cgroup", &evidence->is_complete));
	read_status(arena, dir, evidence);
	read_environment(arena, dir, evidence);
	read_descriptors(arena, dir, evidence);
	read_maps(arena, dir, evidence);
	verify_package(arena, process, evidence);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces: finds network namespaces by the processes in them and by their names, and visits
 * them in a thread of its own: setns(2) moves the thread for good, and it ends in the last one.
 *
 * A namespace is known by the inode of its ns file. It is opened when it is entered, one at a
 * time, so many of them need no descriptors; one that is gone by then is passed over. Not found:
 * namespaces that nobody lives in and that are pinned elsewhere than in the places below.
 */
#include "host/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/proc.h"

enum { MAX_NAMESPACES = 4096, PATH_SIZE = 320 };

struct place {
	uint64_t inode;
	uint32_t pid;	     /* of a process there; 0: a name */
	uint16_t directory;  /* of the name */
	struct span name;
};

struct visit {
	struct survey *survey;
	namespace_fn *fn;
	void *arg;
	struct arena arena;
	struct place *places;
	size_t n, capacity;
	int result;
};

static const char *const name_directories[] = {"/run/netns", "/run/docker/netns",
					       "/var/run/netns"};

uint64_t namespace_own(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) == 0 ? st.st_ino : 0;
}

static void add(struct visit *visit, struct place place)
{
	if (place.inode == visit->survey->net_namespace)
		return;
	for (size_t i = 0; i < visit->n; i++)
		if (visit->places[i].inode == place.inode)
			return;
	if (visit->n >= MAX_NAMESPACES) {
		visit->survey->n_failed++;
		return;
	}
	*(struct place *)arena_push(&visit->arena, &visit->places, &visit->n, &visit->capacity,
				    sizeof(place)) = place;
}

static void find_by_processes(struct visit *visit)
{
	auto_closedir DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		char path[PATH_SIZE];
		struct stat st;
		uint64_t pid;

		if (!span_u64(span_str(entry->d_name), UINT32_MAX, &pid))
			continue;
		snprintf(path, sizeof(path), "%s/ns/net", entry->d_name);
		if (fstatat(dirfd(proc), path, &st, 0) == 0)
			add(visit, (struct place){.inode = st.st_ino, .pid = (uint32_t)pid});
		else if (errno == EACCES || errno == EPERM)
			visit->survey->n_failed++;
	}
}

static void find_by_names(struct visit *visit, uint16_t directory)
{
	auto_closedir DIR *dir = opendir(name_directories[directory]);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct stat st;

		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, 0) < 0)
			continue;
		add(visit, (struct place){.inode = st.st_ino, .directory = directory,
					  .name = arena_copy(&visit->arena,
							     span_str(entry->d_name))});
	}
}

/* 0 when the thread now stands in the namespace. */
static int enter(const struct place *place)
{
	char path[PATH_SIZE];
	struct stat st;

	if (place->pid)
		snprintf(path, sizeof(path), "/proc/%u/ns/net", place->pid);
	else
		snprintf(path, sizeof(path), "%s/%.*s", name_directories[place->directory],
			 SPAN_ARG(place->name));

	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != place->inode)
		return -ENOENT; /* gone, or another has the number now */
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

static void *run(void *arg)
{
	struct visit *visit = arg;

	for (size_t i = 0; i < visit->n && visit->result == 0; i++) {
		int r = enter(&visit->places[i]);

		if (r == 0)
			visit->result = visit->fn(visit->arg, visit->places[i].inode);
		else if (r != -ENOENT && r != -EINVAL) /* a name may stand there without its mount */
			visit->survey->n_failed++;
	}
	return NULL;
}

int namespaces_each(struct survey *survey, namespace_fn *fn, void *arg)
{
	struct visit visit = {.survey = survey, .fn = fn, .arg = arg};
	pthread_t thread;
	int r;

	find_by_processes(&visit);
	for (size_t i = 0; i < ARRAY_LEN(name_directories); i++)
		find_by_names(&visit, (uint16_t)i);
	r = visit.n ? -pthread_create(&thread, NULL, run, &visit) : 0;
	if (r == 0 && visit.n) {
		pthread_join(thread, NULL);
		r = visit.result;
	}
	arena_done(&visit.arena);
	return r;
}

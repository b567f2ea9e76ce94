/* SPDX-License-Identifier: Apache-2.0 */
/*
 * package: asks the package databases of this system for all executables of the survey at once.
 *
 * Only for files of this system: a process in a container has paths of another one. When the
 * executable is there, it must be the very file that has the path here; when it was deleted, the
 * path is asked for, because an upgrade deletes the old file.
 */
#include "host/package.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/proc.h"

/* A file that processes run, asked for once however many they are. */
struct asked {
	uint64_t device, inode;
	struct span path; /* interned: the same bytes are the same pointer, a NUL stands behind */
	bool is_deleted;
	bool is_of_this_system;
	size_t want; /* index, when it is of this system */
};

struct asked_list {
	struct arena arena;
	struct asked *files;
	size_t n, capacity;
	struct package_want *wants;
	size_t n_wants, wants_capacity;
};

static bool is_of_this_system(const struct process_row *row)
{
	const struct process *p = &row->process;
	struct stat st;

	if (p->is_deleted)
		return true;
	return fstatat(AT_FDCWD, (const char *)p->executable.p, &st, AT_NO_AUTOMOUNT) == 0 &&
	       st.st_dev == row->exe_device && st.st_ino == row->exe_inode;
}

static size_t find_want(struct asked_list *list, const struct process *p)
{
	for (size_t i = 0; i < list->n_wants; i++)
		if (list->wants[i].path.p == p->executable.p)
			return i;
	*(struct package_want *)arena_push(&list->arena, &list->wants, &list->n_wants,
					   &list->wants_capacity, sizeof(*list->wants)) =
		(struct package_want){.path = p->executable, .unit = p->unit};
	return list->n_wants - 1;
}

/* NULL: nothing that a package database could know. */
static const struct asked *ask_for(struct asked_list *list, const struct process_row *row)
{
	const struct process *p = &row->process;
	struct asked *asked;

	if (p->executable.n == 0 || p->is_memfd || p->container.n)
		return NULL;
	for (size_t i = 0; i < list->n; i++) {
		asked = &list->files[i];
		if (asked->path.p == p->executable.p && asked->inode == row->exe_inode &&
		    asked->device == row->exe_device && asked->is_deleted == p->is_deleted)
			return asked;
	}
	asked = arena_push(&list->arena, &list->files, &list->n, &list->capacity, sizeof(*asked));
	*asked = (struct asked){.device = row->exe_device, .inode = row->exe_inode,
				.path = p->executable, .is_deleted = p->is_deleted,
				.is_of_this_system = is_of_this_system(row)};
	if (asked->is_of_this_system)
		asked->want = find_want(list, p);
	return asked;
}

void package_fill(struct survey *survey)
{
	struct asked_list list = {0};
	bool is_known;

	for (struct process_row *row = survey->processes; row; row = row->next) {
		const struct asked *asked = ask_for(&list, row);

		row->is_of_this_system = asked && asked->is_of_this_system;
	}

	struct package_want *wants = list.wants;
	size_t n = list.n_wants;

	is_known = n && (dpkg_ask("/var/lib/dpkg", survey->arena, wants, n) ||
			 rpm_ask("/var/lib/rpm/rpmdb.sqlite", survey->arena, wants, n) ||
			 rpm_ask("/usr/lib/sysimage/rpm/rpmdb.sqlite", survey->arena, wants, n));
	for (struct process_row *row = survey->processes; is_known && row; row = row->next)
		for (size_t i = 0; i < n && row->is_of_this_system; i++)
			if (wants[i].path.p == row->process.executable.p) {
				row->process.package = wants[i].package;
				row->process.package_version = wants[i].version;
				row->process.package_answer = wants[i].answer;
			}
	arena_done(&list.arena);
}

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

static bool is_of_this_system(const struct process_row *row)
{
	const struct process *p = &row->process;
	struct stat st;

	if (p->executable.n == 0 || p->is_memfd || p->container.n)
		return false;
	if (p->is_deleted)
		return true;
	/* interned: a NUL stands behind it */
	return fstatat(AT_FDCWD, (const char *)p->executable.p, &st, AT_NO_AUTOMOUNT) == 0 &&
	       st.st_dev == row->exe_device && st.st_ino == row->exe_inode;
}

void package_fill(struct survey *survey)
{
	struct arena scratch = {0};
	struct package_want *wants = NULL;
	size_t n = 0;
	size_t capacity = 0;
	bool is_known;

	for (struct process_row *row = survey->processes; row; row = row->next) {
		bool is_asked = false;

		row->is_of_this_system = is_of_this_system(row);
		for (size_t i = 0; i < n && !is_asked; i++)
			is_asked = wants[i].path.p == row->process.executable.p;
		if (is_asked || !row->is_of_this_system)
			continue;
		*(struct package_want *)arena_push(&scratch, &wants, &n, &capacity, sizeof(*wants)) =
			(struct package_want){.path = row->process.executable,
					      .unit = row->process.unit};
	}
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
	arena_done(&scratch);
}

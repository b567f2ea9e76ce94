/* SPDX-License-Identifier: Apache-2.0 */
/* process: what is known of a process: its file, start, user, directory, arguments, parents. */
#include "host/darwin/darwin.h"

#include <libproc.h>
#include <pwd.h>
#include <stdlib.h>

#include "base/scope.h"
#include "host/argv.h"
#include "host/script.h"

enum { ANCESTORS = 16, MICROSECONDS = 1000000 };

/* The name that stands in full, where one is registered; else the short one of the file. */
static struct span name_of(struct arena *arena, const struct proc_bsdinfo *info)
{
	char text[2 * MAXCOMLEN + 1] = {0};

	memcpy(text, info->pbi_name, sizeof(info->pbi_name));
	if (!text[0])
		memcpy(text, info->pbi_comm, sizeof(info->pbi_comm));
	return arena_copy(arena, span_str(text));
}

static bool ask(uint32_t pid, struct proc_bsdinfo *info)
{
	return proc_pidinfo((int)pid, PROC_PIDTBSDINFO, 0, info, sizeof(*info)) ==
	       (int)sizeof(*info);
}

static struct span path_of(struct arena *arena, uint32_t pid)
{
	char path[PROC_PIDPATHINFO_MAXSIZE];
	int n = proc_pidpath((int)pid, path, sizeof(path));

	return n > 0 ? arena_copy(arena, span_of(path, (size_t)n)) : span_of(NULL, 0);
}

static struct span directory_of(struct arena *arena, uint32_t pid)
{
	struct proc_vnodepathinfo info;

	if (proc_pidinfo((int)pid, PROC_PIDVNODEPATHINFO, 0, &info, sizeof(info)) !=
	    (int)sizeof(info))
		return span_of(NULL, 0);
	info.pvi_cdir.vip_path[sizeof(info.pvi_cdir.vip_path) - 1] = 0;
	return arena_copy(arena, span_str(info.pvi_cdir.vip_path));
}

static struct span user_of(struct survey *survey, uint32_t uid)
{
	struct passwd *row = getpwuid(uid);

	return row ? survey_intern(survey, span_str(row->pw_name)) : span_of(NULL, 0);
}

static uint64_t ticks_of(const struct proc_bsdinfo *info)
{
	return info->pbi_start_tvsec * MICROSECONDS + info->pbi_start_tvusec;
}

/* Only one that was started before its child is its parent: numbers are given out again. */
static void draw_line(struct survey *survey, struct process *p, uint32_t parent)
{
	struct ancestor *line = arena_get_array(survey->arena, ANCESTORS, sizeof(*line));
	uint64_t before = p->start_ticks;
	struct proc_bsdinfo info;
	size_t n = 0;

	while (parent && n < ANCESTORS && ask(parent, &info) && ticks_of(&info) <= before) {
		line[n++] = (struct ancestor){.pid = parent,
					      .name = name_of(survey->arena, &info),
					      .executable = path_of(survey->arena, parent)};
		before = ticks_of(&info);
		parent = info.pbi_ppid;
	}
	p->ancestors = line;
	p->n_ancestors = n;
}

static void read_script(struct survey *survey, struct process *p)
{
	if (!survey->query->no_arguments ||
	    script_read(span_base(p->executable), span_of(NULL, 0)).runtime)
		darwin_arguments_read(survey->arena, p);
	argv_tell(survey->arena, span_base(p->executable), p);
}

struct process_row *darwin_process(struct survey *survey, uint32_t pid)
{
	struct process_row **slot = &survey->by_pid[pid % PROCESS_SLOTS];
	struct process_row *row;
	struct proc_bsdinfo info;
	struct process *p;

	for (row = *slot; row; row = row->next_of_pid)
		if (row->process.pid == pid)
			return row;
	if (!ask(pid, &info))
		return NULL;
	row = arena_get(survey->arena, sizeof(*row));
	p = &row->process;
	*p = (struct process){
		.pid = pid,
		.start_ticks = ticks_of(&info),
		.start_time = (int64_t)info.pbi_start_tvsec,
		.uid = info.pbi_ruid,
		.user = user_of(survey, info.pbi_ruid),
		.name = name_of(survey->arena, &info),
		.executable = path_of(survey->arena, pid),
		.working_directory = directory_of(survey->arena, pid),
	};
	read_script(survey, p);
	draw_line(survey, p, info.pbi_ppid);
	row->next_of_pid = *slot;
	*slot = row;
	row->next = survey->processes;
	survey->processes = row;
	return row;
}

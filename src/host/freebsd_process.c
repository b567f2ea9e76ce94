/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd_process: one process, by kern.proc.* of its number: name, user, start and jail (pid), file
 * (pathname), arguments (args), directory (cwd), parents. What the kernel keeps to itself stays empty.
 */
#include "base/scope.h"
#include "host/argv.h"
#include "host/freebsd.h"
#include "host/script.h"

enum { ANCESTORS = 16, MICROSECONDS = 1000000 };

/* A copy in the arena; empty when there is no answer. */
static struct span answer(const struct freebsd_look *look, const char *name, uint32_t pid)
{
	auto_free uint8_t *bytes = NULL;
	size_t n = 0;
	int r = look->ask(name, (int)pid, &bytes, &n);

	return r < 0 ? span_of(NULL, 0) : arena_copy(look->survey->arena, span_of(bytes, n));
}

static bool ask(const struct freebsd_look *look, uint32_t pid, struct freebsd_process *process)
{
	return freebsd_process_read(answer(look, "kern.proc.pid", pid), process) && process->pid == pid;
}

/* Paths end with a zero, which is not theirs. */
static struct span path_of(const struct freebsd_look *look, uint32_t pid)
{
	struct span path = answer(look, "kern.proc.pathname", pid);
	ptrdiff_t end = span_find_byte(path, 0);

	return end < 0 ? path : span_cut(path, (size_t)end);
}

/* Only one that was started before its child is its parent: numbers are given out again. */
static void draw_line(const struct freebsd_look *look, struct process *p, uint32_t parent)
{
	struct ancestor *line = arena_get_array(look->survey->arena, ANCESTORS, sizeof(*line));
	uint64_t before = p->start_ticks;
	struct freebsd_process found;
	size_t n = 0;

	while (parent && n < ANCESTORS && ask(look, parent, &found) && found.start_us <= before) {
		line[n++] = (struct ancestor){.pid = parent, .name = found.name,
					      .executable = path_of(look, parent)};
		before = found.start_us;
		parent = found.parent;
	}
	p->ancestors = line;
	p->n_ancestors = n;
}

static void describe(const struct freebsd_look *look, const struct freebsd_process *found,
		     struct process *p)
{
	struct survey *survey = look->survey;

	*p = (struct process){
		.pid = found->pid,
		.start_ticks = found->start_us,
		.start_time = (int64_t)(found->start_us / MICROSECONDS),
		.uid = found->uid,
		.name = found->name,
		.executable = path_of(look, found->pid),
		.working_directory = freebsd_directory(answer(look, "kern.proc.cwd", found->pid)),
	};
	if (survey->user_of)
		p->user = survey->user_of(survey, p->uid);
	if (found->jail)
		p->container = arena_print(survey->arena, "jail %u", found->jail);

	struct span program = span_base(p->executable.n ? p->executable : p->name);

	if (!survey->query->no_arguments || script_read(program, span_of(NULL, 0)).runtime)
		p->argv = answer(look, "kern.proc.args", found->pid);
	argv_tell(survey->arena, program, p);
	draw_line(look, p, found->parent);
}

struct process_row *freebsd_process(const struct freebsd_look *look, uint32_t pid)
{
	struct survey *survey = look->survey;
	struct process_row **slot = &survey->by_pid[pid % PROCESS_SLOTS];
	struct freebsd_process found;
	struct process_row *row;

	for (row = *slot; row; row = row->next_of_pid)
		if (row->process.pid == pid)
			return row;
	if (!ask(look, pid, &found))
		return NULL;
	row = arena_get(survey->arena, sizeof(*row));
	describe(look, &found, &row->process);
	row->next_of_pid = *slot;
	*slot = row;
	row->next = survey->processes;
	survey->processes = row;
	return row;
}

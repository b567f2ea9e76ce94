/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parents: the line of parents of every process that holds a socket, nearest first.
 *
 * A parent is older than its child. A number that was given away again meanwhile belongs to a
 * younger process, so the line ends there instead of naming a stranger. Lines are cut at
 * MAX_ANCESTORS. Each parent is read once, children of one parent share one line.
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/scope.h"
#include "host/proc.h"

enum { MAX_ANCESTORS = 16, TEXT_SIZE = 4096 };

struct parent {
	struct parent *next;
	uint32_t pid;
	uint32_t above; /* its own parent */
	uint64_t start_ticks;
	bool is_there;
	struct ancestor ancestor;
	const struct ancestor *line; /* of a child: this one and what is above it */
	size_t n_line;
};

struct family {
	struct survey *survey;
	struct arena arena;
	struct parent *slots[PROCESS_SLOTS];
};

static void read_parent(struct survey *survey, struct parent *parent)
{
	uint8_t text[TEXT_SIZE];
	struct stat_facts facts;
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u", parent->pid);

	auto_close int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	n = proc_read(dir, "stat", text, sizeof(text));
	if (n <= 0 || !stat_read(span_of(text, (size_t)n), &facts))
		return;
	parent->is_there = true;
	parent->above = facts.parent;
	parent->start_ticks = facts.start_ticks;
	parent->ancestor.name = survey_intern(survey, facts.name);
	parent->ancestor.executable =
		survey_intern(survey, proc_link(dir, "exe", text, sizeof(text)));
}

static struct parent *find(struct family *family, uint32_t pid)
{
	struct parent **slot = &family->slots[pid % PROCESS_SLOTS];
	struct parent *parent;

	for (parent = *slot; parent; parent = parent->next)
		if (parent->pid == pid)
			return parent;
	parent = arena_get(&family->arena, sizeof(*parent));
	*parent = (struct parent){.next = *slot, .pid = pid, .ancestor.pid = pid};
	*slot = parent;
	read_parent(family->survey, parent);
	return parent;
}

static void draw_line(struct family *family, struct parent *first)
{
	struct ancestor line[MAX_ANCESTORS];
	struct parent *parent = first;
	size_t n = 0;

	while (parent->is_there && n < MAX_ANCESTORS) {
		struct parent *above;

		line[n++] = parent->ancestor;
		if (!parent->above)
			break;
		above = find(family, parent->above);
		if (above->start_ticks > parent->start_ticks)
			break;
		parent = above;
	}
	struct ancestor *kept = arena_get_array(family->survey->arena, n, sizeof(*kept));

	if (n)
		memcpy(kept, line, n * sizeof(*kept));
	first->line = kept;
	first->n_line = n;
}

void parents_fill(struct survey *survey)
{
	struct family family = {.survey = survey};

	for (struct process_row *row = survey->processes; row; row = row->next) {
		struct parent *parent;

		if (!row->parent)
			continue;
		parent = find(&family, row->parent);
		if (!parent->is_there || parent->start_ticks > row->process.start_ticks)
			continue;
		if (!parent->line)
			draw_line(&family, parent);
		row->process.ancestors = parent->line;
		row->process.n_ancestors = parent->n_line;
	}
	arena_done(&family.arena);
}

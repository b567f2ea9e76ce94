/* SPDX-License-Identifier: Apache-2.0 */
/* alike: see alike.h. */
#include "host/alike.h"

#include <stdlib.h>
#include <unistd.h>

#include "host/activation.h"

enum { PF_KTHREAD = 0x00200000, NS_PER_SECOND = 1000000000 };

/* What two processes may have in common. */
enum aspect { ASPECT_PROGRAM, ASPECT_DIRECTORY, ASPECT_GROUP, N_ASPECTS };

struct seen {
	const struct look_process *look;
	const struct process *process; /* that was read from /proc */
};

struct alike {
	size_t n_slots; /* of each table; a power of two, at least twice what can be in it */
	uint64_t ns_per_tick;
	struct seen *tables[N_ASPECTS];
};

struct alike *alike_free(struct alike *alike)
{
	for (size_t i = 0; alike && i < N_ASPECTS; i++)
		free(alike->tables[i]);
	free(alike);
	return NULL;
}

struct alike *alike_new(size_t n)
{
	struct alike *alike = calloc(1, sizeof(*alike));

	if (!alike)
		return NULL;
	alike->ns_per_tick = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
	alike->n_slots = 16;
	while (alike->n_slots < n * 2)
		alike->n_slots *= 2;
	for (size_t i = 0; i < N_ASPECTS; i++) {
		alike->tables[i] = calloc(alike->n_slots, sizeof(**alike->tables));
		if (!alike->tables[i])
			return alike_free(alike);
	}
	return alike;
}

static bool same_view(const struct look_process *a, const struct look_process *b)
{
	return a->mount_namespace == b->mount_namespace && a->root_inode == b->root_inode &&
	       a->root_device == b->root_device;
}

static bool is_same(enum aspect aspect, const struct look_process *a, const struct look_process *b)
{
	switch (aspect) {
	case ASPECT_PROGRAM:
		return a->exe_inode == b->exe_inode && a->exe_device == b->exe_device &&
		       same_view(a, b);
	case ASPECT_DIRECTORY:
		return a->cwd_inode == b->cwd_inode && a->cwd_device == b->cwd_device &&
		       same_view(a, b);
	default: return a->cgroup == b->cgroup && same_view(a, b);
	}
}

static uint64_t key_of(enum aspect aspect, const struct look_process *p)
{
	uint64_t key = aspect == ASPECT_PROGRAM	    ? p->exe_inode
		       : aspect == ASPECT_DIRECTORY ? p->cwd_inode
						    : p->cgroup;

	key *= 0x9e3779b97f4a7c15u;
	return key ^ key >> 32;
}

/* The slot of the aspect's first process, or the free one where it would stand. */
static struct seen *slot_of(struct alike *alike, enum aspect aspect, const struct look_process *look)
{
	struct seen *table = alike->tables[aspect];
	size_t at = key_of(aspect, look) & (alike->n_slots - 1);

	while (table[at].look && !is_same(aspect, table[at].look, look))
		at = (at + 1) & (alike->n_slots - 1);
	return &table[at];
}

static const struct process *read_whole(struct alike *alike, struct survey *survey,
					const struct look_process *look, struct seen *slots[N_ASPECTS])
{
	const struct process *p = process_find(survey, look->pid, look->start_ns / alike->ns_per_tick);

	for (size_t i = 0; p && i < N_ASPECTS; i++)
		if (!slots[i]->look)
			*slots[i] = (struct seen){look, p};
	return p;
}

/* Nothing of the program's own is missing when it is not read itself. */
static bool is_template(const struct process *program)
{
	return program->executable.n && !program->runtime.n && !program->is_deleted &&
	       !program->is_memfd;
}

/* Whole arguments only, and of the last one what is there. */
static struct span arguments_of(struct survey *survey, const struct look_process *look)
{
	size_t n = look->n_arguments < LOOK_ARGUMENTS ? look->n_arguments : LOOK_ARGUMENTS;

	return survey_intern(survey, span_of(look->arguments, n));
}

static const struct process *take_over(struct alike *alike, struct survey *survey,
				       const struct look_process *look, struct seen *slots[N_ASPECTS])
{
	const struct process *program = slots[ASPECT_PROGRAM]->process;
	const struct process *directory = slots[ASPECT_DIRECTORY]->process;
	const struct process *group = slots[ASPECT_GROUP]->process;
	const struct process_row *like = (const struct process_row *)program;
	struct process_row *row = arena_get(survey->arena, sizeof(*row));
	char text[CAPABILITY_TEXT];

	row->process = (struct process){
		.pid = look->pid,
		.start_ticks = look->start_ns / alike->ns_per_tick,
		.uid = look->uid,
		.name = survey_intern(survey, span_of(look->name, strnlen(look->name, sizeof(look->name)))),
		.executable = program->executable,
		.argv = arguments_of(survey, look),
		.working_directory = directory->working_directory,
		.unit = group->unit,
		.user_unit = group->user_unit,
		.cgroup = group->cgroup,
		.container = group->container,
		.net_namespace = look->netns,
		.is_in_tmpfs = program->is_in_tmpfs,
		.is_in_world_writable = program->is_in_world_writable,
		.is_kernel_thread = look->flags & PF_KTHREAD,
	};
	row->process.is_manager = process_is_manager(&row->process);
	row->process.start_time = process_start_time(survey, row->process.start_ticks);
	row->process.terminal =
		survey_intern(survey, span_of(text, terminal_name(look->terminal, text)));
	row->process.capabilities = survey_intern(
		survey, span_of(text, capability_names(look->capabilities, survey->known_capabilities,
						       text)));
	row->parent = look->parent;
	row->exe_device = like->exe_device;
	row->exe_inode = like->exe_inode;
	process_add(survey, row);
	return &row->process;
}

const struct process *alike_find(struct alike *alike, struct survey *survey,
				 const struct look_process *look)
{
	struct seen *slots[N_ASPECTS];
	bool is_known = survey->query->no_arguments && look->exe_links && look->cgroup;

	for (size_t i = 0; i < N_ASPECTS; i++) {
		slots[i] = slot_of(alike, (enum aspect)i, look);
		is_known &= slots[i]->look != NULL;
	}
	if (!is_known || !is_template(slots[ASPECT_PROGRAM]->process))
		return read_whole(alike, survey, look, slots);
	return take_over(alike, survey, look, slots);
}

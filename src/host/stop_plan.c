/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop_plan: what is to be ended so that nothing waits at a number. Pure.
 *
 * A program that is supervised is ended by its supervisor, which would start it again otherwise: a
 * container by its engine (never the engine's proxy), a service by systemd, together with the socket
 * unit that would wake it. Anything else gets a signal; of processes that share a socket the eldest,
 * since the others are its children.
 */
#include "host/host.h"

#include "base/scope.h"

static const char *engine_of(struct span executable)
{
	static const char *const podmans[] = {"podman", "conmon", "rootlessport", "slirp4netns", "pasta"};

	for (size_t i = 0; i < ARRAY_LEN(podmans); i++)
		if (span_starts(span_base(executable), podmans[i]))
			return "podman";
	return "docker";
}

static bool is_number_of(uint32_t pid, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

/* "docker 0123456789ab": the engine and the name. */
static void in_container(const struct process *p, struct stop_step *step)
{
	struct span name = p->container;
	struct span word;

	if (!take_word(&name, &word))
		return;
	step->engine = span_is(word, "podman") ? "podman" : span_is(word, "docker") ? "docker" : NULL;
	step->container = span_trim(name);
	step->means = step->engine ? STOP_CONTAINER : STOP_SIGNAL;
}

static void by_supervisor(const struct sighting *s, const struct process *p, struct stop_step *step)
{
	if (s->container.n) {
		step->means = STOP_CONTAINER;
		step->engine = engine_of(p->executable);
		step->container = s->container;
	} else if (p->container.n) {
		in_container(p, step);
	} else if (p->is_manager && s->socket_unit.n) {
		step->means = STOP_SYSTEMD; /* the manager holds the socket until somebody comes */
		step->unit = s->socket_unit;
		step->is_user_unit = p->pid != 1;
	} else if (span_ends(p->user_unit, ".service")) {
		step->means = STOP_SYSTEMD;
		step->unit = p->user_unit;
		step->is_user_unit = true;
		step->socket_unit = s->socket_unit;
	} else if (span_ends(p->unit, ".service") && !span_starts(p->unit, "user@")) {
		step->means = STOP_SYSTEMD;
		step->unit = p->unit;
		step->socket_unit = s->socket_unit;
	}
}

static void refuse(struct stop_step *step, enum stop_refusal refusal)
{
	step->means = STOP_NONE;
	step->refusal = refusal;
}

static struct stop_step step_for(const struct sighting *s, const struct process *p,
				 const uint32_t *self, size_t n_self)
{
	struct stop_step step = {.process = p, .means = STOP_SIGNAL};

	if (s->is_elsewhere) {
		refuse(&step, STOP_FOREIGN);
		return step;
	}
	if (!p) {
		refuse(&step, s->hidden == HIDDEN_KERNEL ? STOP_KERNEL : STOP_HIDDEN);
		return step;
	}
	by_supervisor(s, p, &step);
	if (step.means == STOP_SIGNAL &&
	    (p->pid <= 1 || p->is_manager || is_number_of(p->pid, self, n_self)))
		refuse(&step, STOP_SYSTEM);
	return step;
}

/* Whether the process descends from one of those steps that get a signal. */
static bool is_family(const struct process *p, const struct stop_step *step)
{
	if (!p || step->means != STOP_SIGNAL || !step->process)
		return false;
	if (step->process->pid == p->pid)
		return true;
	for (size_t i = 0; i < p->n_ancestors; i++)
		if (p->ancestors[i].pid == step->process->pid)
			return true;
	return false;
}

static bool is_same(const struct stop_step *a, const struct stop_step *b)
{
	if (a->means != b->means)
		return false;
	switch (a->means) {
	case STOP_SIGNAL: return is_family(b->process, a);
	case STOP_SYSTEMD:
		return span_eq(a->unit, b->unit) && a->is_user_unit == b->is_user_unit &&
		       (!a->is_user_unit || a->process->uid == b->process->uid);
	case STOP_CONTAINER:
		return a->engine == b->engine && span_eq(a->container, b->container);
	case STOP_NONE:
		return a->refusal == b->refusal &&
		       (a->process ? a->process->pid : 0) == (b->process ? b->process->pid : 0);
	case N_STOP_MEANS: break;
	}
	return false;
}

/* Adds it, or lets an elder take the place of its children. */
static size_t add(struct stop_step steps[STOP_STEPS_MAX], size_t n, const struct stop_step *step)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (is_same(&steps[i], step)) {
			if (!steps[i].socket_unit.n)
				steps[i].socket_unit = step->socket_unit;
			return n;
		}
	if (step->means == STOP_SIGNAL) {
		for (size_t i = 0; i < n; i++)
			if (!(steps[i].means == STOP_SIGNAL && is_family(steps[i].process, step)))
				steps[kept++] = steps[i];
		n = kept;
	}
	if (n < STOP_STEPS_MAX)
		steps[n++] = *step;
	return n;
}

size_t host_plan_stop(const struct sighting *const *waiting, size_t n, const uint32_t *self,
		      size_t n_self, struct stop_step steps[STOP_STEPS_MAX])
{
	size_t n_steps = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sighting *s = waiting[i];
		bool is_managed = false;

		/* A manager keeps the socket of a service that runs: the service is what is ended. */
		for (size_t k = 0; k < s->n_owners; k++)
			is_managed |= !s->owners[k].process->is_manager;
		for (size_t k = 0; k < s->n_owners || k == 0; k++) {
			const struct process *p = s->n_owners ? s->owners[k].process : NULL;

			if (p && p->is_manager && is_managed)
				continue;
			n_steps = add(steps, n_steps,
				      &(struct stop_step[]){step_for(s, p, self, n_self)}[0]);
		}
	}
	return n_steps;
}

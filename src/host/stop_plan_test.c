/* SPDX-License-Identifier: Apache-2.0 */
/* stop_plan: who is asked to end what: containers, services, managers, families, and nobody. */
#include "base/scope.h"
#include "host/host.h"
#include "tap.h"

static const struct ancestor child_of_master[] = {{.pid = 50}, {.pid = 1}};
static const struct process processes[] = {
	{.pid = 50, .name = SPAN_LIT("nginx")},
	{.pid = 51, .ancestors = child_of_master, .n_ancestors = 2},
	{.pid = 60, .unit = SPAN_LIT("shop.service")},
	{.pid = 1, .is_manager = true, .unit = SPAN_LIT("init.scope")},
	{.pid = 70, .uid = 1000, .unit = SPAN_LIT("user@1000.service"),
	 .user_unit = SPAN_LIT("web.service")},
	{.pid = 80, .executable = SPAN_LIT("/usr/bin/docker-proxy")},
	{.pid = 90, .container = SPAN_LIT("podman pg-test")},
	{.pid = 100, .unit = SPAN_LIT("session-3.scope")},
	{.pid = 110, .uid = 1000, .unit = SPAN_LIT("user@1000.service")},
	{.pid = 120, .container = SPAN_LIT("kubepods 0123456789ab")},
};
enum { MASTER, WORKER, SERVICE, MANAGER, USER, PROXY, PODMAN, SESSION, OF_MANAGER, POD };

#define BY(...) .owners = (struct owner[]){__VA_ARGS__},                                           \
		.n_owners = ARRAY_LEN(((struct owner[]){__VA_ARGS__}))
#define P(i) {&processes[i], 3}

static const struct {
	const char *name;
	struct sighting sockets[2];
	size_t n;
	const char *plan;
} cases[] = {
	{"a program", {{BY(P(SESSION))}}, 1, "signal 100"},
	{"master and worker", {{BY(P(MASTER), P(WORKER))}}, 1, "signal 50"},
	{"worker first", {{BY(P(WORKER), P(MASTER))}}, 1, "signal 50"},
	{"two sockets of one family", {{BY(P(WORKER))}, {BY(P(MASTER))}}, 2, "signal 50"},
	{"two programs", {{BY(P(MASTER))}, {BY(P(SESSION))}}, 2, "signal 50, signal 100"},
	{"a service", {{BY(P(SERVICE))}}, 1, "systemd shop.service"},
	{"a service twice", {{BY(P(SERVICE))}, {BY(P(SERVICE))}}, 2, "systemd shop.service"},
	{"a service that a socket unit wakes",
	 {{BY(P(MANAGER), P(SERVICE)), .socket_unit = SPAN_LIT("shop.socket")}}, 1,
	 "systemd shop.socket shop.service"},
	{"a socket unit that nobody woke", {{BY(P(MANAGER)), .socket_unit = SPAN_LIT("shop.socket")}}, 1,
	 "systemd shop.socket"},
	{"the manager itself", {{BY(P(MANAGER))}}, 1, "none 3"},
	{"a service of a user", {{BY(P(USER))}}, 1, "systemd --user web.service"},
	{"what merely runs under a user's manager", {{BY(P(OF_MANAGER))}}, 1, "signal 110"},
	{"the proxy of an engine is never signalled",
	 {{BY(P(PROXY)), .container = SPAN_LIT("pg-test")}}, 1, "docker pg-test"},
	{"inside a container", {{BY(P(PODMAN))}}, 1, "podman pg-test"},
	{"an engine that we cannot ask", {{BY(P(POD))}}, 1, "signal 120"},
	{"periplus' own shell", {{.owners = (struct owner[]){{&(const struct process){.pid = 7}, 3}},
				  .n_owners = 1}}, 1, "none 3"},
	{"hidden", {{.hidden = HIDDEN_PERMISSION}}, 1, "none 1"},
	{"the kernel's", {{.hidden = HIDDEN_KERNEL}}, 1, "none 2"},
	{"another namespace's", {{BY(P(SERVICE)), .is_elsewhere = true}}, 1, "none 4"},
};

static struct span told(struct arena *arena, const struct stop_step *step)
{
	switch (step->means) {
	case STOP_SIGNAL: return arena_print(arena, "signal %u", step->process->pid);
	case STOP_SYSTEMD:
		return arena_print(arena, "systemd %s%.*s%s%.*s", step->is_user_unit ? "--user " : "",
				   SPAN_ARG(step->socket_unit), step->socket_unit.n ? " " : "",
				   SPAN_ARG(step->unit));
	case STOP_CONTAINER:
		return arena_print(arena, "%s %.*s", step->engine, SPAN_ARG(step->container));
	default: return arena_print(arena, "none %d", (int)step->refusal);
	}
}

int main(void)
{
	static const uint32_t self[] = {8, 7};
	struct arena arena = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct sighting *seen[] = {&cases[i].sockets[0], &cases[i].sockets[1]};
		struct stop_step steps[STOP_STEPS_MAX];
		size_t n = host_plan_stop(seen, cases[i].n, self, ARRAY_LEN(self), steps);
		struct span plan = {0};

		for (size_t k = 0; k < n; k++)
			plan = arena_print(&arena, "%.*s%s%.*s", SPAN_ARG(plan), k ? ", " : "",
					   SPAN_ARG(told(&arena, &steps[k])));
		if (!ok(span_is(plan, cases[i].plan), "%s", cases[i].name))
			note("got '%.*s', wanted '%s'", SPAN_ARG(plan), cases[i].plan);
	}
	arena_done(&arena);
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bind: causes from written facts, those too that this machine cannot make (SELinux). */
#include <errno.h>

#include "base/scope.h"
#include "host/bind.h"
#include "tap.h"

static const uint8_t loopback[4] = {127, 0, 0, 1};
static const struct process server = {.pid = 7};
static const struct owner owners[] = {{&server, 3}};
static struct sighting sockets[] = {
	{.transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .owners = owners, .n_owners = 1},
	{.transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .owners = owners, .n_owners = 1},
	{.transport = TRANSPORT_TCP, .state = SOCKET_PEER, .owners = owners, .n_owners = 1},
	{.transport = TRANSPORT_TCP, .state = SOCKET_WAITING},
	{.transport = TRANSPORT_UDP, .state = SOCKET_BOUND, .owners = owners, .n_owners = 1},
	{.transport = TRANSPORT_TCP, .state = SOCKET_RAW},
	{.transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .is_elsewhere = true},
};
enum { ANYWHERE, LOOPBACK, PEER, WAITING, UDP, RAW, ELSEWHERE };

#define DENIED .port = 8080, .transport = TRANSPORT_TCP, .is_tried = true, .unprivileged_first = 1024

static const struct {
	const char *name;
	struct bind_facts facts;
	int seen[4]; /* numbers above, from 1; 0 ends */
	const char *causes;
} cases[] = {
	{"free", {DENIED}, {0}, ""},
	{"in use, and nothing seen", {DENIED, .error = EADDRINUSE, .is_complete = true}, {0}, "unknown"},
	{"in use, and not all seen", {DENIED, .error = EADDRINUSE}, {0}, "hidden"},
	{"a listener", {DENIED, .error = EADDRINUSE}, {ANYWHERE + 1}, "listener"},
	{"heavier first", {DENIED, .error = EADDRINUSE}, {WAITING + 1, PEER + 1, LOOPBACK + 1},
	 "other-address connection time-wait"},
	{"another transport is no cause", {DENIED, .error = EADDRINUSE, .is_complete = true},
	 {UDP + 1, RAW + 1}, "unknown"},
	{"elsewhere", {DENIED}, {ELSEWHERE + 1}, "other-namespace"},
	{"privileged", {.port = 80, .transport = TRANSPORT_TCP, .is_tried = true, .error = EACCES,
			.unprivileged_first = 1024}, {0}, "privileged"},
	{"not for who has the privilege",
	 {.port = 80, .transport = TRANSPORT_TCP, .is_tried = true, .error = EACCES,
	  .unprivileged_first = 1024, .is_privileged = true}, {0}, "unknown"},
	{"SELinux", {DENIED, .error = EACCES, .is_selinux_enforcing = true,
		     .selinux_context = SPAN_LIT("system_u:system_r:httpd_t:s0")}, {0}, "selinux"},
	{"a permissive policy refuses nothing", {DENIED, .error = EACCES}, {0}, "unknown"},
	{"another module", {DENIED, .error = EACCES, .modules = SPAN_LIT("capability,landlock")}, {0},
	 "security-module"},
	{"a range that Windows keeps back",
	 {DENIED, .error = EACCES, .refuses_what_is_taken = true, .excluded = SPAN_LIT("8000-8099")},
	 {LOOPBACK + 1}, "excluded-range"},
	{"another has it for itself (Windows)",
	 {DENIED, .error = EACCES, .refuses_what_is_taken = true}, {LOOPBACK + 1}, "other-address"},
	{"elsewhere EACCES is no socket's", {DENIED, .error = EACCES}, {LOOPBACK + 1}, "unknown"},
	{"a filter refuses all", {DENIED, .error = EPERM, .seccomp = 2,
				  .error_without_number = EPERM, .n_programs = 1}, {0}, "seccomp"},
	{"a filter that has nothing to do with it",
	 {DENIED, .error = EPERM, .seccomp = 2, .n_programs = 1}, {0}, "cgroup-program"},
	{"a program that may not be asked for",
	 {DENIED, .error = EPERM, .n_programs = N_PROGRAMS_UNKNOWN}, {0}, "unknown"},
	{"no IPv6", {DENIED, .error = EADDRNOTAVAIL}, {0}, "no-family"},
	{"a source port", {DENIED, .ephemeral_first = 1024, .ephemeral_last = 65535}, {0}, "ephemeral"},
	{"a reserved one", {DENIED, .ephemeral_first = 1024, .ephemeral_last = 65535,
			    .is_reserved = true}, {0}, ""},
};

static void check(size_t i)
{
	struct bind_finding findings[BIND_FINDINGS_MAX];
	const struct sighting *seen[4];
	struct bind_facts facts = cases[i].facts;
	struct arena arena = {0};
	struct span got = {0};
	size_t n;

	facts.seen = seen;
	while (facts.n_seen < ARRAY_LEN(seen) && cases[i].seen[facts.n_seen]) {
		seen[facts.n_seen] = &sockets[cases[i].seen[facts.n_seen] - 1];
		facts.n_seen++;
	}
	n = bind_causes(&facts, &arena, findings, ARRAY_LEN(findings));
	for (size_t k = 0; k < n; k++)
		got = arena_print(&arena, "%.*s%s%s", SPAN_ARG(got), k ? " " : "",
				  bind_cause_word(findings[k].cause));
	if (!ok(span_is(got, cases[i].causes), "%s", cases[i].name))
		note("got '%.*s', wanted '%s'", SPAN_ARG(got), cases[i].causes);
	arena_done(&arena);
}

int main(void)
{
	sockets[LOOPBACK].local = address_ipv4(loopback);
	for (size_t i = 0; i < ARRAY_LEN(sockets); i++)
		if (i != LOOPBACK)
			sockets[i].local = address_ipv4((const uint8_t[4]){0});
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(i);
	return done();
}

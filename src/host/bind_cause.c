/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_cause: from facts to causes. Pure.
 *
 * Sockets explain EADDRINUSE; rights, filters, programs and policies explain EPERM and EACCES. A
 * filter of system calls cannot read the address it is given (seccomp(2)), so what it refuses for
 * the number it refuses for a nameless local socket too: that tells it from a program of the control
 * group, which is asked for IPv4 and IPv6 alone.
 */
#include <errno.h>

#include "host/bind.h"

static const char *const words[N_BIND_CAUSES] = {
#define C(name, word) [BIND_##name] = word,
	BIND_CAUSES(C)
#undef C
};

const char *bind_cause_word(enum bind_cause cause)
{
	return words[cause];
}

bool bind_cause_hinders(enum bind_cause cause)
{
	return cause != BIND_NAMESPACE && cause != BIND_EPHEMERAL;
}

struct list {
	struct bind_finding *findings;
	size_t n, max;
};

static void add(struct list *list, enum bind_cause cause, const struct sighting *sighting,
		struct span detail)
{
	if (list->n < list->max)
		list->findings[list->n++] = (struct bind_finding){
			.cause = cause, .sighting = sighting, .n = 1, .detail = detail};
}

static bool is_listener_of(const struct sighting *s, enum transport transport)
{
	return (s->state == SOCKET_LISTEN || s->state == SOCKET_BOUND) && !s->is_elsewhere &&
	       transport_registered(s->transport) == transport && address_is_any(&s->local);
}

/* One that takes IPv6 alone leaves IPv4 to who asks for that. */
bool bind_waits_everywhere(const struct sighting *const *seen, size_t n, enum transport transport)
{
	for (size_t i = 0; i < n; i++)
		if (is_listener_of(seen[i], transport) && !seen[i]->is_v6only)
			return true;
	return false;
}

/* What a socket that was seen means for one who wants every address. */
static enum bind_cause meaning(const struct bind_facts *facts, const struct sighting *s)
{
	if (s->is_elsewhere)
		return BIND_NAMESPACE;
	switch (s->state) {
	case SOCKET_IDLE: return BIND_BOUND;
	case SOCKET_WAITING: return BIND_TIME_WAIT;
	case SOCKET_PEER: return BIND_CONNECTION;
	case SOCKET_LISTEN:
	case SOCKET_BOUND:
	case SOCKET_RAW:
	case SOCKET_PACKET:
	case SOCKET_PASSING: break;
	}
	return address_is_any(&s->local) &&
			       (!s->is_v6only || bind_waits_everywhere(facts->seen, facts->n_seen,
								       facts->transport))
		       ? BIND_LISTENER
		       : BIND_OTHER_ADDRESS;
}

static bool same_owner(const struct sighting *a, const struct sighting *b)
{
	const struct process *p = sighting_process(a);
	const struct process *q = sighting_process(b);

	return p && q ? p->pid == q->pid : !p && !q && a->uid == b->uid;
}

/* Connections of a listener, and many of one program, are one finding. */
static bool is_told(struct list *list, enum bind_cause cause, const struct sighting *s)
{
	for (size_t i = 0; i < list->n; i++) {
		struct bind_finding *f = &list->findings[i];

		if (f->cause == cause && (cause == BIND_TIME_WAIT || same_owner(f->sighting, s)) &&
		    (cause != BIND_OTHER_ADDRESS || address_eq(&f->sighting->local, &s->local))) {
			f->n++;
			return true;
		}
	}
	return false;
}

static bool has_port(const struct sighting *s)
{
	return s->state != SOCKET_RAW && s->state != SOCKET_PACKET;
}

static bool is_of(enum bind_cause cause, const struct bind_facts *facts, const struct sighting *s)
{
	return has_port(s) && meaning(facts, s) == cause &&
	       transport_registered(s->transport) == facts->transport;
}

static void add_sockets(struct list *list, const struct bind_facts *facts)
{
	for (int cause = BIND_LISTENER; cause <= BIND_TIME_WAIT; cause++)
		for (size_t i = 0; i < facts->n_seen; i++) {
			const struct sighting *s = facts->seen[i];

			if (is_of((enum bind_cause)cause, facts, s) &&
			    !is_told(list, (enum bind_cause)cause, s))
				add(list, (enum bind_cause)cause, s, span_of(NULL, 0));
		}
}

static void add_refusals(struct list *list, const struct bind_facts *facts, struct arena *arena)
{
	size_t n_before = list->n;

	if (facts->excluded.n) {
		add(list, BIND_EXCLUDED, NULL, facts->excluded);
		return;
	}
	if (facts->port < facts->unprivileged_first && !facts->is_privileged &&
	    facts->error == EACCES) {
		add(list, BIND_PRIVILEGED, NULL, arena_print(arena, "%u", facts->unprivileged_first));
		return;
	}
	if (facts->seccomp && facts->error_without_number == facts->error) {
		add(list, BIND_SECCOMP, NULL, span_of(NULL, 0));
		return;
	}
	if (facts->n_programs > 0 && facts->error == EPERM)
		add(list, BIND_CGROUP_PROGRAM, NULL, facts->programs);
	else if (facts->error == EACCES && facts->is_selinux_enforcing)
		add(list, BIND_SELINUX, NULL, facts->selinux_context);
	else if (facts->error == EACCES && facts->modules.n)
		add(list, BIND_SECURITY_MODULE, NULL, facts->modules);
	if (list->n == n_before)
		add(list, BIND_UNKNOWN, NULL, span_of(NULL, 0));
}

size_t bind_causes(const struct bind_facts *facts, struct arena *arena,
		   struct bind_finding *findings, size_t max)
{
	struct list list = {.findings = findings, .max = max};

	if (facts->error == EADDRINUSE || !facts->is_tried ||
	    (facts->error == EACCES && facts->refuses_what_is_taken && !facts->excluded.n))
		add_sockets(&list, facts);
	if (facts->error == EADDRINUSE && list.n == 0)
		add(&list, facts->is_complete ? BIND_UNKNOWN : BIND_HIDDEN, NULL, span_of(NULL, 0));
	if ((facts->error == EPERM || facts->error == EACCES) && list.n == 0)
		add_refusals(&list, facts, arena);
	if (facts->error == EADDRNOTAVAIL || facts->error == EAFNOSUPPORT)
		add(&list, BIND_NO_FAMILY, NULL, span_of(NULL, 0));
	else if (facts->error && list.n == 0)
		add(&list, BIND_UNKNOWN, NULL, span_of(NULL, 0));
	for (size_t i = 0; i < facts->n_seen; i++)
		if (is_of(BIND_NAMESPACE, facts, facts->seen[i]) &&
		    facts->seen[i]->state != SOCKET_PEER && facts->seen[i]->state != SOCKET_WAITING &&
		    !is_told(&list, BIND_NAMESPACE, facts->seen[i]))
			add(&list, BIND_NAMESPACE, facts->seen[i], span_of(NULL, 0));
	if (facts->port && facts->port >= facts->ephemeral_first &&
	    facts->port <= facts->ephemeral_last && !facts->is_reserved)
		add(&list, BIND_EPHEMERAL, NULL,
		    arena_print(arena, "%u-%u", facts->ephemeral_first, facts->ephemeral_last));
	return list.n;
}

void host_explain_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		       size_t n_seen, struct arena *arena, struct bind_report *report)
{
	struct bind_finding *findings = arena_get_array(arena, BIND_FINDINGS_MAX, sizeof(*findings));
	const struct bind_facts facts = {.port = port, .transport = transport, .seen = seen,
					 .n_seen = n_seen};

	*report = (struct bind_report){.port = port, .transport = transport, .is_recorded = true,
				       .findings = findings};
	report->n_findings = bind_causes(&facts, arena, findings, BIND_FINDINGS_MAX);
	for (size_t i = 0; i < report->n_findings; i++)
		if (bind_cause_hinders(findings[i].cause))
			report->error = EADDRINUSE; /* as a bind would have said */
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind: what is known when a number could not be bound, and what follows. Private to the host room.
 *
 * bind_read.c gathers the facts from the kernel, bind_try.c tries; bind_cause.c draws the conclusions and touches
 * nothing, so that causes which this kernel cannot make are tested by written facts.
 */
#ifndef PERIPLUS_HOST_BIND_H
#define PERIPLUS_HOST_BIND_H

#include "host/host.h"

enum { N_PROGRAMS_UNKNOWN = -1 };

struct bind_facts {
	uint16_t port;
	enum transport transport;
	const struct sighting *const *seen; /* of this number, whatever they do with it */
	size_t n_seen;
	bool is_complete; /* nothing of the number was hidden from us */
	bool is_tried;
	int error;		     /* of the bind */
	int error_without_number;    /* of the bind of a nameless local socket: 0 it works */
	uint16_t unprivileged_first; /* below it a privilege is needed */
	bool is_privileged;	     /* CAP_NET_BIND_SERVICE */
	uint16_t ephemeral_first, ephemeral_last;
	bool is_reserved; /* in ip_local_reserved_ports */
	unsigned seccomp; /* mode: 0 none, 1 strict, 2 filter */
	int n_programs;	  /* BPF programs at the bind hooks of our control group */
	struct span programs; /* their names, by comma */
	bool is_selinux_enforcing;
	struct span selinux_context; /* ours */
	struct span modules;	     /* active security modules, by comma */
	struct span excluded;	     /* the range that Windows keeps back: "50000-50059" */
	bool refuses_what_is_taken;  /* EACCES may mean that another has it for itself (Windows) */
};

/* Whether sockets that were seen leave no address of either family. */
bool bind_waits_everywhere(const struct sighting *const *seen, size_t n, enum transport transport);
/* Fills everything but the sockets and the errors. */
void bind_read(struct arena *arena, struct bind_facts *facts);
/* Returns how many findings there are, at most max; weightiest first. */
size_t bind_causes(const struct bind_facts *facts, struct arena *arena,
		   struct bind_finding *findings, size_t max);

enum { BIND_FINDINGS_MAX = 16 };

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf: one pass by the kernel over all descriptors (bpf/look.bpf.c): sockets and their owners.
 *
 * Private to the host room. Needs CAP_BPF and CAP_PERFMON, and a kernel with BTF and bpf_loop (5.17).
 */
#ifndef PERIPLUS_HOST_BPF_H
#define PERIPLUS_HOST_BPF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"
#include "host/bpf/look.h"

struct bpf_look {
	const struct look_socket *sockets; /* one per descriptor: a shared socket stands repeatedly */
	const struct look_process *processes;
	size_t n_sockets;
	size_t n_processes;
	size_t n_tasks;
	size_t n_failed; /* descriptor tables that could not be read whole */
	bool is_by_number; /* as asked, the kernel's tables told the sockets of the number */
	bool is_early;	   /* and the pass ended when nobody else could hold them */
	size_t sockets_size, processes_size; /* of the mappings, bytes */
};

/* True when this process may try: the capabilities are there and the build has the program. */
bool bpf_is_allowed(void);
/* 0, or a negative errno with why. max_sockets and max_processes of the query are first guesses; the
 * pass is run again with larger tables when they were too small. Release with bpf_look_done. */
int bpf_look_run(const struct look_query *query, struct bpf_look *look, struct why *why);
void bpf_look_done(struct bpf_look *look);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_run: the two builds of look.bpf.c (bpf/read.h), for kernels with bpf_rdonly_cast and without. */
#ifndef PERIPLUS_HOST_BPF_RUN_H
#define PERIPLUS_HOST_BPF_RUN_H

#include "host/bpf.h"
#include "host/layout.h"

/* Loads the program, runs it once and maps its tables. -EAGAIN: the tables were too small; the query
 * then holds sizes that suffice. */
int bpf_run_cast(struct look_query *query, const struct look_layout *layout, struct bpf_look *look,
		 struct why *why) must_check;
int bpf_run_copy(struct look_query *query, const struct look_layout *layout, struct bpf_look *look,
		 struct why *why) must_check;

#endif

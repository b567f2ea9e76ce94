/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_copy: the build of look.bpf.c where each member is copied by a call. */
#ifdef PERIPLUS_BPF
#include <errno.h>

#include "host/bpf_run.h"

#include <look_copy.skel.h>

#define BPF_RUN bpf_run_copy
#include "host/bpf_skel.h"
#endif

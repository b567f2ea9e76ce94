/* SPDX-License-Identifier: Apache-2.0 */
/* bpf_cast: the build of look.bpf.c where pointers are given their type (Linux 6.2). */
#ifdef PERIPLUS_BPF
#include <errno.h>

#include "host/bpf_run.h"

#include <look_cast.skel.h>

#define BPF_RUN bpf_run_cast
#include "host/bpf_skel.h"
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* layout: the members that bpf/look.bpf.c reads, found in the running kernel. Private to the host room. */
#ifndef PERIPLUS_HOST_LAYOUT_H
#define PERIPLUS_HOST_LAYOUT_H

#include "base/span.h"
#include "base/why.h"
#include "host/bpf/layout.h"

/* -ENOTSUP with why: this kernel has no such member, or does not describe itself (BTF). */
int layout_find(struct look_layout *layout, struct why *why) must_check;
/* The same from a description in memory: for the tests. */
int layout_read(struct span btf, struct look_layout *layout, struct why *why) must_check;

#endif

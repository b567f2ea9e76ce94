/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep: loads bpf/sweep.bpf.c, hands it the plan, runs it and reads what it has found. Private to
 * scan; needs Linux 6.3 (whose kernel says which interfaces can do it), CAP_BPF and CAP_NET_ADMIN.
 */
#ifndef PERIPLUS_SCAN_SWEEP_H
#define PERIPLUS_SCAN_SWEEP_H

#include "scan/engine.h"
#include "scan/raw_frame.h"
#include "scan/raw_way.h"

struct sweep;

/* -EOPNOTSUPP or -EPERM with why: what is missing. Targets that `seen` has are not asked. */
int sweep_new(struct sweep **sweep, const struct engine_session *session,
	      const struct raw_ways *ways, const struct raw_self *self, struct why *why) must_check;
struct sweep *sweep_free(struct sweep *sweep); /* takes NULL; returns NULL */

/* Sends the steps from *next on, before until, at most n frames, interval_ns/1024 apart; *next
 * moves. Returns with the last one sent. */
int sweep_run(struct sweep *sweep, uint64_t *next, uint64_t until, uint32_t n,
	      uint64_t interval_1024, struct why *why) must_check;
/* Brings the session up to date. */
void sweep_take(struct sweep *sweep, struct engine_session *session);

/* link_features.c: whether the interface's driver takes frames made in the kernel, by the kernel's
 * word (netdev family of generic netlink). 1 yes, 0 no, or -EOPNOTSUPP: this kernel does not say.
 */
int link_sends_frames(int interface);

#endif

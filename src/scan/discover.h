/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discover: which hosts of a plan are there, asked before any of their ports is. Private to scan.
 *
 * ICMP echo to every host, up to three times; on the own links the kernel's question for the link
 * address (ARP, NDP) goes before it, and who answers that is there as well, whatever he thinks of
 * echo. Answers are read by a process without rights.
 *
 * Silence to echo proves nothing: who does this before a scan may miss hosts that would have
 * answered on a port. So it is done only when it was ordered. What is always done needs no order
 * and loses nothing: engines note hosts of the own links whose link address nobody tells
 * (engine_give_up).
 */
#ifndef PERIPLUS_SCAN_DISCOVER_H
#define PERIPLUS_SCAN_DISCOVER_H

#include <signal.h>

#include "scan/target.h"

struct discover {
	const struct target_plan *plan;
	uint64_t *absent; /* memory that a child shares: a bit a host, all set; who is there: cleared */
	uint64_t rate_pps;
	const volatile sig_atomic_t *stop; /* not 0: end soon */
	void (*tick)(void *owner); /* about ten times a second; may be NULL */
	void *owner;
};

/* 0, or a negative errno with why; -EPERM when this user may not send echoes. */
int discover_hosts(const struct discover *discover, struct why *why) must_check;

#endif

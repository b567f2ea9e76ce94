/* SPDX-License-Identifier: Apache-2.0 */
/* raw_near: hosts that are reached without a router, on links with link addresses. Private to scan.
 */
#ifndef PERIPLUS_SCAN_RAW_NEAR_H
#define PERIPLUS_SCAN_RAW_NEAR_H

#include "scan/target.h"

/* Calls each for every run of such hosts, by number in the plan. 0, or a negative errno with why. */
typedef void raw_near_fn(void *arg, uint64_t host, uint64_t n);
int raw_near_each(const struct target_plan *plan, raw_near_fn *each, void *arg,
		  struct why *why) must_check;
/* How many neighbours this kernel remembers at most: arp(7), gc_thresh3; what kernels are born with
 * when it does not say, as in a network namespace. */
uint64_t raw_near_limit(void);

#endif

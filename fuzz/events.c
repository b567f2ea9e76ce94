/* SPDX-License-Identifier: Apache-2.0 */
/* events: one datagram of the multicast groups of closed sockets. */
#include "host/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void keep(void *arg, const struct host_event *event)
{
	*(uint64_t *)arg += event->cookie + event->port;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	uint64_t sum = 0;

	(void)!events_netlink_parse(span_of(p, n), keep, &sum);
	return 0;
}

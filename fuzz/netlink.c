/* SPDX-License-Identifier: Apache-2.0 */
/* netlink: one datagram of NETLINK_SOCK_DIAG. The sequence that is waited for is its own. */
#include "host/netlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int keep(void *arg, const struct socket_row *row)
{
	*(uint64_t *)arg += row->inode;
	return row->inode == UINT32_MAX ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct diag_ask asks[] = {
		{.transport = TRANSPORT_TCP, .last = PORT_MAX},
		{.transport = TRANSPORT_SCTP, .first = 22, .last = 8080},
	};
	uint32_t sequence = 0;
	uint64_t sum = 0;

	if (n >= 12)
		memcpy(&sequence, p + 8, sizeof(sequence));
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		(void)!diag_read(span_of(p, n), &asks[i], sequence, keep, &sum);
	return 0;
}

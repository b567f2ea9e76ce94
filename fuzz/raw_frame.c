/* SPDX-License-Identifier: Apache-2.0 */
/* raw_frame: packets as strangers send them to the process that reads answers. */
#include "scan/raw_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint16_t protocols[] = {0x0800, 0x86dd, 0x0806};
	const struct raw_self selves[] = {{{1, 2}, 0x5050, 0}, {{1, 2}, 0, 0x5050}};
	struct raw_reply reply;

	for (size_t i = 0; i < 6; i++)
		if (raw_read(&selves[i % 2], protocols[i / 2], span_of(p, n), &reply))
			(void)raw_udp_fits(&selves[i % 2], &reply, reply.port);
	return 0;
}

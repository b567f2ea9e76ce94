/* SPDX-License-Identifier: Apache-2.0 */
/* tcp_var: struct xtcpcb as FreeBSD's sys/netinet/tcp_var.h has it; see sys/socketvar.h here. */
#ifndef PERIPLUS_FREEBSD_TCP_VAR_H
#define PERIPLUS_FREEBSD_TCP_VAR_H

#include <netinet/in_pcb.h>

struct xtcpcb {
	uint64_t xt_len;
	struct xinpcb xt_inp;
	char xt_stack[32], xt_logid[64], xt_cc[16];
	int64_t spare[6];
	int32_t t_state;
	uint32_t t_flags;
	int32_t counts[10];
	uint32_t windows[6];
	int32_t more[26];
} __attribute__((aligned(8)));

#endif

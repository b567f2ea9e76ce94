/* SPDX-License-Identifier: Apache-2.0 */
/* in_pcb: struct xinpcb and xinpgen as FreeBSD's sys/netinet/in_pcb.h has them; see sys/socketvar.h here. */
#ifndef PERIPLUS_FREEBSD_IN_PCB_H
#define PERIPLUS_FREEBSD_IN_PCB_H

#include <netinet/in.h>
#include <sys/socketvar.h>

#define INP_IPV4 1
#define INP_IPV6 2

union in_dependaddr {
	struct {
		uint32_t pad[3];
		struct in_addr four;
	} of_four;
	struct in6_addr six;
};

struct in_conninfo {
	uint8_t inc_flags, inc_len;
	uint16_t inc_fibnum, inc_fport, inc_lport;
	union in_dependaddr remote, local;
	uint32_t inc6_zoneid;
};
#define inc_laddr local.of_four.four
#define inc6_laddr local.six
#define inc6_faddr remote.six

struct xinpcb {
	uint64_t xi_len;
	struct xsocket xi_socket;
	struct in_conninfo inp_inc;
	uint64_t inp_gencnt;
	int64_t spare[5];
	uint32_t inp_flow, inp_flowid, inp_flowtype;
	int32_t inp_flags, inp_flags2, inp_unused, in6p_cksum, more[4];
	uint16_t in6p_hops;
	uint8_t inp_ip_tos, pad, inp_vflag, inp_ip_ttl, inp_ip_p, inp_ip_minttl;
	int8_t last[4];
} __attribute__((aligned(8)));

struct xinpgen {
	uint64_t xig_len;
	uint32_t xig_count, spare;
	uint64_t xig_gen, xig_sogen, more[4];
} __attribute__((aligned(8)));

#endif

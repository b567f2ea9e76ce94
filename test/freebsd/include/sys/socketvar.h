/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socketvar: the members of struct xsocket in their order and width, as FreeBSD's sys/sys/socketvar.h has
 * them, in our own words: the compiler works out the offsets that src/host/freebsd.h writes as numbers.
 */
#ifndef PERIPLUS_FREEBSD_SOCKETVAR_H
#define PERIPLUS_FREEBSD_SOCKETVAR_H

#include <stdint.h>

struct xsockbuf {
	uint32_t sb_cc, others[5];
	int32_t sb_lowat, sb_timeo;
	int16_t sb_flags;
};

struct xsocket {
	uint64_t xso_len, xso_so, so_pcb, so_oobmark, spare[8];
	int32_t xso_protocol, xso_family;
	uint32_t so_qlen, so_incqlen, so_qlimit;
	int32_t so_pgid;
	uint32_t so_uid;
	int32_t more[8];
	int16_t so_type, so_options, so_linger, so_state, so_timeo;
	uint16_t so_error;
	struct xsockbuf so_rcv, so_snd;
};

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sweep: what passes between sweep.bpf.c, which sends probes and takes answers inside the kernel,
 * and its caller. Everything but the state is written before the first run.
 */
#ifndef PERIPLUS_SCAN_BPF_SWEEP_H
#define PERIPLUS_SCAN_BPF_SWEEP_H

#include <linux/types.h>

#include "scan/mix.h"
#include "scan/raw_key.h"

enum {
	SWEEP_TIMES = 1 << 12,
	SWEEP_SAMPLE = 16, /* one probe of so many has its time kept */
	SWEEP_DIRTY_WORDS = 512,
	SWEEP_HOPS = 64,
	SWEEP_PAYLOAD = 1024,
	SWEEP_HEAD_IPV4 = 14 + 20,
	SWEEP_HEAD_IPV6 = 14 + 40,
	SWEEP_TCP = 24,
	SWEEP_UDP = 8,
	SWEEP_UDP_PORTS = 64,
};

/* Hosts that lie side by side and are reached alike. */
struct sweep_range {
	__u64 before; /* hosts of the rows before */
	__u64 n;
	__u8 first[16];
	__u32 is_v6;
	__u32 hop;
};

struct sweep_hop {
	__u8 link[12]; /* to, from: as in the frame */
	__u32 unused;
	__u8 source[16];
};

struct sweep_port {
	__u16 port;
	__u16 sum; /* of the payload, folded */
	__u16 n;   /* its length */
	__u16 unused;
};

struct sweep_payload {
	__u8 bytes[SWEEP_PAYLOAD];
};

struct sweep_query {
	struct raw_key key;
	struct mix mix;
	__u64 n; /* targets */
	__u32 n_ports, n_ranges;
	__u32 shard, n_shards;
	__u16 own_port; /* of UDP: the first of SWEEP_UDP_PORTS */
	__u16 is_udp;
	__u32 frame; /* bytes of the frame that comes in */
};

/* Written by the programs, read after each run; next, until, due and interval before it. */
struct sweep_state {
	__u64 next, until;
	__u64 due, interval; /* nanoseconds; interval in 1/1024 of one */
	__u64 sent, events_lost, foreign;
	__u64 rtt_n, rtt_sum, rtt_most; /* microseconds */
};

struct sweep_time {
	__u32 index, us;
};

#endif

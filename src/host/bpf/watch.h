/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watch: what passes from watch.bpf.c to its reader, by a ring in shared memory. */
#ifndef PERIPLUS_HOST_BPF_WATCH_H
#define PERIPLUS_HOST_BPF_WATCH_H

#include <linux/types.h>

enum watch_kind { WATCH_OPENED = 1, WATCH_CLOSED = 2 };

struct watch_event {
	__u64 cookie;
	__u32 pid; /* in the reader's pid namespace; 0: not visible there */
	__u32 uid;
	__u32 interface;
	__u16 port; /* host order; 0: the kernel has not chosen it yet */
	__u16 family;
	__u16 protocol;
	__u8 kind;
	__u8 unused;
	__u8 local[16];
	char name[16];
};

/* Which sockets are asked for, and where pids are seen from; set before loading. */
struct watch_query {
	__u64 netns_cookie;
	__u32 netns; /* inode */
	__u32 pid_namespace;
};

#endif

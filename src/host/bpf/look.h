/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* look: what passes from look.bpf.c to its reader, by shared memory. Numbers are the machine's. */
#ifndef PERIPLUS_HOST_BPF_LOOK_H
#define PERIPLUS_HOST_BPF_LOOK_H

#include <linux/types.h>

enum { LOOK_ARGUMENTS = 128, LOOK_ALL_PEERS = 2 };
enum look_flag { LOOK_V6ONLY = 1, LOOK_REUSEPORT = 2 };

/* One descriptor of one process that is a socket of interest. */
struct look_socket {
	__u64 inode;
	__u64 cookie; /* 0: the kernel has not given it one yet */
	__u64 cgroup; /* id of the socket's cgroup v2 */
	__u32 netns;  /* inode of its network namespace */
	__u32 process; /* index in the table of processes */
	__u32 fd;
	__u32 uid;
	__u32 backlog; /* LISTEN: limit */
	__u32 queued;  /* LISTEN: waiting to be accepted; else bytes to read */
	__u32 interface;
	__u16 family;
	__u16 type;
	__u16 protocol;
	__u16 port;	   /* host order */
	__u16 remote_port; /* host order */
	__u8 state;
	__u8 flags;
	__u8 local[16];
	__u8 remote[16];
};

/* A process that holds at least one of them. */
struct look_process {
	__u64 start_ns; /* since boot */
	__u64 cgroup;
	__u64 capabilities; /* effective */
	__u64 exe_inode;
	__u64 cwd_inode;
	__u64 root_inode;
	__u32 exe_device; /* as the kernel keeps it: only to tell files apart */
	__u32 exe_links;
	__u32 cwd_device;
	__u32 root_device;
	__u32 mount_namespace;
	__u32 terminal; /* number of the device, as in /proc/PID/stat; 0: none */
	__u32 pid;    /* in the reader's pid namespace; 0: not visible there */
	__u32 parent;
	__u32 uid;
	__u32 netns;
	__u32 flags;
	__u32 n_arguments; /* bytes in arguments */
	__u32 unused;
	char name[16];
	char arguments[LOOK_ARGUMENTS]; /* the beginning, a NUL behind each */
};

/* What is asked; set before loading. */
struct look_query {
	__u32 netns; /* 0: every one */
	__u16 first, last;
	__u8 peers;  /* connected sockets too; LOOK_ALL_PEERS: TCP in every state */
	__u8 raw;    /* raw and packet sockets too */
	__u8 by_number; /* first == last: the kernel's tables may tell its sockets (number.h) ... */
	__u8 has_tcp, has_udp; /* ... of these transports ... */
	__u32 n_waiting; /* ... when those that wait are so many, */
	__u64 inodes;	 /* ... and this is the sum of their inodes */
	__u32 max_sockets, max_processes;
};

/* What was counted: more than the tables hold means that they must be larger. */
struct look_counts {
	__u32 n_sockets;
	__u32 n_processes;
	__u32 n_tasks;
	__u32 n_failed; /* tables that could not be read whole */
	__u32 by_number; /* the kernel's tables told the sockets of the number */
	__u32 is_over;	 /* and the pass ended when nobody else could hold them */
};

#endif

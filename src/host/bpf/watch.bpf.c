/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * watch: tells when a socket of one network namespace begins or ends to listen.
 *
 * TCP and its like by the tracepoint of changes of state (inet_sock_set_state), into LISTEN and out
 * of it; UDP, which has no states, by the hooks behind bind(2) of a control group, which see what
 * runs in that group and below. Events go to a ring; one that finds no place is counted. Nothing is
 * refused or changed: the hooks always answer yes.
 */
#include "kernel.h"
#include "watch.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define AF_INET6 10
#define TCP_LISTEN 10
#define PROTOCOL_UDP 17
#define PROTOCOL_UDPLITE 136
#define ALLOW 1
#define PID_LEVELS 8 /* of nested pid namespaces */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const volatile struct watch_query query;
__u64 n_lost;

/* The part of the kernel's structure that kernel.h leaves out (CO-RE drops what follows ___). */
struct pid_namespace___watch {
	struct ns_common ns;
} __attribute__((preserve_access_index));

/* The pid of the running process where the reader is, which may be further in or out. */
static __always_inline __u32 pid_seen(struct task_struct *leader)
{
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	const void *at = (const void *)pid + bpf_core_field_offset(struct pid, numbers);

	for (__u32 i = 0; i < PID_LEVELS && i <= level; i++) {
		const void *one = at + (unsigned long)i * bpf_core_type_size(struct upid);
		struct pid_namespace___watch *ns = NULL;
		__u32 nr = 0;

		bpf_probe_read_kernel(&ns, sizeof(ns), one + bpf_core_field_offset(struct upid, ns));
		if (BPF_CORE_READ(ns, ns.inum) != query.pid_namespace)
			continue;
		bpf_probe_read_kernel(&nr, sizeof(nr), one + bpf_core_field_offset(struct upid, nr));
		return nr;
	}
	return 0;
}

/* An event with what the running process is; NULL, and counted, when the ring is full. */
static __always_inline struct watch_event *begin(__u8 kind)
{
	struct watch_event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	if (!e) {
		__sync_fetch_and_add(&n_lost, 1);
		return NULL;
	}
	__builtin_memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->pid = pid_seen(leader);
	e->uid = (__u32)bpf_get_current_uid_gid();
	bpf_probe_read_kernel(e->name, sizeof(e->name), __builtin_preserve_access_index(&leader->comm));
	return e;
}

SEC("tp_btf/inet_sock_set_state")
int state_changed(__u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	int before = (int)ctx[1];
	int after = (int)ctx[2];

	if ((before == TCP_LISTEN) == (after == TCP_LISTEN) ||
	    BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) != query.netns)
		return 0;

	struct watch_event *e = begin(after == TCP_LISTEN ? WATCH_OPENED : WATCH_CLOSED);

	if (!e)
		return 0;
	e->cookie = bpf_get_socket_cookie(sk);
	e->port = BPF_CORE_READ(sk, __sk_common.skc_num);
	e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	e->protocol = BPF_CORE_READ(sk, sk_protocol);
	e->interface = BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if);
	if (e->family == AF_INET6) {
		BPF_CORE_READ_INTO(&e->local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
	} else {
		__u32 address = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);

		__builtin_memcpy(e->local, &address, 4);
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

static __always_inline struct watch_event *bound(struct bpf_sock *sk)
{
	if ((sk->protocol != PROTOCOL_UDP && sk->protocol != PROTOCOL_UDPLITE) ||
	    bpf_get_netns_cookie(sk) != query.netns_cookie)
		return NULL;

	struct watch_event *e = begin(WATCH_OPENED);

	if (!e)
		return NULL;
	e->cookie = bpf_get_socket_cookie(sk);
	e->port = (__u16)sk->src_port;
	e->family = (__u16)sk->family;
	e->protocol = (__u16)sk->protocol;
	return e;
}

/* `periplus why` knows these two by their names, which the kernel cuts at 15 bytes. */
SEC("cgroup/post_bind4")
int periplus_bound4(struct bpf_sock *sk)
{
	struct watch_event *e = bound(sk);

	if (e) {
		__u32 address = sk->src_ip4;

		__builtin_memcpy(e->local, &address, 4);
		bpf_ringbuf_submit(e, 0);
	}
	return ALLOW;
}

SEC("cgroup/post_bind6")
int periplus_bound6(struct bpf_sock *sk)
{
	struct watch_event *e = bound(sk);

	if (e) {
		__u32 address[4] = {sk->src_ip6[0], sk->src_ip6[1], sk->src_ip6[2], sk->src_ip6[3]};

		__builtin_memcpy(e->local, address, sizeof(address));
		bpf_ringbuf_submit(e, 0);
	}
	return ALLOW;
}

char _license[] SEC("license") = "Dual BSD/GPL";

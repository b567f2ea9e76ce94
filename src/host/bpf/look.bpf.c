/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * look: one pass over every process's descriptors that finds the sockets and their owners.
 *
 * An iterator over tasks (iter/task) walks each descriptor table itself: 64 slots at a time, only
 * those whose bit is set, and of those only files whose operations are a socket's. Rows go to two
 * arrays that the reader has mapped; a row that finds no place is counted, so the reader knows that
 * its tables were too small and by how much.
 *
 * When one number is asked for, the kernel's own tables tell its sockets first (number.h), and a slot
 * is then compared with their files alone: that spares a look at every file of the machine.
 *
 * Everything is read without references: a table may change meanwhile. A process that stays and a
 * descriptor that stays are always found; for others the reader checks pid and start time again
 * before anybody acts on them.
 */
#include "layout.h"
#include "look.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define SOCK_RAW 3
#define TCP_ESTABLISHED 1
#define TCP_CLOSE 7
#define TCP_LISTEN 10
#define PROTOCOL_TCP 6
#define PROTOCOL_DCCP 33
#define PROTOCOL_SCTP 132
#define PROTOCOL_MPTCP 262
#define SOCKFS_MAGIC 0x534f434b
#define SLOTS 64
#define SLOTS_AT_ONCE 4
#define MAX_WORDS (1 << 20) /* of 64 descriptors each */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct look_socket);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct look_process);
} processes SEC(".maps");

const volatile struct look_query query;
const volatile struct look_layout layout;
struct look_counts counts;

#include "read.h"

#include "number.h"

/* The operations of sockets, learned from the first file that lies in sockfs: later files cost one
 * read instead of three. */
const void *socket_ops;

/* The table that is being walked. One reader runs the pass, so one place suffices; it stands in a
 * global so that the parts below are functions that the verifier looks at once each. */
static struct {
	void **files;
	unsigned long *open_fds;
	unsigned long bits;
	__u32 n_words;
	__u32 word;
	__u32 process; /* index, or NONE until the first socket of interest */
	void *slots[SLOTS];
} walk;

#define NONE 0xffffffffu

static __always_inline __u32 pid_seen(void *task, __u32 level)
{
	void *pid = FOLLOW(FOLLOW(task, task_leader), task_thread_pid);
	__u32 nr = 0;

	if (!pid || READ(__u32, pid, pid_level) < level)
		return 0;
	bpf_probe_read_kernel(&nr, sizeof(nr),
			      pid + layout.pid_numbers + (unsigned long)level * layout.upid_size +
				      layout.upid_number);
	return nr;
}

/* The number of a terminal's device as user space knows it (new_encode_dev). */
static __always_inline __u32 terminal(void *tty)
{
	void *driver;
	__u32 major, minor;

	if (!tty)
		return 0;
	driver = FOLLOW(tty, tty_driver);
	major = READ(__u32, driver, driver_major);
	minor = READ(__u32, driver, driver_minor) + READ(__u32, tty, tty_index);
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline void process_fill(struct look_process *p, void *task)
{
	void *leader = FOLLOW(task, task_leader);
	void *cred = FOLLOW(leader, task_cred);
	void *spaces = FOLLOW(task, task_nsproxy);
	void *exe = FOLLOW(FOLLOW(FOLLOW(task, task_mm), mm_file), file_inode);
	void *cwd = FOLLOW(FOLLOW(FOLLOW(task, task_fs), fs_cwd), dentry_inode);
	void *root = FOLLOW(FOLLOW(FOLLOW(task, task_fs), fs_root), dentry_inode);
	void *reader = (void *)bpf_get_current_task();
	__u32 level = COPY(__u32, JUMP(reader, task_thread_pid), pid_level);

	p->pid = pid_seen(task, level);
	p->parent = pid_seen(FOLLOW(task, task_parent), level);
	p->start_ns = READ(__u64, leader, task_start);
	p->uid = READ(__u32, cred, cred_uid);
	p->capabilities = READ(__u64, cred, cred_capabilities);
	p->flags = READ(__u32, leader, task_flags);
	p->terminal = terminal(FOLLOW(FOLLOW(task, task_signal), signal_tty));
	p->netns = READ(__u32, FOLLOW(spaces, nsproxy_net), net_number);
	p->mount_namespace = READ(__u32, FOLLOW(spaces, nsproxy_mnt), mnt_number);
	p->cgroup = READ(__u64, FOLLOW(FOLLOW(FOLLOW(leader, task_cgroups), css_cgroup), cgroup_node),
			 node_id);
	p->exe_inode = READ(__u64, exe, inode_number);
	p->exe_links = READ(__u32, exe, inode_links);
	p->exe_device = READ(__u32, FOLLOW(exe, inode_super), super_device);
	p->cwd_inode = READ(__u64, cwd, inode_number);
	p->cwd_device = READ(__u32, FOLLOW(cwd, inode_super), super_device);
	p->root_inode = READ(__u64, root, inode_number);
	p->root_device = READ(__u32, FOLLOW(root, inode_super), super_device);
	bpf_probe_read_kernel(p->name, sizeof(p->name), leader + layout.task_comm);
}

/* The index of the process's row, given out when its first socket is found. */
static __always_inline __u32 process_index(void)
{
	if (walk.process == NONE)
		walk.process = counts.n_processes++;
	return walk.process;
}

static __always_inline void *sock_of(void *file)
{
	return FOLLOW(cast(FOLLOW(cast(file, layout.type_file), file_private), layout.type_socket),
		      socket_sk);
}

static __always_inline int is_wanted(void *sk, __u16 family, __u8 state, __u16 *port)
{
	if (family == AF_PACKET)
		return query.raw;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	*port = READ(__u16, sk, sk_num);
	if (*port < query.first || *port > query.last)
		return 0;
	if (state == TCP_LISTEN)
		return 1;
	if (READ(__u16, sk, sk_type) == SOCK_RAW)
		return query.raw;
	if (*port == 0)
		return 0;

	__u16 protocol = READ(__u16, sk, sk_protocol);

	if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_MPTCP || protocol == PROTOCOL_SCTP ||
	    protocol == PROTOCOL_DCCP)
		return query.peers == LOOK_ALL_PEERS || (query.peers && state == TCP_ESTABLISHED);
	return state == TCP_CLOSE || query.peers;
}

/* A member of one bit, whose place is given in bits. */
static __always_inline __u8 bit(void *object, __u32 at)
{
	__u8 byte = 0;

	bpf_probe_read_kernel(&byte, sizeof(byte), object + at / 8);
	return byte >> at % 8 & 1;
}

static __always_inline void addresses_fill(struct look_socket *s, void *sk)
{
	if (s->family == AF_INET6) {
		bpf_probe_read_kernel(s->local, sizeof(s->local), sk + layout.sk_v6_rcv_saddr);
		bpf_probe_read_kernel(s->remote, sizeof(s->remote), sk + layout.sk_v6_daddr);
		return;
	}

	__u32 address = READ(__u32, sk, sk_rcv_saddr);

	__builtin_memcpy(s->local, &address, sizeof(address));
	address = READ(__u32, sk, sk_daddr);
	__builtin_memcpy(s->remote, &address, sizeof(address));
}

static __always_inline void socket_fill(struct look_socket *s, void *sk, void *file)
{
	s->inode = COPY(__u64, JUMP(file, file_inode), inode_number);
	s->cookie = READ(__u64, sk, sk_cookie);
	s->cgroup = READ(__u64, FOLLOW(FOLLOW(sk, sk_cgroup), cgroup_node), node_id);
	s->uid = READ(__u32, sk, sk_uid);
	s->interface = READ(__u32, sk, sk_bound_if);
	s->type = READ(__u16, sk, sk_type);
	s->protocol = READ(__u16, sk, sk_protocol);
	s->remote_port = __builtin_bswap16(READ(__u16, sk, sk_dport));
	s->flags = (bit(sk, layout.sk_ipv6only) ? LOOK_V6ONLY : 0) |
		   (bit(sk, layout.sk_reuseport) ? LOOK_REUSEPORT : 0);
	if (s->state == TCP_LISTEN) {
		s->backlog = READ(__u32, sk, sk_max_ack_backlog);
		s->queued = READ(__u32, sk, sk_ack_backlog);
	} else {
		s->backlog = 0;
		s->queued = READ(__u32, sk, sk_rmem);
	}
	addresses_fill(s, sk);
}

static __always_inline int is_socket(void *file)
{
	const void *ops = FOLLOW(cast(file, layout.type_file), file_operations);

	if (socket_ops)
		return ops == socket_ops;
	if (COPY(__u64, JUMP(JUMP(file, file_inode), inode_super), super_magic) != SOCKFS_MAGIC)
		return 0;
	socket_ops = ops;
	return 1;
}

__noinline int file_look(__u64 address, __u32 fd)
{
	void *file = (void *)address;
	void *sk = sock_of(file);

	if (!sk)
		return 0;

	__u16 family = READ(__u16, sk, sk_family);
	__u8 state = READ(__u8, sk, sk_state);
	__u16 port = 0;

	if (!is_wanted(sk, family, state, &port))
		return 0;

	__u32 netns = READ(__u32, FOLLOW(sk, sk_net), net_number);

	if (query.netns && query.netns != netns)
		return 0;

	__u32 process = process_index();
	__u32 key = counts.n_sockets++;
	struct look_socket *s = bpf_map_lookup_elem(&sockets, &key);

	if (!s)
		return 0;
	s->process = process;
	s->fd = fd;
	s->netns = netns;
	s->family = family;
	s->state = state;
	s->port = port;
	socket_fill(s, sk, file);

	/* No reference is held: closed meanwhile, it may have become another process's. */
	void *now = NULL;

	bpf_probe_read_kernel(&now, sizeof(now), walk.files + fd);
	if (now != file)
		counts.n_sockets--;
	else if (query.by_number)
		number_hold(key, file, walk.files + fd);
	return 0;
}

static long slot_look(__u32 i, void *unused)
{
	void *file = walk.slots[i & (SLOTS - 1)];

	if (walk.bits >> (i & (SLOTS - 1)) & 1 && file && is_socket(file))
		file_look((__u64)file, walk.word * SLOTS + i);
	return 0;
}

/* Not static: looked at once by the verifier, wherever it is called. */
__noinline int slot_take(__u32 i)
{
	return slot_look(i, NULL);
}

/* Four slots: most of the time is what it takes to call this. */
static long slots_compare(__u32 i, void *unused)
{
#pragma unroll
	for (__u32 k = 0; k < SLOTS_AT_ONCE; k++) {
		__u32 slot = (i * SLOTS_AT_ONCE + k) & (SLOTS - 1);

		if (number_has(walk.slots[slot]))
			slot_take(slot);
	}
	return 0;
}

static long word_look(__u32 i, void *unused)
{
	if (i >= walk.n_words)
		return 1;
	walk.word = i;
	if (bpf_probe_read_kernel(&walk.bits, sizeof(walk.bits), walk.open_fds + i))
		goto failed;
	if (!walk.bits)
		return 0;
	if (bpf_probe_read_kernel(walk.slots, sizeof(walk.slots), walk.files + (unsigned long)i * SLOTS))
		goto failed;
	if (query.by_number && number.is_known) {
		bpf_loop(SLOTS / SLOTS_AT_ONCE, slots_compare, NULL, 0);
		barrier(); /* two calls, which the kernel can make loops of its own */
	} else {
		bpf_loop(SLOTS, slot_look, NULL, 0);
	}
	return 0;
failed:
	counts.n_failed++;
	return 1;
}

/* What the iterator gives: its structure, which the kernel knows by this name. */
struct task_struct;
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq; /* its first member */
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

/* The beginning of the command line; only the task that the iterator gives can be asked for it. */
static __always_inline void read_arguments(struct look_process *p, void *task,
					   struct task_struct *given)
{
	void *mm = FOLLOW(task, task_mm);
	__u64 start = READ(__u64, mm, mm_arg_start);
	__u64 n = READ(__u64, mm, mm_arg_end) - start;

	if (!start)
		return;
	if (n > LOOK_ARGUMENTS)
		n = LOOK_ARGUMENTS;
	if (bpf_copy_from_user_task(p->arguments, n, (const void *)start, given, 0) == 0)
		p->n_arguments = n;
}

static __always_inline void process_add(void *task, struct task_struct *given)
{
	__u32 key = walk.process;
	struct look_process *p = bpf_map_lookup_elem(&processes, &key);

	if (!p)
		return;
	process_fill(p, task);
	read_arguments(p, task, given);
}

/* One table whole; 0 when the process got another meanwhile. */
static __always_inline int table_look(void *files)
{
	void *table = FOLLOW(files, files_table);

	walk.files = FOLLOW(table, table_fd);
	walk.open_fds = FOLLOW(table, table_open);
	walk.n_words = READ(__u32, table, table_max) / SLOTS;
	bpf_loop(walk.n_words < MAX_WORDS ? walk.n_words : MAX_WORDS, word_look, NULL, 0);
	return FOLLOW(files, files_table) == table;
}

SEC("iter.s/task")
int look(struct bpf_iter__task *ctx)
{
	struct task_struct *given = ctx->task;

	if (!given)
		return 0;

	void *task = cast(given, layout.type_task);
	void *files = FOLLOW(task, task_files);

	/* Threads share the table of their leader, but for those that do not. */
	if (!files || (READ(__u32, task, task_pid) != READ(__u32, task, task_tgid) &&
		       files == FOLLOW(FOLLOW(task, task_leader), task_files)))
		return 0;
	if (counts.n_tasks++ == 0 && query.by_number)
		number_find();

	__u32 n_before = counts.n_sockets;

	walk.process = NONE;
	if (!table_look(files)) {
		/* The table grew while it was walked. */
		counts.n_sockets = n_before;
		if (!table_look(files))
			counts.n_failed++;
	}
	if (walk.process != NONE) {
		process_add(task, given);
		if (query.by_number && COPY(__u32, files, files_count) !=
					       READ(__u32, FOLLOW(task, task_signal), signal_threads))
			number.is_shared = 1;
	}
	if (query.by_number && number_is_over()) {
		counts.is_over = 1;
		bpf_seq_write(ctx->meta->seq, "", 1); /* which ends the reader's read */
	}
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";

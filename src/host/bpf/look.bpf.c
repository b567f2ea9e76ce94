/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * look: one pass over every process's descriptors that finds the sockets and their owners.
 *
 * An iterator over tasks (iter/task) walks each descriptor table itself: 64 slots at a time, only
 * those whose bit is set, and of those only files whose operations are a socket's. Rows go to two
 * arrays that the reader has mapped; a row that finds no place is counted, so the reader knows that
 * its tables were too small and by how much.
 *
 * Everything is read with probe reads, without references: a table may change meanwhile. A process
 * that stays and a descriptor that stays are always found; for others the reader checks pid and
 * start time again before anybody acts on them.
 */
#include "kernel.h"
#include "look.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
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
struct look_counts counts;
/* The operations of sockets, learned from the first file that lies in sockfs: later files cost one
 * read instead of three. */
const void *socket_ops;

/* The table that is being walked. One reader runs the pass, so one place suffices; it stands in a
 * global so that the parts below are functions that the verifier looks at once each. */
static struct {
	struct file **files;
	unsigned long *open_fds;
	unsigned long bits;
	__u32 n_words;
	__u32 word;
	__u32 process; /* index, or NONE until the first socket of interest */
	struct file *slots[SLOTS];
} walk;

#define NONE 0xffffffffu

/* From 6.2 on: gives a pointer its type, so that members are read without a call each. The kernel's
 * own list tells whether it is there. */
enum special_kfunc_type { KF_bpf_rdonly_cast };
extern void *bpf_rdonly_cast(void *object, __u32 type) __ksym __weak;

#define HAS_CAST bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)
#define CAST(type, object) ((type *)bpf_rdonly_cast(object, bpf_core_type_id_kernel(type)))
/* What follows a task is read by plain access: the kernel knows the types from the iterator on, and
 * a pointer that leads nowhere reads as 0. */
static __always_inline __u32 pid_seen(struct task_struct *task, __u32 level)
{
	struct pid *pid = task->group_leader->thread_pid;
	const void *number;
	__u32 nr = 0;

	if (!pid || pid->level < level)
		return 0;
	number = (const void *)pid + bpf_core_field_offset(struct pid, numbers) +
		 (unsigned long)level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr);
	bpf_probe_read_kernel(&nr, sizeof(nr), number);
	return nr;
}

/* The number of a terminal's device as user space knows it (new_encode_dev). */
static __always_inline __u32 terminal(struct tty_struct *tty)
{
	__u32 major, minor;

	if (!tty)
		return 0;
	major = tty->driver->major;
	minor = tty->driver->minor_start + tty->index;
	return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

static __always_inline void process_fill(struct look_process *p, struct task_struct *trusted)
{
	/* For each step from a trusted pointer the verifier searches the kernel's types by name, which
	 * is most of the cost of loading; a cast pointer is not trusted. */
	struct task_struct *task = HAS_CAST ? CAST(struct task_struct, trusted) : trusted;
	struct task_struct *leader = task->group_leader;
	struct inode *exe = task->mm->exe_file->f_inode;
	struct inode *cwd = task->fs->pwd.dentry->d_inode;
	struct inode *root = task->fs->root.dentry->d_inode;
	struct task_struct *reader = (void *)bpf_get_current_task();
	__u32 level = BPF_CORE_READ(reader, thread_pid, level);

	p->pid = pid_seen(task, level);
	p->parent = pid_seen(task->real_parent, level);
	p->start_ns = leader->start_boottime;
	p->uid = leader->real_cred->uid.val;
	p->capabilities = leader->real_cred->cap_effective.val;
	p->flags = leader->flags;
	p->terminal = terminal(task->signal->tty);
	p->netns = task->nsproxy->net_ns->ns.inum;
	p->mount_namespace = task->nsproxy->mnt_ns->ns.inum;
	p->cgroup = leader->cgroups->dfl_cgrp->kn->id;
	p->exe_inode = exe->i_ino;
	p->exe_links = exe->i_nlink;
	p->exe_device = exe->i_sb->s_dev;
	p->cwd_inode = cwd->i_ino;
	p->cwd_device = cwd->i_sb->s_dev;
	p->root_inode = root->i_ino;
	p->root_device = root->i_sb->s_dev;
	bpf_probe_read_kernel(p->name, sizeof(p->name), __builtin_preserve_access_index(&leader->comm));
}

/* The index of the process's row, given out when its first socket is found. */
static __always_inline __u32 process_index(void)
{
	if (walk.process == NONE)
		walk.process = counts.n_processes++;
	return walk.process;
}

/* A member by either way; what is not there in this kernel is cut out when it is loaded. */
#define READ(pointer, member) \
	(HAS_CAST ? (pointer)->member : BPF_CORE_READ(pointer, member))

static __always_inline const void *operations(struct file *file)
{
	return HAS_CAST ? CAST(struct file, file)->f_op : BPF_CORE_READ(file, f_op);
}

static __always_inline struct sock *sock_of(struct file *file)
{
	struct socket *socket;

	if (HAS_CAST) {
		socket = CAST(struct file, file)->private_data;
		return CAST(struct socket, socket)->sk;
	}
	socket = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(socket, sk);
}

static __always_inline int is_wanted(struct sock *sk, __u16 family, __u8 state, __u16 *port)
{
	if (family == AF_PACKET)
		return query.raw;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	*port = READ(sk, __sk_common.skc_num);
	if (*port < query.first || *port > query.last)
		return 0;
	if (state == TCP_LISTEN)
		return 1;
	if (READ(sk, sk_type) == SOCK_RAW)
		return query.raw;
	if (*port == 0)
		return 0;

	__u16 protocol = READ(sk, sk_protocol);

	if (protocol == PROTOCOL_TCP || protocol == PROTOCOL_MPTCP || protocol == PROTOCOL_SCTP ||
	    protocol == PROTOCOL_DCCP)
		return query.peers && state == TCP_ESTABLISHED;
	return state == TCP_CLOSE || query.peers;
}

static __always_inline void socket_fill(struct look_socket *s, struct sock *sk, struct file *file)
{
	__u16 dport = READ(sk, __sk_common.skc_dport);

	s->inode = BPF_CORE_READ(file, f_inode, i_ino);
	s->cookie = READ(sk, __sk_common.skc_cookie.counter);
	s->cgroup = (HAS_CAST ? sk->sk_cgrp_data.cgroup->kn->id
				: BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn, id));
	s->uid = READ(sk, sk_uid.val);
	s->interface = READ(sk, __sk_common.skc_bound_dev_if);
	s->type = READ(sk, sk_type);
	s->protocol = READ(sk, sk_protocol);
	s->remote_port = __builtin_bswap16(dport);
	s->flags = (BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only) ? LOOK_V6ONLY : 0) |
		   (BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport) ? LOOK_REUSEPORT : 0);
	if (s->state == TCP_LISTEN) {
		s->backlog = READ(sk, sk_max_ack_backlog);
		s->queued = READ(sk, sk_ack_backlog);
	} else {
		s->backlog = 0;
		s->queued = READ(sk, sk_backlog.rmem_alloc.counter);
	}
	if (s->family == AF_INET6) {
		BPF_CORE_READ_INTO(&s->local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&s->remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	} else {
		__u32 address = READ(sk, __sk_common.skc_rcv_saddr);

		__builtin_memcpy(s->local, &address, 4);
		address = READ(sk, __sk_common.skc_daddr);
		__builtin_memcpy(s->remote, &address, 4);
	}
}

static __always_inline int is_socket(struct file *file)
{
	const void *ops = operations(file);

	if (socket_ops)
		return ops == socket_ops;
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != SOCKFS_MAGIC)
		return 0;
	socket_ops = ops;
	return 1;
}

__noinline int file_look(__u64 address, __u32 fd)
{
	struct file *file = (struct file *)address;
	struct sock *sk = sock_of(file);

	if (!sk)
		return 0;

	__u16 family = READ(sk, __sk_common.skc_family);
	__u8 state = READ(sk, __sk_common.skc_state);
	__u16 port = 0;

	if (!is_wanted(sk, family, state, &port))
		return 0;

	__u32 netns = HAS_CAST ? sk->__sk_common.skc_net.net->ns.inum
			       : BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);

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
	struct file *now = NULL;

	bpf_probe_read_kernel(&now, sizeof(now), walk.files + fd);
	if (now != file)
		counts.n_sockets--;
	return 0;
}

static long slot_look(__u32 i, void *unused)
{
	struct file *file = walk.slots[i & (SLOTS - 1)];

	if (walk.bits >> (i & (SLOTS - 1)) & 1 && file && is_socket(file))
		file_look((__u64)file, walk.word * SLOTS + i);
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
	bpf_loop(SLOTS, slot_look, NULL, 0);
	return 0;
failed:
	counts.n_failed++;
	return 1;
}

/* The beginning of the command line; the task itself is needed, so only the main part can. */
static __always_inline void read_arguments(struct look_process *p, struct task_struct *task)
{
	unsigned long start = task->mm->arg_start;
	unsigned long n = task->mm->arg_end - start;

	if (!start)
		return;
	if (n > LOOK_ARGUMENTS)
		n = LOOK_ARGUMENTS;
	if (bpf_copy_from_user_task(p->arguments, n, (const void *)start, task, 0) == 0)
		p->n_arguments = n;
}

static __always_inline void process_add(struct task_struct *task)
{
	__u32 key = walk.process;
	struct look_process *p = bpf_map_lookup_elem(&processes, &key);

	if (!p)
		return;
	process_fill(p, task);
	read_arguments(p, task);
}

/* One table whole; 0 when the process got another meanwhile. */
static __always_inline int table_look(struct files_struct *files)
{
	struct fdtable *table = BPF_CORE_READ(files, fdt);

	walk.files = BPF_CORE_READ(table, fd);
	walk.open_fds = BPF_CORE_READ(table, open_fds);
	walk.n_words = BPF_CORE_READ(table, max_fds) / SLOTS;
	bpf_loop(walk.n_words < MAX_WORDS ? walk.n_words : MAX_WORDS, word_look, NULL, 0);
	return BPF_CORE_READ(files, fdt) == table;
}

SEC("iter.s/task")
int look(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task)
		return 0;

	struct files_struct *files = BPF_CORE_READ(task, files);

	/* Threads share the table of their leader, but for those that do not. */
	if (!files || (BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid) &&
		       files == BPF_CORE_READ(task, group_leader, files)))
		return 0;
	counts.n_tasks++;

	__u32 n_before = counts.n_sockets;

	walk.process = NONE;
	if (!table_look(files)) {
		/* The table grew while it was walked. */
		counts.n_sockets = n_before;
		if (!table_look(files))
			counts.n_failed++;
	}
	if (walk.process != NONE)
		process_add(task);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";

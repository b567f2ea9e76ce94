/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_owners: who holds the sockets, from one pass of the kernel (bpf.h).
 *
 * Faster than the walk by the links of /proc/PID/fd when there are many descriptors; with few
 * processes, loading the program costs more than it saves, and the walk is taken. What the pass
 * sees and the socket source has not (other network namespaces, sockets that a torn dump missed)
 * is added to the table: a socket that stays open with a process that stays is always there.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/alike.h"
#include "host/bpf.h"
#include "host/proc.h"
#include "host/reason.h"

enum {
	/* measured: below both the walk is done before the program is loaded */
	FEW_TASKS = 256,
	FEW_FILES = 4096,
	FEW_ROWS = 256,
	STATE_CLOSE = 7,
	STATE_LISTEN = 10,
};

static uint32_t count_tasks(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? info.procs : 0;
}

/* Raw sockets have protocols of their own, which may be a transport's number. */
static bool read_transport(const struct look_socket *s, enum transport *transport)
{
	if (s->type != SOCK_STREAM && s->type != SOCK_DGRAM && s->type != SOCK_SEQPACKET)
		return false;
	for (int t = TRANSPORT_ANY + 1; t < N_TRANSPORTS; t++)
		if (transport_number((enum transport)t) == s->protocol) {
			*transport = (enum transport)t;
			return true;
		}
	return false;
}

static void read_row(struct socket_row *row, const struct look_socket *s, enum transport transport,
		     const struct survey *survey)
{
	bool is_v6 = s->family == AF_INET6;

	row->transport = (uint8_t)transport;
	bool is_connectionless = transport == TRANSPORT_UDP || transport == TRANSPORT_UDPLITE;

	row->state = s->state == STATE_LISTEN	? SOCKET_LISTEN
		     : s->state != STATE_CLOSE	? SOCKET_PEER
		     : is_connectionless	? SOCKET_BOUND
						: SOCKET_IDLE;
	row->local = is_v6 ? address_ipv6(s->local) : address_ipv4(s->local);
	row->local.interface = s->interface;
	if (s->remote_port)
		row->remote = is_v6 ? address_ipv6(s->remote) : address_ipv4(s->remote);
	row->cgroup_id = s->cgroup;
	row->uid = s->uid;
	row->backlog = s->backlog;
	row->queued = s->queued;
	row->port = s->port;
	row->remote_port = s->remote_port;
	row->is_v6only = s->flags & LOOK_V6ONLY;
	row->is_elsewhere = s->netns != survey->net_namespace;
}

/* Adds the sockets that the table does not have. */
static int add_sockets(struct survey *survey, const struct bpf_look *look)
{
	struct socket_table *table = &survey->sockets;

	for (size_t i = 0; i < look->n_sockets; i++) {
		const struct look_socket *s = &look->sockets[i];
		enum transport transport;

		if (socket_table_find_inode(table, s->inode) != NOT_FOUND ||
		    !read_transport(s, &transport) || !query_wants(survey->query, transport))
			continue;

		struct socket_row *row = socket_table_add(table, s->cookie, s->inode, s->netns);

		if (!row)
			return -ENOMEM;
		if (!row->port)
			read_row(row, s, transport, survey);
		/* A dump that was not asked twice may have missed others too. */
		survey->is_contradicted |= survey->has_witness && !row->is_elsewhere &&
					   socket_state_waits((enum socket_state)row->state);
	}
	return socket_table_index(table);
}

/* The descriptor is still that socket: what a listing lacks is not merely gone. */
static bool is_still_held(const struct process *process, uint32_t fd, uint64_t inode)
{
	char path[64];
	char link[64];
	char wanted[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/fd/%u", process->pid, fd);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = 0;
	snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
	return strcmp(link, wanted) == 0;
}

/* Views that disagree are asked again: a socket opened since the dump is listed by now, one closed
 * meanwhile is held no more. What remains is kept from the kernel's own listing. */
static void compare_views(struct survey *survey, size_t n_listed)
{
	for (size_t i = 0; i < survey->owners.n; i++) {
		const struct owner_row *owner = &survey->owners.rows[i];
		struct socket_row *row = &survey->sockets.rows[owner->socket];
		bool is_listening = row->state == SOCKET_LISTEN || row->state == SOCKET_BOUND;

		if (owner->socket < n_listed || row->is_elsewhere || !is_listening ||
		    row->hidden_from || row->transport == TRANSPORT_ANY)
			continue;
		if (is_still_held(owner->process, owner->fd, row->inode) && socket_is_unlisted(row) &&
		    is_still_held(owner->process, owner->fd, row->inode))
			row->hidden_from = FROM_NETLINK;
	}
}

/* A process that the kernel has and can be signalled, but that has no directory in /proc. */
static bool is_kept_from_proc(uint32_t pid)
{
	enum { ASKED = 3 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	for (int i = 0; i < ASKED; i++)
		if (kill((pid_t)pid, 0) < 0 || access(path, F_OK) == 0 || errno != ENOENT)
			return false;
	return kill((pid_t)pid, 0) == 0;
}

/* Not merely closed to us. */
static bool is_gone(uint32_t pid)
{
	return pid && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void hide_from_proc(struct survey *survey, const struct bpf_look *look, uint32_t process)
{
	for (size_t i = 0; i < look->n_sockets; i++) {
		uint32_t at = look->sockets[i].process == process
				      ? socket_table_find_inode(&survey->sockets, look->sockets[i].inode)
				      : NOT_FOUND;

		if (at != NOT_FOUND)
			survey->sockets.rows[at].hidden_from = FROM_PROC;
	}
}

static int add_owners(struct survey *survey, const struct bpf_look *look)
{
	auto_free const struct process **processes = calloc(look->n_processes + 1, sizeof(*processes));
	struct alike *alike = alike_new(look->n_processes);

	if (!processes || !alike) {
		alike_free(alike);
		return -ENOMEM;
	}
	for (size_t i = 0; i < look->n_processes; i++) {
		const struct look_process *p = &look->processes[i];

		if (p->pid)
			processes[i] = alike_find(alike, survey, p);
		if (processes[i] && survey->listing->lacks_ptrace && !processes[i]->executable.n)
			survey->n_failed++; /* seen by the kernel, but not what it runs */
		if (!p->pid || processes[i])
			continue;
		survey->n_vanished++;
		if (is_kept_from_proc(p->pid))
			hide_from_proc(survey, look, (uint32_t)i);
	}
	alike_free(alike);
	for (size_t i = 0; i < look->n_sockets; i++) {
		const struct look_socket *s = &look->sockets[i];
		uint32_t at = socket_table_find_inode(&survey->sockets, s->inode);

		if (at == NOT_FOUND || s->process >= look->n_processes)
			continue;
		if (!processes[s->process]) {
			survey->sockets.rows[at].has_lost |= is_gone(look->processes[s->process].pid);
			continue;
		}

		struct owner_row owner = {.socket = at, .fd = s->fd, .process = processes[s->process]};
		int r = owner_table_add(&survey->owners, owner);

		if (r < 0)
			return r;
	}
	return 0;
}

static uint64_t count_files(void)
{
	uint8_t text[64];
	ssize_t n = proc_read(-1, "/proc/sys/fs/file-nr", text, sizeof(text));
	struct span rest = span_of(text, n > 0 ? (size_t)n : 0);
	struct span open_files;
	uint64_t n_files;

	return take_word(&rest, &open_files) && span_u64(open_files, UINT64_MAX, &n_files) ? n_files
											   : 0;
}

struct part {
	uint32_t pids[FEW_TASKS];
	size_t n;
};

static int keep_pid(void *arg, int dir, const char *name, uint64_t pid)
{
	struct part *part = arg;

	(void)dir;
	(void)name;
	if (part->n == FEW_TASKS)
		return -E2BIG;
	part->pids[part->n++] = (uint32_t)pid;
	return 0;
}

/* The machine may be large and our part of it small. The directory of a process's descriptors has
 * their number as its size (6.2). */
static bool is_small_part(void)
{
	auto_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint8_t entries[FEW_TASKS * 16] __attribute__((aligned(8)));
	struct part part = {.n = 0};
	uint64_t n_files = 0;

	if (proc < 0 || proc_each_number(proc, entries, sizeof(entries), keep_pid, &part) < 0)
		return false;
	for (size_t i = 0; i < part.n && n_files < FEW_FILES; i++) {
		char path[32];
		struct stat st;

		snprintf(path, sizeof(path), "%u/fd", part.pids[i]);
		if (fstatat(proc, path, &st, 0) == 0 && st.st_size > 0)
			n_files += (uint64_t)st.st_size;
	}
	return n_files < FEW_FILES;
}

/* Many descriptors, or many processes, make the walk slower than loading the program. */
static bool is_quicker(void)
{
	if (count_tasks() < FEW_TASKS && count_files() < FEW_FILES)
		return false;
	return !reason_in_own_pid_namespace() || !is_small_part();
}

static bool is_witness(struct survey *survey)
{
	if (!bpf_is_allowed())
		return false;
	survey->is_walk_quicker = !survey->query->reader && !is_quicker();
	return !survey->is_walk_quicker;
}

/* One number of this namespace: its sockets may be told by the kernel's tables, when those that wait are
 * the same as listed. Few rows are expected then; when there are more, the pass is run again. */
static void ask_by_number(const struct survey *survey, struct look_query *ask)
{
	ask->by_number = ask->first == ask->last && ask->netns && survey->is_tcp_and_udp;
	if (!ask->by_number)
		return;
	ask->has_tcp = query_wants(survey->query, TRANSPORT_TCP);
	ask->has_udp = query_wants(survey->query, TRANSPORT_UDP);
	for (size_t i = 0; i < survey->sockets.n; i++) {
		const struct socket_row *row = &survey->sockets.rows[i];

		if (!row->inode || !socket_state_waits((enum socket_state)row->state))
			continue;
		ask->n_waiting++;
		ask->inodes += row->inode;
	}
	ask->max_sockets = ask->max_processes = FEW_ROWS;
}

static int fill(struct survey *survey, struct why *why)
{
	const struct host_query *query = survey->query;
	uint32_t n_tasks = count_tasks();
	struct look_query ask = {
		.netns = query->namespaces ? 0 : (uint32_t)survey->net_namespace,
		.first = query->first,
		.last = query->last,
		.peers = query->holders ? LOOK_ALL_PEERS : query->peers,
		.raw = query->first == 0 && query->last == PORT_MAX,
		.max_sockets = (uint32_t)survey->sockets.n * 2 + 1024,
		.max_processes = n_tasks + 64,
	};
	size_t n_listed = survey->sockets.n;
	struct bpf_look look;
	int r;

	if (!bpf_is_allowed())
		return why_set(why, EPERM, _("this process lacks CAP_BPF and CAP_PERFMON"));
	if (survey->is_walk_quicker && !survey->listing->is_torn)
		return why_set(why, EAGAIN, _("with few processes a walk is quicker"));
	ask_by_number(survey, &ask);
	r = bpf_look_run(&ask, &look, why);
	if (r < 0)
		return r;
	r = socket_table_index(&survey->sockets);
	if (r == 0)
		r = add_sockets(survey, &look);
	if (r == 0)
		r = add_owners(survey, &look);
	survey->n_failed += look.n_failed;
	if (r == 0) {
		compare_views(survey, n_listed);
		survey->listing->is_torn = false;
		survey->listing->method = survey->seen_by = "bpf";
	}
	bpf_look_done(&look);
	return r < 0 ? why_set(why, -r, _("out of memory")) : 0;
}

const struct owner_source owner_source_bpf = {
	.name = "bpf",
	.is_witness = is_witness,
	.fill = fill,
};

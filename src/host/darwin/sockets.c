/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets: from the descriptors of all processes (PROC_PIDLISTFDS, PROC_PIDFDSOCKETINFO) to the tables
 * of a survey. A socket that several hold is one row: the kernel's handle of it tells.
 */
#include "host/darwin/darwin.h"

#include <errno.h>
#include <libproc.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/scope.h"
#include "base/text.h"

enum { SPARE = 64, TRIES = 4 };

/* All pids, in heap memory. Returns how many, or a negative errno. */
static int list_pids(pid_t **pids)
{
	for (int i = 0; i < TRIES; i++) {
		int size = proc_listpids(PROC_ALL_PIDS, 0, NULL, 0);
		int got;

		if (size <= 0)
			return -EIO;
		size += SPARE * (int)sizeof(**pids);
		*pids = malloc((size_t)size);
		if (!*pids)
			return -ENOMEM;
		got = proc_listpids(PROC_ALL_PIDS, 0, *pids, size);
		if (got > 0 && got < size)
			return got / (int)sizeof(**pids);
		free(*pids);
		*pids = NULL;
	}
	return -EAGAIN;
}

static int list_descriptors(pid_t pid, struct proc_fdinfo **fds)
{
	int size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, NULL, 0);

	if (size <= 0)
		return errno ? -errno : -ESRCH;
	size += SPARE * (int)sizeof(**fds);
	*fds = malloc((size_t)size);
	if (!*fds)
		return -ENOMEM;
	size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, *fds, size);
	return size < 0 ? -ESRCH : size / (int)sizeof(**fds);
}

static uint16_t number(int port)
{
	return ntohs((uint16_t)port);
}

static void set_addresses(const struct in_sockinfo *in, struct socket_row *row)
{
	row->port = number(in->insi_lport);
	row->remote_port = number(in->insi_fport);
	if (in->insi_vflag & INI_IPV6) {
		row->local = address_ipv6(in->insi_laddr.ina_6.s6_addr);
		row->remote = address_ipv6(in->insi_faddr.ina_6.s6_addr);
		row->is_v6only = !(in->insi_vflag & INI_IPV4);
	} else {
		row->local = address_ipv4((const uint8_t *)&in->insi_laddr.ina_46.i46a_addr4);
		row->remote = address_ipv4((const uint8_t *)&in->insi_faddr.ina_46.i46a_addr4);
	}
}

static enum socket_state state_of_tcp(int state)
{
	switch (state) {
	case TSI_S_LISTEN: return SOCKET_LISTEN;
	case TSI_S_CLOSED: return SOCKET_IDLE;
	case TSI_S_TIME_WAIT: return SOCKET_WAITING;
	default: return SOCKET_PEER;
	}
}

/* False: no socket of TCP or UDP that is bound. */
static bool read_socket(const struct socket_info *info, struct socket_row *row)
{
	*row = (struct socket_row){0};
	if (info->soi_kind == SOCKINFO_TCP) {
		row->transport = TRANSPORT_TCP;
		set_addresses(&info->soi_proto.pri_tcp.tcpsi_ini, row);
		row->state = (uint8_t)state_of_tcp(info->soi_proto.pri_tcp.tcpsi_state);
	} else if (info->soi_kind == SOCKINFO_IN && info->soi_protocol == IPPROTO_UDP) {
		row->transport = TRANSPORT_UDP;
		set_addresses(&info->soi_proto.pri_in, row);
		row->state = row->remote_port ? SOCKET_PEER : SOCKET_BOUND;
	} else {
		return false;
	}
	if (row->state == SOCKET_LISTEN) {
		row->backlog = (uint32_t)info->soi_qlimit;
		row->queued = (uint32_t)info->soi_qlen;
	} else {
		row->queued = info->soi_rcv.sbi_cc;
	}
	if (row->state != SOCKET_PEER && row->state != SOCKET_WAITING) {
		row->remote = (struct address){0};
		row->remote_port = 0;
	}
	return row->port != 0;
}

static int add(struct survey *survey, uint32_t pid, uint32_t fd, const struct socket_info *info)
{
	struct socket_row found;
	struct socket_row *row;
	struct process_row *process;
	struct socket_extra *extra;

	if (!read_socket(info, &found) || !query_wants_row(survey->query, &found))
		return 0;
	row = socket_table_add(&survey->sockets, info->soi_so, 0, 0);
	if (!row)
		return -ENOMEM;
	if (!row->transport) {
		found.cookie = info->soi_so;
		*row = found;
	}
	process = survey->query->no_owners ? NULL : darwin_process(survey, pid);
	if (!process) {
		row->hidden = HIDDEN_EXITED;
		return 0;
	}
	if (!row->extra) {
		extra = arena_get(survey->arena, sizeof(*extra));
		extra->user = process->process.user;
		row->extra = extra;
		row->uid = process->process.uid;
	}
	return owner_table_add(&survey->owners,
			       (struct owner_row){.socket = (uint32_t)(row - survey->sockets.rows),
						  .fd = fd,
						  .process = &process->process});
}

static int read_process(struct survey *survey, pid_t pid)
{
	auto_free struct proc_fdinfo *fds = NULL;
	int n = list_descriptors(pid, &fds);
	int r = n == -ENOMEM ? n : 0;

	if (n == -EPERM || n == -EACCES)
		survey->n_denied++;
	for (int i = 0; fds && i < n && r == 0; i++) {
		struct socket_fdinfo info;

		if (fds[i].proc_fdtype == PROX_FDTYPE_SOCKET &&
		    proc_pidfdinfo(pid, fds[i].proc_fd, PROC_PIDFDSOCKETINFO, &info,
				   sizeof(info)) == (int)sizeof(info))
			r = add(survey, (uint32_t)pid, (uint32_t)fds[i].proc_fd, &info.psi);
	}
	return r;
}

int darwin_sockets_read(struct survey *survey, struct why *why)
{
	auto_free pid_t *pids = NULL;
	int n = list_pids(&pids);
	int r = n < 0 ? n : 0;

	for (int i = 0; i < n && r == 0; i++)
		if (pids[i] > 0)
			r = read_process(survey, pids[i]);
	return r < 0 ? why_set(why, -r, _("cannot list processes")) : 0;
}

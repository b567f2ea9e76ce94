/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets: from the tables of GetExtendedTcpTable and GetExtendedUdpTable to those of a
 * survey.
 *
 * A socket for IPv6 and IPv4 at once stands in both of Windows' tables, so a row of IPv6 is taken to
 * be for that family alone. Windows does not tell the accept queue.
 */
#include "host/windows/windows.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "base/windows/winapi.h"

enum { FIRST_SIZE = 16 << 10, TRIES = 8 };

/* One of the four tables. The row's part that all have is taken out by `read`. */

struct row {
	struct address local, remote;
	uint32_t state, pid; /* MIB_TCP_STATE; 0 for UDP */
	uint16_t port, remote_port;
};

/* Asks for the name of the service whose thread made the socket: for processes with several. */
typedef DWORD module_fn(const void *row, void *info, DWORD *size);

struct table {
	enum transport transport;
	ULONG family;
	size_t at, size; /* of the first row, of a row */
	void (*read)(const void *from, struct row *row);
	module_fn *module;
};

static uint16_t number(DWORD port)
{
	return ntohs((u_short)port);
}

static struct address six(const UCHAR bytes[16], DWORD scope)
{
	struct address address = address_ipv6(bytes);

	address.interface = scope;
	return address;
}

static void read_tcp4(const void *from, struct row *row)
{
	const MIB_TCPROW_OWNER_MODULE *r = from;

	*row = (struct row){.local = address_ipv4((const uint8_t *)&r->dwLocalAddr),
			    .remote = address_ipv4((const uint8_t *)&r->dwRemoteAddr),
			    .state = r->dwState, .pid = r->dwOwningPid,
			    .port = number(r->dwLocalPort), .remote_port = number(r->dwRemotePort)};
}

static void read_tcp6(const void *from, struct row *row)
{
	const MIB_TCP6ROW_OWNER_MODULE *r = from;

	*row = (struct row){.local = six(r->ucLocalAddr, r->dwLocalScopeId),
			    .remote = six(r->ucRemoteAddr, r->dwRemoteScopeId),
			    .state = r->dwState, .pid = r->dwOwningPid,
			    .port = number(r->dwLocalPort), .remote_port = number(r->dwRemotePort)};
}

static void read_udp4(const void *from, struct row *row)
{
	const MIB_UDPROW_OWNER_MODULE *r = from;

	*row = (struct row){.local = address_ipv4((const uint8_t *)&r->dwLocalAddr),
			    .pid = r->dwOwningPid, .port = number(r->dwLocalPort)};
}

static void read_udp6(const void *from, struct row *row)
{
	const MIB_UDP6ROW_OWNER_MODULE *r = from;

	*row = (struct row){.local = six(r->ucLocalAddr, r->dwLocalScopeId),
			    .pid = r->dwOwningPid, .port = number(r->dwLocalPort)};
}

#define MODULE(name, type)                                                                         \
	static DWORD module_##name(const void *row, void *info, DWORD *size)                       \
	{                                                                                          \
		type copy;                                                                         \
                                                                                                   \
		memcpy(&copy, row, sizeof(copy));                                                  \
		return GetOwnerModuleFrom##name##Entry(&copy, TCPIP_OWNER_MODULE_INFO_BASIC, info, \
						       size);                                      \
	}
MODULE(Tcp, MIB_TCPROW_OWNER_MODULE)
MODULE(Tcp6, MIB_TCP6ROW_OWNER_MODULE)
MODULE(Udp, MIB_UDPROW_OWNER_MODULE)
MODULE(Udp6, MIB_UDP6ROW_OWNER_MODULE)

#define TABLE(type, row) offsetof(type, table), sizeof(row)

static const struct table tables[] = {
	{TRANSPORT_TCP, AF_INET, TABLE(MIB_TCPTABLE_OWNER_MODULE, MIB_TCPROW_OWNER_MODULE), read_tcp4,
	 module_Tcp},
	{TRANSPORT_TCP, AF_INET6, TABLE(MIB_TCP6TABLE_OWNER_MODULE, MIB_TCP6ROW_OWNER_MODULE),
	 read_tcp6, module_Tcp6},
	{TRANSPORT_UDP, AF_INET, TABLE(MIB_UDPTABLE_OWNER_MODULE, MIB_UDPROW_OWNER_MODULE), read_udp4,
	 module_Udp},
	{TRANSPORT_UDP, AF_INET6, TABLE(MIB_UDP6TABLE_OWNER_MODULE, MIB_UDP6ROW_OWNER_MODULE),
	 read_udp6, module_Udp6},
};

static DWORD ask(const struct table *table, void *bytes, DWORD *size)
{
	if (table->transport == TRANSPORT_TCP)
		return GetExtendedTcpTable(bytes, size, FALSE, table->family,
					   TCP_TABLE_OWNER_MODULE_ALL, 0);
	return GetExtendedUdpTable(bytes, size, FALSE, table->family, UDP_TABLE_OWNER_MODULE, 0);
}

/* The table as Windows has it now; it may grow between two calls. */
static int load(const struct table *table, char **bytes, size_t *n, struct why *why)
{
	DWORD size = FIRST_SIZE;

	for (int i = 0; i < TRIES; i++) {
		DWORD result;

		*bytes = malloc(size);
		if (!*bytes)
			return why_set(why, ENOMEM, _("out of memory"));
		*n = size;
		result = ask(table, *bytes, &size);
		if (result == NO_ERROR)
			return 0;
		free(*bytes);
		*bytes = NULL;
		if (result != ERROR_INSUFFICIENT_BUFFER)
			return why_set(why, EIO, _("Windows refuses its table of sockets: error %lu"),
				       result);
		size += FIRST_SIZE;
	}
	return why_set(why, EAGAIN, _("the table of sockets grows faster than it can be read"));
}

static enum socket_state state_of(const struct table *table, const struct row *row)
{
	if (table->transport == TRANSPORT_UDP)
		return SOCKET_BOUND;
	switch (row->state) {
	case MIB_TCP_STATE_LISTEN: return SOCKET_LISTEN;
	case MIB_TCP_STATE_TIME_WAIT: return SOCKET_WAITING;
	case MIB_TCP_STATE_CLOSED: return SOCKET_IDLE;
	default: return SOCKET_PEER;
	}
}

static bool is_wanted(const struct host_query *query, enum socket_state state, const struct row *row)
{
	if (row->port < query->first || row->port > query->last)
		return false;
	if (socket_state_waits(state) || query->holders)
		return true;
	return state == SOCKET_PEER && query->peers && row->state == MIB_TCP_STATE_ESTAB;
}

/* Of a process with several services, the one whose socket it is. Windows knows it by a tag. */
static struct span service_of(struct arena *arena, const struct table *table, const void *from)
{
	union {
		TCPIP_OWNER_MODULE_BASIC_INFO info;
		char bytes[4096];
	} answer;
	DWORD size = sizeof(answer);

	if (table->module(from, &answer, &size) != NO_ERROR || !answer.info.pModuleName)
		return span_of(NULL, 0);
	return windows_text(arena, answer.info.pModuleName);
}

static int add_owner(struct windows_look *look, const struct table *table, const void *from,
		     uint32_t pid, uint32_t index)
{
	struct survey *survey = look->survey;
	struct socket_row *socket = &survey->sockets.rows[index];
	struct process_row *process;
	struct socket_extra *extra;
	struct span service;

	socket->uid = WINDOWS_NO_USER;
	if (pid == 0 || survey->query->no_owners) {
		socket->hidden = HIDDEN_UNKNOWN;
		if (socket->state == SOCKET_WAITING)
			socket->hidden = HIDDEN_NONE; /* nobody's any more */
		return 0;
	}
	process = windows_process(look, pid);
	if (!process) {
		socket->hidden = HIDDEN_EXITED; /* who inherited it is not told */
		return 0;
	}
	extra = arena_get(survey->arena, sizeof(*extra));
	extra->user = process->process.user;
	if (windows_services_of(look, pid, &service) > 1)
		extra->unit = service_of(survey->arena, table, from);
	socket->extra = extra;
	socket->uid = process->process.uid;
	return owner_table_add(&survey->owners,
			       (struct owner_row){.socket = index, .process = &process->process});
}

static int add(struct windows_look *look, const struct table *table, const void *from)
{
	struct survey *survey = look->survey;
	struct socket_row *socket;
	enum socket_state state;
	struct row row;

	table->read(from, &row);
	state = state_of(table, &row);
	if (!is_wanted(survey->query, state, &row))
		return 0;
	socket = socket_table_add(&survey->sockets, 0, 0, 0);
	if (!socket)
		return -ENOMEM;
	socket->transport = (uint8_t)table->transport;
	socket->state = (uint8_t)state;
	socket->local = row.local;
	socket->port = row.port;
	socket->is_v6only = table->family == AF_INET6;
	if (state == SOCKET_PEER || state == SOCKET_WAITING) {
		socket->remote = row.remote;
		socket->remote_port = row.remote_port;
	}
	return add_owner(look, table, from, row.pid, (uint32_t)(socket - survey->sockets.rows));
}

static int read_table(struct windows_look *look, const struct table *table, struct why *why)
{
	auto_free char *bytes = NULL;
	size_t n_bytes = 0;
	DWORD n;
	int r = load(table, &bytes, &n_bytes, why);

	if (r < 0 || !bytes)
		return r;
	memcpy(&n, bytes, sizeof(n));
	for (size_t i = 0; i < n && table->at + (i + 1) * table->size <= n_bytes; i++) {
		r = add(look, table, bytes + table->at + i * table->size);
		if (r < 0)
			return why_set(why, -r, _("out of memory"));
	}
	return 0;
}

int windows_sockets_read(struct windows_look *look, struct why *why)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(tables) && r == 0; i++)
		if (query_wants(look->survey->query, tables[i].transport))
			r = read_table(look, &tables[i], why);
	return r;
}

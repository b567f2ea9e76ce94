/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign_sockstat: sockstat(1) of FreeBSD, with its heading.
 *
 *   USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
 *   root     sshd       712   3   tcp6   *:22                  *:*
 *   ?        ?          ?     ?   tcp4   *:2049                *:*
 *
 * A socket with '?' has no process: the kernel's own. tcp46 serves both families. Who has no peer
 * waits; a number of a user is not printed, and is 0 for root alone.
 */
#include "host/foreign.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

enum { USER, COMMAND, PID, FD, PROTO, LOCAL, FOREIGN, N_CELLS };

static bool is_mine(struct span text)
{
	struct span line;

	return take_line(&text, &line) && span_starts(line, "USER") &&
	       span_find(line, SPAN_LIT("LOCAL ADDRESS")) > 0;
}

static const char *system_of(struct span text)
{
	(void)text;
	return "FreeBSD";
}

struct protocol {
	const char *word;
	enum transport transport;
	enum address_family family;
	bool is_v6only;
};

static const struct protocol *find_protocol(struct span word)
{
	static const struct protocol rows[] = {
		{"tcp4", TRANSPORT_TCP, ADDRESS_IPV4, false},
		{"tcp6", TRANSPORT_TCP, ADDRESS_IPV6, true},
		{"tcp46", TRANSPORT_TCP, ADDRESS_IPV6, false},
		{"udp4", TRANSPORT_UDP, ADDRESS_IPV4, false},
		{"udp6", TRANSPORT_UDP, ADDRESS_IPV6, true},
		{"udp46", TRANSPORT_UDP, ADDRESS_IPV6, false},
		{"sctp4", TRANSPORT_SCTP, ADDRESS_IPV4, false},
		{"sctp6", TRANSPORT_SCTP, ADDRESS_IPV6, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_is(word, rows[i].word))
			return &rows[i];
	return NULL;
}

static int read_process(struct survey *survey, const struct span *cells,
			const struct process_row **process, uint32_t *fd)
{
	struct process_row *row;
	uint64_t pid;
	uint64_t number = 0;

	*process = NULL;
	if (span_is(cells[PID], "?"))
		return 0;
	if (!span_u64(cells[PID], UINT32_MAX, &pid) ||
	    (!span_u64(cells[FD], UINT32_MAX, &number) && !span_is(cells[FD], "?")))
		return -EINVAL;
	row = foreign_process(survey, (uint32_t)pid);
	if (!row)
		return -E2BIG;
	row->process.name = foreign_keep(survey, cells[COMMAND]);
	row->process.user = foreign_keep(survey, cells[USER]);
	if (span_is(cells[USER], "root"))
		row->process.uid = 0;
	*process = row;
	*fd = (uint32_t)number;
	return 0;
}

static int read_line(struct survey *survey, struct span line)
{
	struct span cells[N_CELLS];
	const struct protocol *protocol;
	const struct process_row *process;
	struct socket_row socket = {0};
	struct socket_row *row;
	uint32_t fd = 0;
	size_t n = 0;
	int r;

	while (n < N_CELLS && take_word(&line, &cells[n]))
		n++;
	protocol = n > PROTO ? find_protocol(cells[PROTO]) : NULL;
	if (!protocol)
		return 0; /* a socket of another family, or a heading */
	if (n < N_CELLS)
		return -EINVAL;
	socket.transport = (uint8_t)protocol->transport;
	socket.is_v6only = protocol->is_v6only;
	if (!foreign_endpoint(cells[LOCAL], protocol->family, &socket.local, &socket.port) ||
	    !foreign_endpoint(cells[FOREIGN], protocol->family, &socket.remote, &socket.remote_port))
		return -EINVAL;
	if (!socket.port)
		return 0; /* not bound */
	socket.state = socket.remote_port			   ? SOCKET_PEER
		       : protocol->transport == TRANSPORT_UDP ? SOCKET_BOUND
							   : SOCKET_LISTEN;
	if (!socket.remote_port)
		socket.remote = (struct address){0};
	r = read_process(survey, cells, &process, &fd);
	if (r == 0 && !process)
		socket.hidden = HIDDEN_KERNEL;
	return r < 0 ? r : foreign_add(survey, &socket, process, fd, &row);
}

static int read_all(struct survey *survey, struct span text, struct why *why)
{
	struct span line;

	for (size_t number = 1; take_line(&text, &line); number++) {
		int r = read_line(survey, line);

		if (r == -EINVAL)
			return foreign_bad(&foreign_sockstat, number, line, why);
		if (r < 0)
			return why_set(why, -r, _("line %zu: the listing is too large"), number);
	}
	return 0;
}

const struct foreign foreign_sockstat = {"sockstat", is_mine, system_of, read_all};

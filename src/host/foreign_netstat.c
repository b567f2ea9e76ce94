/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign_netstat: `netstat -ano` and `netstat -abno` of Windows.
 *
 *   TCP    0.0.0.0:135      0.0.0.0:0      LISTENING     1012
 *   RpcEptMapper
 *   [svchost.exe]
 *   UDP    0.0.0.0:5353     *:*                          2120
 *
 * Headings and states are in Windows' language, so that they are not read: who listens has a zero for
 * the foreign port, TIME_WAIT has no process, and the last word is the process. With -b the name of
 * the file follows in brackets and, for svchost.exe, the service in front of it. Pid 4 is the kernel
 * with its drivers, called System there.
 */
#include "host/foreign.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

enum { PID_KERNEL = 4, WORDS = 5 };

struct reading {
	struct survey *survey;
	struct process_row *process; /* of the last socket */
	struct socket_row *socket;   /* NULL: it was not wanted, or has no process */
	struct span service;	     /* of the last socket, until its file's name has come */
};

static size_t split(struct span line, struct span words[WORDS])
{
	size_t n = 0;

	while (n < WORDS && take_word(&line, &words[n]))
		n++;
	return n;
}

static bool is_socket_line(struct span line, struct span words[WORDS], size_t *n)
{
	struct address address;
	uint16_t port;

	*n = split(line, words);
	return *n >= 4 && (span_is(words[0], "TCP") || span_is(words[0], "UDP")) &&
	       foreign_endpoint(words[1], ADDRESS_IPV4, &address, &port);
}

static bool is_mine(struct span text)
{
	struct span words[WORDS];
	struct span line;
	uint64_t pid;
	size_t n;

	for (size_t i = 0; i < 16 && take_line(&text, &line); i++)
		if (is_socket_line(line, words, &n))
			return span_u64(words[n - 1], UINT32_MAX, &pid);
	return false;
}

static const char *system_of(struct span text)
{
	(void)text;
	return "Windows";
}

static struct process_row *find_process(struct survey *survey, uint32_t pid)
{
	struct process_row *row = foreign_process(survey, pid);

	if (row && pid == PID_KERNEL) {
		row->process.name = SPAN_LIT("System");
		row->process.user = SPAN_LIT("SYSTEM");
		row->process.uid = 0;
		row->process.is_kernel_thread = true;
	}
	return row;
}

/* 0, or a negative errno. */
static int read_socket(struct reading *reading, const struct span *words, size_t n)
{
	bool is_tcp = span_is(words[0], "TCP");
	enum address_family family = words[1].p[0] == '[' ? ADDRESS_IPV6 : ADDRESS_IPV4;
	struct socket_row socket = {.transport = is_tcp ? TRANSPORT_TCP : TRANSPORT_UDP,
				    .is_v6only = family == ADDRESS_IPV6};
	uint64_t pid;

	if (n != (is_tcp ? 5 : 4) || !span_u64(words[n - 1], UINT32_MAX, &pid) ||
	    !foreign_endpoint(words[1], family, &socket.local, &socket.port) ||
	    !foreign_endpoint(words[2], family, &socket.remote, &socket.remote_port))
		return -EINVAL;
	socket.state = !is_tcp			    ? SOCKET_BOUND
		       : socket.remote_port == 0    ? SOCKET_LISTEN
		       : pid == 0		    ? SOCKET_WAITING
						    : SOCKET_PEER;
	if (socket.state == SOCKET_LISTEN || socket.state == SOCKET_BOUND)
		socket.remote = (struct address){0};
	reading->service = span_of(NULL, 0);
	reading->process = pid ? find_process(reading->survey, (uint32_t)pid) : NULL;
	if (pid && !reading->process)
		return -E2BIG;
	if (!pid && socket.state != SOCKET_WAITING)
		socket.hidden = HIDDEN_UNKNOWN;
	return foreign_add(reading->survey, &socket, reading->process, 0, &reading->socket);
}

/* What -b puts below a socket: "[svchost.exe]", or a service's name, or a sentence. */
static void read_name(struct reading *reading, struct span line)
{
	struct process_row *row = reading->process;
	struct socket_extra *extra;

	line = span_trim(line);
	if (!row || !line.n)
		return;
	if (line.p[0] != '[' || line.p[line.n - 1] != ']') {
		reading->service = span_find_byte(line, ' ') < 0 ? line : span_of(NULL, 0);
		return;
	}
	line = span_of(line.p + 1, line.n - 2);
	if (row->process.pid != PID_KERNEL)
		row->process.name = foreign_keep(reading->survey, line);
	if (!reading->service.n || !span_eq_nocase(line, SPAN_LIT("svchost.exe")) || !reading->socket)
		return;
	extra = arena_get(reading->survey->arena, sizeof(*extra));
	*extra = (struct socket_extra){.user = row->process.user,
				       .unit = foreign_keep(reading->survey, reading->service)};
	reading->socket->extra = extra;
}

static int read_all(struct survey *survey, struct span text, struct why *why)
{
	struct reading reading = {.survey = survey};
	struct span words[WORDS];
	struct span line;
	size_t n;

	for (size_t number = 1; take_line(&text, &line); number++) {
		int r = 0;

		if (is_socket_line(line, words, &n))
			r = read_socket(&reading, words, n);
		else
			read_name(&reading, line);
		if (r == -EINVAL)
			return foreign_bad(&foreign_netstat, number, line, why);
		if (r < 0)
			return why_set(why, -r, _("line %zu: the listing is too large"), number);
	}
	return 0;
}

const struct foreign foreign_netstat = {"netstat -abno", is_mine, system_of, read_all};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign_lsof: `lsof -nP -i -F` with at least the fields p c u f t P n T (lsof(8), OUTPUT FOR OTHER
 * PROGRAMS), as macOS and FreeBSD have it: one field a line, its letter first. A process set begins
 * with p, and each file set in it with f.
 *
 *   p612  cControlCenter  u501  Ldev  f10  tIPv4  PTCP  n*:7000  TST=LISTEN
 */
#include "host/foreign.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

struct reading {
	struct survey *survey;
	struct process_row *process;
	struct span type, protocol, name, state; /* of the file set; type empty: none has begun */
	uint32_t fd;
};

static bool is_mine(struct span text)
{
	struct span line;
	uint64_t pid;

	if (!take_line(&text, &line) || line.n < 2 || line.p[0] != 'p' ||
	    !span_u64(span_skip(line, 1), UINT32_MAX, &pid))
		return false;
	return take_line(&text, &line) && line.n > 1 && memchr("cfgLRu", line.p[0], 6);
}

/* Programs that every Mac runs. */
static const char *system_of(struct span text)
{
	static const char *const programs[] = {"claunchd", "cmDNSResponder", "crapportd",
					       "cControlCenter"};
	struct span line;

	while (take_line(&text, &line))
		for (size_t i = 0; i < ARRAY_LEN(programs); i++)
			if (span_is(line, programs[i]))
				return "macOS";
	return "";
}

/* Whether the process has the number for IPv4 by another socket: then one for IPv6 is for that alone. */
static bool has_sibling(const struct reading *reading, const struct socket_row *socket)
{
	const struct survey *survey = reading->survey;

	for (size_t i = 0; i < survey->owners.n; i++) {
		const struct owner_row *owner = &survey->owners.rows[i];
		const struct socket_row *other = &survey->sockets.rows[owner->socket];

		if (owner->process == &reading->process->process && other->port == socket->port &&
		    other->transport == socket->transport && other->local.family == ADDRESS_IPV4)
			return true;
	}
	return false;
}

static enum socket_state state_of(const struct reading *reading, bool has_peer)
{
	if (span_is(reading->protocol, "UDP"))
		return has_peer ? SOCKET_PEER : SOCKET_BOUND;
	if (span_is(reading->state, "LISTEN"))
		return SOCKET_LISTEN;
	return has_peer ? SOCKET_PEER : SOCKET_IDLE;
}

static int add(struct reading *reading)
{
	enum address_family family = span_is(reading->type, "IPv6") ? ADDRESS_IPV6 : ADDRESS_IPV4;
	ptrdiff_t arrow = span_find(reading->name, SPAN_LIT("->"));
	struct span local = arrow < 0 ? reading->name : span_cut(reading->name, (size_t)arrow);
	struct socket_row socket = {
		.transport = span_is(reading->protocol, "TCP") ? TRANSPORT_TCP : TRANSPORT_UDP,
		.state = (uint8_t)state_of(reading, arrow >= 0),
	};
	struct socket_row *row;

	if (!foreign_endpoint(local, family, &socket.local, &socket.port) ||
	    (arrow >= 0 && !foreign_endpoint(span_skip(reading->name, (size_t)arrow + 2), family,
					     &socket.remote, &socket.remote_port)))
		return -EINVAL;
	if (!socket.port)
		return 0; /* not bound */
	socket.is_v6only = family == ADDRESS_IPV6 && has_sibling(reading, &socket);
	return foreign_add(reading->survey, &socket, reading->process, reading->fd, &row);
}

/* The file set that has ended, when it is a socket of IP. */
static int finish(struct reading *reading)
{
	bool is_ip = span_is(reading->type, "IPv4") || span_is(reading->type, "IPv6");
	bool is_ours = span_is(reading->protocol, "TCP") || span_is(reading->protocol, "UDP");
	int r = reading->process && is_ip && is_ours && reading->name.n ? add(reading) : 0;

	reading->type = reading->protocol = reading->name = reading->state = span_of(NULL, 0);
	return r;
}

static int read_field(struct reading *reading, char letter, struct span value)
{
	struct process *p = reading->process ? &reading->process->process : NULL;
	uint64_t number = 0;
	int r = 0;

	switch (letter) {
	case 'p':
		r = finish(reading);
		if (!span_u64(value, UINT32_MAX, &number))
			return -EINVAL;
		reading->process = foreign_process(reading->survey, (uint32_t)number);
		return reading->process ? r : -E2BIG;
	case 'f':
		r = finish(reading);
		(void)!span_u64(value, UINT32_MAX, &number); /* "cwd", "txt" are none */
		reading->fd = (uint32_t)number;
		return r;
	case 'c':
		if (p)
			p->name = foreign_keep(reading->survey, value);
		return 0;
	case 'L':
		if (p)
			p->user = foreign_keep(reading->survey, value);
		return 0;
	case 'u':
		if (p && span_u64(value, UINT32_MAX, &number))
			p->uid = (uint32_t)number;
		return 0;
	case 't': reading->type = value; return 0;
	case 'P': reading->protocol = value; return 0;
	case 'n': reading->name = value; return 0;
	case 'T':
		if (span_starts(value, "ST="))
			reading->state = span_skip(value, 3);
		return 0;
	default: return 0;
	}
}

static int read_all(struct survey *survey, struct span text, struct why *why)
{
	struct reading reading = {.survey = survey};
	struct span line;
	size_t number = 1;
	int r = 0;

	for (; r == 0 && take_line(&text, &line); number++) {
		if (line.n)
			r = read_field(&reading, (char)line.p[0], span_skip(line, 1));
		if (r == -EINVAL)
			return foreign_bad(&foreign_lsof, number, line, why);
	}
	if (r == 0)
		r = finish(&reading);
	if (r == -EINVAL)
		return foreign_bad(&foreign_lsof, number, span_of(NULL, 0), why);
	return r < 0 ? why_set(why, -r, _("line %zu: the listing is too large"), number) : 0;
}

const struct foreign foreign_lsof = {"lsof -nP -i -F", is_mine, system_of, read_all};

/* SPDX-License-Identifier: Apache-2.0 */
/* foreign: see foreign.h. Which tool it was, and what the readers share. */
#include "host/foreign.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

enum { MAX_PROCESSES = 1 << 16, MAX_SOCKETS = 1 << 18 };

static const struct foreign *const tools[] = {
	&foreign_lsof,
	&foreign_netstat,
	&foreign_sockstat,
};

const struct foreign *foreign_find(struct span text)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (tools[i]->is_mine(text))
			return tools[i];
	return NULL;
}

struct span foreign_keep(struct survey *survey, struct span text)
{
	return survey_intern(survey, text);
}

struct process_row *foreign_process(struct survey *survey, uint32_t pid)
{
	struct process_row **slot = &survey->by_pid[pid % PROCESS_SLOTS];
	struct process_row *row;

	for (row = *slot; row; row = row->next_of_pid)
		if (row->process.pid == pid)
			return row;
	if (survey->n_vanished++ == MAX_PROCESSES) /* no process vanishes from a text: here it counts them */
		return NULL;
	row = arena_get(survey->arena, sizeof(*row));
	row->process = (struct process){.pid = pid, .uid = FOREIGN_NO_USER};
	row->next_of_pid = *slot;
	*slot = row;
	row->next = survey->processes;
	survey->processes = row;
	return row;
}

static struct address any(enum address_family family)
{
	static const uint8_t zero[16];

	return family == ADDRESS_IPV6 ? address_ipv6(zero) : address_ipv4(zero);
}

bool foreign_endpoint(struct span text, enum address_family family, struct address *address,
		      uint16_t *port)
{
	ptrdiff_t colon = span_find_last(text, ':');
	struct span host = span_cut(text, colon < 0 ? 0 : (size_t)colon);
	struct span number = span_skip(text, (size_t)(colon + 1));
	uint64_t value = 0;
	ptrdiff_t zone;

	if (colon < 0 || (!span_is(number, "*") && !span_u64(number, PORT_MAX, &value)))
		return false;
	*port = (uint16_t)value;
	if (span_is(host, "*")) {
		*address = any(family);
		return true;
	}
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = span_of(host.p + 1, host.n - 2);
	zone = span_find_byte(host, '%');
	if (zone > 0)
		host = span_cut(host, (size_t)zone);
	return address_parse(host, address);
}

int foreign_add(struct survey *survey, const struct socket_row *socket,
		const struct process_row *process, uint32_t fd, struct socket_row **row)
{
	struct socket_extra *extra;

	*row = NULL;
	if (!query_wants_row(survey->query, socket))
		return 0;
	if (survey->sockets.n == MAX_SOCKETS)
		return -E2BIG;
	*row = socket_table_add(&survey->sockets, 0, 0, 0);
	if (!*row)
		return -ENOMEM;
	**row = *socket;
	if (!process)
		return 0;
	extra = arena_get(survey->arena, sizeof(*extra));
	extra->user = process->process.user;
	(*row)->extra = extra;
	(*row)->uid = process->process.uid;
	return owner_table_add(&survey->owners,
			       (struct owner_row){.socket = (uint32_t)(*row - survey->sockets.rows),
						  .fd = fd,
						  .process = &process->process});
}

int foreign_bad(const struct foreign *foreign, size_t number, struct span line, struct why *why)
{
	return why_set(why, EINVAL, _("line %zu is not what '%s' prints: '%.*s'"), number,
		       foreign->name, SPAN_ARG(span_cut(line, 64)));
}

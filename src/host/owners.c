/* SPDX-License-Identifier: Apache-2.0 */
/* owners: brings the table of owners in order, so that every socket has its share in one piece. */
#include "host/survey.h"

#include <stdlib.h>

#include "base/scope.h"

bool process_is_manager(const struct process *p)
{
	static const char *const places[] = {"/usr/lib/", "/lib/", "/nix/store/"};
	bool is_installed = false;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		is_installed |= span_starts(p->executable, places[i]);
	if (!is_installed || !span_ends(p->executable, "/lib/systemd/systemd") || p->container.n)
		return false;
	return p->pid == 1 ||
	       (span_starts(p->unit, "user@") && span_is(p->user_unit, "init.scope"));
}

/* The process that was started first comes first: it stands for the socket. A manager that holds it
 * for a service comes behind the service. */
static int by_socket(const void *a, const void *b)
{
	const struct owner_row *x = a;
	const struct owner_row *y = b;

	if (x->socket != y->socket)
		return x->socket < y->socket ? -1 : 1;
	if (x->process->is_manager != y->process->is_manager)
		return x->process->is_manager ? 1 : -1;
	if (x->process->start_ticks != y->process->start_ticks)
		return x->process->start_ticks < y->process->start_ticks ? -1 : 1;
	if (x->process->pid != y->process->pid)
		return x->process->pid < y->process->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

void owners_sort(struct survey *survey)
{
	struct owner_table *owners = &survey->owners;
	size_t kept = 0;

	if (owners->n)
		qsort(owners->rows, owners->n, sizeof(*owners->rows), by_socket);
	for (size_t i = 0; i < survey->sockets.n; i++)
		survey->sockets.rows[i].n_owners = 0;
	for (size_t i = 0; i < owners->n; i++) {
		struct socket_row *row = &survey->sockets.rows[owners->rows[i].socket];

		/* A process that was walked twice has each descriptor twice. */
		if (kept && by_socket(&owners->rows[kept - 1], &owners->rows[i]) == 0)
			continue;
		if (row->n_owners++ == 0)
			row->first_owner = (uint32_t)kept;
		owners->rows[kept++] = owners->rows[i];
	}
	owners->n = kept;
}

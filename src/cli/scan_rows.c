/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_rows: what a scan has found, as rows with a verdict, and beside them what a listing of the
 * host from inside says (--against).
 */
#include <stdlib.h>

#include "base/scope.h"
#include "cli/scan.h"

static void judge(struct scan_rows *rows, struct scan_row *row)
{
	struct outside outside = {
		.port = row->port,
		.transport = row->transport,
		.is_open = row->is_open,
		.product = row->product,
		.protocol = row->service,
		.needs_no_login = row->needs_no_login,
		.is_loopback = address_is_loopback(&row->address),
		.inside = row->inside,
	};
	struct verdict *verdict = arena_get(&rows->cli->arena, sizeof(*verdict));

	row->holder = row->process;
	if (row->process.n && row->pid)
		row->holder = arena_print(&rows->cli->arena, _("%.*s (pid %u)"),
					  SPAN_ARG(row->process), row->pid);
	outside.holder = row->holder;
	verdict_outside(rows->cli->map, &outside, &rows->cli->arena, verdict);
	row->verdict = verdict;
	if (verdict->kind > rows->worst)
		rows->worst = verdict->kind;
}

static struct scan_row *push(struct scan_rows *rows)
{
	return arena_push(&rows->cli->arena, &rows->rows, &rows->n, &rows->capacity,
			  sizeof(struct scan_row));
}

/* Whether the row before this one was of the same number, with nothing asked and no listing of inside,
 * which goes by addresses: all is alike then but the address. A scan of one port finds it on many hosts, one after the other. */
static bool is_repeated(const struct scan_rows *rows, const struct scan_found *found)
{
	const struct scan_row *before = rows->n ? &rows->rows[rows->n - 1] : NULL;

	return before && !rows->inside.is_known && !found->result && !before->was_asked && before->state == SCAN_OPEN &&
	       before->port == found->target.port &&
	       before->transport == found->target.transport &&
	       before->address.family == found->target.address.family &&
	       address_is_loopback(&before->address) == address_is_loopback(&found->target.address);
}

const struct scan_row *scan_rows_add(struct scan_rows *rows, const struct scan_found *found)
{
	bool repeats = is_repeated(rows, found);
	struct scan_row *row = push(rows);

	if (repeats) {
		*row = row[-1];
		row->address = found->target.address;
		row->is_like_before = true;
		return row;
	}
	scan_row_fill(&rows->cli->arena, rows->cli->map, found, row);
	scan_inside_ask(&rows->inside, row);
	judge(rows, row);
	return row;
}

void scan_rows_add_inside(struct scan_rows *rows, const struct scan_plan *plan,
			  enum transport transport)
{
	struct port_set found = {0};

	for (size_t i = 0; i < rows->n; i++)
		port_set_add(&found, rows->rows[i].port);
	for (uint32_t i = 0; i < plan->n_ports && rows->inside.is_known; i++) {
		uint16_t port = plan->ports[i];
		struct scan_row row = {
			.address = plan->first,
			.port = port,
			.transport = transport,
			.certainty = "none",
			.evidence = "number",
			.registered = map_service_name(rows->cli->map, port, transport),
		};

		if (port_set_has(&found, port))
			continue;
		scan_inside_ask(&rows->inside, &row);
		if (row.inside != INSIDE_LISTENS)
			continue;
		judge(rows, &row);
		*push(rows) = row;
	}
}

static int cmp(const void *a, const void *b)
{
	const struct scan_row *x = a;
	const struct scan_row *y = b;
	int order = address_cmp(&x->address, &y->address);

	return order ? order : (int)x->port - (int)y->port;
}

void scan_rows_sort(struct scan_rows *rows)
{
	if (rows->n)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), cmp);
}

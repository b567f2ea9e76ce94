/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: keep the evidence of who is at a port, before anything is ended.
 *
 * One JSON document on standard output. It reads and runs nothing of what it looks at. Names of the
 * environment are kept, values never: they hold secrets.
 */
#include "base/scope.h"
#include "cli/cli.h"

enum { PROCESSES_MAX = 256 };

struct list {
	const struct process *items[PROCESSES_MAX];
	size_t n;
};

static void add(struct list *list, const struct process *p)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i]->pid == p->pid)
			return;
	if (list->n < PROCESSES_MAX)
		list->items[list->n++] = p;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct list *list = arena_get(&cli->arena, sizeof(*list));
	struct host_query query = {.peers = true};
	struct evidence *evidence;
	struct port_query asked;
	struct gathered all;
	struct why why = {0};
	size_t n_evidence = 0;
	bool is_complete = true;
	int status;

	if (argc != 1)
		return cli_fail(EX_USAGE, _("which port? write 'periplus snapshot 3476 > case.json'"));
	if (port_query_parse(span_str(argv[0]), &asked, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	if (asked.first != asked.last || asked.first == 0)
		return cli_fail(EX_USAGE, _("'%s' is not one port from 1 to 65535"), argv[0]);
	query.first = query.last = asked.first;
	query.transport = asked.transport;
	status = gather(cli, &query, &all);
	if (status)
		return status;
	for (size_t i = 0; i < all.n_rows; i++)
		for (size_t k = 0; k < all.rows[i].sighting->n_owners; k++)
			add(list, all.rows[i].sighting->owners[k].process);
	evidence = arena_get_array(&cli->arena, list->n, sizeof(*evidence));
	for (size_t i = 0; i < list->n; i++) {
		if (host_evidence(list->items[i], &cli->arena, &evidence[n_evidence], &why) < 0) {
			cli_fail(0, "%s", why.text);
			is_complete = false;
			continue;
		}
		is_complete &= evidence[n_evidence++].is_complete;
	}

	struct snapshot_report report = {.map = cli->map, .host = &all.host, .listing = &all.listing,
					 .port = asked.first, .rows = all.rows, .n_rows = all.n_rows,
					 .peers = all.peers, .n_peers = all.n_peers,
					 .evidence = evidence, .n_evidence = n_evidence};

	json_snapshot(&cli->out, &cli->style, &report);
	status = gather_confess(cli, &all);
	if (!all.n_rows)
		return cli_fail(EX_UNAVAILABLE, _("nothing listens on %s: the document says so"), argv[0]);
	if (!is_complete && !status)
		return cli_fail(EXIT_BLIND, _("a part of the evidence could not be read: run it as root"));
	return status;
}

const struct command command_snapshot = {
	.name = "snapshot",
	.does = N_("keep the evidence of who is at a port, as JSON"),
	.args = "PORT[/TRANSPORT]",
	.example = "sudo periplus snapshot 3476 > case.json",
	.run = run,
};

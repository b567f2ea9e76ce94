/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pick: which number should I use? One that nobody has by registration or practice, that no system
 * takes for itself, that is free on this host over IPv4 and IPv6, TCP and UDP.
 *
 * Whatever has a number in whatever state takes it, and the first that is left is bound once, to
 * be sure. Without --near and --for the project's directory gives the name.
 */
#include <unistd.h>

#include "base/scope.h"
#include "cli/cli.h"

enum { COUNT, FOR, NEAR };
enum { COUNT_MOST = 100, TOLD = 3, PATH_SIZE = 4096 };

static const struct cli_option options[] = {
	[COUNT] = {"count", 'n', "COUNT", N_("so many numbers, not one")},
	[FOR] = {"for", 0, "NAME", N_("for this project: the same answer next time")},
	[NEAR] = {"near", 0, "PORT", N_("the nearest to this one")},
};

struct work {
	struct cli *cli;
	struct pick_query query;
	struct port_set taken, kept;
	struct pick_report report;
	size_t wanted;
	size_t picks_capacity, passed_capacity;
};

static void note_sockets(struct work *work, const struct gathered *all)
{
	for (size_t i = 0; i < all->n_rows; i++)
		if (!all->rows[i].sighting->is_elsewhere)
			port_set_add(&work->taken, all->rows[i].sighting->port);
	for (size_t i = 0; i < all->n_peers; i++)
		if (!all->peers[i]->is_elsewhere)
			port_set_add(&work->taken, all->peers[i]->port);
}

/* The kernel's own word: TCP and UDP, each bound once and closed again. */
static bool is_bindable(struct work *work, uint16_t port)
{
	static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};

	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		struct bind_report bind;

		host_try_bind(port, transports[i], NULL, 0, true, &work->cli->arena, &bind);
		if (bind.error)
			return false;
	}
	return true;
}

static void choose(struct work *work)
{
	struct arena *arena = &work->cli->arena;
	struct pick_report *report = &work->report;
	uint16_t port;

	for (uint32_t step = 0; report->n_picks < work->wanted &&
				pick_candidate(&work->query, step, &port);
	     step++) {
		struct pick pick;

		pick_weigh(&work->query, port, &pick);
		if (pick.refusal == PICK_NONE && !is_bindable(work, port))
			pick.refusal = PICK_UNBINDABLE;
		if (pick.refusal == PICK_NONE)
			*(struct pick *)arena_push(arena, &report->picks, &report->n_picks,
						   &work->picks_capacity, sizeof(pick)) = pick;
		else if (!report->n_picks && report->n_passed < TOLD)
			*(struct pick *)arena_push(arena, &report->passed, &report->n_passed,
						   &work->passed_capacity, sizeof(pick)) = pick;
		report->n_considered++;
	}
}

/* The last part of the working directory. */
static struct span project(struct cli *cli)
{
	char path[PATH_SIZE];
	struct span name;

	if (!getcwd(path, sizeof(path)))
		return SPAN_LIT("periplus");
	name = span_base(span_str(path));
	return name.n ? arena_copy(&cli->arena, name) : SPAN_LIT("periplus");
}

static int read_options(struct cli *cli, struct work *work)
{
	uint64_t value;

	work->wanted = 1;
	if (cli->values[COUNT]) {
		if (!span_u64(span_str(cli->values[COUNT]), COUNT_MOST, &value) || !value)
			return cli_fail(EX_USAGE, _("'%s' is not a count from 1 to %d"),
					cli->values[COUNT], COUNT_MOST);
		work->wanted = value;
	}
	if (cli->values[NEAR] && cli->values[FOR])
		return cli_fail(EX_USAGE, _("--near and --for exclude each other: a name has its own number"));
	if (cli->values[NEAR]) {
		if (!span_u64(span_str(cli->values[NEAR]), PORT_MAX, &value) || !value)
			return cli_fail(EX_USAGE, _("'%s' is not a port from 1 to 65535"),
					cli->values[NEAR]);
		work->query.near = (uint16_t)value;
	} else if (cli->values[FOR]) {
		work->query.name = span_str(cli->values[FOR]);
		if (!work->query.name.n)
			return cli_fail(EX_USAGE, _("--for needs a name that is not empty"));
	} else {
		work->query.name = project(cli);
	}
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct work *work = arena_get(&cli->arena, sizeof(*work));
	struct gathered all;
	int status;

	work->cli = cli;
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus pick' takes no operand, got '%s': did you mean --near %s?"),
				argv[0], argv[0]);
	status = read_options(cli, work);
	if (status)
		return status;
	query.peers = query.holders = true;
	query.no_owners = query.is_plain = query.no_arguments = true;
	status = gather(cli, &query, &all);
	if (status)
		return status;
	note_sockets(work, &all);
	host_port_rules(&work->kept, &work->query.unprivileged_first);
	work->query.map = cli->map;
	work->query.taken = &work->taken;
	work->query.kept = &work->kept;
	work->query.ephemeral_first = all.host.ephemeral_first;
	work->query.ephemeral_last = all.host.ephemeral_last;
	work->report.query = &work->query;
	choose(work);
	if (!work->report.n_picks && work->query.ephemeral_first) {
		/* Where every number may be a source port, one of them must do. */
		work->query.ephemeral_first = work->query.ephemeral_last = 0;
		choose(work);
	}
	if (!work->report.n_picks)
		return cli_fail(EX_UNAVAILABLE, _("no number is left that nobody has"));
	if (cli->is_quiet)
		for (size_t i = 0; i < work->report.n_picks; i++)
			buf_print(&cli->out, "%u\n", work->report.picks[i].port);
	else
		cli->format->pick(&cli->out, &cli->style, &work->report);
	return EXIT_EXPECTED;
}

const struct command command_pick = {
	.name = "pick",
	.does = N_("which number should I use?"),
	.args = "",
	.example = "periplus pick --for shop-api",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

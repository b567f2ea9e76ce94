/* SPDX-License-Identifier: Apache-2.0 */
/* host: what listens on this machine, and should it? What `periplus` alone does. */
#include <time.h>

#include "base/scope.h"
#include "cli/cli.h"

enum { ALL_NAMESPACES, READER, REPLAY };

static const struct cli_option options[] = {
	[ALL_NAMESPACES] = {"all-namespaces", 'N', NULL, N_("listeners of other network namespaces too")},
	[READER] = {"reader", 0, "NAME", N_("find owners by bpf or by walk, not by the quicker")},
	[REPLAY] = {"replay", 0, "DIR", N_("read a recording instead of this machine")},
};

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct gathered all;
	struct timespec start;
	struct timespec end;
	int status;

	(void)argv;
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus host' takes no operand; 'periplus PORT' asks for one"));
	query.namespaces = cli->values[ALL_NAMESPACES];
	query.reader = cli->values[READER];
	query.replay = cli->values[REPLAY];
	query.no_arguments = !cli->format->shows_arguments;
	clock_gettime(CLOCK_MONOTONIC, &start);
	status = gather(cli, &query, &all);
	if (status)
		return status;
	clock_gettime(CLOCK_MONOTONIC, &end);
	cli->style.took_ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
			     (double)(end.tv_nsec - start.tv_nsec) / 1e6;

	struct host_report report = {.map = cli->map, .host = &all.host, .listing = &all.listing,
				     .rows = all.rows, .n_rows = all.n_rows};

	cli->format->host(&cli->out, &cli->style, &report);
	status = gather_status(cli, &all, FAIL_NEVER);
	return status;
}

const struct command command_host = {
	.name = "host",
	.does = N_("what listens on this machine, and should it?"),
	.args = "",
	.example = "sudo periplus",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

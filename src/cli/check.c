/* SPDX-License-Identifier: Apache-2.0 */
/* check: as host, for scripts: shows only what is not expected; the verdict is the exit status. */
#include "base/scope.h"
#include "cli/cli.h"

enum { REPLAY };

static const struct cli_option options[] = {
	[REPLAY] = {"replay", 0, "DIR", N_("read a recording instead of this machine")},
};

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct gathered all;
	int status;

	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus check' takes no operand, got '%s'"), argv[0]);
	query.replay = cli->values[REPLAY];
	status = gather(cli, &query, &all);
	if (status)
		return status;

	struct host_report report = {.map = cli->map, .host = &all.host, .listing = &all.listing,
				     .rows = all.rows, .n_rows = all.n_rows};
	bool is_text = span_is(span_str(cli->format->name), "text");

	if (!is_text || (all.worst > VERDICT_EXPECTED && !cli->is_quiet))
		cli->format->host(&cli->out, &cli->style, &report);
	return gather_status(cli, &all, FAIL_LOOK);
}

const struct command command_check = {
	.name = "check",
	.does = N_("the same for scripts: the verdict is the exit status"),
	.args = "",
	.example = "periplus check -q || periplus",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* stats: counts of the registry and of the practice. */
#include "cli/cli.h"

static int run(struct cli *cli, int argc, char **argv)
{
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus stats' takes no operand, got '%s'"), argv[0]);
	cli_open_map(cli);
	cli->format->stats(&cli->out, &cli->style, cli->map);
	return EXIT_EXPECTED;
}

const struct command command_stats = {
	.name = "stats",
	.does = N_("counts of the registry by range, transport, standing and year"),
	.args = "",
	.example = "periplus stats",
	.run = run,
};

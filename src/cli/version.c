/* SPDX-License-Identifier: Apache-2.0 */
/* version: of the program and of the registry that it carries or was given. */
#include "base/json.h"
#include "cli/cli.h"

static int run(struct cli *cli, int argc, char **argv)
{
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus version' takes no operand, got '%s'"), argv[0]);
	cli_open_map(cli);

	struct span date = map_registry_date(cli->map);

	if (span_ends(span_str(cli->format->name), "json")) {
		struct json j;

		json_init(&j, &cli->out, false);
		json_object(&j, NULL);
		json_str(&j, "version", PERIPLUS_VERSION);
		json_span(&j, "registry", date);
		json_object_end(&j);
		json_end(&j);
	} else {
		buf_print(&cli->out, "periplus %s, ", PERIPLUS_VERSION);
		buf_print(&cli->out, _("registry of %.*s%s\n"), SPAN_ARG(date),
			  cli->updated ? _(" (updated)") : "");
	}
	return EXIT_EXPECTED;
}

const struct command command_version = {
	.name = "version",
	.does = N_("version of the program and date of its registry"),
	.args = "",
	.example = "periplus version",
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* map: the registry that a command answers from, opened once. */
#include "cli/cli.h"
#include "cli/registry.h"

void cli_open_map(struct cli *cli)
{
	struct why refused;

	if (cli->map)
		return;
	cli->map = registry_newest(&cli->updated, &refused);
	if (refused.text[0] && !cli->is_quiet)
		cli_fail(0, _("the updated registry is not used: %s; run 'periplus update' again"),
			 refused.text);
}

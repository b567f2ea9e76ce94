/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: takes in a newer registry file.
 *
 * The reading of foreign XML and CSV is a program of its own, periplus-update, so that the
 * program that answers links no parser. It lies in the directory of libexec, or beside this
 * program when that is a build directory.
 */
#include <errno.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/libexec.h"

enum { YES, DRY_RUN };

static const struct cli_option options[] = {
	[YES] = {"yes", 'y', NULL, /* xgettext:no-c-format */ N_("go on though more than 1 % of the names change")},
	[DRY_RUN] = {"dry-run", 'n', NULL, N_("show what would change, change nothing")},
};

static int run(struct cli *cli, int argc, char **argv)
{
	char *arguments[6] = {(char *)"periplus-update"};
	size_t n = 1;

	if (argc != 1)
		return cli_fail(EX_USAGE, _("which file? write 'periplus update FILE.xml' or FILE.csv"));
	if (cli->values[YES])
		arguments[n++] = (char *)"--yes";
	if (cli->values[DRY_RUN])
		arguments[n++] = (char *)"--dry-run";
	arguments[n++] = (char *)"--";
	arguments[n] = argv[0];
	libexec_become("periplus-update", arguments);
	return cli_fail(EX_UNAVAILABLE, _("cannot start 'periplus-update': %s; it comes with the full "
					  "build (libexpat, libcsv)"),
			strerror(errno));
}

const struct command command_update = {
	.name = "update",
	.does = N_("take in a newer registry file from IANA"),
	.args = "FILE",
	.example = "periplus update service-names-port-numbers.csv",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

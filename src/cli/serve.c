/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: the web pages and the API.
 *
 * The server is a program of its own, periplus-serve, so that the program that answers links no
 * HTTP library.
 */
#include <errno.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/libexec.h"

enum { LISTEN, PUBLIC, NAME };

static const struct cli_option options[] = {
	[LISTEN] = {"listen", 'l', "WHERE", N_("ADDRESS:PORT or unix:PATH (127.0.0.1, any free port)")},
	[PUBLIC] = {"public", 'p', NULL, N_("nothing of this machine, and no token: for everybody")},
	[NAME] = {"name", 'n', "HOST", N_("a name, or several by comma, by which browsers may ask")},
};

static int run(struct cli *cli, int argc, char **argv)
{
	char self[4096];
	char *arguments[10] = {(char *)"periplus-serve"};
	size_t n = 1;

	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus serve' takes no operand, got '%s'; write "
					    "--listen ADDRESS:PORT"),
				argv[0]);
	if (cli->values[LISTEN]) {
		arguments[n++] = (char *)"--listen";
		arguments[n++] = (char *)cli->values[LISTEN];
	}
	if (cli->values[NAME]) {
		arguments[n++] = (char *)"--name";
		arguments[n++] = (char *)cli->values[NAME];
	}
	if (cli->values[PUBLIC])
		arguments[n++] = (char *)"--public";
	if (cli->is_quiet)
		arguments[n++] = (char *)"--quiet";
	if (!cli->values[PUBLIC] && libexec_self(self, sizeof(self))) {
		arguments[n++] = (char *)"--periplus";
		arguments[n++] = self;
	}
	libexec_become(arguments[0], arguments);
	return cli_fail(EX_UNAVAILABLE, _("cannot start 'periplus-serve': %s; it comes with the full "
					  "build (libmicrohttpd)"),
			strerror(errno));
}

const struct command command_serve = {
	.name = "serve",
	.does = N_("web pages and an API of every port, for this machine's browser"),
	.args = "",
	.example = "periplus serve --listen 127.0.0.1:8010",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site: the public edition of the web pages as files.
 *
 * The writer is a program of its own, periplus-site, since it links zlib.
 */
#include <errno.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/libexec.h"

enum { LANGUAGES, PORTS, URL, FEEDBACK };

static const struct cli_option options[] = {
	[LANGUAGES] = {"languages", 'l', "LIST", N_("languages by comma (en)")},
	[PORTS] = {"ports", 'p', "A-B", N_("only these ports")},
	[URL] = {"url", 'u', "URL", N_("where it will be: writes sitemaps")},
	[FEEDBACK] = {"feedback", 0, "URL", N_("where visitors may tell what else listens on a port")},
};

static int run(struct cli *cli, int argc, char **argv)
{
	static const char *const names[] = {"--languages", "--ports", "--url", "--feedback"};
	char *arguments[12] = {(char *)"periplus-site"};
	size_t n = 1;

	if (argc != 1)
		return cli_fail(EX_USAGE, _("where to? write 'periplus site DIRECTORY'"));
	for (size_t i = LANGUAGES; i <= FEEDBACK; i++) {
		if (!cli->values[i])
			continue;
		arguments[n++] = (char *)names[i];
		arguments[n++] = (char *)cli->values[i];
	}
	arguments[n++] = (char *)"--";
	arguments[n] = argv[0];
	libexec_become(arguments[0], arguments);
	return cli_fail(EX_UNAVAILABLE, _("cannot start 'periplus-site': %s; it comes with the full "
					  "build (zlib)"),
			strerror(errno));
}

const struct command command_site = {
	.name = "site",
	.does = N_("the public edition of the web pages, as files for any web server"),
	.args = "DIRECTORY",
	.example = "periplus site --url https://ports.example.org /srv/ports",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

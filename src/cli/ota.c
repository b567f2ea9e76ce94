/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota: ArduinoOTA boards: who they are, an image for them, and a stand-in for one.
 *
 * The work is done by a program of its own, periplus-ota, so that the program that answers links no
 * libcrypto. Options are parsed here by the rows and handed on as they were understood.
 */
#include "cli/ota.h"

#include <errno.h>
#include <stdio.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/libexec.h"

static const struct cli_option options[] = {
#define O(name, word, letter, argument, whose, does) [OTA_##name] = {word, letter, argument, does},
	OTA_OPTIONS(O)
#undef O
};

_Static_assert((int)N_OTA_OPTIONS <= (int)CLI_OPTIONS_MAX, "main keeps so many values");

/* "--name=value", or "--name" where value is NULL, from the command's arena. */
static char *joined(struct cli *cli, const char *name, const char *value)
{
	size_t size = strlen(name) + (value ? strlen(value) : 0) + sizeof("--=");
	char *text = arena_get(&cli->arena, size);

	snprintf(text, size, "--%s%s%s", name, value ? "=" : "", value ? value : "");
	return text;
}

static int run(struct cli *cli, int argc, char **argv)
{
	char **arguments;
	size_t n = 0;

	if (argc < 1)
		return cli_fail(EX_USAGE,
				_("what to do? write 'periplus ota list', 'ota push IMAGE "
				  "HOST...' or 'ota listen'"));
	arguments =
		arena_get_array(&cli->arena, (size_t)argc + N_OTA_OPTIONS + 8, sizeof(*arguments));
	arguments[n++] = (char *)"periplus-ota";
	arguments[n++] = joined(cli, "format", cli->format->name);
	for (size_t i = 0; i < N_OTA_OPTIONS; i++)
		if (cli->values[i])
			arguments[n++] = joined(cli, options[i].name,
						options[i].argument ? cli->values[i] : NULL);
	if (cli->is_quiet)
		arguments[n++] = (char *)"--quiet";
	if (cli->style.is_verbose)
		arguments[n++] = (char *)"--verbose";
	if (cli->style.has_color)
		arguments[n++] = (char *)"--color";
	if (cli->fail_on == FAIL_LOOK)
		arguments[n++] = (char *)"--fail-on-look";
	arguments[n++] = (char *)"--";
	for (int i = 0; i < argc; i++)
		arguments[n++] = argv[i];
	arguments[n] = NULL;
	libexec_become(arguments[0], arguments);
	return cli_fail(
		EX_UNAVAILABLE,
		_("cannot start 'periplus-ota': %s; it comes with the full build (libcrypto)"),
		strerror(errno));
}

const struct command command_ota = {
	.name = "ota",
	.does = N_("boards with ArduinoOTA: list them, push an image, or stand in for one"),
	.args = "list | push IMAGE HOST... | listen",
	.example = "periplus ota push firmware.bin 192.0.2.7 --password-file secret",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options: parses by the rows of the command and the global ones, with getopt_long.
 *
 * A command's own option is stored in cli->values under its row's number; a global one acts at
 * once. Options may stand anywhere; "--" ends them.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/say.h"
#include "cli/terminal.h"

/* name in C, word, letter, argument, what it does */
#define GLOBALS(G)                                                                                 \
	G(JSON, "json", 0, NULL, N_("one JSON document"))                                          \
	G(NDJSON, "ndjson", 0, NULL, N_("one JSON object a line"))                                 \
	G(PLAIN, "plain", 0, NULL, N_("one tab-separated record a line, nothing cut"))             \
	G(FORMAT, "format", 0, "NAME", N_("the same by name: text, plain, json, ndjson"))          \
	G(ALL, "all", 'a', NULL, N_("show expected rows too"))                                     \
	G(NO_COLOR, "no-color", 0, NULL, N_("no colours"))                                         \
	G(LANG, "lang", 0, "LANGUAGE", N_("language of the sentences: cs, de, ..."))               \
	G(FAIL_ON, "fail-on", 0, "WHEN", N_("status by verdict: look, unexpected, never"))         \
	G(QUIET, "quiet", 'q', NULL, N_("no remarks on stderr"))                                   \
	G(VERBOSE, "verbose", 'v', NULL, N_("notes and headers too"))                              \
	G(HELP, "help", 'h', NULL, N_("this help"))

#define G(name, word, letter, argument, does) GLOBAL_##name,
enum { GLOBALS(G) N_GLOBALS };
#undef G

const struct cli_option cli_globals[] = {
#define G(name, word, letter, argument, does) {word, letter, argument, does},
	GLOBALS(G)
#undef G
};

const size_t cli_n_globals = N_GLOBALS;

enum { OWN = 1000, GLOBAL = 2000 };

struct table {
	struct option rows[CLI_OPTIONS_MAX + N_GLOBALS + 1];
	char letters[2 * (CLI_OPTIONS_MAX + N_GLOBALS) + 2];
};

static void add(struct table *table, size_t *n, const struct cli_option *option, int value)
{
	size_t end = strlen(table->letters);

	table->rows[(*n)++] = (struct option){
		option->name, option->argument ? required_argument : no_argument, NULL, value};
	if (option->letter) {
		table->letters[end++] = option->letter;
		if (option->argument)
			table->letters[end++] = ':';
	}
}

static const struct cli_option *by_letter(const struct command *command, int letter, int *value)
{
	for (size_t i = 0; i < command->n_options; i++)
		if (command->options[i].letter == letter) {
			*value = OWN + (int)i;
			return &command->options[i];
		}
	for (size_t i = 0; i < N_GLOBALS; i++)
		if (cli_globals[i].letter == letter) {
			*value = GLOBAL + (int)i;
			return &cli_globals[i];
		}
	return NULL;
}

static int set_format(struct cli *cli, const char *name)
{
	cli->format = format_find(span_str(name));
	return cli->format ? 0 : cli_fail(EX_USAGE, _("'%s' is not a format: text, plain, json, ndjson"),
					  name);
}

static int set_fail_on(struct cli *cli, const char *when)
{
	static const char *const words[] = {
		[FAIL_NEVER] = "never", [FAIL_LOOK] = "look", [FAIL_UNEXPECTED] = "unexpected"};

	for (size_t i = FAIL_NEVER; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], when) == 0) {
			cli->fail_on = (enum fail_on)i;
			return 0;
		}
	return cli_fail(EX_USAGE, _("--fail-on knows look, unexpected and never, not '%s'"), when);
}

/* Returns 0, an exit status, or -1 when --help was asked. */
static int act(struct cli *cli, int global, const char *argument)
{
	switch (global) {
	case GLOBAL_JSON:
	case GLOBAL_NDJSON:
	case GLOBAL_PLAIN: return set_format(cli, cli_globals[global].name);
	case GLOBAL_FORMAT: return set_format(cli, argument);
	case GLOBAL_ALL: cli->style.show_all = true; return 0;
	case GLOBAL_NO_COLOR: cli->style.has_color = false; return 0;
	case GLOBAL_LANG:
		setenv("LANGUAGE", argument, 1);
		cli->style.is_utf8 = speak();
		return 0;
	case GLOBAL_FAIL_ON: return set_fail_on(cli, argument);
	case GLOBAL_QUIET: cli->is_quiet = true; return 0;
	case GLOBAL_VERBOSE: cli->style.is_verbose = true; return 0;
	default: return -1;
	}
}

/* Width, colours and offset of local time: what only a terminal's user cares about. */
static void dress(struct cli *cli)
{
	const char *columns = getenv("COLUMNS");
	const char *no_color = getenv("NO_COLOR");
	const char *force = getenv("CLICOLOR_FORCE");
	const char *term = getenv("TERM");
	bool is_terminal = terminal_is_output();
	unsigned seen = is_terminal ? terminal_columns() : 0;
	uint64_t width;

	if (seen)
		cli->style.columns = seen;
	else if (columns && span_u64(span_str(columns), 4096, &width) && width)
		cli->style.columns = (unsigned)width;
	cli->style.has_color = is_terminal && !(term && strcmp(term, "dumb") == 0);
	if (no_color && *no_color)
		cli->style.has_color = false;
	if (force && strcmp(force, "1") == 0)
		cli->style.has_color = true;
}

int options_parse(struct cli *cli, int argc, char **argv)
{
	const struct command *command = cli->command;
	struct table table = {0};
	size_t n = 0;
	int found;

	dress(cli);
	cli->format = format_find(SPAN_LIT("text"));
	table.letters[0] = ':';
	for (size_t i = 0; i < command->n_options; i++)
		add(&table, &n, &command->options[i], OWN + (int)i);
	for (size_t i = 0; i < N_GLOBALS; i++)
		add(&table, &n, &cli_globals[i], GLOBAL + (int)i);
	opterr = 0;
	while ((found = getopt_long(argc, argv, table.letters, table.rows, NULL)) != -1) {
		int status = 0;

		if (found == '?' && optopt && optopt < OWN)
			return -1 - cli_fail(EX_USAGE, _("'-%c' is not an option of this command; see "
							 "'periplus help %s'"),
					     optopt, command->name);
		if (found == '?')
			return -1 - cli_fail(EX_USAGE, _("'%s' is not an option of this command; see "
							 "'periplus help %s'"),
					     argv[optind - 1], command->name);
		if (found == ':')
			return -1 - cli_fail(EX_USAGE, _("option '%s' needs a value"),
					     argv[optind - 1]);
		if (found < OWN)
			by_letter(command, found, &found);
		if (found < GLOBAL)
			cli->values[found - OWN] = optarg ? optarg : "";
		else
			status = act(cli, found - GLOBAL, optarg);
		if (status < 0) {
			cli_usage(&cli->out, command);
			return -1;
		}
		if (status)
			return -1 - status;
	}
	cli->style.is_lines = cli->format->is_lines;
	if (span_is(span_str(cli->format->name), "text"))
		cli->style.utc_offset = terminal_utc_offset(cli->style.now);
	else
		speak_english();
	memmove(argv + 1, argv + optind, sizeof(*argv) * (size_t)(argc - optind));
	argv[1 + argc - optind] = NULL;
	return argc - optind;
}

static void usage_options(struct buf *out, const struct cli_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = out->n;
		const struct cli_option *o = &options[i];

		if (o->letter)
			buf_print(out, "  -%c, --%s", o->letter, o->name);
		else
			buf_print(out, "      --%s", o->name);
		if (o->argument)
			buf_print(out, " %s", o->argument);
		buf_fill(out, ' ', out->n - at < 27 ? 27 - (out->n - at) : 1);
		buf_print(out, "%s\n", _(o->does));
	}
}

void cli_usage(struct buf *out, const struct command *command)
{
	buf_print(out, "  %s\n\n", command->example);
	buf_print(out, _("usage: periplus %s%s%s [options]\n"), command->name,
		  *command->args ? " " : "", command->args);
	buf_print(out, "%s\n\n", _(command->does));
	usage_options(out, command->options, command->n_options);
	usage_options(out, cli_globals, cli_n_globals);
}

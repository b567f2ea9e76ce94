/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main: finds the command's row, parses options by it, runs it.
 *
 * A first operand that begins with a digit or ':' is a port: `periplus 3000` is `periplus port
 * 3000`. Without operands it is `periplus host`.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/say.h"
#include "cli/terminal.h"

#define COMMAND(name) extern const struct command command_##name;
#include "cli/command.list"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "cli/command.list"
#undef COMMAND
};

size_t command_count(void)
{
	return ARRAY_LEN(commands);
}

const struct command *command_at(size_t index)
{
	return commands[index];
}

const struct command *command_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (span_is(name, commands[i]->name))
			return commands[i];
	return NULL;
}

int cli_fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	status = say_line("periplus", status, format, args);
	va_end(args);
	return status;
}

int cli_finish(struct cli *cli, int status)
{
	int r = buf_flush(&cli->out);

	if (r == -EPIPE)
		return status; /* the reader has seen enough */
	if (r < 0)
		return cli_fail(EX_IOERR, _("cannot write the answer: %s"), strerror(-r));
	return status;
}

static bool needs_value(const struct cli_option *options, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (options[i].argument && strcmp(options[i].name, name) == 0)
			return true;
	return false;
}

/* "--format json": the next word is the option's, whichever command it belongs to. */
static bool takes_next(const char *word)
{
	if (word[0] != '-' || word[1] != '-')
		return false;
	if (needs_value(cli_globals, cli_n_globals, word + 2))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (needs_value(commands[i]->options, commands[i]->n_options, word + 2))
			return true;
	return false;
}

/* The first operand, or argc. */
static int first_operand(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-') {
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		i += takes_next(argv[i]) ? 2 : 1;
	}
	return i < argc ? i : argc;
}

static const struct command *choose(int *argc, char **argv)
{
	const struct command *command;
	int i;

	if (*argc > 1 && !strcmp(argv[1], "--version")) /* what every program is asked */
		argv[1] = (char *)command_version.name;
	i = first_operand(*argc, argv);

	if (i < *argc) {
		if (port_query_looks_like(span_str(argv[i])))
			return &command_port;
		command = command_find(span_str(argv[i]));
		if (command) {
			memmove(argv + i, argv + i + 1, sizeof(*argv) * (size_t)(*argc - i));
			(*argc)--;
		}
		return command;
	}
	return &command_host;
}

int main(int argc, char **argv)
{
	struct cli cli = {.out = {.fd = STDOUT_FILENO}, .style = {.columns = 80}};
	struct timespec now;
	int status;

	terminal_start();
	clock_gettime(CLOCK_REALTIME, &now);
	cli.style.now = now.tv_sec;
	cli.style.home = span_str(getenv("HOME"));
	cli.style.is_utf8 = speak();
	cli.command = choose(&argc, argv);
	if (!cli.command) {
		const char *word = argv[first_operand(argc, argv)];

		return cli_fail(EX_USAGE, _("'%s' is not a command; see 'periplus help', or "
					    "'periplus look %s' for a service of that name"),
				word, word);
	}
	argc = options_parse(&cli, argc, argv);
	status = argc < 0 ? -argc - 1 : cli.command->run(&cli, argc, argv + 1);
	status = cli_finish(&cli, status);
	map_free(cli.updated);
	arena_done(&cli.arena);
	buf_done(&cli.out);
	return status;
}

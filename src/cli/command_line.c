/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_line: what was typed, for a result that tells how it was made: the command, its operands and
 * its own options by their long names, quoted as a shell takes them. Options of all commands are left
 * out.
 */
#include <string.h>

#include "cli/cli.h"

static void put_word(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "@%_+=:,./-";

	if (*word && word[strspn(word, plain)] == 0) {
		buf_str(b, word);
		return;
	}
	buf_byte(b, '\'');
	for (; *word; word++)
		buf_str(b, *word == '\'' ? "'\\''" : (const char[]){*word, 0});
	buf_byte(b, '\'');
}

const char *cli_command_line(struct cli *cli, int argc, char **argv)
{
	struct buf b = BUF_INIT;
	struct span words;

	buf_print(&b, "periplus %s", cli->command->name);
	for (int i = 0; i < argc; i++) {
		buf_byte(&b, ' ');
		put_word(&b, argv[i]);
	}
	for (size_t i = 0; i < cli->command->n_options; i++) {
		const struct cli_option *option = &cli->command->options[i];

		if (!cli->values[i])
			continue;
		buf_print(&b, " --%s", option->name);
		if (!option->argument)
			continue;
		buf_byte(&b, ' ');
		put_word(&b, cli->values[i]);
	}
	words = arena_copy(&cli->arena, buf_span(&b));
	buf_done(&b);
	return (const char *)words.p;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* help: the index, a command's manual page, or what a rule means. */
#include <stdio.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/cli.h"

static void index_of(struct buf *out)
{
	buf_str(out, "  periplus             ");
	buf_print(out, "%s\n", _("what listens here, and should it?"));
	buf_str(out, "  periplus 3000        ");
	buf_print(out, "%s\n", _("what is on this port, and should it be?"));
	buf_str(out, "  periplus look ssh    ");
	buf_print(out, "%s\n\n", _("what does the map say of this name?"));
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *c = command_at(i);

		buf_print(out, "  %-12s %s\n", c->name, _(c->does));
	}
	buf_print(out, "\n%s\n", _("'periplus help COMMAND' opens its page, 'periplus help PP203' explains a rule, "
				   "'periplus COMMAND -h' lists its options"));
}

/* Words of a paragraph, in lines that fit. */
static void paragraph(struct buf *out, const char *text, unsigned columns)
{
	struct span rest = span_str(text);
	size_t used = 0;
	size_t blank = 0;

	while (rest.n) {
		struct span word = span_cut(rest, buf_word(out, rest));
		size_t need = term_columns(word);

		if (used && used + blank + need > columns) {
			buf_byte(out, '\n');
			used = 0;
			blank = 0;
		}
		buf_fill(out, ' ', blank);
		buf_raw(out, word);
		used += blank + need;
		rest = span_skip(rest, word.n);
		blank = rest.n && rest.p[0] == ' ';
		rest = span_skip(rest, blank);
	}
	buf_byte(out, '\n');
}

static int rule(struct cli *cli, const struct rule *r)
{
	static const char *const effects[] = {
		[EFFECT_NOTE] = N_("a note, which changes no verdict"),
		[EFFECT_EXPECTED] = N_("expected"),
		[EFFECT_LOOK] = N_("needs a look"),
		[EFFECT_UNEXPECTED] = N_("unexpected"),
	};

	buf_print(&cli->out, "%s  %s\n\n", r->id, _(r->title));
	paragraph(&cli->out, _(r->help), cli->style.columns < 100 ? cli->style.columns : 100);
	buf_byte(&cli->out, '\n');
	buf_print(&cli->out, _("effect  %s at most\nsource  %s\n"), _(effects[r->effect]),
		  _(r->source));
	return EXIT_EXPECTED;
}

static int run(struct cli *cli, int argc, char **argv)
{
	char page[64];

	if (argc > 1)
		return cli_fail(EX_USAGE, _("one command or rule at a time"));
	if (argc == 0) {
		index_of(&cli->out);
		return EXIT_EXPECTED;
	}

	const struct rule *r = verdict_rule_find(span_str(argv[0]));

	if (r)
		return rule(cli, r);

	const struct command *command = command_find(span_str(argv[0]));

	if (!command)
		return cli_fail(EX_USAGE, _("'%s' is neither a command nor a rule; 'periplus help' lists "
					    "the commands"),
				argv[0]);
	snprintf(page, sizeof(page), "periplus-%s", command->name);
	if (isatty(STDOUT_FILENO))
		execlp("man", "man", page, (char *)NULL);
	cli_usage(&cli->out, command);
	return EXIT_EXPECTED;
}

const struct command command_help = {
	.name = "help",
	.does = N_("how to use periplus, one command, or what a rule means"),
	.args = "[COMMAND|RULE]",
	.example = "periplus help PP203",
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* completion: scripts for bash, zsh and fish, printed from the rows of commands and options.
 * Ports that listen are asked of `periplus --plain` when the user presses the key. */
#include "base/scope.h"
#include "cli/cli.h"

static void option_words(struct buf *out, const struct cli_option *options, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_print(out, " --%s", options[i].name);
}

static void bash(struct buf *out)
{
	buf_str(out, "# bash completion for periplus\n"
		     "_periplus()\n{\n"
		     "\tlocal word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words\n"
		     "\tlocal ports\n"
		     "\tif [[ $word == -* ]]; then\n\t\tcase $command in\n");
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *c = command_at(i);

		if (!c->n_options)
			continue;
		buf_print(out, "\t\t%s) words=\"", c->name);
		option_words(out, c->options, c->n_options);
		buf_str(out, "\" ;;\n");
	}
	buf_str(out, "\t\tesac\n\t\twords=\"$words");
	option_words(out, cli_globals, cli_n_globals);
	buf_str(out, "\"\n\telif ((COMP_CWORD == 1)); then\n\t\twords=\"");
	for (size_t i = 0; i < command_count(); i++)
		buf_print(out, "%s%s", i ? " " : "", command_at(i)->name);
	buf_str(out, "\"\n\t\tports=$(periplus --plain -q 2>/dev/null | cut -f4 | sort -nu)\n"
		     "\telse\n\t\tcase $command in\n"
		     "\t\tport) ports=$(periplus --plain -q 2>/dev/null | cut -f4 | sort -nu) ;;\n"
		     "\t\tcompletion) words=\"bash zsh fish\" ;;\n"
		     "\t\tupdate|facts) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
		     "\t\tesac\n\tfi\n"
		     "\tCOMPREPLY=($(compgen -W \"$words $ports\" -- \"$word\"))\n}\n"
		     "complete -F _periplus periplus\n");
}

/* Our own sentences inside single quotes of a shell. */
static void quoted(struct buf *out, const char *text, const char *instead)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_str(out, instead);
		else
			buf_byte(out, *text);
	}
}

static void zsh(struct buf *out)
{
	buf_str(out, "#compdef periplus\n"
		     "# zsh completion for periplus\n"
		     "_periplus_ports()\n{\n"
		     "\tlocal -a ports\n"
		     "\tports=(${(f)\"$(periplus --plain -q 2>/dev/null | cut -f4,7 | sort -nu | tr '\\t' ':')\"})\n"
		     "\t_describe port ports\n}\n"
		     "_periplus()\n{\n\tlocal -a commands options\n\tcommands=(\n");
	for (size_t i = 0; i < command_count(); i++) {
		buf_print(out, "\t\t'%s:", command_at(i)->name);
		quoted(out, command_at(i)->does, "'\\''");
		buf_str(out, "'\n");
	}
	buf_str(out, "\t)\n\toptions=(\n");
	for (size_t i = 0; i < cli_n_globals; i++) {
		buf_print(out, "\t\t'--%s:", cli_globals[i].name);
		quoted(out, cli_globals[i].does, "'\\''");
		buf_str(out, "'\n");
	}
	buf_str(out, "\t)\n"
		     "\tif [[ $words[CURRENT] == -* ]]; then\n"
		     "\t\t_describe option options\n"
		     "\telif ((CURRENT == 2)); then\n"
		     "\t\t_describe command commands\n\t\t_periplus_ports\n"
		     "\telse\n\t\tcase $words[2] in\n"
		     "\t\tport) _periplus_ports ;;\n"
		     "\t\tcompletion) compadd bash zsh fish ;;\n"
		     "\t\tupdate|facts) _files ;;\n"
		     "\t\tesac\n\tfi\n}\n"
		     "compdef _periplus periplus\n");
}

static void fish(struct buf *out)
{
	buf_str(out, "# fish completion for periplus\n"
		     "complete -c periplus -f\n"
		     "complete -c periplus -n __fish_use_subcommand -a '(periplus --plain -q 2>/dev/null | cut -f4,7)'\n"
		     "complete -c periplus -n '__fish_seen_subcommand_from port' -a '(periplus --plain -q 2>/dev/null | cut -f4,7)'\n"
		     "complete -c periplus -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
		     "complete -c periplus -n '__fish_seen_subcommand_from update facts' -F\n");
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *c = command_at(i);

		buf_print(out, "complete -c periplus -n __fish_use_subcommand -a %s -d '", c->name);
		quoted(out, c->does, "\\'");
		buf_str(out, "'\n");
		for (size_t k = 0; k < c->n_options; k++) {
			buf_print(out, "complete -c periplus -n '__fish_seen_subcommand_from %s' -l %s -d '",
				  c->name, c->options[k].name);
			quoted(out, c->options[k].does, "\\'");
			buf_str(out, "'\n");
		}
	}
	for (size_t i = 0; i < cli_n_globals; i++) {
		buf_print(out, "complete -c periplus -l %s -d '", cli_globals[i].name);
		quoted(out, cli_globals[i].does, "\\'");
		buf_str(out, "'\n");
	}
}

static const struct {
	const char *name;
	void (*print)(struct buf *);
} shells[] = {{"bash", bash}, {"fish", fish}, {"zsh", zsh}};

static int run(struct cli *cli, int argc, char **argv)
{
	for (size_t i = 0; argc == 1 && i < ARRAY_LEN(shells); i++)
		if (strcmp(argv[0], shells[i].name) == 0) {
			shells[i].print(&cli->out);
			return EXIT_EXPECTED;
		}
	return cli_fail(EX_USAGE, _("for which shell? write 'periplus completion bash', zsh or fish"));
}

const struct command command_completion = {
	.name = "completion",
	.does = N_("completion script for a shell"),
	.args = "bash|zsh|fish",
	.example = "periplus completion bash > /etc/bash_completion.d/periplus",
	.run = run,
};

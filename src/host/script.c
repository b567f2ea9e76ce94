/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script: reads the arguments of interpreters.
 *
 * Which runtime it is, the executable's own name says, never argv[0]: a process can write that. A
 * row per runtime tells which options take the next argument as their value, which ones name what
 * is run, and which mean that there is no script (code on the command line). Everything else that
 * begins with '-' is passed over, and the first plain argument is the script.
 *
 * The arguments themselves are the process's to write, and it may overwrite them: this is what it
 * says that it runs. Who writes a title over all of them leaves one text, whose first word is the
 * name: "next-server (v14.2.33)", "ng serve --port 4200", "puma: cluster worker 0: 17 [shop]". At
 * most MAX_ARGUMENTS are looked at.
 *
 * Read beside: python(1), node(1), ruby(1), perlrun(1), java(1), php(1), sh(1), lua(1), R(1),
 * erl(1), `deno help`, `bun --help`, `dotnet --help`.
 */
#include "host/script.h"

#include "base/scope.h"

enum { MAX_ARGUMENTS = 4096 };

struct runtime {
	const char *name;
	const char *programs;	/* globs of base names, blank-separated */
	const char *values;	/* long options whose value is the next argument */
	const char *letters;	/* one-letter options that take a value, attached or next */
	const char *attached;	/* one-letter options whose value, if any, is attached */
	const char *code;	/* options that hold code: then there is no script */
	const char *modules;	/* options whose value is a module */
	const char *files;	/* options whose value is the script */
	const char *serves;	/* options by which the runtime itself serves, script or not */
	const char *skipped;	/* subcommands before the script */
	const char *tasks;	/* subcommands whose next argument is a task's name */
	bool is_cluster;	/* one-letter options may be joined: python -Im http.server */
	enum script_kind plain; /* what a plain argument is */
};

static const struct runtime runtimes[] = {
	{.name = "bun", .programs = "bun bunx bun-profile", .values = "--cwd --config --env-file --preload "
	 "--port --hot-port --define --loader --tsconfig-override --filter",
	 .letters = "crd", .code = "-e --eval -p --print", .skipped = "run x", .plain = SCRIPT_PATH},
	{.name = "deno", .programs = "deno", .values = "--config --import-map --lock --cert --location "
	 "--seed --env-file --port --host --unstable", .letters = "cL",
	 .code = "eval repl", .skipped = "run serve", .tasks = "task", .plain = SCRIPT_PATH},
	{.name = "dotnet", .programs = "dotnet", .values = "--depsfile --runtimeconfig "
	 "--additionalprobingpath --fx-version --additional-deps --roll-forward --framework "
	 "--configuration --launch-profile",
	 .letters = "cf", .files = "--project", .skipped = "exec run watch", .plain = SCRIPT_PATH},
	{.name = "erlang", .programs = "beam beam.smp erl erlexec", .values = "-root -bindir -progname "
	 "-home -boot -config -name -sname -setcookie -pa -pz -mode -kernel -args_file -env -proto_dist "
	 "-sasl -stdlib -boot_var -heart_command -epmd_module -W -MBas -MHas -P -t -stbt -zdbbl -sbwt "
	 "-sbwtdcpu -sbwtdio -K -A -S -SDcpu -SDio -Q -e -hms -hmbs -B", .code = "-eval",
	 .modules = "-s -run", .plain = SCRIPT_NONE},
	{.name = "java", .programs = "java", .values = "-cp -classpath --class-path -p --module-path "
	 "--upgrade-module-path --add-modules --add-reads --add-exports --add-opens --limit-modules "
	 "--patch-module --source --enable-native-access -d",
	 .modules = "-m --module", .files = "-jar", .plain = SCRIPT_CLASS},
	{.name = "lua", .programs = "lua lua5* luajit* texlua* lua-5*", .letters = "l", .attached = "W",
	 .code = "-e", .plain = SCRIPT_PATH},
	{.name = "node", .programs = "node nodejs", .values = "--require --import --loader "
	 "--experimental-loader --conditions --env-file --input-type --title --icu-data-dir "
	 "--openssl-config --redirect-warnings --trace-event-categories --max-http-header-size "
	 "--inspect-port --diagnostic-dir --test-name-pattern --watch-path --unhandled-rejections",
	 .letters = "rC", .code = "-e --eval -p --print -pe -i", .tasks = "--run",
	 .skipped = "inspect debug", .plain = SCRIPT_PATH},
	{.name = "perl", .programs = "perl perl5.*", .letters = "I", .attached = "CDFMVdimx",
	 .code = "-e -E", .is_cluster = true, .plain = SCRIPT_PATH},
	{.name = "php", .programs = "php php5* php7* php8* php-cli hhvm frankenphp", .values = "--php-ini "
	 "--define --docroot --zend-extension",
	 .letters = "cdtz", .serves = "-S --server", .code = "-r -B -R -E --run --process-begin --process-code --process-end",
	 .files = "-f -F --file --process-file", .plain = SCRIPT_PATH},
	{.name = "python", .programs = "python python2 python2.* python3 python3.* pypy* graalpy*", .values =
	 "--check-hash-based-pycs", .letters = "WXQ", .code = "-c", .modules = "-m", .is_cluster = true,
	 .plain = SCRIPT_PATH},
	{.name = "R", .programs = "R Rscript Rserve", .values = "--encoding --gui --args",
	 .letters = "g", .code = "-e", .files = "-f --file", .plain = SCRIPT_NONE},
	{.name = "ruby", .programs = "ruby ruby2.* ruby3.* jruby truffleruby", .values = "--encoding "
	 "--external-encoding --internal-encoding",
	 .letters = "CIrE", .attached = "0FTWKix", .code = "-e", .files = "-S", .is_cluster = true,
	 .plain = SCRIPT_PATH},
	{.name = "shell", .programs = "sh bash dash zsh ksh ksh93 mksh fish ash rbash", .values =
	 "--rcfile --init-file --init-command --features", .letters = "oO", .code = "-c",
	 .is_cluster = true, .plain = SCRIPT_PATH},
};

static bool is_word_of(const char *list, struct span word)
{
	return list && word.n && span_list_has(span_str(list), ' ', word);
}

static const struct runtime *find_runtime(struct span program)
{
	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++) {
		struct span list = span_str(runtimes[i].programs);
		struct span pattern;

		while (take_until(&list, ' ', &pattern))
			if (span_glob(program, pattern))
				return &runtimes[i];
	}
	return NULL;
}

/* What an argument turned out to be. */
enum step {
	STEP_PASS,   /* nothing of interest */
	STEP_SKIP,   /* the next argument is its value */
	STEP_CODE,   /* there is no script */
	STEP_MODULE, /* name, or the next argument, is the module */
	STEP_FILE,   /* the same for the script */
	STEP_TASK,
	STEP_OPTION, /* name is the option */
	STEP_PLAIN, /* it is the script */
	STEP_END,   /* options end here: the next argument is the script */
};

static enum step long_option(const struct runtime *r, struct span argument, struct span *value)
{
	ptrdiff_t at = span_find_byte(argument, '=');
	struct span name = at < 0 ? argument : span_cut(argument, (size_t)at);

	*value = at < 0 ? span_of(NULL, 0) : span_skip(argument, (size_t)at + 1);
	if (is_word_of(r->code, name))
		return STEP_CODE;
	if (is_word_of(r->modules, name))
		return STEP_MODULE;
	if (is_word_of(r->files, name))
		return STEP_FILE;
	if (is_word_of(r->tasks, name))
		return STEP_TASK;
	if (is_word_of(r->serves, name)) {
		*value = name;
		return STEP_OPTION;
	}
	return at < 0 && is_word_of(r->values, name) ? STEP_SKIP : STEP_PASS;
}

/* Letters in one argument, as in -Im or -W ignore. */
static enum step letters(const struct runtime *r, struct span argument, struct span *value)
{
	for (size_t i = 1; i < argument.n; i++) {
		const uint8_t option[] = {'-', argument.p[i]};
		struct span name = span_of(option, sizeof(option));
		struct span rest = span_skip(argument, i + 1);

		if (is_word_of(r->code, name))
			return STEP_CODE;
		if (i == 1 && is_word_of(r->serves, span_cut(argument, 2))) {
			*value = span_cut(argument, 2);
			return STEP_OPTION;
		}
		*value = rest;
		if (is_word_of(r->modules, name))
			return STEP_MODULE;
		if (is_word_of(r->files, name))
			return STEP_FILE;
		if (r->letters && strchr(r->letters, argument.p[i]))
			return rest.n ? STEP_PASS : STEP_SKIP;
		if (!r->is_cluster || (r->attached && strchr(r->attached, argument.p[i])))
			return STEP_PASS;
	}
	return STEP_PASS;
}

static enum step judge(const struct runtime *r, struct span argument, struct span *value)
{
	*value = span_of(NULL, 0);
	if (argument.n == 0)
		return STEP_PASS;
	if (argument.p[0] == '+' && r->is_cluster && argument.n > 1)
		return argument.p[1] == 'o' || argument.p[1] == 'O' ? STEP_SKIP : STEP_PASS;
	if (argument.p[0] != '-') {
		if (is_word_of(r->code, argument))
			return STEP_CODE;
		if (is_word_of(r->skipped, argument))
			return STEP_PASS;
		return is_word_of(r->tasks, argument) ? STEP_TASK : STEP_PLAIN;
	}
	if (argument.n == 1)
		return STEP_CODE; /* the script comes from standard input */
	if (span_is(argument, "--"))
		return r->plain == SCRIPT_NONE ? STEP_PASS : STEP_END;
	if (argument.p[1] == '-' || !r->letters)
		return long_option(r, argument, value);

	enum step step = long_option(r, argument, value);

	return step == STEP_PASS ? letters(r, argument, value) : step;
}

static bool is_java_argument_file(const struct runtime *r, struct span argument)
{
	return r->plain == SCRIPT_CLASS && span_starts(argument, "@");
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The first word of a title; empty where it is the runtime's own name, or no name. */
static struct span title_name(const struct runtime *r, struct span title)
{
	struct span name;
	size_t n = 0;

	while (n < title.n && title.p[n] > ' ' && title.p[n] < 0x7f && title.p[n] != ':')
		n++;
	name = span_cut(title, n);
	if (!n || (n < title.n && title.p[n] != ' ' && title.p[n] != ':') ||
	    !(is_letter(name.p[0]) || name.p[0] == '/' || name.p[0] == '@') ||
	    find_runtime(span_base(name)) == r)
		return span_of(NULL, 0);
	return name;
}

struct script script_read(struct span program, struct span argv)
{
	const struct runtime *r = find_runtime(program);
	struct script script = {.runtime = r ? r->name : NULL};
	struct span argument;
	struct span value;

	if (!r || !take_until(&argv, 0, &argument)) /* argv[0] */
		return script;
	if (!argv.n) {
		script.name = title_name(r, argument);
		script.kind = script.name.n ? SCRIPT_TITLE : SCRIPT_NONE;
		return script;
	}
	for (int i = 0; i < MAX_ARGUMENTS && take_until(&argv, 0, &argument); i++) {
		enum step step = is_java_argument_file(r, argument) ? STEP_PASS
								    : judge(r, argument, &value);

		if (step == STEP_PASS || (step == STEP_PLAIN && r->plain == SCRIPT_NONE))
			continue;
		if (step == STEP_CODE)
			break;
		if (step != STEP_PLAIN && (step == STEP_SKIP || step == STEP_END || !value.n) &&
		    !take_until(&argv, 0, &value))
			break;
		if (step == STEP_SKIP)
			continue;
		script.name = step == STEP_PLAIN ? argument : value;
		script.kind = step == STEP_MODULE ? SCRIPT_MODULE
			      : step == STEP_TASK ? SCRIPT_TASK
			      : step == STEP_FILE ? SCRIPT_PATH
			      : step == STEP_OPTION ? SCRIPT_OPTION
						    : r->plain;
		break;
	}
	if (script.name.n == 0)
		script.kind = SCRIPT_NONE;
	return script;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: the commands. The only room that prints errors.
 *
 * A command is a row: name, what it does, its own options, and a function. Usage, --help, shell
 * completion and the index in the manual are printed from the same rows.
 */
#ifndef PERIPLUS_CLI_CLI_H
#define PERIPLUS_CLI_CLI_H

#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "host/host.h"
#include "map/map.h"
#include "out/out.h"
#include "verdict/verdict.h"

/* ux.md section 2: severity grows with the number; sysexits above. */
enum exit_status { EXIT_EXPECTED, EXIT_LOOK, EXIT_UNEXPECTED, EXIT_BLIND, EXIT_TIMED_OUT = 75 };
enum fail_on { FAIL_DEFAULT, FAIL_NEVER, FAIL_LOOK, FAIL_UNEXPECTED };

struct cli_option {
	const char *name;     /* without "--" */
	char letter;	      /* 0: none */
	const char *argument; /* NULL: takes none */
	const char *does;     /* N_() */
};

enum { CLI_OPTIONS_MAX = 32 };

struct command;

/* What main has found out before a command runs. */
struct cli {
	const struct command *command;
	const struct format *format;
	const struct map *map;
	struct map *updated; /* owned; NULL when the built-in registry is used */
	struct style style;
	struct arena arena;
	struct buf out;
	enum fail_on fail_on;
	bool is_quiet;
	/* Values of the command's own options, in the order of its rows; NULL: not given. */
	const char *values[CLI_OPTIONS_MAX];
};

struct command {
	const char *name;
	const char *does; /* N_() */
	const char *args;
	const char *example;
	const struct cli_option *options;
	size_t n_options;
	/* argv holds the operands only. Returns an exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
};

size_t command_count(void);
const struct command *command_at(size_t index);
const struct command *command_find(struct span name);
extern const struct cli_option cli_globals[];
extern const size_t cli_n_globals;

/* options.c: fills cli from argv[1..]; returns the operands' count (moved to the front of argv+1),
 * or a negative exit status after having printed why. */
int options_parse(struct cli *cli, int argc, char **argv);
/* Prints one line on stderr, "periplus: ...", bytes of the outside escaped; returns status. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_usage(struct buf *out, const struct command *command);
/* command_line.c: the command with its operands and own options, as a shell takes it; in the arena. */
const char *cli_command_line(struct cli *cli, int argc, char **argv);
/* map.c of this room: the updated registry where there is one, else the built-in. */
void cli_open_map(struct cli *cli);

/* gather.c: look at this host and judge all of it. */
struct gathered {
	struct host_info host;
	struct host_listing listing;
	struct judged *rows;
	size_t n_rows;
	const struct sighting **peers;
	size_t n_peers;
	enum verdict_kind worst;
	bool can_ask_packages;
	bool explains; /* the format shows the details of reasons */
};
/* 0, or an exit status after having printed why. */
int gather(struct cli *cli, const struct host_query *query, struct gathered *all);
/* Judges the rows again, after something was found out about them, and sorts them. */
void gather_judge(struct cli *cli, struct gathered *all);
/* Says on stderr what could not be seen (unless -q); EXIT_BLIND when something was hidden. */
int gather_confess(const struct cli *cli, const struct gathered *all);
/* The status of a command that answers (FAIL_NEVER by default) or checks. */
int gather_status(const struct cli *cli, const struct gathered *all, enum fail_on usual);
/* Writes out what is in cli->out; a write error becomes EX_IOERR. */
int cli_finish(struct cli *cli, int status);

#endif

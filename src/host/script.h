/* SPDX-License-Identifier: Apache-2.0 */
/* script: what an interpreter runs, by its arguments. Pure; private to the host room. */
#ifndef PERIPLUS_HOST_SCRIPT_H
#define PERIPLUS_HOST_SCRIPT_H

#include "base/span.h"

enum script_kind {
	SCRIPT_NONE,   /* no runtime, or nothing named: a prompt, code on the command line */
	SCRIPT_PATH,   /* a file, as it was named: perhaps relative to the working directory */
	SCRIPT_MODULE, /* a module by the runtime's own search: python -m, erl -s */
	SCRIPT_CLASS,  /* a class: java */
	SCRIPT_TASK,   /* a task of a project: npm-like, deno task, bun run */
	SCRIPT_OPTION, /* an option by which the runtime itself serves: php -S */
	SCRIPT_TITLE,  /* what the process calls itself in place of its arguments */
};

struct script {
	const char *runtime; /* NULL: the program is no interpreter that we know */
	enum script_kind kind;
	struct span name; /* points into argv */
};

/* program is the base name of the executable; argv holds arguments with a NUL behind each. */
struct script script_read(struct span program, struct span argv);

#endif

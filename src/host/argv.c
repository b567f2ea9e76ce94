/* SPDX-License-Identifier: Apache-2.0 */
/* argv: see argv.h. Which interpreter takes what is script.c's to know. */
#include "host/argv.h"

#include "host/script.h"

void argv_tell(struct arena *arena, struct span program, struct process *p)
{
	struct script script = script_read(program, p->argv);

	if (!p->runtime.n && script.runtime)
		p->runtime = span_str(script.runtime);
	if (!p->script.n && script.kind == SCRIPT_MODULE)
		p->script = arena_print(arena, "-m %.*s", SPAN_ARG(script.name));
	else if (!p->script.n)
		p->script = script.name;
	if (!p->command_line.n && p->argv.n) {
		uint8_t *text = arena_get(arena, p->argv.n);

		for (size_t i = 0; i < p->argv.n; i++)
			text[i] = p->argv.p[i] ? p->argv.p[i] : ' ';
		p->command_line = span_trim(span_of(text, p->argv.n));
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* facts: what the files of `periplus facts` share. Private to cli. */
#ifndef PERIPLUS_CLI_FACTS_H
#define PERIPLUS_CLI_FACTS_H

#include "cli/cli.h"
#include "map/make.h"

struct facts_review {
	const char *accept, *refuse; /* names of proposals; NULL: list them */
	const char *into;	     /* the file that accepted ones are for */
};

/* facts_review.c: argv holds what accepted proposals are changed by: COLUMN=VALUE. Returns an exit
 * status. */
int facts_review(struct cli *cli, const struct facts_review *review, int argc, char **argv);
/* facts_file.c: a whole file of facts into the arena. 0, or an exit status after having said why. */
int facts_read(struct cli *cli, const char *path, struct span *text);
/* One complaint on stderr as file:line: text. */
void facts_complain(struct make_complaints *to, const char *file, size_t line, const char *text);

#endif

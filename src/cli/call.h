/* SPDX-License-Identifier: Apache-2.0 */
/* call: identify --call (private to cli). */
#ifndef PERIPLUS_CLI_CALL_H
#define PERIPLUS_CLI_CALL_H

#include "cli/cli.h"

/* Asks by the call of the named protocol on the named interfaces (none: all) and shows who answers.
 * An exit status. */
int identify_call(struct cli *cli, const char *protocol, const char *seconds, int argc,
		  char **argv);

#endif

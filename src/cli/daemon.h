/* SPDX-License-Identifier: Apache-2.0 */
/* daemon: the two parts of periplusd: its start and privileges, and its service. */
#ifndef PERIPLUS_CLI_DAEMON_H
#define PERIPLUS_CLI_DAEMON_H

#include <stdbool.h>

/* daemon_program.c: one line on stderr, "periplusd: ..."; returns status. */
int daemon_say(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* daemon_serve.c: answers on the listening socket until it is killed or, when it may end, has been
 * idle for long. Returns an exit status. */
int daemon_serve(int listening, bool may_end);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* try_bind: one probe bind and its explanation, for `why` and for a port that only looks free. */
#ifndef PERIPLUS_CLI_TRY_BIND_H
#define PERIPLUS_CLI_TRY_BIND_H

#include "cli/cli.h"

/* 0, or an exit status after having printed why. replay: a recording, of which nothing is tried; NULL:
 * this machine. */
int try_bind(struct cli *cli, uint16_t port, enum transport transport, const char *replay,
	     struct bind_report *bind, struct gathered *all);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor: asks systemd, docker or podman to stop what they supervise (private to cli). */
#ifndef PERIPLUS_CLI_SUPERVISOR_H
#define PERIPLUS_CLI_SUPERVISOR_H

#include "cli/cli.h"

/* Runs the supervisor's own program and waits for it. 0, or an exit status after having printed
 * why. */
int supervisor_stop(const struct stop_step *step);

#endif

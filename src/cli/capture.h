/* SPDX-License-Identifier: Apache-2.0 */
/* capture: identify --pcap (private to cli). */
#ifndef PERIPLUS_CLI_CAPTURE_H
#define PERIPLUS_CLI_CAPTURE_H

#include "cli/cli.h"

/* Names the conversations of a capture, "-" for standard input; seconds is the value of --timeout
 * or NULL. Returns an exit status after having printed why. */
int identify_capture(struct cli *cli, const char *path, const char *seconds);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* identify: what identify.c gathers and identify_show.c writes (private to cli). */
#ifndef PERIPLUS_CLI_IDENTIFY_H
#define PERIPLUS_CLI_IDENTIFY_H

#include "cli/cli.h"
#include "scan/scan.h"

struct identified {
	struct span host; /* as the user wrote it */
	const struct scan_target *target;
	const struct scan_result *result;
	struct span registered; /* name by the number alone; empty: none */
};

/* Writes one target in the format chosen; `first` and `last` frame the document. */
void identify_show(struct cli *cli, const struct identified *row, bool first, bool last);
/* What is known of the port, and how: "probed", "fits", "table", "none". */
const char *identify_certainty(const struct identified *row);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* scan: what scan.c, which ports, who consents, and the listing of inside share (private to cli).
 */
#ifndef PERIPLUS_CLI_SCAN_H
#define PERIPLUS_CLI_SCAN_H

#include "cli/cli.h"
#include "scan/scan.h"

enum { SCAN_TOP = 1000 };

/* Sorted, each once. */
struct scan_ports {
	uint16_t *numbers;
	uint32_t n;
};

/* "22,80,8000-8010,https,all", or the `top` ports of practice when list is NULL. 0, or an exit
 * status after having printed why. */
int scan_ports(struct cli *cli, const char *list, uint64_t top, enum transport transport,
	       struct scan_ports *ports);

/* Who may order it: 0, or an exit status after having printed why. */
struct scan_consent {
	bool is_yes;            /* --yes */
	bool is_kept;           /* --only-scopes: nobody who could be asked has ordered it */
	const char *authorised; /* --authorised-by */
	uint64_t rate_pps;      /* 0: not given */
};
int scan_consent(const struct scan_plan *plan, const struct scan_consent *consent);

/* A listing of the host that was scanned (periplus --json or --ndjson), by port. */
struct scan_inside {
	bool is_known;                    /* --against was given */
	struct scan_inside_row **rows[2]; /* TCP, UDP: N_PORTS each, in the arena */
};
int scan_inside_read(struct cli *cli, const char *path, struct scan_inside *inside);
/* Fills what the row, of an address and a port, says of inside; without a listing nothing. */
void scan_inside_ask(const struct scan_inside *inside, struct scan_row *row);

/* What was found, with its verdicts. */
struct scan_rows {
	struct cli *cli;
	struct scan_inside inside;
	struct scan_row *rows;
	size_t n, capacity;
	enum verdict_kind worst;
};
const struct scan_row *scan_rows_add(struct scan_rows *rows, const struct scan_found *found);
/* Ports of the plan on which something listens inside, and nothing answered. */
void scan_rows_add_inside(struct scan_rows *rows, const struct scan_plan *plan,
			  enum transport transport);
void scan_rows_sort(struct scan_rows *rows); /* by address and port */

/* The line of progress on stderr; to be cleared before anything else is written to a terminal. */
bool scan_progress_is_wanted(const struct cli *cli);
void scan_progress_show(const struct scan_progress *progress);
void scan_progress_clear(void);

#endif

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
	const char *authorised; /* --authorised-by */
	uint64_t rate_pps;      /* 0: not given */
};
int scan_consent(const struct scan_plan *plan, const struct scan_consent *consent);

/* A listing of the host that was scanned (periplus --json or --ndjson), by port. */
struct scan_inside {
	bool is_known;              /* --against was given */
	uint8_t places[2][N_PORTS]; /* TCP, UDP: enum inside */
	struct span *processes[2];  /* N_PORTS each, in the arena */
	struct address address;     /* of the rows that only the listing has */
};
int scan_inside_read(struct cli *cli, const char *path, struct scan_inside *inside);
enum inside scan_inside_ask(const struct scan_inside *inside, enum transport transport,
			    uint16_t port, struct span *process);

#endif

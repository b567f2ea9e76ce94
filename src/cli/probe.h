/* SPDX-License-Identifier: Apache-2.0 */
/* probe: what identify and --probe share, and --probe itself (private to cli). */
#ifndef PERIPLUS_CLI_PROBE_H
#define PERIPLUS_CLI_PROBE_H

#include "cli/cli.h"
#include "scan/scan.h"

/* Adds the rows that a comma list of protocols names to what is expected of the target. */
void expect_words(struct scan_target *target, struct span words);
/* The protocols of the products that practice knows on the target's number. */
void expect_practice(const struct map *map, struct scan_target *target);

/* "--probe" and "--timeout": rows for a command's options. */
#define PROBE_OPTIONS(probe, timeout)                                                              \
	[probe] = {"probe", 0, NULL, N_("ask listeners what they speak; sends packets")},          \
	[timeout] = {"timeout", 0, "SECONDS", N_("time for --probe in all (1)")}

enum { PROBE_MS = 1000 };

/* The milliseconds of --timeout, or `usual`. 0, or an exit status after having printed why. */
int probe_time(const char *seconds, uint32_t usual, uint32_t *ms);

/* Asks the listeners of this namespace among all->rows that `wants` picks (NULL: all), side by
 * side and `ms` in all, and judges them anew with what they said. Harmless questions only, and to
 * loopback or an own address. 0, or an exit status after having printed why. */
int probe_listeners(struct cli *cli, struct gathered *all, uint32_t ms,
		    bool (*wants)(const void *arg, const struct sighting *s), const void *arg);

#endif

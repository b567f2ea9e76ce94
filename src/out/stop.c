/* SPDX-License-Identifier: Apache-2.0 */
/* stop: see stop.h. */
#include "out/stop.h"

static bool is_its_own(const struct stop_report *report, const struct sighting *peer)
{
	const struct process *p = sighting_process(peer);

	for (size_t i = 0; p && i < report->n_steps; i++)
		if (report->steps[i].process && report->steps[i].process->pid == p->pid)
			return true;
	return false;
}

size_t stop_n_connections(const struct stop_report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_peers; i++)
		n += is_its_own(report, report->peers[i]);
	return n;
}

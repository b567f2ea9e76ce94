/* SPDX-License-Identifier: Apache-2.0 */
/* scan_row: a port of a scan as a row, and words that its formats share. */
#include <stdio.h>

#include "out/asked.h"
#include "out/scan_report.h"

static struct span copy(struct arena *arena, const char *text)
{
	return text[0] ? arena_copy(arena, span_str(text)) : (struct span){0};
}

void scan_row_fill(struct arena *arena, const struct map *map, const struct scan_found *found,
		   struct scan_row *row)
{
	const struct scan_result *r = found->result;
	struct identify_report asked = {
		.target = &found->target,
		.result = r,
		.registered = map_service_name(map, found->target.port, found->target.transport),
	};

	*row = (struct scan_row){
		.address = found->target.address,
		.port = found->target.port,
		.transport = found->target.transport,
		.is_open = true,
		.state = SCAN_OPEN,
		.registered = asked.registered,
		.certainty = asked.registered.n || found->target.expected[0] ? "table" : "none",
		.evidence = "number",
	};
	if (!r)
		return;
	row->state = r->state == SCAN_FAILED ? SCAN_FAILED : SCAN_OPEN;
	row->was_asked = r->state != SCAN_FAILED;
	row->has_spoken = r->n_heard > 0;
	row->certainty = asked_certainty(&asked);
	row->evidence = asked_evidence(&asked);
	if (asked_is_known(&asked)) {
		row->service = span_str(r->proto->name);
		row->product = copy(arena, r->product);
		row->version = copy(arena, r->version);
		row->needs_no_login = r->needs_no_login;
	} else if (r->proto) {
		row->fits = span_str(r->proto->name);
	}
}

const char *scan_inside_word(enum inside inside)
{
	static const char *const words[] = {[INSIDE_UNKNOWN] = NULL,
					    [INSIDE_LISTENS] = "listens",
					    [INSIDE_ON_LOOPBACK] = "loopback",
					    [INSIDE_NOTHING] = "nothing"};

	return words[inside];
}

void scan_rules(const struct scan_row *row, char *text, size_t size)
{
	size_t n = 0;

	text[0] = 0;
	for (size_t i = 0; i < row->verdict->n_reasons && n < size; i++) {
		const struct reason *reason = &row->verdict->reasons[i];

		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", reason->rule->id);
	}
}

size_t scan_host_end(const struct scan_report *report, size_t i)
{
	size_t end = i;

	while (end < report->n_rows &&
	       address_eq(&report->rows[end].address, &report->rows[i].address))
		end++;
	return end;
}

bool scan_is_complete(const struct scan_summary *summary)
{
	return summary->end == SCAN_END_DONE && summary->n_failed == 0 && summary->unsent == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ndjson: one object a line: a listener, a port, a registration, a fact or a change. */
#include "out/asked.h"
#include "out/json_report.h"
#include "out/record.h"
#include "out/scan_report.h"
#include "out/traffic.h"

static void host(struct buf *b, const struct style *style, const struct host_report *report)
{
	struct context context = {
		.map = report->map, .host = report->host, .listing = report->listing};

	for (size_t i = 0; i < report->n_rows; i++) {
		struct json j;

		json_init(&j, b, false);
		record_document(&j, &context, &report->rows[i], "listener-seen", style->now);
	}
}

static void port(struct buf *b, const struct style *style, const struct port_report *report,
		 bool first, bool last)
{
	struct json j;

	(void)style;
	(void)first;
	(void)last;
	json_init(&j, b, false);
	json_report_port(&j, report);
	json_end(&j);
}

static void look(struct buf *b, const struct style *style, const struct look_report *report)
{
	(void)style;
	for (size_t i = 0; i < report->n_hits; i++) {
		struct map_registration row;
		struct json j;

		map_registration_get(report->map, report->hits[i].index, &row);
		json_init(&j, b, false);
		record_registration(&j, report->map, &row);
		json_end(&j);
	}
}

static void event(struct buf *b, const struct style *style, const struct event_report *report)
{
	struct context context = {.map = report->map, .host = report->host};
	struct json j;

	(void)style;
	json_init(&j, b, false);
	record_document(&j, &context, &report->row, report->action, report->at);
}

static void facts(struct buf *b, const struct style *style, const struct facts_report *report)
{
	struct json j;

	(void)style;
	json_init(&j, b, false);
	if (report->is_stats) {
		json_report_fact_counts(&j, report);
		json_end(&j);
		return;
	}
	for (size_t i = 0; i < report->n_rows; i++) {
		struct map_practice fact;

		map_practice_get(report->map, report->rows[i], &fact);
		json_init(&j, b, false);
		record_practice(&j, report->map, &fact);
		json_end(&j);
	}
}

static void identify(struct buf *b, const struct style *style, const struct identify_report *report,
		     bool first, bool last)
{
	struct json j;

	(void)first;
	(void)last;
	if (!report)
		return;
	json_init(&j, b, false);
	json_identify(&j, style, report);
	json_end(&j);
}

extern const struct format format_ndjson;
const struct format format_ndjson = {
	.name = "ndjson",
	.is_lines = true,
	.shows_arguments = true,
	.explains_host = true,
	.explains_port = true,
	.traffic = ndjson_traffic,
	.host = host,
	.port = port,
	.look = look,
	.stats = json_report_stats,
	.event = event,
	.facts = facts,
	.identify = identify,
	.why = json_report_why,
	.pick = json_report_pick,
	.stop = json_report_stop,
	.reserve = json_report_reserve,
	.scan_plan = scan_plan_json,
	.scan = scan_ndjson,
	.scan_row = scan_row_ndjson,
};

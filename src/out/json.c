/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: one document per report, indented. One port is an object, several are an array of them.
 *
 * A document cannot tell of changes as they happen: ndjson has the events.
 */
#include "out/asked.h"
#include "out/json_report.h"
#include "out/record.h"
#include "out/scan_report.h"
#include "out/traffic.h"

static void host(struct buf *b, const struct style *style, const struct host_report *report)
{
	const struct host_listing *listing = report->listing;
	struct context context = {.map = report->map, .host = report->host, .listing = listing};
	struct json j;

	json_init(&j, b, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "host/1");
	json_time(&j, "@timestamp", style->now);
	record_host(&j, report->host);
	json_bool(&j, "complete", listing->is_complete);
	json_u64(&j, "hidden_owners", listing->hidden_owners);
	json_u64(&j, "elsewhere", listing->n_elsewhere);
	json_bool(&j, "torn", listing->is_torn);
	json_str(&j, "method", listing->method);
	json_array(&j, "listeners");
	for (size_t i = 0; i < report->n_rows; i++)
		record_listener(&j, NULL, &context, &report->rows[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

static void port(struct buf *b, const struct style *style, const struct port_report *report,
		 bool first, bool last)
{
	bool is_list = !(first && last);
	struct json j;

	(void)style;
	if (is_list)
		buf_str(b, first ? "[\n" : ",\n");
	json_init(&j, b, true);
	json_report_port(&j, report);
	if (is_list && last)
		buf_str(b, "\n]");
	if (last)
		buf_byte(b, '\n');
}

static void look(struct buf *b, const struct style *style, const struct look_report *report)
{
	struct json j;

	(void)style;
	json_init(&j, b, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "look/1");
	json_span(&j, "words", report->words);
	json_u64(&j, "matched", report->n_matched);
	json_array(&j, "registrations");
	for (size_t i = 0; i < report->n_hits; i++) {
		struct map_registration row;

		map_registration_get(report->map, report->hits[i].index, &row);
		record_registration(&j, report->map, &row);
	}
	json_array_end(&j);
	json_array(&j, "products");
	for (size_t i = 0; i < report->n_products; i++)
		record_product(&j, report->map, report->products[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

static void facts(struct buf *b, const struct style *style, const struct facts_report *report)
{
	struct json j;

	(void)style;
	json_init(&j, b, true);
	if (report->is_stats) {
		json_report_fact_counts(&j, report);
		json_end(&j);
		return;
	}
	json_object(&j, NULL);
	json_str(&j, "schema", "facts/1");
	json_array(&j, "facts");
	for (size_t i = 0; i < report->n_rows; i++) {
		struct map_practice fact;

		map_practice_get(report->map, report->rows[i], &fact);
		record_practice(&j, report->map, &fact);
	}
	json_array_end(&j);
	json_u64(&j, "total", report->n_rows);
	json_object_end(&j);
	json_end(&j);
}

static void identify(struct buf *b, const struct style *style, const struct identify_report *report,
		     bool first, bool last)
{
	struct json j;

	if (!report) {
		buf_str(b, "[]\n");
		return;
	}
	buf_str(b, first ? "[\n" : ",\n");
	json_init(&j, b, true);
	json_identify(&j, style, report);
	buf_str(b, last ? "\n]\n" : "");
}

extern const struct format format_json;
const struct format format_json = {
	.name = "json",
	.shows_arguments = true,
	.explains_host = true,
	.explains_port = true,
	.traffic = json_traffic,
	.host = host,
	.port = port,
	.look = look,
	.stats = json_report_stats,
	.event = NULL,
	.facts = facts,
	.identify = identify,
	.why = json_report_why,
	.pick = json_report_pick,
	.stop = json_report_stop,
	.reserve = json_report_reserve,
	.scan_plan = scan_plan_json,
	.scan = scan_json,
};

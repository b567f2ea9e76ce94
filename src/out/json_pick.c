/* SPDX-License-Identifier: Apache-2.0 */
/* json_pick: one object of `periplus pick`; both JSON formats. */
#include "out/json_report.h"
#include "out/record.h"

static void passed(struct json *j, const struct pick *pick)
{
	json_object(j, NULL);
	json_u64(j, "port", pick->port);
	json_str(j, "reason", pick_refusal_word(pick->refusal));
	record_text(j, "detail", pick->detail);
	json_object_end(j);
}

static void put(struct json *j, const struct style *style, const struct pick_report *report)
{
	json_object(j, NULL);
	json_str(j, "schema", "pick/1");
	json_time(j, "@timestamp", style->now);
	record_text(j, "for", report->query->name);
	if (report->query->near)
		json_u64(j, "near", report->query->near);
	else
		json_null(j, "near");
	json_array(j, "ports");
	for (size_t i = 0; i < report->n_picks; i++)
		json_u64(j, NULL, report->picks[i].port);
	json_array_end(j);
	json_array(j, "passed");
	for (size_t i = 0; i < report->n_passed; i++)
		passed(j, &report->passed[i]);
	json_array_end(j);
	json_u64(j, "considered", report->n_considered);
	json_object_end(j);
}

void json_report_pick(struct buf *b, const struct style *style, const struct pick_report *report)
{
	struct json j;

	json_init(&j, b, !style->is_lines);
	put(&j, style, report);
	json_end(&j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* json_why: one object of `periplus why`; both JSON formats. */
#include "out/json_report.h"
#include "out/record.h"

static void finding(struct json *j, const struct why_report *report, const struct bind_finding *f)
{
	const struct verdict *known = f->sighting ? why_known(report, f) : NULL;

	json_object(j, NULL);
	json_str(j, "cause", bind_cause_word(f->cause));
	json_bool(j, "hinders", bind_cause_hinders(f->cause));
	record_text(j, "detail", f->detail);
	json_u64(j, "sockets", f->sighting ? f->n : 0);
	record_text(j, "product", known ? known->product->slug : span_of(NULL, 0));
	if (f->sighting) {
		record_peer(j, "socket", f->sighting);
		json_str(j, "state", record_state(f->sighting->state));
	} else {
		json_null(j, "socket");
		json_null(j, "state");
	}
	json_object_end(j);
}

static void put(struct json *j, const struct style *style, const struct why_report *report)
{
	const struct bind_report *bind = report->bind;
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_str(j, "schema", "why/1");
	json_time(j, "@timestamp", style->now);
	record_host(j, report->host);
	json_object(j, "server");
	json_u64(j, "port", bind->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport", transport_word(bind->transport));
	json_object_end(j);
	json_object(j, "periplus");
	if (bind->is_recorded && !bind->error)
		json_null(j, "can_bind");
	else
		json_bool(j, "can_bind", bind->error == 0);
	json_str(j, "error", bind->error ? strerrorname_np(bind->error) : NULL);
	json_bool(j, "tried", bind->is_tried);
	json_str(j, "tried_address", bind->is_tried ? address_text(&bind->tried, text) : NULL);
	json_bool(j, "complete", report->listing->is_complete);
	json_array(j, "causes");
	for (size_t i = 0; i < bind->n_findings; i++)
		finding(j, report, &bind->findings[i]);
	json_array_end(j);
	json_object_end(j);
	json_object_end(j);
}

void json_report_why(struct buf *b, const struct style *style, const struct why_report *report)
{
	struct json j;

	json_init(&j, b, !style->is_lines);
	put(&j, style, report);
	json_end(&j);
}

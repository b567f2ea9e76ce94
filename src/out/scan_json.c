/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_json: a scan as JSON and NDJSON: one object a port, and one with the summary, which comes
 * last. Scripts rely on these keys: see schema/scan.schema.json.
 */
#include "out/record.h"
#include "out/scan_report.h"

enum { PRACTICE_SHOWN = 8 };

static void put_practice(struct json *j, const struct map *map, const struct scan_row *row)
{
	struct map_practice fact;
	uint32_t cursor = 0;
	struct span shown[PRACTICE_SHOWN];
	size_t n = 0;

	json_array(j, "practice");
	while (n < PRACTICE_SHOWN &&
	       map_next_practice(map, row->port, row->transport, &cursor, &fact)) {
		bool is_new = fact.kind != PRACTICE_MALWARE;

		for (size_t i = 0; i < n; i++)
			is_new = is_new && !span_eq(shown[i], fact.product);
		if (!is_new)
			continue;
		shown[n++] = fact.product;
		json_span(j, NULL, fact.product);
	}
	json_array_end(j);
}

static void put_verdict(struct json *j, const struct scan_row *row)
{
	json_str(j, "verdict", verdict_key(row->verdict->kind));
	json_array(j, "reasons");
	for (size_t i = 0; i < row->verdict->n_reasons; i++) {
		const struct reason *reason = &row->verdict->reasons[i];

		json_object(j, NULL);
		json_str(j, "rule", reason->rule->id);
		json_str(j, "effect", effect_key(reason->effect));
		json_span(j, "detail", reason->detail);
		json_object_end(j);
	}
	json_array_end(j);
}

static void put_address(struct json *j, const struct scan_row *row)
{
	char text[ADDRESS_TEXT];

	json_str(j, "address", address_text(&row->address, text));
}

/* Returns where the address begins and ends, in what j writes. */
static void put_row(struct json *j, const struct style *style, const struct map *map,
		    const struct scan_row *row, size_t *at, size_t *end)
{
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_time(j, "@timestamp", style->now);
	json_object(j, "server");
	*at = j->out->n;
	put_address(j, row);
	*end = j->out->n;
	json_u64(j, "port", row->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport", transport_word(row->transport));
	json_str(j, "type", row->address.family == ADDRESS_IPV6 ? "ipv6" : "ipv4");
	json_object_end(j);
	if (row->service.n) {
		json_object(j, "service");
		json_span(j, "name", row->service);
		json_object_end(j);
	}
	json_object(j, "periplus");
	json_str(j, "schema", "scan/1");
	json_str(j, "state", row->is_open ? "open" : "inside-only");
	json_str(j, "seen", row->is_open ? "outside" : "inside");
	record_text(j, "product", row->product);
	record_text(j, "version", row->version);
	json_str(j, "certainty", row->certainty);
	json_str(j, "evidence", row->evidence);
	json_span_if(j, "fits", row->fits);
	if (row->state == SCAN_FAILED)
		json_bool(j, "parser_failed", true);
	record_text(j, "registered", row->registered);
	put_practice(j, map, row);
	json_str(j, "inside", scan_inside_word(row->inside));
	json_span_if(j, "process", row->process);
	if (row->pid)
		json_u64(j, "pid", row->pid);
	if (row->inside_address.family != ADDRESS_NONE)
		json_str(j, "inside_address", address_text(&row->inside_address, text));
	json_span_if(j, "inside_verdict", row->inside_verdict);
	put_verdict(j, row);
	json_object_end(j);
	json_object_end(j);
}

static void put_summary(struct json *j, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;

	json_object(j, "summary");
	json_u64(j, "targets", s->targets);
	json_u64(j, "sent", s->sent);
	json_u64(j, "answered", s->answered);
	json_u64(j, "open", s->open);
	json_u64(j, "closed", s->closed);
	json_u64(j, "silent", s->silent);
	json_u64(j, "lost", s->lost);
	json_u64(j, "unsent", s->unsent);
	if (s->has_recall)
		json_fixed(j, "estimated_recall", (uint64_t)(s->recall * 1e6), 6);
	else
		json_null(j, "estimated_recall");
	json_fixed(j, "seconds", (uint64_t)(s->seconds * 1e3 + 0.5), 3);
	json_u64(j, "rounds", s->rounds);
	json_u64(j, "hosts", report->plan->n_hosts);
	json_u64(j, "hosts_answered", s->n_answered);
	json_u64(j, "hosts_absent", s->n_absent);
	json_u64(j, "ports", report->plan->n_ports);
	json_u64(j, "never_asked", report->plan->n_never);
	json_u64(j, "opted_out", report->plan->n_opted_out);
	json_u64(j, "ports_spared", report->plan->n_spared);
	json_str(j, "engine", s->engine);
	json_str(j, "ended", scan_end_word(s->end));
	json_bool(j, "complete", scan_is_complete(s));
	json_str(j, "authorised_by", report->authorised);
	json_object_end(j);
}

void scan_json(struct buf *b, const struct style *style, const struct scan_report *report)
{
	struct json j;
	size_t at;
	size_t end;

	json_init(&j, b, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "scan/1");
	json_time(&j, "@timestamp", report->begin);
	json_array(&j, "ports");
	for (size_t i = 0; i < report->n_rows; i++)
		put_row(&j, style, report->map, &report->rows[i], &at, &end);
	json_array_end(&j);
	json_object(&j, "periplus");
	put_summary(&j, report);
	json_object_end(&j);
	json_object_end(&j);
	json_end(&j);
}

void scan_row_ndjson(struct buf *b, const struct style *style, const struct map *map,
		     const struct scan_row *row, struct scan_line *before)
{
	struct span line = buf_span(&before->text);
	struct json j;

	if (row->is_like_before && line.n) {
		json_init(&j, b, false); /* the first member of its object: no comma */
		buf_raw(b, span_cut(line, before->at));
		put_address(&j, row);
		buf_raw(b, span_skip(line, before->end));
		return;
	}
	before->text.n = 0;
	json_init(&j, &before->text, false);
	put_row(&j, style, map, row, &before->at, &before->end);
	json_end(&j);
	buf_raw(b, buf_span(&before->text));
}

/* Open ports were written as they came; what only the listing has is known at the end. */
void scan_ndjson(struct buf *b, const struct style *style, const struct scan_report *report)
{
	struct scan_line line = {.text = BUF_INIT};
	struct json j;

	for (size_t i = 0; i < report->n_rows; i++)
		if (!report->rows[i].is_open)
			scan_row_ndjson(b, style, report->map, &report->rows[i], &line);
	buf_done(&line.text);
	json_init(&j, b, false);
	json_object(&j, NULL);
	json_object(&j, "periplus");
	put_summary(&j, report);
	json_object_end(&j);
	json_object_end(&j);
	json_end(&j);
}

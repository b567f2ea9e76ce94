/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_identify: an asked port as json and ndjson carry it. What is not proved is null: a name by
 * the number alone is never the service's. `sent` is every question as hex; `steps` tells the whole
 * conversation, who asked and why.
 */
#include "out/asked.h"

enum { HEX_MAX = SCAN_BYTES }; /* more is not kept of a conversation */

static void hex(struct json *j, const char *key, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * HEX_MAX + 1];
	size_t n = bytes.n < HEX_MAX ? bytes.n : HEX_MAX;

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes.p[i] >> 4];
		text[2 * i + 1] = digits[bytes.p[i] & 15];
	}
	text[2 * n] = 0;
	json_str(j, key, text);
}

static void proved(struct json *j, const char *key, const char *text)
{
	if (text[0])
		json_span(j, key, span_str(text));
	else
		json_null(j, key);
}

static void sent(struct json *j, const struct scan_result *r)
{
	json_array(j, "sent");
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->steps[i].is_said)
			hex(j, NULL, scan_step_bytes(r, &r->steps[i]));
	json_array_end(j);
}

static void steps(struct json *j, const struct scan_result *r)
{
	json_array(j, "steps");
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct scan_step *step = &r->steps[i];

		json_object(j, NULL);
		json_str(j, "side", step->is_said ? "said" : "heard");
		proved(j, "protocol", step->proto);
		json_str(j, "reason", step->is_said ? scan_reason_word(step->reason) : NULL);
		json_u64(j, "connection", step->connection);
		json_u64(j, "bytes", step->n);
		hex(j, "hex", scan_step_bytes(r, step));
		json_object_end(j);
	}
	json_array_end(j);
}

static void facts(struct json *j, const struct scan_result *r)
{
	json_array(j, "facts");
	for (size_t i = 0; i < r->n_facts; i++) {
		json_object(j, NULL);
		json_str(j, "name", r->facts[i].name);
		json_span(j, "value", span_str(r->facts[i].value));
		json_object_end(j);
	}
	json_array_end(j);
}

static void ours(struct json *j, const struct identify_report *report)
{
	const struct scan_result *r = report->result;
	bool is_fit = r->proto && !asked_is_known(report);

	json_object(j, "periplus");
	json_str(j, "schema", "identify/1");
	json_str(j, "state", scan_state_word(r->state));
	proved(j, "product", r->product);
	proved(j, "version", r->version);
	json_str(j, "certainty", asked_certainty(report));
	json_str(j, "evidence", asked_evidence(report));
	sent(j, r);
	json_str(j, "class", asked_class(report));
	json_str(j, "within", r->is_within_tls ? "tls" : NULL);
	json_str(j, "fits", is_fit ? r->proto->name : NULL);
	json_str(j, "spared", r->is_spared && r->spared ? r->spared->name : NULL);
	json_span_if(j, "registered", report->registered);
	json_bool(j, "needs_no_login", r->needs_no_login);
	facts(j, r);
	steps(j, r);
	json_u64(j, "connections", r->n_connections);
	json_u64(j, "bytes_sent", r->n_sent);
	json_u64(j, "bytes_heard", r->n_heard);
	json_u64(j, "took_ms", r->took_ms);
	json_u64(j, "cpu_us", r->cpu_us);
	json_object_end(j);
}

void json_identify(struct json *j, const struct style *style, const struct identify_report *report)
{
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_time(j, "@timestamp", style->now);
	json_object(j, "server");
	json_span(j, "address", report->host);
	json_str(j, "ip", address_text(&report->target->address, text));
	json_u64(j, "port", report->target->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport", transport_word(report->target->transport));
	json_str(j, "type", report->target->address.family == ADDRESS_IPV6 ? "ipv6" : "ipv4");
	json_object_end(j);
	json_object(j, "service");
	json_str(j, "name", asked_is_known(report) ? report->result->proto->name : NULL);
	json_object_end(j);
	ours(j, report);
	json_object_end(j);
}

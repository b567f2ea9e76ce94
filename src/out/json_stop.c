/* SPDX-License-Identifier: Apache-2.0 */
/* json_stop: one object of `periplus stop`, when all is done; both JSON formats. */
#include "out/json_report.h"
#include "out/record.h"
#include "out/stop.h"

static const char *const means[] = {
#define M(name, word) word,
	STOP_MEANS(M)
#undef M
};

static const char *const refusals[] = {
#define R(name, word) word,
	STOP_REFUSALS(R)
#undef R
};

static const char *const results[] = {
#define R(name, word) word,
	STOP_RESULTS(R)
#undef R
};

static void process(struct json *j, const struct process *p)
{
	if (!p) {
		json_null(j, "process");
		return;
	}
	json_object(j, "process");
	json_u64(j, "pid", p->pid);
	json_span(j, "name", p->name);
	record_text(j, "executable", p->executable);
	json_u64(j, "uid", p->uid);
	record_text(j, "user", p->user);
	if (p->start_time)
		json_time(j, "start", p->start_time);
	else
		json_null(j, "start");
	json_object_end(j);
}

static void step(struct json *j, const struct stop_step *step)
{
	json_object(j, NULL);
	json_str(j, "means", means[step->means]);
	json_str(j, "refusal", step->means == STOP_NONE ? refusals[step->refusal] : NULL);
	process(j, step->process);
	record_text(j, "unit", step->unit);
	record_text(j, "socket_unit", step->socket_unit);
	json_bool(j, "is_user_unit", step->is_user_unit);
	json_str(j, "engine", step->engine);
	record_text(j, "container", step->container);
	json_object_end(j);
}

static void put(struct json *j, const struct style *style, const struct stop_report *report)
{
	json_object(j, NULL);
	json_str(j, "schema", "stop/1");
	json_time(j, "@timestamp", style->now);
	json_object(j, "server");
	json_u64(j, "port", report->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport",
		 report->transport == TRANSPORT_ANY ? NULL : transport_word(report->transport));
	json_object_end(j);
	json_object(j, "periplus");
	json_str(j, "result", results[report->result]);
	json_bool(j, "dry_run", report->is_dry_run);
	json_bool(j, "kill", report->is_kill);
	json_u64(j, "connections", stop_n_connections(report));
	json_array(j, "steps");
	for (size_t i = 0; i < report->n_steps; i++)
		step(j, &report->steps[i]);
	json_array_end(j);
	json_u64(j, "exit_status", (uint64_t)report->exit_status);
	json_object_end(j);
	json_object_end(j);
}

void json_report_stop(struct buf *b, const struct style *style, const struct stop_report *report)
{
	struct json j;

	json_init(&j, b, !style->is_lines);
	put(&j, style, report);
	json_end(&j);
}

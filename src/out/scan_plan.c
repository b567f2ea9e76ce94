/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_plan: what a scan would be, before it is: targets, packets and time of the first round. What
 * follows depends on who answers.
 */
#include <inttypes.h>

#include "base/text.h"
#include "out/scan_report.h"

static uint64_t packets(const struct scan_plan *plan)
{
	return plan->n_own - plan->n_done;
}

static uint64_t seconds(const struct scan_plan_report *report)
{
	return (packets(report->plan) + report->rate_pps - 1) / report->rate_pps;
}

/* "508 s", and what a person makes of it: "(8 min)". */
static void put_time(struct buf *b, const struct scan_plan_report *report)
{
	uint64_t s = seconds(report);

	buf_print(b, _("time       %" PRIu64 " s a round at %" PRIu64 " packets/s"), s,
		  report->rate_pps);
	if (s / 86400 >= 2)
		buf_print(b, _(" (%" PRIu64 " days)"), s / 86400);
	else if (s / 3600 >= 2)
		buf_print(b, _(" (%" PRIu64 " h)"), s / 3600);
	else if (s >= 120)
		buf_print(b, _(" (%" PRIu64 " min)"), s / 60);
	buf_byte(b, '\n');
}

void scan_plan_text(struct buf *b, const struct style *style, const struct scan_plan_report *report)
{
	const struct scan_plan *plan = report->plan;

	(void)style;
	buf_print(b,
		  _("hosts      %" PRIu64 " (%" PRIu64 " outside of your networks, %" PRIu64
		    " public)\n"),
		  plan->n_hosts, plan->n_outside, plan->n_public);
	if (plan->n_never || plan->n_opted_out)
		buf_print(b,
			  _("left out   %" PRIu64 " that are never asked, %" PRIu64
			    " that wished it\n"),
			  plan->n_never, plan->n_opted_out);
	buf_print(b, _("ports      %u over %s\n"), plan->n_ports,
		  transport_word(report->transport));
	if (plan->n_spared)
		buf_print(
			b,
			_("spared     %u ports: a stranger's bytes may harm what is usual there\n"),
			plan->n_spared);
	buf_print(b, _("targets    %" PRIu64), plan->n_own);
	if (report->is_part)
		buf_print(b, _(" in this part of %" PRIu64), plan->n_targets);
	if (report->is_resumed)
		buf_print(b, _(", %" PRIu64 " answered before"), plan->n_done);
	buf_print(b, _("\npackets    %" PRIu64 " in the first round; then only the unanswered\n"),
		  packets(plan));
	put_time(b, report);
}

void scan_plan_json(struct buf *b, const struct style *style, const struct scan_plan_report *report)
{
	const struct scan_plan *plan = report->plan;
	struct json j;

	json_init(&j, b, !style->is_lines);
	json_object(&j, NULL);
	json_str(&j, "schema", "scan_plan/1");
	json_time(&j, "@timestamp", style->now);
	json_str(&j, "transport", transport_word(report->transport));
	json_u64(&j, "hosts", plan->n_hosts);
	json_u64(&j, "outside_of_scope", plan->n_outside);
	json_u64(&j, "public", plan->n_public);
	json_u64(&j, "never_asked", plan->n_never);
	json_u64(&j, "opted_out", plan->n_opted_out);
	json_u64(&j, "ports", plan->n_ports);
	json_u64(&j, "ports_spared", plan->n_spared);
	json_u64(&j, "targets", plan->n_own);
	json_u64(&j, "targets_of_all_parts", plan->n_targets);
	json_u64(&j, "answered_before", plan->n_done);
	json_u64(&j, "packets", packets(plan));
	json_u64(&j, "rate", report->rate_pps);
	json_u64(&j, "seconds", seconds(report));
	json_object_end(&j);
	json_end(&j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* asked: what an asked port is called, and how sure that is; the words are keys, which text_identify.c
 * alone translates. */
#include "out/asked.h"

#include "base/text.h"

bool asked_is_known(const struct identify_report *report)
{
	return report->result->proto && report->result->match == PROTO_YES;
}

bool asked_can_be_proved(const struct identify_report *report)
{
	for (size_t i = 0; i < proto_count(); i++)
		if (proto_is_hinted(proto_at(i), report->target->transport, report->target->port) ||
		    span_eq_nocase(report->registered, span_str(proto_at(i)->name)))
			return true;
	return false;
}

const char *asked_certainty(const struct identify_report *report)
{
	if (report->result->proto)
		return report->result->match == PROTO_YES ? N_("probed") : N_("fits");
	return report->registered.n || report->target->expected[0] ? N_("table") : N_("none");
}

const char *asked_evidence(const struct identify_report *report)
{
	const struct scan_result *r = report->result;
	bool is_asked = false;

	for (size_t i = 0; i < r->n_steps && r->proto; i++) {
		is_asked = is_asked || r->steps[i].is_said;
		if (!r->steps[i].is_said && span_is(span_str(r->steps[i].proto), r->proto->name))
			return is_asked ? N_("answer") : N_("greeting");
	}
	return r->proto ? "answer" : N_("number");
}

const char *asked_class(const struct identify_report *report)
{
	static const char *const words[] = {[PROTO_A] = "A", [PROTO_B] = "B", [PROTO_C] = "C"};
	const struct scan_result *r = report->result;
	const struct proto *proto = asked_is_known(report) ? r->proto : r->spared;

	return proto ? words[proto->safety] : r->is_spared ? "A" : NULL;
}

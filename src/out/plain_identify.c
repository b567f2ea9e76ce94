/* SPDX-License-Identifier: Apache-2.0 */
/* plain_identify: an asked port as one record a line. The columns stand in out.h. */
#include "out/asked.h"

static void cell(struct buf *b, struct span s)
{
	buf_byte(b, '\t');
	if (s.n == 0)
		buf_byte(b, '-');
	else if (span_is(s, "-"))
		buf_str(b, "\\x2d");
	else
		buf_plain(b, s);
}

void plain_identify(struct buf *b, const struct style *style, const struct identify_report *report,
		    bool first, bool last)
{
	const struct scan_result *r = report ? report->result : NULL;

	(void)last;
	b->is_ascii = !style->is_utf8;
	if (first && style->is_verbose)
		buf_str(b, "state\ttransport\thost\tport\tservice\tproduct\tversion\tcertainty\t"
			   "evidence\tconnections\tsent\theard\n");
	if (!r)
		return;
	buf_print(b, "%s\t%s", scan_state_word(r->state),
		  transport_word(report->target->transport));
	cell(b, report->host);
	buf_print(b, "\t%u", report->target->port);
	cell(b, span_str(asked_is_known(report) ? r->proto->name : NULL));
	cell(b, span_str(r->product));
	cell(b, span_str(r->version));
	buf_print(b, "\t%s\t%s\t%u\t%u\t%u\n", asked_certainty(report), asked_evidence(report),
		  r->n_connections, r->n_sent, r->n_heard);
}

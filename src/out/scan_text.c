/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_text: a scan for people: a block a host, a line a port, and at the end how sure it is. A
 * name by the number alone is dimmed and begins with '~'. Why a port needs a look stands behind -v,
 * but where outside and inside disagree always.
 */
#include <inttypes.h>

#include "base/text.h"
#include "out/page.h"
#include "out/scan_report.h"

enum { NUMBER_COLUMNS = 11, RULE_COLUMNS = 6, WIDE = 64 };

/* Service, product and version where they are proved. */
static size_t put_what(struct page *page, const struct scan_row *row, size_t columns)
{
	struct cell cell = {0};

	if (!row->is_open)
		cell_add(&cell, span_str(_("only inside")), INK_DIM);
	else if (row->state == SCAN_FAILED)
		cell_add(&cell, span_str(_("parser failed")), INK_LOOK);
	else if (row->service.n)
		cell_add(&cell, row->service, INK_PLAIN);
	else if (row->fits.n)
		cell_add(&cell, page_print(page, _("fits %.*s"), SPAN_ARG(row->fits)), INK_DIM);
	else if (row->was_asked)
		cell_add(
			&cell,
			span_str(row->has_spoken ? _("says what no row knows") : _("says nothing")),
			INK_DIM);
	if (row->product.n)
		cell_add(&cell,
			 JOIN(page, row->product, row->version.n ? SPAN_LIT(" ") : SPAN_LIT(""),
			      row->version),
			 INK_PLAIN);
	if (!row->service.n && row->registered.n)
		cell_add(&cell, JOIN(page, SPAN_LIT("~"), row->registered), INK_DIM);
	return page_cell(page, &cell, columns);
}

static const struct reason *first_reason(const struct scan_row *row)
{
	return row->verdict->n_reasons ? &row->verdict->reasons[0] : NULL;
}

/* Where outside and inside agree: who it is there. */
static void put_inside(struct page *page, const struct scan_row *row)
{
	struct span who;

	if (!row->is_open || row->inside != INSIDE_LISTENS || !row->holder.n)
		return;
	who = page_print(page, _("inside it is %.*s"), SPAN_ARG(row->holder));
	for (enum verdict_kind k = 0; k <= VERDICT_UNEXPECTED; k++)
		if (span_is(row->inside_verdict, verdict_key(k)))
			who = page_print(page, _("%.*s, %s there"), SPAN_ARG(who), verdict_word(k));
	page_sentence(page, who, INK_DIM, NULL);
}

static void put_row(struct page *page, const struct scan_row *row)
{
	enum verdict_kind kind = row->verdict->kind;
	const struct reason *reason = first_reason(row);
	bool is_wide = page->width >= WIDE;
	size_t for_verdict = page_verdict_columns() + 3; /* with its mark and two blanks */
	size_t rest = page->width - INDENT - NUMBER_COLUMNS - for_verdict -
		      (is_wide ? RULE_COLUMNS : 0);
	size_t used;

	buf_fill(page->out, ' ', INDENT);
	used = page_text(page, page_print(page, "%u/%s", row->port, transport_word(row->transport)),
			 INK_PLAIN, NUMBER_COLUMNS);
	buf_fill(page->out, ' ', NUMBER_COLUMNS - used);
	used = put_what(page, row, rest - 1);
	buf_fill(page->out, ' ', rest - used);
	used = page_text(
		page, page_print(page, "%s %s", page_mark(page->style, kind), verdict_word(kind)),
		page_ink(kind), for_verdict - 1);
	if (is_wide && reason && kind != VERDICT_EXPECTED) {
		buf_fill(page->out, ' ', for_verdict - used);
		page_text(page, span_str(reason->rule->id), INK_DIM, RULE_COLUMNS);
	}
	buf_byte(page->out, '\n');
	for (size_t i = 0; reason && i < row->verdict->n_reasons; i++)
		if (page->style->is_verbose || row->inside == INSIDE_NOTHING ||
		    row->inside == INSIDE_ON_LOOPBACK || !row->is_open)
			page_sentence(page, reason[i].detail, INK_DIM, reason[i].rule->id);
	put_inside(page, row);
}

static struct span recall(struct page *page, const struct scan_summary *s)
{
	uint64_t parts = (uint64_t)(s->recall * 1e4); /* never rounded up */

	if (!s->has_recall)
		return span_str(s->answered ? _("how many were missed is not known")
					    : _("nothing answered: loss cannot be measured"));
	return page_print(page, _("estimated recall %" PRIu64 ".%02" PRIu64 " %%"), parts / 100,
			  parts % 100);
}

static void put_summary(struct page *page, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;
	uint64_t tenths = (uint64_t)(s->seconds * 10 + 0.5);

	page->label = _("found");
	page_sentence(page,
		      page_print(page,
				 _("%" PRIu64 " open, %" PRIu64 " closed, %" PRIu64
				   " silent of %" PRIu64 " targets, seen from outside"),
				 s->open, s->closed, s->silent, s->targets),
		      INK_PLAIN, NULL);
	if (report->plan->n_hosts > 1)
		page_sentence(page,
			      page_print(page, _("%" PRIu64 " of %" PRIu64 " hosts answered"),
					 s->n_answered, report->plan->n_hosts),
			      INK_PLAIN, NULL);
	if (s->n_absent)
		page_sentence(page,
			      page_print(page,
					 _("%" PRIu64 " of %" PRIu64
					   " hosts gave no sign of being there"),
					 s->n_absent, report->plan->n_hosts),
			      INK_PLAIN, NULL);
	page->label = _("sent");
	page_sentence(page,
		      page_print(page,
				 dngettext(PERIPLUS_DOMAIN,
					   "%" PRIu64 " probes in %u round by %s, %" PRIu64
					   " lost, %" PRIu64 ".%" PRIu64 " s",
					   "%" PRIu64 " probes in %u rounds by %s, %" PRIu64
					   " lost, %" PRIu64 ".%" PRIu64 " s",
					   s->rounds),
				 s->sent, s->rounds, s->engine, s->lost, tenths / 10, tenths % 10),
		      INK_PLAIN, NULL);
	page->label = _("sure");
	page_sentence(page, recall(page, s), INK_PLAIN, NULL);
	if (report->authorised) {
		page->label = _("authorised");
		page_sentence(page, span_str(report->authorised), INK_PLAIN, NULL);
	}
}

void scan_text(struct buf *b, const struct style *style, const struct scan_report *report)
{
	struct page page;
	char text[ADDRESS_TEXT];

	page_init(&page, b, style);
	for (size_t i = 0, end; i < report->n_rows; i = end) {
		end = scan_host_end(report, i);
		buf_print(b, "%s\n", address_text(&report->rows[i].address, text));
		for (size_t k = i; k < end; k++)
			put_row(&page, &report->rows[k]);
		buf_byte(b, '\n');
	}
	put_summary(&page, report);
	page_done(&page);
}

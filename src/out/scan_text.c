/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_text: a scan for people: a block a host, a line a port, and one line that says how sure it
 * is. A name by the number alone is dimmed and begins with '~'.
 */
#include "base/text.h"
#include "out/page.h"
#include "out/scan_report.h"

enum { WHAT_COLUMNS = 34, NUMBER_COLUMNS = 12 };

/* Service, product and version where they are proved. */
static void put_what(struct page *page, const struct scan_row *row)
{
	struct cell cell = {0};

	if (row->service.n)
		cell_add(&cell, row->service, INK_PLAIN);
	else if (row->state == SCAN_FAILED)
		cell_add(&cell, span_str(_("parser failed")), INK_LOOK);
	else if (row->fits.n)
		cell_add(&cell, page_print(page, _("fits %.*s"), SPAN_ARG(row->fits)), INK_DIM);
	if (row->product.n)
		cell_add(&cell,
			 JOIN(page, row->product, row->version.n ? SPAN_LIT(" ") : SPAN_LIT(""),
			      row->version),
			 INK_PLAIN);
	if (!row->service.n && row->registered.n)
		cell_add(&cell, JOIN(page, SPAN_LIT("~"), row->registered), INK_DIM);
	buf_fill(page->out, ' ', WHAT_COLUMNS - page_cell(page, &cell, WHAT_COLUMNS));
}

static void put_verdict(struct page *page, const struct scan_row *row)
{
	enum verdict_kind kind = row->verdict->kind;
	const struct reason *reason = row->verdict->n_reasons ? &row->verdict->reasons[0] : NULL;

	buf_byte(page->out, ' ');
	page_text(page, page_print(page, "%s %s", page_mark(page->style, kind), verdict_word(kind)),
		  page_ink(kind), page->width);
	if (reason && (kind != VERDICT_EXPECTED || !row->is_open || page->style->is_verbose)) {
		buf_str(page->out, "  ");
		page_text(page,
			  JOIN(page, reason->detail, SPAN_LIT(" ["), span_str(reason->rule->id),
			       SPAN_LIT("]")),
			  INK_DIM, page->width);
	}
	buf_byte(page->out, '\n');
}

static void put_row(struct page *page, const struct scan_row *row)
{
	size_t at = page->out->n;

	buf_print(page->out, "  %u/%s", row->port, transport_word(row->transport));
	if (page->out->n - at < NUMBER_COLUMNS) /* not, when the buf was just written out */
		buf_fill(page->out, ' ', NUMBER_COLUMNS - (page->out->n - at));
	if (row->is_open)
		put_what(page, row);
	else
		buf_print(page->out, "%-*s", WHAT_COLUMNS, _("only inside"));
	put_verdict(page, row);
}

static void put_recall(struct buf *b, const struct scan_summary *s)
{
	if (!s->has_recall) {
		buf_str(b, s->answered ? _("; how many were missed is not known")
				       : _("; nothing answered, so loss cannot be measured"));
		return;
	}
	buf_str(b, _("; estimated recall "));
	buf_fixed(b, (uint64_t)(s->recall * 1e4), 2);
	buf_str(b, " %");
}

static void put_summary(struct buf *b, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;

	buf_print(b,
		  _("%llu open, %llu closed, %llu silent of %llu targets (%llu hosts, %u ports); "
		    "seen from outside\n"),
		  (unsigned long long)s->open, (unsigned long long)s->closed,
		  (unsigned long long)s->silent, (unsigned long long)s->targets,
		  (unsigned long long)report->plan->n_hosts, report->plan->n_ports);
	buf_print(b, _("%llu probes in %u rounds by %s, %llu lost"), (unsigned long long)s->sent,
		  s->rounds, s->engine, (unsigned long long)s->lost);
	put_recall(b, s);
	buf_str(b, "; ");
	buf_fixed(b, (uint64_t)(s->seconds * 10 + 0.5), 1);
	buf_str(b, " s\n");
	if (report->authorised) {
		buf_str(b, _("authorised by "));
		buf_term(b, span_str(report->authorised));
		buf_byte(b, '\n');
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
	put_summary(b, report);
	page_done(&page);
}

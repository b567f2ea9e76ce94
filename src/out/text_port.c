/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_port: one port on one screen: seen, practice, registered, claimed, why, next.
 *
 * Every joined row has a headline, its seen block and its reasons; what is said of the number is
 * told once per transport, with the last row of it. Without rows the page says so, and says
 * whether everything could be seen.
 */
#include "out/text.h"

#include "base/scope.h"
#include "out/next.h"

static void why(struct page *page, const struct verdict *verdict)
{
	bool is_first = true;

	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];
		bool is_cancelled =
			reason->effect == EFFECT_NOTE && reason->rule->effect != EFFECT_NOTE;
		struct span text =
			reason->detail.n ? reason->detail : span_str(_(reason->rule->title));

		if (is_cancelled && !page->style->is_verbose)
			continue;
		if (is_first) {
			buf_byte(page->out, '\n');
			page->label = _("why");
		}
		is_first = false;
		page_sentence(page, text, reason->effect == EFFECT_NOTE ? INK_DIM : INK_PLAIN,
			      (const char *)page_print(page, "[%s]", reason->rule->id).p);
	}
	page->label = NULL;
}

static struct span number(struct page *page, const struct port_report *report)
{
	if (report->transport == TRANSPORT_ANY)
		return page_print(page, "%u", report->port);
	return page_print(page, "%u/%s", report->port, transport_word(report->transport));
}

/* Nothing listens here, or only the map was asked. */
static void quiet_page(struct page *page, const struct port_report *report)
{
	struct span service = map_service_name(report->map, report->port, report->transport);
	enum map_standing standing =
		map_port_standing(report->map, report->port, report->transport);
	struct cell cell = {0};
	struct span text;

	if (!report->listing && service.n)
		text = JOIN(page, service, SPAN_LIT(" ("), span_str(_(map_standing_word(standing))),
			    SPAN_LIT(")"));
	else if (!report->listing)
		text = span_str(_(map_standing_word(standing)));
	else if (!report->listing->is_complete && report->n_peers)
		text = span_str(_("connections use the number; no listener could be seen"));
	else if (!report->listing->is_complete)
		text = span_str(_("nothing listens here, as far as could be seen"));
	else if (report->n_peers)
		text = span_str(_("nothing listens here, but connections use the number"));
	else
		text = span_str(_("nothing listens here"));
	cell_add(&cell, text, INK_PLAIN);
	if (report->listing && service.n)
		cell_add(&cell, JOIN(page, SPAN_LIT("~"), service), INK_DIM);
	page_headline(page, number(page, report), &cell, -1);
	buf_byte(page->out, '\n');
	text_said(page, report, report->transport);
}

static void headline(struct page *page, const struct map *map, const struct judged *row)
{
	struct cell cell = {0};
	struct span who = who_name(page, row);

	if (row->verdict->match != MATCH_NONE && row->verdict->product->title.n &&
	    span_find_nocase(who, row->verdict->product->title) < 0)
		who = JOIN(page, who, SPAN_LIT(" ("), row->verdict->product->title, SPAN_LIT(")"));
	cell_add(&cell, JOIN(page, span_str(_("taken by")), SPAN_LIT(" "), who), INK_PLAIN);
	/* The number's name stands in only where nothing better was seen. */
	if (!row->sighting->n_owners)
		cell_add(&cell, who_service(page, map, row->sighting), INK_DIM);
	page_headline(page, who_number(page, row->sighting), &cell, (int)row->verdict->kind);
}

static enum transport filed(const struct joined *joined)
{
	return transport_registered(joined->row->sighting->transport);
}

static void rows_page(struct page *page, const struct port_report *report)
{
	const struct judged *worst = NULL;
	struct joined *rows;
	size_t n = joined_rows(page, report->rows, report->n_rows, &rows);

	for (size_t i = 0; i < n; i++) {
		bool is_last = true;

		for (size_t k = i + 1; k < n; k++)
			is_last &= filed(&rows[k]) != filed(&rows[i]);
		if (!worst || rows[i].row->verdict->kind > worst->verdict->kind)
			worst = rows[i].row;
		if (i)
			buf_byte(page->out, '\n');
		headline(page, report->map, rows[i].row);
		buf_byte(page->out, '\n');
		text_seen(page, &rows[i]);
		text_clients(page, report, rows, n, &rows[i]);
		if (is_last)
			text_said(page, report, filed(&rows[i]));
		why(page, rows[i].row->verdict);
	}
	text_peers(page, report, rows, n);
	next_block(page, report, worst);
}

void text_port(struct buf *b, const struct style *style, const struct port_report *report,
	       bool first, bool last)
{
	struct page page;

	(void)last;
	page_init(&page, b, style);
	if (!first)
		buf_byte(b, '\n');
	if (report->n_rows) {
		rows_page(&page, report);
	} else {
		quiet_page(&page, report);
		text_peers(&page, report, NULL, 0);
		next_block(&page, report, NULL);
	}
	page_done(&page);
}

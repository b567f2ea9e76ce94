/* SPDX-License-Identifier: Apache-2.0 */
/* text_facts: facts of the practice as a table; every note is cut to the width, --plain is not. */
#include "out/text.h"

enum { COLUMNS_BIND = 100, COLUMNS_SOURCE = 132 };

static void columns(struct table *table, unsigned width)
{
	table_column(table, _("PORT"), 0, false);
	table_column(table, _("PRODUCT"), 10, false);
	table_column(table, _("KIND"), 0, false);
	table_column(table, _("GRADE"), 0, false);
	if (width >= COLUMNS_BIND)
		table_column(table, _("BIND"), 0, false);
	table_column(table, _("NOTE"), 12, false);
	if (width >= COLUMNS_SOURCE)
		table_column(table, _("SOURCE"), 12, false);
}

static void row_of(struct table *table, const struct map_practice *fact)
{
	struct page *page = table->page;
	struct cell *cell = table_row(table)->cells;

	cell_add(cell++,
		 JOIN(page, page_ports(page, true, fact->first, fact->last), SPAN_LIT("/"),
		      span_str(transport_word(fact->transport))),
		 INK_PLAIN);
	cell_add(cell++, fact->product, INK_PLAIN);
	cell_add(cell++, span_str(practice_kind_word(fact->kind)), INK_PLAIN);
	cell_add(cell++, span_str(practice_grade_word(fact->grade)), INK_PLAIN);
	if (page->style->columns >= COLUMNS_BIND)
		cell_add(cell++, fact->bind.n ? fact->bind : SPAN_LIT("-"), INK_PLAIN);
	cell_add(cell++, fact->note, INK_PLAIN);
	cell_add(cell, fact->source, INK_DIM);
}

static struct span append(struct page *page, struct span text, struct span more)
{
	return JOIN(page, text, span_str(page_dash(page->style)), more);
}

/* 14 facts · 6 pairs of port and transport · 12 products · 1 malware family */
static void headline(struct page *page, const struct fact_counts *counts)
{
	struct span text =
		page_print(page, dngettext(PERIPLUS_DOMAIN, "%zu fact", "%zu facts", counts->facts),
			   counts->facts);

	if (counts->facts == 0) {
		page_text(page, span_str(_("no fact is like that")), INK_PLAIN, page->width);
		buf_byte(page->out, '\n');
		return;
	}
	text = append(page, text,
		      page_print(page,
				 dngettext(PERIPLUS_DOMAIN, "%zu pair of port and transport",
					   "%zu pairs of port and transport", counts->pairs),
				 counts->pairs));
	text = append(page, text,
		      page_print(page,
				 dngettext(PERIPLUS_DOMAIN, "%zu product", "%zu products",
					   counts->products),
				 counts->products));
	if (counts->malware)
		text = append(page, text,
			      page_print(page,
					 dngettext(PERIPLUS_DOMAIN, "%zu malware family",
						   "%zu malware families", counts->malware),
					 counts->malware));
	page_text(page, text, INK_PLAIN, page->width);
	buf_byte(page->out, '\n');
}

void text_facts(struct buf *b, const struct style *style, const struct facts_report *report)
{
	struct fact_counts counts;
	struct page page;
	struct table table = {.page = &page};

	fact_count(report, &counts);
	page_init(&page, b, style);
	if (report->is_stats) {
		text_fact_counts(&page, &counts);
		page_done(&page);
		return;
	}
	headline(&page, &counts);
	columns(&table, style->columns);
	for (size_t i = 0; i < report->n_rows; i++) {
		struct map_practice fact;

		map_practice_get(report->map, report->rows[i], &fact);
		row_of(&table, &fact);
	}
	if (report->n_rows) {
		buf_byte(b, '\n');
		table_put(&table);
	}
	page_done(&page);
}

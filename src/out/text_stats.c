/* SPDX-License-Identifier: Apache-2.0 */
/* text_stats: counts of the registry and of the practice. Numbers are never grouped. */
#include "out/text.h"

#include <stdio.h>

enum { NUMBER_COLUMNS = 9, YEAR_COLUMNS = 12 };

/* A number at the right of its column; a table's cells may hold no runs of blanks. */
static void number(struct page *page, size_t n, size_t columns)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%zu", n);

	buf_fill(page->out, ' ', (size_t)length < columns ? columns - (size_t)length : 0);
	buf_str(page->out, text);
}

static void count(struct page *page, size_t n, const char *what)
{
	number(page, n, NUMBER_COLUMNS);
	buf_str(page->out, "  ");
	page_text(page, span_str(what), INK_PLAIN, page->width - NUMBER_COLUMNS - 2);
	buf_byte(page->out, '\n');
}

static void title(struct page *page, const char *text)
{
	buf_byte(page->out, '\n');
	page_text(page, span_str(text), INK_PLAIN, page->width);
	buf_byte(page->out, '\n');
}

static void registry(struct page *page, const struct map_counts *counts)
{
	count(page, counts->rows, _("rows"));
	count(page, counts->rows_with_port, _("with a port"));
	count(page, counts->named, _("with a service name"));
	count(page, counts->ranges_without_transport, _("ranges without transport"));
	title(page, _("by transport"));
	for (int i = 0; i < N_TRANSPORTS; i++)
		if (counts->by_transport[i])
			count(page, counts->by_transport[i], transport_word((enum transport)i));
	title(page, _("by standing"));
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		if (counts->by_standing[i])
			count(page, counts->by_standing[i],
			      _(map_standing_word((enum map_standing)i)));
}

/* What was searched, and in how many named rows it found the service, or only others. */
static void evidence(struct page *page, const struct map_counts *counts)
{
	title(page, _("evidence: rows whose service was found, rows where others were"));
	for (size_t i = 0; i < counts->n_sources; i++) {
		struct span text =
			JOIN(page, counts->sources[i].source, SPAN_LIT(", "),
			     span_str(_("searched")), SPAN_LIT(" "), counts->sources[i].searched);

		number(page, counts->sources[i].for_life, NUMBER_COLUMNS);
		number(page, counts->sources[i].for_others, NUMBER_COLUMNS);
		buf_str(page->out, "  ");
		page_text(page, text, INK_PLAIN, page->width - 2 * (size_t)NUMBER_COLUMNS - 2);
		buf_byte(page->out, '\n');
	}
}

static void ranges(struct page *page, const struct map_counts *counts)
{
	title(page, _("by range: named rows, and numbers that have one"));
	for (int i = 0; i < N_PORT_SPACES; i++) {
		number(page, counts->by_space[i], NUMBER_COLUMNS);
		number(page, counts->assigned_ports[i], NUMBER_COLUMNS);
		buf_str(page->out, "  ");
		buf_str(page->out, port_space_word((enum port_space)i));
		buf_byte(page->out, '\n');
	}
}

static void years(struct page *page, const struct map_counts *counts)
{
	size_t a_line = page->width / YEAR_COLUMNS;

	title(page, _("by year of registration"));
	for (size_t i = 0; i < counts->n_years; i++) {
		number(page, counts->years[i].year, 6);
		number(page, counts->years[i].n, YEAR_COLUMNS - 6);
		if ((i + 1) % a_line == 0 || i + 1 == counts->n_years)
			buf_byte(page->out, '\n');
	}
	count(page, counts->undated, _("without a date"));
}

static void kinds(struct page *page, const size_t *by_kind)
{
	for (int i = 0; i < N_PRACTICE_KINDS; i++)
		if (by_kind[i])
			count(page, by_kind[i], practice_kind_word((enum practice_kind)i));
}

static void grades(struct page *page, const size_t *by_grade)
{
	for (int i = 0; i < N_PRACTICE_GRADES; i++)
		if (by_grade[i])
			count(page, by_grade[i], practice_grade_word((enum practice_grade)i));
}

static void practice(struct page *page, const struct map_counts *counts)
{
	title(page, _("practice"));
	count(page, counts->facts, _("facts"));
	count(page, counts->fact_pairs, _("pairs of port and transport"));
	count(page, counts->products, _("products"));
	count(page, counts->platforms, _("habits of platforms"));
	count(page, counts->purposes, _("purposes of registrations"));
	kinds(page, counts->by_kind);
	grades(page, counts->by_grade);
}

void text_fact_counts(struct page *page, const struct fact_counts *counts)
{
	count(page, counts->facts, _("facts"));
	count(page, counts->pairs, _("pairs of port and transport"));
	count(page, counts->products, _("products"));
	count(page, counts->malware, _("malware families"));
	title(page, _("by kind"));
	kinds(page, counts->by_kind);
	title(page, _("by grade"));
	grades(page, counts->by_grade);
}

void text_stats(struct buf *b, const struct style *style, const struct map *map)
{
	struct map_counts counts;
	struct page page;

	map_count(map, &counts);
	page_init(&page, b, style);
	page_text(&page,
		  JOIN(&page, span_str(_("registry of")), SPAN_LIT(" "), map_registry_date(map)),
		  INK_PLAIN, page.width);
	buf_str(b, "\n\n");
	registry(&page, &counts);
	evidence(&page, &counts);
	ranges(&page, &counts);
	years(&page, &counts);
	practice(&page, &counts);
	page_done(&page);
}

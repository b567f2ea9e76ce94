/* SPDX-License-Identifier: Apache-2.0 */
/* text_look: registrations that match a word, best first; rows that differ in transport only are
 * one row. */
#include "out/text.h"

enum { COLUMNS_DATE = 100, COLUMNS_DOMAIN = 132 };

static bool same_entry(const struct map_registration *a, const struct map_registration *b)
{
	return a->has_port == b->has_port && a->first == b->first && a->last == b->last &&
	       a->standing == b->standing && span_eq(a->service, b->service) &&
	       span_eq(a->description, b->description) && span_eq(a->organisation, b->organisation);
}

static void columns(struct table *table, unsigned width)
{
	table_column(table, _("PORT"), 5, false);
	table_column(table, _("SERVICE"), 8, false);
	table_column(table, _("STANDING"), 0, false);
	table_column(table, _("DESCRIPTION"), 12, false);
	table_column(table, _("REGISTRANT"), 10, false);
	if (width >= COLUMNS_DATE)
		table_column(table, _("REGISTERED"), 0, false);
	if (width >= COLUMNS_DOMAIN) {
		table_column(table, _("DOMAIN"), 8, false);
		table_column(table, _("REFERENCE"), 8, false);
	}
}

static void row_of(struct table *table, const struct map_registration *entry, struct span number)
{
	struct cell *cell = table_row(table)->cells;
	unsigned width = table->page->style->columns;

	cell_add(cell++, number, INK_PLAIN);
	cell_add(cell++, entry->service.n ? entry->service : SPAN_LIT("-"), INK_PLAIN);
	cell_add(cell++, span_str(_(map_standing_word(entry->standing))), INK_PLAIN);
	cell_add(cell++, entry->description, INK_PLAIN);
	cell_add(cell++,
		 entry->organisation.n || width >= COLUMNS_DOMAIN ? entry->organisation
								  : entry->domain,
		 INK_PLAIN);
	if (width >= COLUMNS_DATE)
		cell_add(cell++, entry->registered, INK_PLAIN);
	if (width >= COLUMNS_DOMAIN) {
		cell_add(cell++, entry->domain, INK_PLAIN);
		cell_add(cell++, entry->references, INK_PLAIN);
	}
}

/* The rows from `at` on that are one entry; returns where the next one begins. */
static size_t entry_of(struct page *page, const struct look_report *report, size_t at,
		       struct map_registration *entry, struct span *number)
{
	struct map_registration other;

	map_registration_get(report->map, report->hits[at].index, entry);
	*number = JOIN(page, page_ports(page, entry->has_port, entry->first, entry->last),
		       SPAN_LIT("/"), span_str(transport_word(entry->transport)));
	while (++at < report->n_hits) {
		map_registration_get(report->map, report->hits[at].index, &other);
		if (!same_entry(entry, &other))
			break;
		*number = JOIN(page, *number, SPAN_LIT("+"),
			       span_str(transport_word(other.transport)));
	}
	return at;
}

/* "4317/tcp, 4318/tcp" */
static struct span ports_of(struct page *page, const struct map *map, struct span product)
{
	struct span all = {0};
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_of_product(map, product, &cursor, &fact))
		all = JOIN(page, all, all.n ? SPAN_LIT(", ") : all,
			   page_ports(page, true, fact.first, fact.last), SPAN_LIT("/"),
			   span_str(transport_word(fact.transport)));
	return all.n ? all : span_str(_("no number of its own"));
}

static void put_products(struct page *page, const struct look_report *report)
{
	struct table table = {.page = page};

	table_column(&table, _("PRODUCT"), 8, false);
	table_column(&table, _("IS MET ON"), 20, false);
	for (size_t i = 0; i < report->n_products; i++) {
		struct cell *cell = table_row(&table)->cells;
		struct map_product product;

		map_product_get(report->map, report->products[i], &product);
		cell_add(&cell[0], product.title, INK_PLAIN);
		cell_add(&cell[1], ports_of(page, report->map, product.slug), INK_PLAIN);
	}
	buf_byte(page->out, '\n');
	table_put(&table);
}

static void headline(struct page *page, const struct look_report *report)
{
	unsigned long n = report->n_matched;
	unsigned long n_products = report->n_products_matched;
	struct span text = page_print(
		page, dngettext(PERIPLUS_DOMAIN, "%lu registration", "%lu registrations", n), n);

	if (n_products)
		text = JOIN(page,
			    page_print(page,
				       dngettext(PERIPLUS_DOMAIN, "%lu product", "%lu products",
						 n_products),
				       n_products),
			    span_str(page_dash(page->style)), text);
	else if (n == 0)
		text = span_str(_("nothing in the map"));
	if (report->n_hits < report->n_matched || report->n_products < n_products)
		text = JOIN(page, text, span_str(_(", best first; --all shows all")));
	page_text(page,
		  JOIN(page, span_str(_("look")), SPAN_LIT(" \""), report->words, SPAN_LIT("\": "),
		       text),
		  INK_PLAIN, page->width);
	buf_byte(page->out, '\n');
}

void text_look(struct buf *b, const struct style *style, const struct look_report *report)
{
	struct page page;
	struct table table = {.page = &page};

	page_init(&page, b, style);
	headline(&page, report);
	if (report->n_products)
		put_products(&page, report);
	columns(&table, style->columns);
	for (size_t i = 0; i < report->n_hits;) {
		struct map_registration entry;
		struct span number;

		i = entry_of(&page, report, i, &entry, &number);
		row_of(&table, &entry, number);
	}
	if (report->n_hits) {
		buf_byte(b, '\n');
		table_put(&table);
	}
	page_done(&page);
}

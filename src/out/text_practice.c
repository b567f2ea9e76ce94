/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_practice: the block "practice" of a port page: which products use the number.
 *
 * One sentence: first the product that was seen here, then others by how well they are attested,
 * then how many more. -v shows every fact with its grade and source, in the order of the map.
 */
#include "out/text.h"

#include <stdlib.h>

/* The seen one and five others. A fold of a single one would save nothing. */
enum { NAMES_SHOWN = 6 };

struct question {
	struct page *page;
	const struct port_report *report;
	enum transport transport;
};

/* A product, once, by its best fact. */
struct use {
	struct map_practice fact;
	bool is_seen;
	size_t place; /* in the map */
};

static struct span title_of(const struct question *q, const struct map_practice *fact)
{
	struct map_product product;

	if (map_product_find(q->report->map, fact->product, &product) && product.title.n)
		return product.title;
	return fact->product;
}

/* Whether one of the rows of this transport is this product, by what runs there. */
static bool is_seen(const struct question *q, struct span product)
{
	for (size_t i = 0; i < q->report->n_rows; i++) {
		const struct judged *row = &q->report->rows[i];

		if (row->verdict->match != MATCH_NONE &&
		    span_eq(row->verdict->product->slug, product) &&
		    (q->transport == TRANSPORT_ANY ||
		     transport_registered(row->sighting->transport) == q->transport))
			return true;
	}
	return false;
}

static int compare(const void *left, const void *right)
{
	const struct use *a = left;
	const struct use *b = right;

	if (a->is_seen != b->is_seen)
		return (int)b->is_seen - (int)a->is_seen;
	if (a->fact.grade != b->fact.grade)
		return a->fact.grade < b->fact.grade ? -1 : 1;
	return (a->place > b->place) - (a->place < b->place);
}

static void add(struct use *uses, size_t *n, const struct map_practice *fact, bool is_seen_here)
{
	for (size_t i = 0; i < *n; i++)
		if (span_eq(uses[i].fact.product, fact->product)) {
			if (fact->grade < uses[i].fact.grade)
				uses[i].fact = *fact;
			return;
		}
	uses[*n] = (struct use){*fact, is_seen_here, *n};
	(*n)++;
}

/* The products in the order in which they are named; malware apart from the others. */
static size_t uses_of(const struct question *q, bool is_malware, struct use **uses)
{
	struct map_practice fact;
	uint32_t cursor = 0;
	size_t most = 0;
	size_t n = 0;

	while (map_next_practice(q->report->map, q->report->port, q->transport, &cursor, &fact))
		most++;
	*uses = arena_get_array(&q->page->arena, most, sizeof(**uses));
	cursor = 0;
	while (n < most &&
	       map_next_practice(q->report->map, q->report->port, q->transport, &cursor, &fact))
		if ((fact.kind == PRACTICE_MALWARE) == is_malware)
			add(*uses, &n, &fact, is_seen(q, fact.product));
	if (n > 1)
		qsort(*uses, n, sizeof(**uses), compare);
	return n;
}

static struct span graded(struct page *page, struct span title, const struct map_practice *fact)
{
	if (fact->grade != GRADE_UNCONFIRMED)
		return title;
	return JOIN(page, title, SPAN_LIT(" "), span_str(_("(unconfirmed)")));
}

/* Malware stands apart and dim, because a number alone accuses nobody. */
static void names(const struct question *q, bool is_malware)
{
	struct page *page = q->page;
	struct use *uses;
	size_t n = uses_of(q, is_malware, &uses);
	size_t n_shown = n > NAMES_SHOWN + 1 ? NAMES_SHOWN : n;
	struct span text = {0};

	for (size_t i = 0; i < n_shown; i++)
		text = JOIN(page, text, span_str(i ? ", " : ""),
			    graded(page, title_of(q, &uses[i].fact), &uses[i].fact));
	if (n > n_shown)
		text = JOIN(page, text, SPAN_LIT(" "), span_str(page_dots(page->style)),
			    SPAN_LIT(" "), page_print(page, _("%zu more"), n - n_shown));
	if (n && is_malware)
		text = JOIN(page, span_str(_("malware history:")), SPAN_LIT(" "), text,
			    SPAN_LIT("; "), span_str(_("a number alone proves nothing")));
	if (n)
		page_sentence(page, text, is_malware ? INK_DIM : INK_PLAIN, NULL);
}

static void facts(const struct question *q)
{
	struct page *page = q->page;
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_practice(q->report->map, q->report->port, q->transport, &cursor, &fact)) {
		struct span head = JOIN(page, title_of(q, &fact), SPAN_LIT(" ("),
					span_str(transport_word(fact.transport)), SPAN_LIT(", "),
					span_str(practice_kind_word(fact.kind)), SPAN_LIT(", "),
					span_str(practice_grade_word(fact.grade)), SPAN_LIT(")"));

		if (fact.note.n)
			head = JOIN(page, head, SPAN_LIT(": "), fact.note);
		page_sentence(page, head, INK_PLAIN, NULL);
		if (fact.source.n)
			page_line(page,
				  JOIN(page, fact.source, SPAN_LIT(", "), span_str(_("read")),
				       SPAN_LIT(" "), fact.read),
				  INK_DIM);
	}
}

void text_practice(struct page *page, const struct port_report *report, enum transport transport)
{
	struct question q = {.page = page, .report = report, .transport = transport};
	struct map_practice fact;
	uint32_t cursor = 0;

	page->label = _("practice");
	if (!map_next_practice(report->map, report->port, transport, &cursor, &fact)) {
		page_line(page, span_str(_("none known")), INK_PLAIN);
	} else if (page->style->is_verbose) {
		facts(&q);
	} else {
		names(&q, false);
		names(&q, true);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: what the rows of data/ must keep among themselves, and the sorting that shows it.
 *
 * Cells and the order of lines are checked while a text is read (make_read.c). Here: no fact and
 * no product twice, even in two files; every fact's product described, but for malware; a row for
 * every source that a standing may name.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"
#include "map/make_private.h"

void make_complain(struct make_complaints *to, struct make_place place, const char *format, ...)
{
	char text[WHY_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	to->n++;
	to->put(to, place.file ? place.file : "map", place.line, text);
}

void make_knowledge_done(struct make_knowledge *knowledge)
{
	arena_done(&knowledge->arena);
	*knowledge = (struct make_knowledge){0};
}

static int cmp_places(const struct make_place *a, const struct make_place *b)
{
	int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

static int cmp_facts(const void *a, const void *b)
{
	const struct make_fact *s = a;
	const struct make_fact *t = b;
	int order = make_fact_cmp(&s->fact, &t->fact);

	return order ? order : cmp_places(&s->place, &t->place);
}

static int cmp_products(const void *a, const void *b)
{
	const struct make_product *s = a;
	const struct make_product *t = b;
	int order = span_cmp(s->product.slug, t->product.slug);

	return order ? order : cmp_places(&s->place, &t->place);
}

void make_sort(struct make_knowledge *knowledge)
{
	if (knowledge->n_facts)
		qsort(knowledge->facts, knowledge->n_facts, sizeof(*knowledge->facts), cmp_facts);
	if (knowledge->n_products)
		qsort(knowledge->products, knowledge->n_products, sizeof(*knowledge->products),
		      cmp_products);
}

static bool is_described(const struct make_knowledge *knowledge, struct span slug)
{
	struct make_product key = {.product = {.slug = slug}};
	size_t low = 0;
	size_t high = knowledge->n_products;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = span_cmp(knowledge->products[middle].product.slug, key.product.slug);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static void check_facts(const struct make_knowledge *knowledge, struct make_complaints *to)
{
	for (size_t i = 0; i < knowledge->n_facts; i++) {
		const struct make_fact *row = &knowledge->facts[i];

		if (i && make_fact_cmp(&row[-1].fact, &row->fact) == 0)
			make_complain(to, row->place, _("duplicate of %s:%zu"),
				      row[-1].place.file ? row[-1].place.file : "map",
				      row[-1].place.line);
		if (row->fact.kind != PRACTICE_MALWARE &&
		    !is_described(knowledge, row->fact.product))
			make_complain(to, row->place, _("no row of products describes '%.*s'"),
				      SPAN_ARG(row->fact.product));
	}
}

static void check_products(const struct make_knowledge *knowledge, struct make_complaints *to)
{
	for (size_t i = 1; i < knowledge->n_products; i++) {
		const struct make_product *row = &knowledge->products[i];

		/* A row that came from the map may be the older self of the row being checked. */
		if (span_eq(row[-1].product.slug, row->product.slug) && row[-1].place.file)
			make_complain(to, row->place, _("duplicate of %s:%zu"), row[-1].place.file,
				      row[-1].place.line);
	}
}

static void check_evidence(const struct make_knowledge *knowledge, struct make_complaints *to)
{
	for (size_t i = 0; i < make_n_source_words(); i++) {
		size_t k = 0;

		while (k < knowledge->n_sources &&
		       !span_is(knowledge->sources[k].source, make_source_word(i)))
			k++;
		if (k == knowledge->n_sources)
			make_complain(to, (struct make_place){"data/evidence/sources.tsv", 0},
				      _("no row describes the source '%s'"), make_source_word(i));
	}
	for (size_t i = 1; i < knowledge->n_names; i++)
		for (size_t k = 0; k < i; k++)
			if (span_eq(knowledge->names[i].service, knowledge->names[k].service) &&
			    span_eq(knowledge->names[i].product, knowledge->names[k].product))
				make_complain(to, knowledge->names[i].place,
					      _("duplicate of line %zu"),
					      knowledge->names[k].place.line);
}

void make_check(struct make_knowledge *knowledge, struct make_complaints *to)
{
	make_sort(knowledge);
	check_facts(knowledge, to);
	check_products(knowledge, to);
	check_evidence(knowledge, to);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fact_count: see fact_count.h. Products are counted by sorting their names, malware first. */
#include "out/fact_count.h"

#include <stdlib.h>

#include "base/arena.h"

struct name {
	struct span product;
	bool is_malware;
};

static int compare(const void *left, const void *right)
{
	const struct name *a = left;
	const struct name *b = right;
	int order = span_cmp(a->product, b->product);

	return order ? order : (int)b->is_malware - (int)a->is_malware;
}

static void count_products(struct fact_counts *counts, struct name *names, size_t n)
{
	if (n > 1)
		qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && span_eq(names[i].product, names[i - 1].product))
			continue;
		counts->products++;
		counts->malware += names[i].is_malware;
	}
}

void fact_count(const struct facts_report *report, struct fact_counts *counts)
{
	struct arena arena = {0};
	struct name *names = arena_get_array(&arena, report->n_rows, sizeof(*names));
	struct map_practice before = {0};
	struct map_practice fact;

	*counts = (struct fact_counts){.facts = report->n_rows};
	for (size_t i = 0; i < report->n_rows; i++, before = fact) {
		map_practice_get(report->map, report->rows[i], &fact);
		counts->by_kind[fact.kind]++;
		counts->by_grade[fact.grade]++;
		/* The map is sorted by port, and so are the chosen rows. */
		counts->pairs += i == 0 || fact.first != before.first || fact.last != before.last ||
				 fact.transport != before.transport;
		names[i] = (struct name){fact.product, fact.kind == PRACTICE_MALWARE};
	}
	count_products(counts, names, report->n_rows);
	arena_done(&arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join: two sets of facts side by side: what one may take from the other, what tells them apart.
 *
 * Both are sorted, so one walk pairs them. A row is the same row in both when ports, transport and
 * service agree; where several rows agree (a service registered twice without a number), equal
 * descriptions pair first and the rest pair in order.
 */
#include "import/import.h"

#include <stdlib.h>

static const char *const kinds[] = {
#define K(name, word) word,
	CHANGE_KINDS(K)
#undef K
};

const char *change_kind_word(enum change_kind kind)
{
	return kinds[kind];
}

/* The partner of each row on the other side, or NULL. */
struct pairs {
	const struct fact **of_before, **of_after;
	const struct facts *before, *after;
};

static int number_cmp(const struct fact *a, const struct fact *b)
{
	if (a->has_port != b->has_port)
		return a->has_port ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return span_cmp(a->text[FACT_TRANSPORT], b->text[FACT_TRANSPORT]);
}

static int row_cmp(const struct fact *a, const struct fact *b)
{
	int order = number_cmp(a, b);

	return order ? order : span_cmp(a->text[FACT_SERVICE], b->text[FACT_SERVICE]);
}

static int described_cmp(const struct fact *a, const struct fact *b)
{
	int order = row_cmp(a, b);

	return order ? order : span_cmp(a->text[FACT_DESCRIPTION], b->text[FACT_DESCRIPTION]);
}

/* A row without number is renamed by nobody: its name is all that it has. */
static int renamed_cmp(const struct fact *a, const struct fact *b)
{
	return a->has_port && b->has_port ? number_cmp(a, b) : row_cmp(a, b);
}

/* Pairs what is not yet paired and equal by cmp, in order. */
static void pair_by(struct pairs *pairs, int (*cmp)(const struct fact *, const struct fact *))
{
	const struct facts *before = pairs->before, *after = pairs->after;
	size_t i = 0, j = 0;

	while (i < before->n_rows && j < after->n_rows) {
		if (pairs->of_before[i]) {
			i++;
			continue;
		}
		if (pairs->of_after[j]) {
			j++;
			continue;
		}
		int order = cmp(&before->rows[i], &after->rows[j]);

		if (order == 0) {
			pairs->of_before[i] = &after->rows[j];
			pairs->of_after[j] = &before->rows[i];
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static void pair(struct pairs *pairs, const struct facts *before, const struct facts *after,
		 struct arena *arena)
{
	pairs->before = before;
	pairs->after = after;
	pairs->of_before = arena_get_array(arena, before->n_rows + 1, sizeof(*pairs->of_before));
	pairs->of_after = arena_get_array(arena, after->n_rows + 1, sizeof(*pairs->of_after));
	pair_by(pairs, described_cmp);
	pair_by(pairs, row_cmp);
}

size_t import_join(struct facts *facts, const struct facts *earlier)
{
	struct arena arena = {0};
	struct pairs pairs;
	size_t n = 0;

	pair(&pairs, earlier, facts, &arena);
	for (size_t i = 0; i < facts->n_rows; i++) {
		struct span *text = facts->rows[i].text;
		const struct fact *from = pairs.of_after[i];

		if (!from || text[FACT_ORGANISATION].n || text[FACT_DOMAIN].n ||
		    !span_eq(text[FACT_REGISTERED], from->text[FACT_REGISTERED]) ||
		    from->text[FACT_ORGANISATION].n + from->text[FACT_DOMAIN].n == 0)
			continue;
		text[FACT_ORGANISATION] = arena_copy(&facts->arena, from->text[FACT_ORGANISATION]);
		text[FACT_DOMAIN] = arena_copy(&facts->arena, from->text[FACT_DOMAIN]);
		n++;
	}
	arena_done(&arena);
	if (facts->registrants_from.date.n == 0) {
		const struct facts_origin *from = earlier->registrants_from.date.n
							  ? &earlier->registrants_from
							  : &earlier->rows_from;

		facts->registrants_from.date = arena_copy(&facts->arena, from->date);
		facts->registrants_from.file = arena_copy(&facts->arena, from->file);
	}
	import_sort(facts);
	return n;
}

static void push(struct changes *changes, struct arena *arena, enum change_kind kind,
		 const struct fact *before, const struct fact *after)
{
	struct change *change = arena_push(arena, &changes->rows, &changes->n_rows,
					   &changes->capacity, sizeof(*changes->rows));

	*change = (struct change){kind, before, after};
	changes->n_by_kind[kind]++;
}

/* Of rows with the same ports: "4748-4748" is published too, and says what "4748" does. */
static bool is_same(const struct fact *a, const struct fact *b)
{
	for (size_t i = FACT_TRANSPORT; i < N_FACT_FIELDS; i++)
		if (!span_eq(a->text[i], b->text[i]))
			return false;
	return true;
}

void import_compare(struct changes *changes, const struct facts *before, const struct facts *after,
		    struct arena *arena)
{
	struct pairs pairs;

	*changes = (struct changes){0};
	pair(&pairs, before, after, arena);
	pair_by(&pairs, renamed_cmp);
	for (size_t i = 0; i < after->n_rows; i++)
		if (!pairs.of_after[i])
			push(changes, arena, CHANGE_ADDED, NULL, &after->rows[i]);
	for (size_t i = 0; i < before->n_rows; i++)
		if (!pairs.of_before[i])
			push(changes, arena, CHANGE_REMOVED, &before->rows[i], NULL);
	for (int kind = CHANGE_RENAMED; kind <= CHANGE_ALTERED; kind++)
		for (size_t i = 0; i < after->n_rows; i++) {
			const struct fact *old = pairs.of_after[i], *new = &after->rows[i];

			if (!old || is_same(old, new))
				continue;
			if ((row_cmp(old, new) != 0) == (kind == CHANGE_RENAMED))
				push(changes, arena, (enum change_kind)kind, old, new);
		}
}

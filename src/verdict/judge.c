/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge: runs the rules over one socket and weighs what fired.
 *
 * The verdict is the worst effect that is left after cancellation; a socket of which no rule says
 * anything worse than a note is expected. Peers (SOCKET_PEER) are not judged: no rule has them.
 */
#include <assert.h>
#include <stdlib.h>

#include "verdict/matter.h"

enum { MAX_RULES = 32 };

static int cmp_reasons(const void *a, const void *b)
{
	const struct reason *x = a;
	const struct reason *y = b;

	if (x->effect != y->effect)
		return x->effect < y->effect ? 1 : -1;
	return strcmp(x->rule->id, y->rule->id);
}

enum verdict_kind verdict_of(enum verdict_effect effect)
{
	if (effect == EFFECT_UNEXPECTED)
		return VERDICT_UNEXPECTED;
	return effect == EFFECT_LOOK ? VERDICT_LOOK : VERDICT_EXPECTED;
}

/* Runs the rules in the order of their ids, so that a canceller stands before the cancelled. */
static size_t run_rules(const struct matter *matter, struct reason *reasons)
{
	size_t n = 0;
	unsigned state = 1U << matter->sighting->state;
	bool is_cancelled = false;

	for (size_t i = 0; i < verdict_n_rules(); i++) {
		const struct rule_row *row = rule_row(i);
		struct finding finding = {.effect = row->rule.effect};

		if (!(row->states & state) || !row->fires(matter, &finding))
			continue;
		is_cancelled |= row->cancels;
		if (row->may_be_cancelled && is_cancelled)
			finding.effect = EFFECT_NOTE;
		reasons[n++] = (struct reason){
			.rule = &row->rule,
			.effect = finding.effect,
			.detail = finding.detail,
		};
	}
	return n;
}

static const struct map_product *keep_product(const struct matter *matter)
{
	static const struct map_product none;
	struct map_product *kept;

	if (matter->match == MATCH_NONE)
		return &none;
	kept = arena_get(matter->arena, sizeof(*kept));
	*kept = matter->product;
	return kept;
}

static const struct map_practice *keep_fact(const struct matter *matter)
{
	static const struct map_practice none;
	struct map_practice *kept;

	if (!matter->has_fact)
		return &none;
	kept = arena_get(matter->arena, sizeof(*kept));
	*kept = matter->fact;
	return kept;
}

void verdict_judge(const struct map *map, const struct claims *claims,
		   const struct surroundings *around, const struct sighting *sighting,
		   struct arena *arena, struct verdict *verdict)
{
	struct reason reasons[MAX_RULES];
	struct matter matter;
	size_t n;

	assert(verdict_n_rules() <= MAX_RULES);
	matter_init(&matter, map, around, sighting, arena);
	matter.claims = claims;
	n = run_rules(&matter, reasons);
	if (n)
		qsort(reasons, n, sizeof(*reasons), cmp_reasons);
	*verdict = (struct verdict){
		.reasons = arena_get_array(arena, n, sizeof(*reasons)),
		.n_reasons = n,
		.match = matter.match,
		.product = keep_product(&matter),
		.has_fact = matter.has_fact,
		.fact = keep_fact(&matter),
		.who = matter_who(&matter),
	};
	if (n)
		memcpy(verdict->reasons, reasons, n * sizeof(*reasons));
	for (size_t i = 0; i < verdict->n_reasons; i++) {
		enum verdict_kind kind = verdict_of(verdict->reasons[i].effect);

		if (kind > verdict->kind)
			verdict->kind = kind;
	}
}

static const char *const kinds[][2] = {
	[VERDICT_EXPECTED] = {"expected", N_("expected")},
	[VERDICT_LOOK] = {"look", N_("needs a look")},
	[VERDICT_UNEXPECTED] = {"unexpected", N_("unexpected")},
};

const char *verdict_word(enum verdict_kind kind)
{
	return _(kinds[kind][1]);
}

const char *verdict_key(enum verdict_kind kind)
{
	return kinds[kind][0];
}

const char *effect_key(enum verdict_effect effect)
{
	static const char *const keys[] = {
		[EFFECT_NOTE] = "note",
		[EFFECT_EXPECTED] = "expected",
		[EFFECT_LOOK] = "look",
		[EFFECT_UNEXPECTED] = "unexpected",
	};

	return keys[effect];
}

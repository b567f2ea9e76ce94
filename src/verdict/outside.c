/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside: the verdict on a port that a scan has seen: no program and no socket, but an answer.
 *
 * What the answer proves is held against practice (PP103, PP220), and against a listing of the host
 * where there is one (PP221 to PP223); and what needs no login is told (PP330). A number alone
 * proves nothing here either.
 */
#include "verdict/matter.h"

enum { REASONS_MAX = 5 };

static const struct map_product no_product;
static const struct map_practice no_fact;

static bool has_word(struct span list, struct span word)
{
	return word.n && span_list_has(list, ',', word);
}

/* Whether practice knows what the answer proves on this number, and by a source that holds. */
static bool is_usual(const struct map *map, const struct outside *o, struct arena *arena,
		     struct verdict *v)
{
	struct map_practice fact;
	struct map_product product;
	uint32_t cursor = 0;

	if (!o->product.n && !o->protocol.n)
		return false; /* nothing was proved */
	while (map_next_practice(map, o->port, o->transport, &cursor, &fact)) {
		if (fact.kind == PRACTICE_MALWARE || fact.grade == GRADE_UNCONFIRMED ||
		    (o->product.n && !span_eq(fact.product, o->product)) ||
		    !map_product_find(map, fact.product, &product))
			continue;
		if (!o->product.n && !has_word(product.protocols, o->protocol))
			continue;
		struct map_practice *kept_fact = arena_get(arena, sizeof(fact));
		struct map_product *kept_product = arena_get(arena, sizeof(product));

		*kept_fact = fact;
		*kept_product = product;
		v->has_fact = true;
		v->fact = kept_fact;
		v->product = kept_product;
		return true;
	}
	return false;
}

static void add(struct verdict *v, const char *id, enum verdict_effect effect, struct span detail)
{
	const struct rule *rule = verdict_rule_find(span_str(id));

	if (rule)
		v->reasons[v->n_reasons++] = (struct reason){rule, effect, detail};
}

static struct span name_of(const struct outside *o, struct arena *arena)
{
	struct span what = o->product.n ? o->product : o->protocol;

	return what.n ? arena_print(arena, _("what answers is %.*s"), SPAN_ARG(what))
		      : arena_print(arena, "%s", _("what answers is not proved"));
}

static void weigh_inside(const struct outside *o, struct arena *arena, struct verdict *v)
{
	struct span holder = o->holder.n ? o->holder : span_str(_("something"));

	if (o->is_open && o->inside == INSIDE_NOTHING)
		add(v, "PP221", EFFECT_LOOK,
		    arena_print(arena, _("inside nothing listens on %u: a forward, or another host "
					 "answers"), o->port));
	else if (o->is_open && o->inside == INSIDE_ON_LOOPBACK)
		add(v, "PP222", EFFECT_LOOK,
		    arena_print(arena, _("inside %.*s listens on %u on loopback only"),
				SPAN_ARG(holder), o->port));
	else if (!o->is_open && o->inside == INSIDE_LISTENS)
		add(v, "PP223", EFFECT_NOTE,
		    arena_print(arena, _("inside %.*s listens on %u, and nothing answered outside"),
				SPAN_ARG(holder), o->port));
}

static void weigh_login(const struct map *map, const struct outside *o, struct arena *arena,
			struct verdict *v)
{
	struct map_product product;
	enum verdict_effect effect;

	if (o->needs_no_login && map_product_find(map, o->product, &product) &&
	    weigh_no_login(&product, !o->is_loopback, &effect))
		add(v, "PP330", effect,
		    arena_print(arena, _("%.*s answered without a login"),
				SPAN_ARG(product.title)));
}

void verdict_outside(const struct map *map, const struct outside *outside, struct arena *arena,
		     struct verdict *verdict)
{
	bool is_expected;

	*verdict = (struct verdict){
		.product = &no_product,
		.fact = &no_fact,
		.reasons = arena_get_array(arena, REASONS_MAX, sizeof(struct reason))};
	if (outside->is_open) {
		is_expected = is_usual(map, outside, arena, verdict);
		if (is_expected)
			add(verdict, "PP103", EFFECT_EXPECTED,
			    arena_print(arena, _("%.*s is usual on %u"),
					SPAN_ARG(verdict->product->slug), outside->port));
		else
			add(verdict, "PP220", EFFECT_LOOK, name_of(outside, arena));
	}
	weigh_inside(outside, arena, verdict);
	weigh_login(map, outside, arena, verdict);
	verdict->who = verdict->has_fact ? verdict->product->title : outside->product;
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (verdict_of(verdict->reasons[i].effect) > verdict->kind)
			verdict->kind = verdict_of(verdict->reasons[i].effect);
}

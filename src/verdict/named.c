/* SPDX-License-Identifier: Apache-2.0 */
/*
 * named: the product that a program's or a unit's name belongs to, asked for once where it has none
 * (struct verdict_memo).
 */
#include "verdict/matter.h"

bool list_has(struct span list, struct span word)
{
	struct span item;

	while (word.n && take_until(&list, ',', &item))
		if (span_glob(word, span_trim(item)))
			return true;
	return false;
}

/* As what a name was asked for. */
enum { ASKED_PROGRAM, ASKED_SCRIPTED_PROGRAM, ASKED_UNIT };

static size_t memo_slot(unsigned asked, struct span name)
{
	return ((uintptr_t)name.p / sizeof(void *) + name.n * 31 + asked) % VERDICT_MEMO_SLOTS;
}

/* Whether it is known that no product has the name. The port only chooses between products, so that
 * there is none holds for all ports. */
static bool is_unknown(const struct matter *m, unsigned asked, struct span name)
{
	const struct verdict_memo *memo = m->around->memo;
	size_t at = memo_slot(asked, name);

	return memo && memo->unknown[at].p == name.p && memo->unknown[at].n == name.n &&
	       memo->unknown[at].asked == asked;
}

static void note_unknown(const struct matter *m, unsigned asked, struct span name)
{
	struct verdict_memo *memo = m->around->memo;
	size_t at = memo_slot(asked, name);

	if (!memo)
		return;
	memo->unknown[at].p = name.p;
	memo->unknown[at].n = name.n;
	memo->unknown[at].asked = asked;
}

static bool named_product(const struct matter *m, const struct map_identity *who, uint16_t port,
		     enum transport transport, struct map_product *product)
{
	unsigned asked = who->runtime.n ? ASKED_SCRIPTED_PROGRAM : ASKED_PROGRAM;
	struct map_product same;

	if (!who->program.n || is_unknown(m, asked, who->program))
		return false;
	if (map_product_match(m->map, who, port, transport, product) == MATCH_NONE) {
		note_unknown(m, asked, who->program);
		return false;
	}
	if (map_product_find(m->map, who->program, &same) && list_has(same.programs, who->program))
		*product = same;
	return true;
}

/* Of several products with one program, the one of the same name is meant. nginx.exe is what nginx is
 * elsewhere, when nothing is known of it by its whole name. */
bool program_product(const struct matter *m, const struct map_identity *who, uint16_t port,
		     enum transport transport, struct map_product *product)
{
	struct map_identity plain = *who;

	if (named_product(m, who, port, transport, product))
		return true;
	if (plain.program.n <= 4 ||
	    !span_eq_nocase(span_skip(plain.program, plain.program.n - 4), SPAN_LIT(".exe")))
		return false;
	plain.program.n -= 4;
	return named_product(m, &plain, port, transport, product);
}

bool unit_product(const struct matter *m, struct span unit, struct map_product *product)
{
	struct map_identity who = {.unit = unit};

	if (!unit.n || is_unknown(m, ASKED_UNIT, unit))
		return false;
	if (map_product_match(m->map, &who, 0, TRANSPORT_ANY, product) == MATCH_UNIT)
		return true;
	note_unknown(m, ASKED_UNIT, unit);
	return false;
}

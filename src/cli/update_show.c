/* SPDX-License-Identifier: Apache-2.0 */
/* show: what a newer registry changes, a line a row, the first of each kind. */
#include "cli/update.h"

#include <assert.h>

#include "base/scope.h"
#include "base/text.h"

enum { MOST_LINES = 200 };

static void put_number(struct buf *out, const struct fact *fact)
{
	struct span port = fact->text[FACT_PORT];
	struct span transport = fact->text[FACT_TRANSPORT];

	buf_term(out, port.n ? port : SPAN_LIT("-"));
	buf_byte(out, '/');
	buf_term(out, transport.n ? transport : span_str(transport_word(TRANSPORT_ANY)));
}

static void put_name(struct buf *out, const struct fact *fact)
{
	bool is_named = fact->text[FACT_SERVICE].n > 0;

	buf_term_cut(out, fact->text[is_named ? FACT_SERVICE : FACT_DESCRIPTION], 40, "...");
}

/* The columns that tell two rows apart. */
static void put_columns(struct buf *out, const struct change *change)
{
	const char *comma = "";

	assert(change->before && change->after);
	for (enum fact_field i = FACT_TRANSPORT; i < N_FACT_FIELDS; i++)
		if (!span_eq(change->before->text[i], change->after->text[i])) {
			buf_print(out, "%s%s", comma, fact_field_word(i));
			comma = ", ";
		}
}

static void put_change(struct buf *out, const struct change *change)
{
	const struct fact *fact = change->after ? change->after : change->before;

	buf_print(out, "%-8s ", change_kind_word(change->kind));
	put_number(out, fact);
	buf_byte(out, ' ');
	if (change->kind == CHANGE_RENAMED) {
		put_name(out, change->before);
		buf_str(out, " -> ");
	}
	put_name(out, fact);
	if (change->kind == CHANGE_ALTERED) {
		buf_str(out, ": ");
		put_columns(out, change);
	}
	buf_byte(out, '\n');
}

void show_changes(struct buf *out, const struct changes *changes)
{
	size_t n_shown = 0;

	for (size_t i = 0; i < changes->n_rows; i++) {
		bool is_first = i == 0 || changes->rows[i].kind != changes->rows[i - 1].kind;

		n_shown = is_first ? 0 : n_shown + 1;
		if (n_shown < MOST_LINES)
			put_change(out, &changes->rows[i]);
		else if (n_shown == MOST_LINES)
			buf_print(out, _("%-8s and %zu more\n"),
				  change_kind_word(changes->rows[i].kind),
				  changes->n_by_kind[changes->rows[i].kind] - MOST_LINES);
	}
	for (enum change_kind kind = 0; kind < N_CHANGE_KINDS; kind++)
		buf_print(out, "%zu %s%s", changes->n_by_kind[kind], change_kind_word(kind),
			  kind + 1 < N_CHANGE_KINDS ? ", " : "\n");
}

/* Names and standings of a number, row by row, are the same in both. */
static bool is_same(const struct map *before, const struct map *after, uint16_t port,
		    enum transport transport)
{
	struct map_registration a, b;
	uint32_t at_a = 0, at_b = 0;

	for (;;) {
		bool has_a = map_next_registration(before, port, transport, &at_a, &a);
		bool has_b = map_next_registration(after, port, transport, &at_b, &b);

		if (has_a != has_b)
			return false;
		if (!has_a)
			return true;
		if (!span_eq(a.service, b.service) || a.standing != b.standing)
			return false;
	}
}

static void put_answer(struct buf *out, const struct map *map, uint16_t port,
		       enum transport transport)
{
	struct span name = map_service_name(map, port, transport);

	if (name.n) {
		buf_term_cut(out, name, 40, "...");
		buf_str(out, ", ");
	}
	buf_str(out, _(map_standing_word(map_port_standing(map, port, transport))));
}

struct answers show_answers(struct buf *out, const struct map *before, const struct map *after)
{
	static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_DCCP,
						    TRANSPORT_SCTP};
	struct answers answers = {0};

	for (uint32_t number = 0; number < N_PORTS * ARRAY_LEN(transports); number++) {
		uint16_t port = (uint16_t)(number / ARRAY_LEN(transports));
		enum transport transport = transports[number % ARRAY_LEN(transports)];

		answers.n_named += map_service_name(before, port, transport).n > 0;
		if (is_same(before, after, port, transport))
			continue;
		if (answers.n_changed++ >= MOST_LINES)
			continue;
		buf_print(out, _("answers  %u/%s "), port, transport_word(transport));
		put_answer(out, before, port, transport);
		buf_str(out, " -> ");
		put_answer(out, after, port, transport);
		buf_byte(out, '\n');
	}
	if (answers.n_changed > MOST_LINES)
		buf_print(out, _("answers  and %zu more\n"), answers.n_changed - MOST_LINES);
	buf_print(out, _("%zu of %zu named numbers answer differently\n"), answers.n_changed,
		  answers.n_named);
	return answers;
}

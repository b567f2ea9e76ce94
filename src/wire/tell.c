/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: the messages of a flow in words, by the row that its conversation was found to be. What a
 * row has no words for is told by its length; the words are the row's, or escaped bytes.
 */
#include <stdio.h>

#include "base/buf.h"
#include "wire/table.h"

/* Appends as much as has room; text stays terminated. */
static void append(char *text, size_t size, struct span more)
{
	size_t n = strlen(text);
	struct span cut = span_cut(more, size - 1 - n);

	if (cut.n)
		memcpy(text + n, cut.p, cut.n);
	text[n + cut.n] = 0;
}

static void put_words(struct wire_line *line, const struct proto_facts *facts)
{
	for (size_t i = 0; i < facts->n_extras; i++) {
		append(line->text, sizeof(line->text), SPAN_LIT(", "));
		if (i == 0)
			line->text[0] = 0;
		append(line->text, sizeof(line->text), span_str(facts->extras[i].name));
		append(line->text, sizeof(line->text), SPAN_LIT(" "));
		append(line->text, sizeof(line->text), span_str(facts->extras[i].value));
	}
}

void tell_flow(struct wire *w, const struct flow *f, struct wire_conversation *c, uint8_t asking)
{
	const struct proto *proto = c->found ? c->found->proto : NULL;
	struct proto_memory memory = {0};

	if (!f->log || !proto)
		return;
	for (size_t i = 0; i < f->n_messages; i++) {
		const struct message *m = &f->log->messages[i];
		enum proto_side side = m->from == asking ? PROTO_CLIENT : PROTO_SERVER;
		struct span bytes = span_of(m->bytes, m->kept);
		struct proto_facts facts = {0};
		struct wire_line *line;

		if (proto->follow)
			proto->follow(bytes, side, c->transport, &memory, &facts);
		else if (proto->describe && m->kept == m->n)
			proto->describe(bytes, side, c->transport, &facts);
		if (c->n_lines == WIRE_LINES || w->n_lines == WIRE_LINES_ALL)
			return;
		line = arena_push(&w->arena, &w->lines, &w->n_lines, &w->lines_capacity,
				  sizeof(*line));
		*line = (struct wire_line){
			.index = (uint32_t)(c - w->conversations),
			.side = (uint8_t)side,
			.at_us = m->at_us - c->first_us,
			.n = m->n,
		};
		put_words(line, &facts);
		c->n_lines++;
	}
}

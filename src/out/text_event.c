/* SPDX-License-Identifier: Apache-2.0 */
/* text_event: one change, one line: when, what, where, who, and the verdict with its rules. */
#include "out/text.h"

#include "base/scope.h"

enum {
	WORD_COLUMNS = 9,
	NUMBER_COLUMNS = 9,
	BIND_COLUMNS = 8,
	RULES_COLUMNS = 20,
	RULES_FROM = 60, /* columns that are left for who, verdict and rules */
	CLOCK_FROM = 72, /* columns of the terminal */
};

static const struct {
	const char *action, *sign, *word;
} actions[] = {
	{"listener-opened", "+", N_("opened")},
	{"listener-closed", "-", N_("closed")},
	{"owner-changed", "~", N_("new owner")},
	{"scope-widened", "~", N_("widened")},
};

static struct span rules(struct page *page, const struct verdict *verdict)
{
	struct span ids = {0};

	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (verdict->reasons[i].effect > EFFECT_EXPECTED)
			ids = JOIN(page, ids, span_str(ids.n ? " " : ""),
				   span_str(verdict->reasons[i].rule->id));
	return ids;
}

/* Of the widest word for what happened; English has none wider than WORD_COLUMNS. */
static size_t word_columns(void)
{
	size_t widest = WORD_COLUMNS;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		size_t columns = term_columns(span_str(_(actions[i].word)));

		if (columns > widest)
			widest = columns;
	}
	return widest;
}

/* A cell padded to its column: events come one by one and still stand below one another. */
static size_t column(struct page *page, struct span text, size_t columns)
{
	size_t used = page_text(page, text, INK_PLAIN, columns);

	buf_fill(page->out, ' ', columns - used + 1);
	return columns + 1;
}

static struct span holder(struct page *page, const struct judged *row)
{
	struct cell cell = {0};

	struct span text;

	who_cell(page, row, &cell);
	text = cell.parts[0].text;
	if (cell.n > 1)
		text = JOIN(page, text, SPAN_LIT(" "), cell.parts[1].text);
	if (row->sighting->is_elsewhere)
		text = JOIN(page, text, span_str(_(", netns ")), who_netns(page, row->sighting));
	return text;
}

/* Who, the verdict, and where there is room the rules. */
static void judgement(struct page *page, const struct judged *row, size_t left)
{
	enum verdict_kind kind = row->verdict->kind;
	struct span ids = rules(page, row->verdict);
	size_t for_verdict = page_verdict_columns() + 2;
	size_t for_rules = left >= RULES_FROM && ids.n ? RULES_COLUMNS : 0;

	if (left > for_verdict + for_rules + 1)
		left -= column(page, holder(page, row), left - for_verdict - for_rules - 1);
	left -= page_text(page, span_str(page_mark(page->style, kind)), page_ink(kind), 1);
	buf_byte(page->out, ' ');
	left -= 1 + page_text(page, span_str(verdict_word(kind)), page_ink(kind), left - 1);
	if (for_rules) {
		size_t gap = for_verdict - 1 - term_columns(span_str(verdict_word(kind)));

		buf_fill(page->out, ' ', gap);
		left -= gap - 1;
		page_text(page, JOIN(page, SPAN_LIT("["), ids, SPAN_LIT("]")), INK_DIM, left - 1);
	}
	buf_byte(page->out, '\n');
}

void text_event(struct buf *b, const struct style *style, const struct event_report *report)
{
	const char *sign = "~";
	struct span word = span_str(report->action);
	struct joined *joined;
	struct page page;
	size_t used = 0;

	page_init(&page, b, style);
	page.width = style->columns < PAGE_NARROWEST ? PAGE_NARROWEST : style->columns;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (span_is(word, actions[i].action)) {
			sign = actions[i].sign;
			word = span_str(_(actions[i].word));
			break;
		}
	joined_rows(&page, &report->row, 1, &joined);
	if (page.width >= CLOCK_FROM)
		used += column(&page, page_clock(&page, report->at), page_clock_columns(&page));
	used += column(&page, span_str(sign), 1);
	if (page.width >= CLOCK_FROM)
		used += column(&page, word, word_columns());
	used += column(&page, who_number(&page, report->row.sighting), NUMBER_COLUMNS);
	used += column(&page, who_bind(&page, joined), BIND_COLUMNS);
	judgement(&page, &report->row, page.width - used);
	page_done(&page);
}

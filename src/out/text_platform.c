/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_platform: the block "platform" of a port page: what systems do with the number themselves.
 *
 * One sentence for each thing that they do, with the systems that do it. A wide range of a variant
 * (a name with '-', such as an older release) and wide ranges that were seen kept back on one
 * machine would stand on thousands of pages: -v alone shows them, every row with its source.
 */
#include "out/text.h"

#include "base/scope.h"

enum { WIDE = 256 }; /* more numbers than this are a wide range */

struct question {
	struct page *page;
	const struct port_report *report;
	enum transport transport;
};

/* Before the systems, when one sentence names several; NULL: each row speaks for itself. */
static const char *const sentences[N_MAP_PLATFORM_KINDS] = {
	[PLATFORM_EPHEMERAL] = N_("source ports are taken from here on"),
	[PLATFORM_PRIVILEGED] = N_("needs a privilege on"),
	[PLATFORM_EXCLUDED] = N_("was seen kept back on"),
};

static bool is_for_all(const struct map_platform *row)
{
	if (row->last - row->first < WIDE)
		return true;
	return row->kind != PLATFORM_EXCLUDED && span_find_byte(row->system, '-') < 0;
}

static bool next(const struct question *q, enum map_platform_kind kind, uint32_t *cursor,
		 struct map_platform *row)
{
	while (map_next_platform(q->report->map, q->report->port, q->transport, cursor, row))
		if (row->kind == kind && is_for_all(row))
			return true;
	return false;
}

/* Whether the same was said of an earlier row: transports differ, or ranges. */
static bool is_told(const struct question *q, const struct map_platform *row, uint32_t before)
{
	struct map_platform other;
	uint32_t cursor = 0;

	while (next(q, row->kind, &cursor, &other) && cursor < before)
		if (span_eq(other.system, row->system) &&
		    (sentences[row->kind] || span_eq(other.note, row->note)))
			return true;
	return false;
}

/* "source ports are taken from here on freebsd, linux" */
static void together(const struct question *q, enum map_platform_kind kind)
{
	struct span text = span_str(_(sentences[kind]));
	struct map_platform row;
	uint32_t cursor = 0;
	size_t n = 0;

	while (next(q, kind, &cursor, &row)) {
		if (is_told(q, &row, cursor))
			continue;
		text = JOIN(q->page, text, span_str(n ? ", " : " "), row.system);
		n++;
	}
	if (n)
		page_sentence(q->page, text, INK_PLAIN, NULL);
}

static void one_by_one(const struct question *q, enum map_platform_kind kind)
{
	struct map_platform row;
	uint32_t cursor = 0;

	while (next(q, kind, &cursor, &row))
		if (!is_told(q, &row, cursor))
			page_sentence(q->page,
				      JOIN(q->page,
					   kind == PLATFORM_BROWSER_REFUSED
						   ? span_str(_("browsers refuse it"))
						   : row.system,
					   span_str(row.note.n ? ": " : ""), row.note),
				      INK_PLAIN, NULL);
}

static void every_row(const struct question *q)
{
	struct page *page = q->page;
	struct map_platform row;
	uint32_t cursor = 0;

	while (map_next_platform(q->report->map, q->report->port, q->transport, &cursor, &row)) {
		page_sentence(page,
			      JOIN(page, row.system, SPAN_LIT(" ("),
				   span_str(transport_word(row.transport)), SPAN_LIT(", "),
				   span_str(map_platform_word(row.kind)), SPAN_LIT(", "),
				   page_ports(page, true, row.first, row.last), SPAN_LIT(")"),
				   span_str(row.note.n ? ": " : ""), row.note),
			      INK_PLAIN, NULL);
		page_line(page,
			  JOIN(page, row.source, SPAN_LIT(", "), span_str(_("read")), SPAN_LIT(" "),
			       row.read),
			  INK_DIM);
	}
}

void text_platform(struct page *page, const struct port_report *report, enum transport transport)
{
	struct question q = {.page = page, .report = report, .transport = transport};

	page->label = _("platform");
	for (int kind = 0; kind < N_MAP_PLATFORM_KINDS && !page->style->is_verbose; kind++) {
		if (sentences[kind])
			together(&q, (enum map_platform_kind)kind);
		else
			one_by_one(&q, (enum map_platform_kind)kind);
	}
	if (page->style->is_verbose)
		every_row(&q);
	page->label = NULL;
}

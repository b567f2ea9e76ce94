/* SPDX-License-Identifier: Apache-2.0 */
/* page: inks, lines and texts. See page.h; tables are in table.c. */
#include "out/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/scope.h"

void page_init(struct page *page, struct buf *out, const struct style *style)
{
	size_t width = style->columns;

	if (width > PAGE_WIDEST)
		width = PAGE_WIDEST;
	if (width < PAGE_NARROWEST)
		width = PAGE_NARROWEST;
	out->is_ascii = !style->is_utf8;
	*page = (struct page){.out = out, .style = style, .width = width};
}

void page_done(struct page *page)
{
	arena_done(&page->arena);
}

const char *page_mark(const struct style *style, enum verdict_kind kind)
{
	static const char *const marks[][2] = {
		[VERDICT_EXPECTED] = {"o", "●"},
		[VERDICT_LOOK] = {"^", "▲"},
		[VERDICT_UNEXPECTED] = {"#", "■"},
	};

	return marks[kind][style->is_utf8];
}

enum ink page_ink(enum verdict_kind kind)
{
	static const enum ink inks[] = {
		[VERDICT_EXPECTED] = INK_EXPECTED,
		[VERDICT_LOOK] = INK_LOOK,
		[VERDICT_UNEXPECTED] = INK_UNEXPECTED,
	};

	return inks[kind];
}

size_t page_verdict_columns(void)
{
	size_t widest = 0;

	for (int kind = VERDICT_EXPECTED; kind <= VERDICT_UNEXPECTED; kind++) {
		size_t columns = term_columns(span_str(verdict_word((enum verdict_kind)kind)));

		if (columns > widest)
			widest = columns;
	}
	return widest;
}

const char *page_dots(const struct style *style)
{
	return style->is_utf8 ? "…" : "...";
}

const char *page_dash(const struct style *style)
{
	return style->is_utf8 ? " · " : " - ";
}

size_t page_text(struct page *page, struct span text, enum ink ink, size_t columns)
{
	/* ECMA-48 SGR: faint, green, yellow, bold red */
	static const char *const inks[N_INKS] = {
		[INK_DIM] = "\033[2m",
		[INK_EXPECTED] = "\033[32m",
		[INK_LOOK] = "\033[33m",
		[INK_UNEXPECTED] = "\033[1;31m",
	};
	bool is_inked = page->style->has_color && inks[ink] && text.n;
	size_t used;

	if (is_inked)
		buf_str(page->out, inks[ink]);
	used = buf_term_cut(page->out, text, columns, page_dots(page->style));
	if (is_inked)
		buf_str(page->out, "\033[0m");
	return used;
}

/* Blanks up to the column, at least one. */
static void pad(struct page *page, size_t used, size_t column)
{
	buf_fill(page->out, ' ', used < column ? column - used : 1);
}

void page_headline(struct page *page, struct span number, const struct cell *text, int kind)
{
	struct span word = {0};
	size_t right = 0;
	size_t used;

	if (kind >= 0) {
		enum verdict_kind verdict = (enum verdict_kind)kind;

		word = page_print(page, "%s %s", page_mark(page->style, verdict),
				  verdict_word(verdict));
		/* the marks are ours and one column wide, whatever the locale */
		right = 2 + term_columns(span_str(verdict_word(verdict)));
	}
	used = page_text(page, number, INK_PLAIN, page->width / 2);
	buf_str(page->out, "  ");
	used += 2;
	used += page_cell(page, text, page->width - used - right - (right ? 1 : 0));
	if (kind >= 0) {
		pad(page, used, page->width - right);
		page_text(page, word, page_ink((enum verdict_kind)kind), right);
	}
	buf_byte(page->out, '\n');
}

size_t page_label_columns(struct page *page)
{
	/* of every block: what stands below another begins in one column */
	static const char *const labels[] = {
		N_("seen"),	N_("practice"),	 N_("registered"), N_("platform"), N_("claimed"),
		N_("why"),	N_("next"),	 N_("peers"),	   N_("tried"),	   N_("note"),
		N_("passed"),	N_("will stop"), N_("cannot"),	   N_("clients"),  N_("found"),
		N_("sent"),	N_("sure"),	 N_("authorised"), N_("client"),   N_("server"),
		N_("carried"),	N_("flaws"),	 N_("certainty"),  N_("says"),	   N_("said"),
		N_("heard"),	N_("spared"),	 N_("login"),	   N_("spent"),
	};

	if (page->label_columns)
		return page->label_columns;
	page->label_columns = LABEL_COLUMNS;
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		size_t columns = term_columns(span_str(_(labels[i]))) + 1;

		if (columns > page->label_columns)
			page->label_columns = columns;
	}
	return page->label_columns;
}

/* The label, or as many blanks. */
static void begin(struct page *page)
{
	size_t columns = page_label_columns(page);
	size_t used = 0;

	buf_fill(page->out, ' ', INDENT);
	if (page->label)
		used = page_text(page, span_str(page->label), INK_PLAIN, columns - 1);
	page->label = NULL;
	buf_fill(page->out, ' ', columns - used);
}

/* What is left of a line behind its label. */
static size_t text_columns(struct page *page)
{
	return page->width - INDENT - page_label_columns(page);
}

void page_line(struct page *page, struct span text, enum ink ink)
{
	begin(page);
	page_text(page, text, ink, text_columns(page));
	buf_byte(page->out, '\n');
}

void page_command(struct page *page, struct span command, size_t widest, const char *does)
{
	size_t columns = text_columns(page);
	size_t used;
	bool fits;

	begin(page);
	fits = widest + 3 + buf_columns(page->out, span_str(does)) <= columns;
	used = page_text(page, command, INK_PLAIN, columns);
	if (fits) {
		pad(page, used, widest + 3);
		page_text(page, span_str(does), INK_PLAIN, columns - widest - 3);
	}
	buf_byte(page->out, '\n');
	if (!fits) /* a sentence cut in the middle says nothing */
		page_sentence(page, span_str(does), INK_DIM, NULL);
}

/* As many words as fit in columns; they leave *text. A word that is too long stays alone. */
static struct span words_that_fit(struct page *page, struct span *text, size_t columns)
{
	const uint8_t *start = text->p;
	struct span line = span_of(start, 0);
	struct span rest = *text;

	while (rest.n) {
		size_t n = buf_word(page->out, rest);
		struct span longer = span_of(start, (size_t)(rest.p + n - start));

		if (line.n && buf_columns(page->out, longer) > columns)
			break;
		line = longer;
		rest = span_skip(rest, n + (n < rest.n && rest.p[n] == ' '));
		*text = rest;
	}
	return line;
}

void page_sentence(struct page *page, struct span text, enum ink ink, const char *right)
{
	size_t columns = text_columns(page);
	size_t tail = right ? strlen(right) + 1 : 0;

	do {
		struct span line = words_that_fit(page, &text, columns - tail);
		size_t used;

		begin(page);
		used = page_text(page, line, ink, columns - tail);
		if (right) {
			pad(page, used, columns - tail + 1);
			page_text(page, span_str(right), INK_DIM, tail);
		}
		buf_byte(page->out, '\n');
		right = NULL;
	} while (text.n);
}

struct span page_join(struct page *page, const struct span *parts, size_t n)
{
	size_t whole = 0;

	for (size_t i = 0; i < n; i++)
		whole += parts[i].n;

	uint8_t *bytes = arena_get(&page->arena, whole + 1);
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(bytes + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return span_of(bytes, whole);
}

struct span page_print(struct page *page, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return span_of(NULL, 0);

	char *text = arena_get(&page->arena, (size_t)n + 1);

	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return span_of(text, (size_t)n);
}

/* A path of Windows is shown with '/', which Windows takes as well: a '\\' would stand doubled. */
static struct span with_slashes(struct page *page, struct span path)
{
	uint8_t *text = arena_get(&page->arena, path.n);

	for (size_t i = 0; i < path.n; i++)
		text[i] = path.p[i] == '\\' ? '/' : path.p[i];
	return span_of(text, path.n);
}

struct span page_path(struct page *page, struct span path)
{
	struct span home = page->style->home;

	if (span_is_drive_path(path))
		path = with_slashes(page, path);
	if (span_is_drive_path(home))
		home = with_slashes(page, home);
	if (home.n < 2 || path.n < home.n || !span_eq(span_cut(path, home.n), home) ||
	    (path.n > home.n && path.p[home.n] != '/'))
		return path;
	return JOIN(page, SPAN_LIT("~"), span_skip(path, home.n));
}

struct span page_age(struct page *page, int64_t seconds)
{
	uint64_t s = seconds > 0 ? (uint64_t)seconds : 0;
	unsigned long minutes = (unsigned long)(s / 60);
	unsigned long hours = minutes / 60;
	unsigned long days = hours / 24;

	if (days && hours % 24)
		return page_print(page, _("%lu d %lu h"), days, hours % 24);
	if (days)
		return page_print(page, _("%lu d"), days);
	if (hours && minutes % 60)
		return page_print(page, _("%lu h %lu min"), hours, minutes % 60);
	if (hours)
		return page_print(page, _("%lu h"), hours);
	if (minutes)
		return page_print(page, _("%lu min"), minutes);
	return page_print(page, _("%lu s"), (unsigned long)s);
}

static const char *const months[] = {
	N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
	N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
};

/* The day before the month, as in "21 Nov 04:10", or as the language has it. */
static struct span clock_text(struct page *page, int day, size_t month, int hour, int minute)
{
	return page_print(page, _("%d %s %02d:%02d"), day, _(months[month]), hour, minute);
}

size_t page_clock_columns(struct page *page)
{
	size_t widest = 0;

	for (size_t i = 0; i < ARRAY_LEN(months); i++) {
		size_t columns = term_columns(clock_text(page, 22, i, 22, 22));

		if (columns > widest)
			widest = columns;
	}
	return widest;
}

struct span page_clock(struct page *page, int64_t unix_seconds)
{
	time_t t = (time_t)(unix_seconds + page->style->utc_offset);
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return span_of(NULL, 0);
	return clock_text(page, tm.tm_mday, (size_t)tm.tm_mon, tm.tm_hour, tm.tm_min);
}

struct span page_ports(struct page *page, bool has_port, uint16_t first, uint16_t last)
{
	if (!has_port)
		return SPAN_LIT("-");
	if (first == last)
		return page_print(page, "%u", first);
	return page_print(page, "%u-%u", first, last);
}

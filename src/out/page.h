/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page: how text for people is set: colours, marks, labelled lines and tables (private to out).
 *
 * A page has an arena for the texts that are put together on the way, and a width. Foreign bytes
 * reach the buf through buf_term and buf_term_cut only. What is too long for its place is cut in
 * the middle; sentences of ours are wrapped at blanks.
 */
#ifndef PERIPLUS_OUT_PAGE_H
#define PERIPLUS_OUT_PAGE_H

#include <libintl.h>

#include "base/arena.h"
#include "base/text.h"
#include "out/out.h"

enum ink { INK_PLAIN, INK_DIM, INK_EXPECTED, INK_LOOK, INK_UNEXPECTED, N_INKS };

struct page {
	struct buf *out;
	const struct style *style;
	struct arena arena;
	size_t width;
	const char *label; /* stands before the next line, then is gone */
	size_t label_columns; /* by page_label_columns */
};

/* Tables use the whole width, pages of sentences at most PAGE_WIDEST. Labels have LABEL_COLUMNS in
 * English, and may need more in other languages. */
enum { PAGE_WIDEST = 100, PAGE_NARROWEST = 40, LABEL_COLUMNS = 11, INDENT = 2 };

void page_init(struct page *page, struct buf *out, const struct style *style);
void page_done(struct page *page);
const char *page_mark(const struct style *style, enum verdict_kind kind); /* ■ ▲ ● or # ^ o */
enum ink page_ink(enum verdict_kind kind);
size_t page_verdict_columns(void); /* of the widest word for a verdict */
const char *page_dots(const struct style *style); /* … or ... */
const char *page_dash(const struct style *style); /* · or - : parts of a headline */

/* Columns of a label and the blank behind it. */
size_t page_label_columns(struct page *page);
/* Text in one ink, cut to columns; returns the columns used. */
size_t page_text(struct page *page, struct span text, enum ink ink, size_t columns);
/* A line of the labelled block, cut; a sentence, wrapped; `right` (a rule id) may be NULL. */
void page_line(struct page *page, struct span text, enum ink ink);
void page_sentence(struct page *page, struct span text, enum ink ink, const char *right);

/* A command of ours and, from a common column on, what it does. */
void page_command(struct page *page, struct span command, size_t widest, const char *does);

/* Texts side by side, in their own inks; the first is shown before the others get room. */
enum { CELL_PARTS = 3 };

struct cell {
	struct {
		struct span text;
		enum ink ink;
	} parts[CELL_PARTS];
	size_t n;
};

void cell_add(struct cell *cell, struct span text, enum ink ink); /* an empty text is left out */
size_t page_cell(struct page *page, const struct cell *cell, size_t columns);
/* "3476/tcp  taken by x           ▲ needs a look": the verdict ends at the right edge. A negative
 * kind has no verdict. */
void page_headline(struct page *page, struct span number, const struct cell *text, int kind);

/* Parts of a cell or of a text that is made of foreign and own words. */
struct span page_join(struct page *page, const struct span *parts, size_t n);
#define JOIN(page, ...)                                                                            \
	page_join(page, (struct span[]){__VA_ARGS__},                                              \
		  sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span))
/* Our own words as a format; foreign bytes only by %.*s. */
struct span page_print(struct page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct span page_path(struct page *page, struct span path);      /* home directory as ~ */
struct span page_age(struct page *page, int64_t seconds);        /* "1 d 9 h" */
struct span page_clock(struct page *page, int64_t unix_seconds); /* "21 Nov 04:10" */
size_t page_clock_columns(struct page *page); /* of the widest that page_clock gives */
struct span page_ports(struct page *page, bool has_port, uint16_t first, uint16_t last);

enum { TABLE_COLUMNS = 9 };

struct table_row {
	int kind; /* enum verdict_kind for the mark, -1: none */
	struct cell cells[TABLE_COLUMNS];
};

/* Cells are parted by a blank and a column's own width; two blanks part the parts of a cell. */
struct table {
	struct page *page;
	struct {
		const char *title;
		size_t least; /* may be narrowed to this; 0: never */
		bool is_right;
	} columns[TABLE_COLUMNS];
	size_t n_columns;
	bool has_marks;
	struct table_row *rows;
	size_t n_rows;
	size_t capacity;
};

void table_column(struct table *table, const char *title, size_t least, bool is_right);
struct table_row *table_row(struct table *table);
void table_put(struct table *table);

#endif

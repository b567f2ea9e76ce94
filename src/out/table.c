/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table: columns of cells, narrowed until a row fits the width of the terminal.
 *
 * Every column starts as wide as its widest cell. While the row is too long, the widest of those
 * that may shrink loses a column, down to its least width. Words are padded by display columns.
 */
#include "out/page.h"

/* The first part of a cell keeps this share of it when there is not room for all. */
enum { FIRST_SHARE = 2, SHARES = 3, PART_LEAST = 8 };

void table_column(struct table *table, const char *title, size_t least, bool is_right)
{
	size_t i = table->n_columns++;

	table->columns[i].title = title;
	table->columns[i].least = least;
	table->columns[i].is_right = is_right;
}

struct table_row *table_row(struct table *table)
{
	struct table_row *row = arena_push(&table->page->arena, &table->rows, &table->n_rows,
					   &table->capacity, sizeof(*row));

	row->kind = -1;
	return row;
}

void cell_add(struct cell *cell, struct span text, enum ink ink)
{
	if (text.n == 0 || cell->n == CELL_PARTS)
		return;
	cell->parts[cell->n].text = text;
	cell->parts[cell->n++].ink = ink;
}

static size_t cell_columns(const struct page *page, const struct cell *cell)
{
	size_t columns = cell->n ? 2 * (cell->n - 1) : 0;

	for (size_t i = 0; i < cell->n; i++)
		columns += buf_columns(page->out, cell->parts[i].text);
	return columns;
}

size_t page_cell(struct page *page, const struct cell *cell, size_t columns)
{
	size_t whole = cell_columns(page, cell);
	size_t used = 0;

	for (size_t i = 0; i < cell->n; i++) {
		size_t room = columns - used;
		size_t wanted = buf_columns(page->out, cell->parts[i].text);

		if (i > 0) {
			size_t least = wanted < PART_LEAST ? wanted : PART_LEAST;

			if (room < least + 2)
				break;
			buf_str(page->out, "  ");
			used += 2;
			room -= 2;
		} else if (whole > columns && cell->n > 1 && columns >= (size_t)2 * PART_LEAST &&
			   wanted > columns * FIRST_SHARE / SHARES) {
			room = columns * FIRST_SHARE / SHARES;
		}
		used += page_text(page, cell->parts[i].text, cell->parts[i].ink, room);
	}
	return used;
}

static size_t widths_of(const struct table *table, size_t *widths)
{
	size_t total = table->has_marks ? 2 : 0;

	for (size_t c = 0; c < table->n_columns; c++) {
		widths[c] = term_columns(span_str(table->columns[c].title));
		for (size_t r = 0; r < table->n_rows; r++) {
			size_t columns = cell_columns(table->page, &table->rows[r].cells[c]);

			if (columns > widths[c])
				widths[c] = columns;
		}
		total += widths[c] + (c > 0);
	}
	return total;
}

static void narrow(const struct table *table, size_t *widths, size_t total, size_t width)
{
	while (total > width) {
		size_t widest = TABLE_COLUMNS;

		for (size_t c = 0; c < table->n_columns; c++)
			if (table->columns[c].least && widths[c] > table->columns[c].least &&
			    (widest == TABLE_COLUMNS || widths[c] > widths[widest]))
				widest = c;
		if (widest == TABLE_COLUMNS)
			return;
		widths[widest]--;
		total--;
	}
}

/* `room` is what is left of the line: the last defence when no column may shrink any more. */
static void row_put(const struct table *table, const struct table_row *row, const size_t *widths,
		    size_t room)
{
	struct page *page = table->page;
	size_t owed = 0; /* blanks that only a further cell needs */

	for (size_t c = 0; c < table->n_columns; c++) {
		const struct cell *cell = &row->cells[c];
		size_t width = widths[c] < room ? widths[c] : room;
		size_t columns = cell_columns(page, cell);
		size_t lead = table->columns[c].is_right && columns < width ? width - columns : 0;

		if (cell->n && width > 0) {
			buf_fill(page->out, ' ', owed + lead);
			owed = width - lead - page_cell(page, cell, width - lead);
		} else {
			owed += width;
		}
		owed++;
		room -= width < room ? width + 1 : width;
	}
	buf_byte(page->out, '\n');
}

void table_put(struct table *table)
{
	struct page *page = table->page;
	size_t width =
		page->style->columns < PAGE_NARROWEST ? PAGE_NARROWEST : page->style->columns;
	size_t widths[TABLE_COLUMNS];
	struct table_row head = {.kind = -1};
	size_t marks = table->has_marks ? 2 : 0;

	narrow(table, widths, widths_of(table, widths), width);
	for (size_t c = 0; c < table->n_columns; c++)
		cell_add(&head.cells[c], span_str(table->columns[c].title), INK_PLAIN);
	buf_fill(page->out, ' ', marks);
	row_put(table, &head, widths, width - marks);
	for (size_t r = 0; r < table->n_rows; r++) {
		const struct table_row *row = &table->rows[r];

		if (table->has_marks && row->kind >= 0) {
			enum verdict_kind kind = (enum verdict_kind)row->kind;

			page_text(page, span_str(page_mark(page->style, kind)), page_ink(kind), 1);
			buf_byte(page->out, ' ');
		} else {
			buf_fill(page->out, ' ', marks);
		}
		row_put(table, row, widths, width - marks);
	}
}

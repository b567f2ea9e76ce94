/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csv: the registry as IANA publishes it in CSV.
 *
 * RFC 4180 with CR LF behind a row and bare LF inside quotes, read by libcsv in strict mode. libcsv
 * does not say where it is, so it gets one byte at a time: where a call-back comes, the field ends.
 * Assignee and contact are keys of persons and organisations that only the XML resolves: dropped.
 */
#include <csv.h>
#include <errno.h>

#include "base/scope.h"
#include "import/parse.h"

/* The header of the file; where a column goes, or N_FACT_FIELDS for those that are dropped. */
static const struct {
	const char *title;
	enum fact_field field;
} columns[] = {
	{"Service Name", FACT_SERVICE},
	{"Port Number", FACT_PORT},
	{"Transport Protocol", FACT_TRANSPORT},
	{"Description", FACT_DESCRIPTION},
	{"Assignee", N_FACT_FIELDS},
	{"Contact", N_FACT_FIELDS},
	{"Registration Date", FACT_REGISTERED},
	{"Modification Date", FACT_MODIFIED},
	{"Reference", FACT_REFERENCES},
	{"Service Code", FACT_SERVICE_CODE},
	{"Unauthorized Use Reported", FACT_UNAUTHORIZED},
	{"Assignment Notes", FACT_NOTES},
};

struct reader {
	struct facts *facts;
	struct arena arena; /* of the row being read */
	struct published_row row;
	struct why *why;
	const char *name;
	struct place here;  /* the byte that libcsv has now */
	struct place start; /* of the field being read */
	size_t n_columns;
	bool in_rows;    /* behind the header */
	bool is_between; /* behind a row, before the first byte of the next */
	int error;
};

static void fail(struct reader *r, struct place at, const char *what)
{
	if (!r->error)
		r->error = why_set(r->why, EINVAL, "%s:%zu:%zu: %s", r->name, at.line, at.column,
				   what);
}

static void end_field(void *bytes, size_t n, void *arg)
{
	struct reader *r = arg;
	struct span text = span_of(bytes, n);
	size_t i = r->n_columns++;

	if (r->error)
		return;
	if (i >= ARRAY_LEN(columns)) {
		fail(r, r->start, "more than 12 columns");
	} else if (!r->in_rows) {
		if (!span_is(text, columns[i].title))
			fail(r, r->start, "not the column that stands here in the registry");
	} else if (columns[i].field != N_FACT_FIELDS) {
		r->row.text[columns[i].field] = arena_copy(&r->arena, text);
		r->row.place[columns[i].field] = r->start;
	}
	r->start = (struct place){r->here.line, r->here.column + 1};
}

static void end_row(int end, void *arg)
{
	struct reader *r = arg;

	(void)end;
	if (!r->error && r->n_columns != ARRAY_LEN(columns))
		fail(r, r->here, "a row has 12 columns");
	if (!r->error && r->in_rows)
		r->error = import_publish(r->facts, &r->row, r->name, r->why);
	arena_done(&r->arena);
	r->row = (struct published_row){0};
	r->n_columns = 0;
	r->in_rows = true;
	r->is_between = true;
}

static void read_bytes(struct reader *r, struct csv_parser *parser, struct span text)
{
	for (size_t i = 0; i < text.n && !r->error; i++) {
		uint8_t c = text.p[i];

		if (r->is_between && c != '\n' && c != '\r') {
			r->start = r->here;
			r->is_between = false;
		}
		if (csv_parse(parser, &c, 1, end_field, end_row, r) != 1)
			fail(r, r->here, csv_strerror(csv_error(parser)));
		r->here.column++;
		if (c == '\n')
			r->here = (struct place){r->here.line + 1, 1};
	}
	if (!r->error && (!r->is_between || csv_fini(parser, end_field, end_row, r) != 0))
		fail(r, r->here, "the last row is cut");
	if (!r->error && r->facts->n_rows == 0)
		fail(r, r->here, "no rows");
}

/* The newest whole date of a row. */
static struct span newest(const struct facts *facts)
{
	struct span date = {0};

	for (size_t i = 0; i < facts->n_rows; i++)
		for (enum fact_field field = FACT_REGISTERED; field <= FACT_MODIFIED; field++) {
			struct span text = facts->rows[i].text[field];

			if (text.n == 10 && span_cmp(text, date) > 0)
				date = text;
		}
	return date;
}

int import_csv(struct facts *facts, struct span text, const char *name, struct why *why)
{
	struct facts fresh = {0};
	struct csv_parser parser;
	struct reader r = {.facts = &fresh,
			   .why = why,
			   .name = name,
			   .here = {1, 1},
			   .start = {1, 1},
			   .is_between = true};

	if (text.n > IMPORT_MAX_BYTES)
		return why_set(why, EFBIG, "%s: more than %d MB", name, IMPORT_MAX_BYTES >> 20);
	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
		return why_set(why, ENOMEM, "%s: out of memory", name);
	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_skip(text, 3);
	read_bytes(&r, &parser, text);
	csv_free(&parser);
	arena_done(&r.arena);
	fresh.rows_from.date = newest(&fresh);
	if (!r.error && fresh.rows_from.date.n == 0)
		fail(&r, r.here, "no row has a date");
	if (r.error) {
		facts_done(&fresh);
		return r.error;
	}
	fresh.rows_from.file = SPAN_LIT("service-names-port-numbers.csv");
	import_sort(&fresh);
	*facts = fresh;
	return 0;
}

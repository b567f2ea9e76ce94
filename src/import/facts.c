/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: registry.tsv, read and written; what a row may be.
 *
 * The text is UTF-8: comment lines that begin with '#', one line with the names of the columns,
 * then one row a line, twelve columns parted by tabs. A tab, a line feed and a backslash in a
 * column are written \t, \n and \\. Four comments are read: the magic line, "# date:",
 * "# registrants:" and "# rows:". Writing what was read gives the same bytes.
 *
 * Needs room base only, so that the compiler of the image can link this file alone.
 */
#include "import/import.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"

#define MAGIC "# periplus registry facts 1"

static const struct {
	const char *word;
	size_t max;
} fields[] = {
#define F(name, word, max) {word, max},
	FACT_FIELDS(F)
#undef F
};

static const char *const head[] = {
	"# SPDX-License-Identifier: CC0-1.0",
	MAGIC,
};

static const char *const about[] = {
	"# Derived by tools/regimport from the Service Name and Transport Protocol Port Number "
	"Registry",
	"# that IANA publishes (CC0); written by the program, never by hand. One row of the "
	"registry a",
	"# line, sorted. Assignee and contact are kept as organisation (an <org> of the XML, for "
	"rows in",
	"# both files) and as the domain of the contact. Persons are not kept: keys of persons in "
	"texts",
	"# read \"[contact]\", mailboxes in texts are cut to their domain.",
	"# Escapes: \\t tab, \\n line end, \\\\ backslash. An empty transport names none; it is "
	"not tcp.",
};

const char *fact_field_word(enum fact_field field)
{
	return fields[field].word;
}

void facts_done(struct facts *facts)
{
	arena_done(&facts->arena);
	*facts = (struct facts){0};
}

/* What a row may be: each returns NULL, or what is wrong. */

static const char *port_fault(struct fact *fact)
{
	struct span rest = fact->text[FACT_PORT];
	struct span low;
	uint64_t first, last;

	if (rest.n == 0)
		return NULL;
	bool is_range = span_find_byte(rest, '-') >= 0;

	if (!take_until(&rest, '-', &low) || !span_u64(low, PORT_MAX, &first) ||
	    (low.n > 1 && low.p[0] == '0'))
		return "is not a port from 0 to 65535";
	last = first;
	if (is_range &&
	    (!span_u64(rest, PORT_MAX, &last) || (rest.n > 1 && rest.p[0] == '0') || last < first))
		return "is not a range of ports, lowest first";
	fact->has_port = true;
	fact->first = (uint16_t)first;
	fact->last = (uint16_t)last;
	return NULL;
}

static const char *transport_fault(struct fact *fact)
{
	static const enum transport known[] = {TRANSPORT_TCP, TRANSPORT_UDP, TRANSPORT_DCCP,
					       TRANSPORT_SCTP};
	struct span word = fact->text[FACT_TRANSPORT];

	fact->transport = TRANSPORT_ANY;
	if (word.n == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_is(word, transport_word(known[i]))) {
			fact->transport = known[i];
			return NULL;
		}
	return "is not tcp, udp, dccp or sctp";
}

/* Old names have underscores, dots, slashes, pluses and asterisks beside what RFC 6335 5.1 allows.
 */
static const char *service_fault(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= 0x20 || name.p[i] >= 0x7f || name.p[i] == '\\')
			return "is not a service name";
	return NULL;
}

static const char *date_fault(struct span date)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	static const char wrong[] = "is not a date YYYY-MM or YYYY-MM-DD";
	uint64_t month, day;

	if (date.n == 0)
		return NULL;
	if ((date.n != 7 && date.n != 10) || date.p[4] != '-' ||
	    !span_u64(span_cut(date, 4), 9999, &month) ||
	    !span_u64(span_of(date.p + 5, 2), 12, &month) || month == 0)
		return wrong;
	if (date.n == 10 && (date.p[7] != '-' || !span_u64(span_of(date.p + 8, 2), 31, &day) ||
			     day == 0 || day > days[month - 1]))
		return wrong;
	return NULL;
}

bool import_is_date(struct span text)
{
	return text.n == 10 && date_fault(text) == NULL;
}

static const char *domain_fault(struct span domain)
{
	struct span label;
	size_t n_labels = 0;

	if (domain.n == 0)
		return NULL;
	if (domain.p[domain.n - 1] == '.')
		return "is not a domain";
	while (take_until(&domain, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return "is not a domain";
		for (size_t i = 0; i < label.n; i++) {
			uint8_t c = label.p[i];

			if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
				return "is not a domain in lower case";
		}
		n_labels++;
	}
	return n_labels > 1 ? NULL : "is not a domain";
}

static const char *code_fault(struct span code)
{
	uint64_t value;

	return code.n == 0 || span_u64(code, UINT32_MAX, &value) ? NULL
								 : "is not a 32-bit service code";
}

static const char *text_fault(struct span text)
{
	int32_t c;

	for (size_t n = utf8_next(text, &c); n; n = utf8_next(text, &c)) {
		if (c < 0)
			return "is not UTF-8";
		if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0))
			return "holds a control character";
		text = span_skip(text, n);
	}
	return NULL;
}

static const char *field_fault(struct fact *fact, enum fact_field field)
{
	struct span text = fact->text[field];

	if (text.n > fields[field].max)
		return "is too long";
	switch (field) {
	case FACT_PORT: return port_fault(fact);
	case FACT_TRANSPORT: return transport_fault(fact);
	case FACT_SERVICE: return service_fault(text);
	case FACT_REGISTERED:
	case FACT_MODIFIED: return date_fault(text);
	case FACT_DOMAIN: return domain_fault(text);
	case FACT_SERVICE_CODE: return code_fault(text);
	default: return text_fault(text);
	}
}

/* Reads port and transport from the texts. NULL, or what is wrong with *field. */
static const char *fact_fault(struct fact *fact, enum fact_field *field)
{
	for (*field = 0; *field < N_FACT_FIELDS; (*field)++) {
		const char *fault = field_fault(fact, *field);

		if (fault)
			return fault;
	}
	*field = FACT_SERVICE;
	if (!fact->has_port && fact->text[FACT_SERVICE].n == 0)
		return "is empty in a row without a port";
	*field = FACT_DESCRIPTION;
	if (fact->text[FACT_SERVICE].n == 0 && fact->text[FACT_DESCRIPTION].n == 0)
		return "is empty in a row without a service";
	return NULL;
}

int import_add(struct facts *facts, const struct span text[N_FACT_FIELDS], struct why *why)
{
	struct fact fact = {0};
	enum fact_field field;

	memcpy(fact.text, text, sizeof(fact.text));
	const char *fault = fact_fault(&fact, &field);

	if (fault)
		return why_set(why, EINVAL, "%s '%.*s' %s", fields[field].word,
			       SPAN_ARG(span_cut(fact.text[field], 60)), fault);
	if (facts->n_rows == IMPORT_MAX_ROWS)
		return why_set(why, EFBIG, "more than %d rows", IMPORT_MAX_ROWS);
	for (size_t i = 0; i < N_FACT_FIELDS; i++)
		fact.text[i] = text[i].n ? arena_copy(&facts->arena, text[i]) : SPAN_LIT("");
	struct fact *kept = arena_push(&facts->arena, &facts->rows, &facts->n_rows,
				       &facts->capacity, sizeof(*facts->rows));

	*kept = fact;
	return 0;
}

static int fact_cmp(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->has_port != y->has_port)
		return x->has_port ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	for (size_t i = FACT_TRANSPORT; i < N_FACT_FIELDS; i++) {
		int order = span_cmp(x->text[i], y->text[i]);

		if (order)
			return order;
	}
	return 0;
}

void import_sort(struct facts *facts)
{
	if (facts->n_rows)
		qsort(facts->rows, facts->n_rows, sizeof(*facts->rows), fact_cmp);
}

/* registry.tsv, written */

static void put_escaped(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '\t': buf_str(out, "\\t"); break;
		case '\n': buf_str(out, "\\n"); break;
		case '\\': buf_str(out, "\\\\"); break;
		default: buf_byte(out, (char)text.p[i]);
		}
	}
}

static void put_origin(struct buf *out, const char *what, const struct facts_origin *from)
{
	if (from->date.n == 0)
		return;
	buf_str(out, what);
	buf_raw(out, from->date);
	buf_byte(out, ' ');
	buf_raw(out, from->file);
	buf_byte(out, '\n');
}

void import_write(const struct facts *facts, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(head); i++)
		buf_print(out, "%s\n", head[i]);
	put_origin(out, "# date: ", &facts->rows_from);
	put_origin(out, "# registrants: ", &facts->registrants_from);
	buf_print(out, "# rows: %zu\n", facts->n_rows);
	for (size_t i = 0; i < ARRAY_LEN(about); i++)
		buf_print(out, "%s\n", about[i]);
	for (size_t i = 0; i < N_FACT_FIELDS; i++)
		buf_print(out, "%s%c", fields[i].word, i + 1 < N_FACT_FIELDS ? '\t' : '\n');
	for (size_t row = 0; row < facts->n_rows; row++)
		for (size_t i = 0; i < N_FACT_FIELDS; i++) {
			put_escaped(out, facts->rows[row].text[i]);
			buf_byte(out, i + 1 < N_FACT_FIELDS ? '\t' : '\n');
		}
}

/* registry.tsv, read */

struct reader {
	struct facts *facts;
	struct why *why;
	const char *name;
	size_t line; /* from 1 */
	bool has_magic, has_rows;
	uint64_t n_rows;
	char *unescaped; /* room for one line */
};

static int fault(struct reader *r, size_t column, const char *what)
{
	return why_set(r->why, EINVAL, "%s:%zu:%zu: %s", r->name, r->line, column, what);
}

static bool take_origin(struct span line, const char *key, struct facts_origin *from,
			struct arena *arena)
{
	struct span date;

	if (!span_starts(line, key))
		return false;
	line = span_skip(line, strlen(key));
	if (!take_until(&line, ' ', &date) || !import_is_date(date) || text_fault(line))
		return false;
	from->date = arena_copy(arena, date);
	from->file = arena_copy(arena, line);
	return true;
}

static int read_comment(struct reader *r, struct span line)
{
	struct facts *facts = r->facts;

	if (span_is(line, MAGIC)) {
		r->has_magic = true;
	} else if (span_starts(line, "# date:")) {
		if (!take_origin(line, "# date: ", &facts->rows_from, &facts->arena))
			return fault(r, 1, "not a date and a file");
	} else if (span_starts(line, "# registrants:")) {
		if (!take_origin(line, "# registrants: ", &facts->registrants_from, &facts->arena))
			return fault(r, 1, "not a date and a file");
	} else if (span_starts(line, "# rows: ")) {
		if (!span_u64(span_skip(line, 8), IMPORT_MAX_ROWS, &r->n_rows))
			return fault(r, 9, "not a number of rows");
		r->has_rows = true;
	}
	return 0;
}

static bool is_columns(struct span line)
{
	struct span word;

	for (size_t i = 0; i < N_FACT_FIELDS; i++)
		if (!take_until(&line, '\t', &word) || !span_is(word, fields[i].word))
			return false;
	return line.n == 0;
}

static int read_head(struct reader *r, struct span *text)
{
	struct span line;

	while (take_until(text, '\n', &line)) {
		r->line++;
		if (line.n && line.p[0] == '#') {
			int error = read_comment(r, line);

			if (error)
				return error;
			continue;
		}
		if (!r->has_magic || !r->has_rows || r->facts->rows_from.date.n == 0)
			return fault(r, 1, "facts without their version, date and number of rows");
		return is_columns(line) ? 0 : fault(r, 1, "not the line that names the columns");
	}
	return fault(r, 1, "the file is cut");
}

/* Undoes the escapes into *to, which is moved. The bad byte's offset, or -1. */
static ptrdiff_t unescape(struct span cell, char **to, struct span *text)
{
	char *p = *to;

	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] != '\\') {
			*p++ = (char)cell.p[i];
			continue;
		}
		i++;
		if (i == cell.n)
			return (ptrdiff_t)i - 1;
		switch (cell.p[i]) {
		case 't': *p++ = '\t'; break;
		case 'n': *p++ = '\n'; break;
		case '\\': *p++ = '\\'; break;
		default: return (ptrdiff_t)i - 1;
		}
	}
	*text = span_of(*to, (size_t)(p - *to));
	*to = p;
	return -1;
}

/* Parts a line at its tabs; columns gets where each cell begins, from 1. */
static int split(struct reader *r, struct span line, struct span text[N_FACT_FIELDS],
		 size_t columns[N_FACT_FIELDS])
{
	char *to = r->unescaped;
	size_t at = 0;

	for (size_t i = 0; i < N_FACT_FIELDS; i++) {
		ptrdiff_t tab = span_find_byte(span_skip(line, at), '\t');
		size_t end = tab < 0 ? line.n : at + (size_t)tab;

		if ((tab < 0) != (i + 1 == N_FACT_FIELDS))
			return fault(r, at + 1, "a row has 12 columns");
		ptrdiff_t bad = unescape(span_of(line.p + at, end - at), &to, &text[i]);

		if (bad >= 0)
			return fault(r, at + (size_t)bad + 1, "an escape is \\t, \\n or \\\\");
		columns[i] = at + 1;
		at = end + 1;
	}
	return 0;
}

static int read_row(struct reader *r, struct span line)
{
	struct facts *facts = r->facts;
	struct span text[N_FACT_FIELDS] = {0};
	size_t columns[N_FACT_FIELDS] = {0};
	struct fact fact = {0};
	enum fact_field field;
	struct why row_why;
	int error = split(r, line, text, columns);

	if (error)
		return error;
	error = import_add(facts, text, &row_why);
	if (error) {
		memcpy(fact.text, text, sizeof(fact.text));
		bool is_row = fact_fault(&fact, &field) == NULL;

		return why_set(r->why, -error, "%s:%zu:%zu: %.400s", r->name, r->line,
			       is_row ? 1 : columns[field], row_why.text);
	}
	if (facts->n_rows > 1 &&
	    fact_cmp(&facts->rows[facts->n_rows - 2], &facts->rows[facts->n_rows - 1]) > 0)
		return fault(r, 1, "a row stands out of order");
	return 0;
}

static int read_all(struct reader *r, struct span text)
{
	struct span line;
	int error = read_head(r, &text);

	while (!error && text.n) {
		if (span_find_byte(text, '\n') < 0)
			return fault(r, 1, "the last line is cut");
		if (!take_until(&text, '\n', &line))
			break;
		r->line++;
		error = read_row(r, line);
	}
	if (!error && r->facts->n_rows != r->n_rows)
		return why_set(r->why, EINVAL, "%s:%zu:1: %zu rows where %zu were written", r->name,
			       r->line, r->facts->n_rows, (size_t)r->n_rows);
	return error;
}

int import_read(struct facts *facts, struct span text, const char *name, struct why *why)
{
	struct facts fresh = {0};
	struct reader r = {.facts = &fresh, .why = why, .name = name};

	if (text.n > IMPORT_MAX_BYTES)
		return why_set(why, EFBIG, "%s: more than %d MB", name, IMPORT_MAX_BYTES >> 20);
	auto_free char *unescaped = malloc(text.n + 1);

	if (!unescaped)
		return why_set(why, ENOMEM, "%s: out of memory", name);
	r.unescaped = unescaped;
	int error = read_all(&r, text);

	if (error) {
		facts_done(&fresh);
		return error;
	}
	*facts = fresh;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml: the registry as IANA publishes it in XML, read by expat.
 *
 * The grammar below is all that may stand in the file: an element that it does not know is an
 * error, since a column that we overlook would be lost without a word. A document type is refused,
 * so there are no entities but the five of XML, and nothing outside of the file is ever opened.
 * Texts come out as in the CSV: an xref inside a text is [RFC1234], a line feed between a
 * blank and blanks is a wrapped line and goes with the blanks behind it, other line feeds stay, a
 * paragraph begins with eight blanks.
 *
 * Rows name assignee and contact by key; <people> stands at the end and resolves them there.
 */
#include <errno.h>
#include <expat.h>
#include <stdlib.h>

#include "base/scope.h"
#include "import/parse.h"

#define NS "http://www.iana.org/assignments "

enum element {
	E_ROOT,
	E_REGISTRY,
	E_SKIP,
	E_DATE,
	E_RECORD,
	E_PEOPLE,
	E_PERSON,
	E_ORG,
	E_URI,
	E_FIELD,
	E_ASSIGNEE,
	E_XREF,
	E_KEY,
	E_CITE,
	E_BREAK,
	E_PARAGRAPH,
};

/* What may stand where. Inside E_SKIP anything may, and is not read. */
static const struct {
	enum element parent;
	const char *name;
	enum element is;
	enum fact_field field; /* E_FIELD only */
} grammar[] = {
	{E_ROOT, "registry", E_REGISTRY, 0},
	{E_REGISTRY, "title", E_SKIP, 0},
	{E_REGISTRY, "category", E_SKIP, 0},
	{E_REGISTRY, "updated", E_DATE, 0},
	{E_REGISTRY, "xref", E_SKIP, 0},
	{E_REGISTRY, "expert", E_SKIP, 0},
	{E_REGISTRY, "note", E_SKIP, 0},
	{E_REGISTRY, "registration_rule", E_SKIP, 0},
	{E_REGISTRY, "range", E_SKIP, 0},
	{E_REGISTRY, "footnote", E_SKIP, 0},
	{E_REGISTRY, "record", E_RECORD, 0},
	{E_REGISTRY, "people", E_PEOPLE, 0},
	{E_PEOPLE, "person", E_PERSON, 0},
	{E_PERSON, "name", E_SKIP, 0},
	{E_PERSON, "updated", E_SKIP, 0},
	{E_PERSON, "org", E_ORG, 0},
	{E_PERSON, "uri", E_URI, 0},
	{E_RECORD, "name", E_FIELD, FACT_SERVICE},
	{E_RECORD, "number", E_FIELD, FACT_PORT},
	{E_RECORD, "protocol", E_FIELD, FACT_TRANSPORT},
	{E_RECORD, "description", E_FIELD, FACT_DESCRIPTION},
	{E_RECORD, "sc", E_FIELD, FACT_SERVICE_CODE},
	{E_RECORD, "unauthorized", E_FIELD, FACT_UNAUTHORIZED},
	{E_RECORD, "note", E_FIELD, FACT_NOTES},
	{E_RECORD, "assignee", E_ASSIGNEE, 0},
	{E_RECORD, "xref", E_XREF, 0},
	{E_ASSIGNEE, "xref", E_KEY, 0},
	{E_FIELD, "xref", E_CITE, 0},
	{E_FIELD, "br", E_BREAK, 0},
	{E_FIELD, "paragraph", E_PARAGRAPH, 0},
	{E_PARAGRAPH, "xref", E_CITE, 0},
	{E_PARAGRAPH, "br", E_BREAK, 0},
};

struct person {
	struct span key, organisation, domain;
	size_t index; /* the first of equal keys holds */
};

/* A row until <people> has been read. Keys are parted by line feeds. */
struct pending {
	struct published_row row;
	struct span assignees, contacts;
};

struct reader {
	XML_Parser parser;
	struct facts *facts;
	struct arena arena;
	struct why *why;
	const char *name;
	int error;
	size_t depth;
	struct {
		enum element is;
		enum fact_field field;
	} open[IMPORT_MAX_DEPTH + 1];
	struct buf text; /* of the element that collects */
	struct buf cite; /* inside an xref */
	struct buf assignees, contacts, references; /* of the record, as struct pending has them */
	struct span cite_type, cite_data;
	struct span date;
	struct pending now;
	struct pending *rows;
	size_t n_rows, rows_capacity;
	struct person *people;
	size_t n_people, people_capacity;
};

static void fail(struct reader *r, int error, const char *what, const char *word)
{
	if (r->error)
		return;
	r->error = why_set(r->why, error, "%s:%zu:%zu: %s%.60s%s", r->name,
			   (size_t)XML_GetCurrentLineNumber(r->parser),
			   (size_t)XML_GetCurrentColumnNumber(r->parser) + 1, what, word,
			   *word ? "'" : "");
	XML_StopParser(r->parser, XML_FALSE);
}

static struct place here(const struct reader *r)
{
	return (struct place){XML_GetCurrentLineNumber(r->parser),
			      XML_GetCurrentColumnNumber(r->parser) + 1};
}

static struct span attribute(struct reader *r, const char **attributes, const char *name)
{
	for (; attributes[0]; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return arena_copy(&r->arena, span_str(attributes[1]));
	return SPAN_LIT("");
}

/* Adds item to a list that is parted by line feeds. */
static void list_add(struct buf *list, struct span item)
{
	if (list->n)
		buf_byte(list, '\n');
	buf_raw(list, item);
}

/* <br/> in a collected text until unwrap; XML has no such character. Paragraphs are indented. */
enum { BREAK = 1, INDENT = 8 };

/* The text without wrapped lines: a blank, a line feed and blanks are one blank. */
static struct span unwrap(struct arena *arena, struct span text)
{
	uint8_t *copy = arena_get(arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		size_t end = i + 1;

		if (text.p[i] == '\n' && n && copy[n - 1] == ' ')
			while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
				end++;
		if (end > i + 1)
			i = end - 1;
		else
			copy[n++] = text.p[i];
	}
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++)
		if (copy[i] != BREAK)
			copy[n_kept++] = copy[i];
	return span_of(copy, n_kept);
}

static void start_text(struct reader *r)
{
	r->text.n = 0;
}

static struct span end_text(struct reader *r)
{
	return span_trim(unwrap(&r->arena, buf_span(&r->text)));
}

/* The citation that ends here: its text, else its data, RFCs in capitals. */
static struct span end_cite(struct reader *r)
{
	struct span text = unwrap(&r->arena, buf_span(&r->cite));
	uint8_t *upper;

	if (text.n || r->cite_data.n == 0)
		return text;
	if (!span_is(r->cite_type, "rfc"))
		return r->cite_data;
	upper = arena_get(&r->arena, r->cite_data.n);
	for (size_t i = 0; i < r->cite_data.n; i++)
		upper[i] = r->cite_data.p[i] >= 'a' && r->cite_data.p[i] <= 'z'
				   ? (uint8_t)(r->cite_data.p[i] & 0xdf)
				   : r->cite_data.p[i];
	return span_of(upper, r->cite_data.n);
}

static void start_record(struct reader *r, const char **attributes)
{
	struct published_row *row = &r->now.row;

	r->now = (struct pending){0};
	r->assignees.n = r->contacts.n = r->references.n = 0;
	row->text[FACT_REGISTERED] = attribute(r, attributes, "date");
	row->text[FACT_MODIFIED] = attribute(r, attributes, "updated");
	for (size_t i = 0; i < N_FACT_FIELDS; i++)
		row->place[i] = here(r);
	if (r->n_rows == IMPORT_MAX_ROWS)
		fail(r, EFBIG, "too many rows", "");
}

static void start_field(struct reader *r, enum fact_field field)
{
	start_text(r);
	r->now.row.place[field] = here(r);
	if (r->now.row.text[field].p)
		fail(r, EINVAL, "a second '", fact_field_word(field));
}

static void begin(struct reader *r, enum element is, enum fact_field field, const char **attributes)
{
	switch (is) {
	case E_RECORD: start_record(r, attributes); break;
	case E_FIELD: start_field(r, field); break;
	case E_PERSON: {
		struct person *person = arena_push(&r->arena, &r->people, &r->n_people,
						   &r->people_capacity, sizeof(*r->people));

		*person = (struct person){.key = attribute(r, attributes, "id"),
					  .index = r->n_people};
		if (r->n_people > IMPORT_MAX_ROWS)
			fail(r, EFBIG, "too many people", "");
		break;
	}
	case E_XREF:
	case E_KEY:
	case E_CITE:
		r->cite.n = 0;
		r->cite_type = attribute(r, attributes, "type");
		r->cite_data = attribute(r, attributes, "data");
		break;
	case E_BREAK: buf_byte(&r->text, BREAK); break;
	case E_PARAGRAPH: buf_fill(&r->text, ' ', INDENT); break;
	case E_ORG:
	case E_URI:
	case E_DATE: start_text(r); break;
	default: break;
	}
}

static void end_xref(struct reader *r)
{
	struct span text = span_trim(end_cite(r));

	if (span_is(r->cite_type, "person")) {
		list_add(&r->contacts, r->cite_data);
	} else if (r->references.n + text.n < 65536) {
		buf_byte(&r->references, '[');
		buf_raw(&r->references, text);
		buf_byte(&r->references, ']');
	} else {
		fail(r, EINVAL, "too long a list of references", "");
	}
}

static void end_person_part(struct reader *r, enum element is)
{
	struct person *person = &r->people[r->n_people - 1];
	struct span text = end_text(r);

	if (is == E_ORG && person->organisation.n == 0)
		person->organisation = text;
	if (is == E_URI && person->domain.n == 0)
		person->domain = import_domain(&r->arena, text);
}

static void finish(struct reader *r, enum element is, enum fact_field field)
{
	switch (is) {
	case E_RECORD: {
		struct pending *row = arena_push(&r->arena, &r->rows, &r->n_rows, &r->rows_capacity,
						 sizeof(*r->rows));

		*row = r->now;
		row->assignees = arena_copy(&r->arena, buf_span(&r->assignees));
		row->contacts = arena_copy(&r->arena, buf_span(&r->contacts));
		row->row.text[FACT_REFERENCES] = arena_copy(&r->arena, buf_span(&r->references));
		break;
	}
	case E_FIELD: r->now.row.text[field] = end_text(r); break;
	case E_CITE:
		buf_byte(&r->text, '[');
		buf_raw(&r->text, end_cite(r));
		buf_byte(&r->text, ']');
		break;
	case E_XREF: end_xref(r); break;
	case E_KEY: list_add(&r->assignees, r->cite_data); break;
	case E_ORG:
	case E_URI: end_person_part(r, is); break;
	case E_DATE: r->date = end_text(r); break;
	default: break;
	}
}

static void XMLCALL on_start(void *arg, const char *name, const char **attributes)
{
	struct reader *r = arg;
	enum element parent = r->open[r->depth].is;

	if (r->error)
		return;
	if (r->depth == IMPORT_MAX_DEPTH) {
		fail(r, EINVAL, "elements nest too deep", "");
		return;
	}
	r->depth++;
	r->open[r->depth].is = E_SKIP;
	if (parent == E_SKIP)
		return;
	const char *local = strncmp(name, NS, sizeof(NS) - 1) == 0 ? name + sizeof(NS) - 1 : "";

	for (size_t i = 0; i < ARRAY_LEN(grammar); i++)
		if (grammar[i].parent == parent && strcmp(grammar[i].name, local) == 0) {
			r->open[r->depth].is = grammar[i].is;
			r->open[r->depth].field = grammar[i].field;
			begin(r, grammar[i].is, grammar[i].field, attributes);
			return;
		}
	fail(r, EINVAL, "no place here for element '", *local ? local : name);
}

static void XMLCALL on_end(void *arg, const char *name)
{
	struct reader *r = arg;

	(void)name;
	if (r->error)
		return;
	finish(r, r->open[r->depth].is, r->open[r->depth].field);
	r->depth--;
}

static void XMLCALL on_text(void *arg, const char *bytes, int n)
{
	struct reader *r = arg;
	struct span text = span_of(bytes, (size_t)n);

	switch (r->open[r->depth].is) {
	case E_SKIP: return;
	case E_FIELD:
	case E_PARAGRAPH:
	case E_ORG:
	case E_URI:
	case E_DATE: buf_raw(&r->text, text); return;
	case E_XREF:
	case E_KEY:
	case E_CITE: buf_raw(&r->cite, text); return;
	default:
		if (span_trim(text).n)
			fail(r, EINVAL, "text between the elements", "");
	}
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *system_id,
			       const char *public_id, int has_internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal;
	fail(arg, EINVAL, "a document type is not accepted", "");
}

static int person_cmp(const void *a, const void *b)
{
	const struct person *x = a, *y = b;
	int order = span_cmp(x->key, y->key);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static const struct person *person_find(const struct reader *r, struct span key)
{
	size_t low = 0, high = r->n_people;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (span_cmp(r->people[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n_people && span_eq(r->people[low].key, key) ? &r->people[low] : NULL;
}

/* The registrant is the assignee, and the contact where no assignee is named. */
static void resolve(const struct reader *r, struct pending *row)
{
	struct span *text = row->row.text;
	struct span registrants = row->assignees.n ? row->assignees : row->contacts;
	struct span contacts = row->contacts;
	const struct person *person;
	struct span key;

	while (text[FACT_ORGANISATION].n == 0 && take_until(&registrants, '\n', &key)) {
		person = person_find(r, key);
		if (person)
			text[FACT_ORGANISATION] = person->organisation;
	}
	while (text[FACT_DOMAIN].n == 0 && take_until(&contacts, '\n', &key)) {
		person = person_find(r, key);
		if (person)
			text[FACT_DOMAIN] = person->domain;
	}
}

static int gather(struct reader *r)
{
	struct facts *facts = r->facts;

	if (r->n_people)
		qsort(r->people, r->n_people, sizeof(*r->people), person_cmp);
	for (size_t i = 0; i < r->n_rows; i++) {
		resolve(r, &r->rows[i]);
		int error = import_publish(facts, &r->rows[i].row, r->name, r->why);

		if (error)
			return error;
	}
	if (facts->n_rows == 0)
		return why_set(r->why, EINVAL, "%s:1:1: no rows", r->name);
	facts->rows_from.date = arena_copy(&facts->arena, r->date);
	facts->rows_from.file = SPAN_LIT("service-names-port-numbers.xml");
	facts->registrants_from = facts->rows_from;
	import_sort(facts);
	return 0;
}

static int parse(struct reader *r, struct span text)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	if (XML_Parse(r->parser, (const char *)text.p, (int)text.n, 1) != XML_STATUS_OK)
		fail(r, EINVAL, XML_ErrorString(XML_GetErrorCode(r->parser)), "");
	if (!r->error && (r->text.error || r->cite.error || r->assignees.error ||
			  r->contacts.error || r->references.error))
		r->error = why_set(r->why, ENOMEM, "%s: out of memory", r->name);
	if (!r->error && !import_is_date(r->date))
		r->error = why_set(r->why, EINVAL, "%s:1:1: no <updated> date", r->name);
	return r->error ? r->error : gather(r);
}

int import_xml(struct facts *facts, struct span text, const char *name, struct why *why)
{
	struct facts fresh = {0};
	struct reader r = {
		.facts = &fresh, .why = why, .name = name, .text = BUF_INIT, .cite = BUF_INIT,
		.assignees = BUF_INIT, .contacts = BUF_INIT, .references = BUF_INIT};

	if (text.n > IMPORT_MAX_BYTES)
		return why_set(why, EFBIG, "%s: more than %d MB", name, IMPORT_MAX_BYTES >> 20);
	r.parser = XML_ParserCreateNS("UTF-8", ' ');
	if (!r.parser)
		return why_set(why, ENOMEM, "%s: out of memory", name);
	r.open[0].is = E_ROOT;
	int error = parse(&r, text);

	XML_ParserFree(r.parser);
	buf_done(&r.text);
	buf_done(&r.cite);
	buf_done(&r.assignees);
	buf_done(&r.contacts);
	buf_done(&r.references);
	arena_done(&r.arena);
	if (error)
		facts_done(&fresh);
	else
		*facts = fresh;
	return error;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* publish: a row of a published file on its way to the facts, and which reader a file needs. */
#include <errno.h>

#include "import/parse.h"

int import_publish(struct facts *facts, const struct published_row *row, const char *name,
		   struct why *why)
{
	static const enum fact_field prose[] = {FACT_DESCRIPTION, FACT_ORGANISATION,
						FACT_REFERENCES, FACT_UNAUTHORIZED, FACT_NOTES};
	struct span text[N_FACT_FIELDS];
	struct place place = row->place[0];
	struct why row_why;

	for (size_t i = 0; i < N_FACT_FIELDS; i++)
		text[i] = span_trim(row->text[i]);
	for (size_t i = 0; i < sizeof(prose) / sizeof(prose[0]); i++)
		text[prose[i]] = import_scrub(&facts->arena, text[prose[i]]);
	int error = import_add(facts, text, &row_why);

	if (!error)
		return 0;
	/* The why begins with the word of the field that is wrong. */
	for (enum fact_field i = 0; i < N_FACT_FIELDS; i++)
		if (span_starts(span_str(row_why.text), fact_field_word(i)) &&
		    span_starts(span_skip(span_str(row_why.text), strlen(fact_field_word(i))),
				" '") &&
		    row->place[i].line)
			place = row->place[i];
	return why_set(why, -error, "%s:%zu:%zu: %.400s", name, place.line, place.column,
		       row_why.text);
}

int import_published(struct facts *facts, struct span text, const char *name, struct why *why)
{
	struct span start = span_cut(text, 256);

	if (span_starts(start, "\xef\xbb\xbf"))
		start = span_skip(start, 3);
	start = span_trim(start);
	if (span_starts(start, "<"))
		return import_xml(facts, text, name, why);
	if (span_starts(start, "Service Name,"))
		return import_csv(facts, text, name, why);
	return why_set(why, EINVAL, "%s:1:1: neither the XML nor the CSV of the registry", name);
}

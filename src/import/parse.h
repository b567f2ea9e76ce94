/* SPDX-License-Identifier: Apache-2.0 */
/* parse: what the readers of the published files share; private to this room. */
#ifndef PERIPLUS_IMPORT_PARSE_H
#define PERIPLUS_IMPORT_PARSE_H

#include "import/import.h"

/* Where a text began, for why; both from 1. */
struct place {
	size_t line, column;
};

/* A row as published: texts as they stand there, and where each began. */
struct published_row {
	struct span text[N_FACT_FIELDS];
	struct place place[N_FACT_FIELDS];
};

/* Trims and scrubs the texts, and adds the row. -EINVAL with name:line:column in why. */
int import_publish(struct facts *facts, const struct published_row *row, const char *name,
		   struct why *why) must_check;

/* The text without persons: a key in brackets such as [Given_Family] becomes [contact], a mailbox
 * its domain, and a name before a mailbox in the same brackets goes. Borrowed or in the arena. */
struct span import_scrub(struct arena *arena, struct span text);
/* The domain of "mailto:local@domain" in lower case, '&' for '@' as IANA writes it. Empty when it
 * is none: an address by number, a phone, a web page. */
struct span import_domain(struct arena *arena, struct span uri);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import: from what IANA publishes to the facts that we keep, and back from the text of them.
 *
 *     published CSV or XML --import_csv, import_xml--> struct facts --import_write--> registry.tsv
 *     registry.tsv --import_read--> struct facts
 *
 * Every column of every row is kept, but for persons: an assignee becomes the organisation of an
 * <org> element, a contact the domain of the mailbox, and texts lose keys of persons and the local
 * parts of mailboxes (scrub.c). A CSV carries neither organisation nor domain; import_join takes
 * them over from earlier facts. Pure: bytes in, rows out; no file, clock or lock.
 *
 * Errors are negative errno, with name:line:column in why. facts.c, with import_read and
 * import_write, needs room base only; csv.c links libcsv, xml.c links expat.
 */
#ifndef PERIPLUS_IMPORT_IMPORT_H
#define PERIPLUS_IMPORT_IMPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/port.h"
#include "base/span.h"
#include "base/why.h"

/* Limits: the file of 2026 has 4 MB as XML, 14,499 rows, and depth 5. */
enum { IMPORT_MAX_BYTES = 64 << 20, IMPORT_MAX_ROWS = 1 << 17, IMPORT_MAX_DEPTH = 32 };

/* The columns of registry.tsv in their order: name in C, word of the header line, most bytes. */
#define FACT_FIELDS(F)                                                                             \
	F(PORT, "port", 11)                                                                        \
	F(TRANSPORT, "transport", 8)                                                               \
	F(SERVICE, "service", 64)                                                                  \
	F(DESCRIPTION, "description", 4095)                                                        \
	F(ORGANISATION, "organisation", 256)                                                       \
	F(DOMAIN, "domain", 253)                                                                   \
	F(REGISTERED, "registered", 10)                                                            \
	F(MODIFIED, "modified", 10)                                                                \
	F(REFERENCES, "references", 4095)                                                          \
	F(SERVICE_CODE, "service_code", 10)                                                        \
	F(UNAUTHORIZED, "unauthorized", 1024)                                                      \
	F(NOTES, "notes", 4095)
#define F(name, word, max) FACT_##name,
enum fact_field { FACT_FIELDS(F) N_FACT_FIELDS };
#undef F

/* One row of the registry. An empty text was not said; spans live as long as the facts. */
struct fact {
	struct span text[N_FACT_FIELDS]; /* unescaped, UTF-8; may hold tab and line feed */
	/* The same as text[FACT_PORT] and text[FACT_TRANSPORT], read: */
	bool has_port; /* false: a name without number */
	uint16_t first, last;
	enum transport transport; /* TRANSPORT_ANY: the row names none */
};

/* Where facts come from: the file IANA published (one line), and its date (YYYY-MM-DD). */
struct facts_origin {
	struct span date, file;
};

/* Zeroed ones are empty and may be done. */
struct facts {
	struct arena arena;
	struct facts_origin rows_from;
	struct facts_origin registrants_from; /* organisation and domain; may be empty */
	struct fact *rows;                    /* sorted by import_sort */
	size_t n_rows, capacity;
};

void facts_done(struct facts *facts);

/* registry.tsv. name stands in why: "registry.tsv:17:4: ...". The text may go afterwards. The rows
 * must be sorted and as many as the text says, so that a cut file is refused. */
int import_read(struct facts *facts, struct span text, const char *name,
		struct why *why) must_check;
void import_write(const struct facts *facts, struct buf *out);
/* By first and last port (rows without port last), transport, service, then the other texts. */
void import_sort(struct facts *facts);
/* Appends a row whose texts are copied. -EINVAL with why for what no row may be. */
int import_add(struct facts *facts, const struct span text[N_FACT_FIELDS],
	       struct why *why) must_check;
bool import_is_date(struct span text); /* YYYY-MM-DD */
const char *fact_field_word(enum fact_field field);

/* The published files. Sorted facts, or nothing: facts stay empty when the result is not 0. A CSV
 * names no date of its own: its date is the newest date of a row. */
int import_csv(struct facts *facts, struct span text, const char *name, struct why *why) must_check;
int import_xml(struct facts *facts, struct span text, const char *name, struct why *why) must_check;
/* Either of them, by its first bytes. */
int import_published(struct facts *facts, struct span text, const char *name,
		     struct why *why) must_check;

/* Rows without organisation and domain get those of the same row in earlier: same ports,
 * transport, service and date of registration. Returns how many did. */
size_t import_join(struct facts *facts, const struct facts *earlier);

#define CHANGE_KINDS(K)                                                                            \
	K(ADDED, "added")                                                                          \
	K(REMOVED, "removed")                                                                      \
	K(RENAMED, "renamed") /* same ports and transport, another service */                      \
	K(ALTERED, "altered") /* same service, another text */
#define K(name, word) CHANGE_##name,
enum change_kind { CHANGE_KINDS(K) N_CHANGE_KINDS };
#undef K

struct change {
	enum change_kind kind;
	const struct fact *before; /* NULL: added */
	const struct fact *after;  /* NULL: removed */
};

struct changes {
	struct change *rows; /* sorted by kind, then as the facts */
	size_t n_rows, capacity;
	size_t n_by_kind[N_CHANGE_KINDS];
};

/* What tells two sorted sets apart; borrowed from both, kept in arena. */
void import_compare(struct changes *changes, const struct facts *before, const struct facts *after,
		    struct arena *arena);
const char *change_kind_word(enum change_kind kind);

#endif

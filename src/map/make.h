/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make: from texts and rows to the images that a map is made of.
 *
 * Used by tools/mapgen when the program is built, by periplus-update for a newer registry (its
 * knowledge comes from the built-in map then), and by `periplus facts --check`.
 * Knowledge is what data/ says but for the registry: facts, products, platforms, and evidence.
 * Texts are copied; rows borrow from the arena of their knowledge.
 */
#ifndef PERIPLUS_MAP_MAKE_H
#define PERIPLUS_MAP_MAKE_H

#include "base/arena.h"
#include "base/buf.h"
#include "map/map.h"

/* Where complaints about a text go: file:line: text. n counts them. */
struct make_complaints {
	void (*put)(struct make_complaints *to, const char *file, size_t line, const char *text);
	size_t n;
};

/* name in C, directory or file under data/, columns of the header line */
#define MAKE_TABLES(T)                                                                             \
	T(PRACTICE, "practice",                                                                    \
	  "port\ttransport\tproduct\tkind\tgrade\tbind\tsetting\tsince\tnote\tsource\tread")       \
	T(PRODUCTS, "products",                                                                    \
	  "product\ttitle\tprograms\tpackages\tunits\tscripts\tprotocols\troles\tbind\tauth")      \
	T(PLATFORM, "platform", "system\tkind\tfirst\tlast\ttransport\tnote\tsource\tread")        \
	T(SEEN, "evidence/zeek.tsv", "port\ttransport\tservice\tsource\tread")                     \
	T(NAMES, "evidence/names.tsv", "service\tproduct")                                         \
	T(NEIGHBOURS, "evidence/neighbours.tsv",                                                   \
	  "port\ttransport\tservice\torganisation\tpurpose\tsource\tread")                         \
	T(SOURCES, "evidence/sources.tsv", "source\twhat\tsearched")

#define T(name, place, header) MAKE_##name,
enum make_table { MAKE_TABLES(T) N_MAKE_TABLES };
#undef T

struct make_place {
	const char *file; /* NULL: from a map */
	size_t line;
};

struct make_fact {
	struct map_practice fact;
	struct make_place place;
};

struct make_product {
	struct map_product product;
	struct make_place place;
};

struct make_platform {
	struct map_platform platform;
	struct make_place place;
};

struct make_purpose {
	struct map_purpose purpose;
	struct make_place place;
};

/* A port that a detector of others expects a protocol on. */
struct make_seen {
	uint16_t first, last;
	enum transport transport;
	struct span service, source, read;
	struct make_place place;
};

/* A product or protocol that is the service, under another name. */
struct make_name {
	struct span service, product;
	struct make_place place;
};

struct make_source {
	struct span source, what, searched;
	struct make_place place;
};

struct make_knowledge {
	struct arena arena;
	struct make_fact *facts;
	struct make_product *products;
	struct make_platform *platforms;
	struct make_seen *seen;
	struct make_name *names;
	struct make_source *sources;
	struct make_purpose *purposes;
	size_t n_facts, n_products, n_platforms, n_seen, n_names, n_sources, n_purposes;
	size_t size_facts, size_products, size_platforms, size_seen, size_names, size_sources;
	size_t size_purposes;
};

void make_knowledge_done(struct make_knowledge *knowledge);
/* What the map was made of, so that a newer registry can be judged by the same knowledge. */
void make_knowledge_of(struct make_knowledge *knowledge, const struct map *map);

/* The table that a text's header line names; N_MAKE_TABLES for none. */
enum make_table make_table_of(struct span text);
/* Reads one text of a table. Sound rows are kept; everything else is complained of. */
void make_read(struct make_knowledge *knowledge, enum make_table table, const char *file,
	       struct span text, struct make_complaints *to);
/* What one row alone does not show: duplicates, products that no row describes, sources that the
 * standings need. */
void make_check(struct make_knowledge *knowledge, struct make_complaints *to);
/* Sorts facts and products as the image wants them. */
void make_sort(struct make_knowledge *knowledge);
/* Order of facts in a file and in the image. */
int make_fact_cmp(const struct map_practice *a, const struct map_practice *b);
void make_complain(struct make_complaints *to, struct make_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Checks one file of data/ as make_read and make_check do, products of the map (NULL: the built-in
 * one) taken as described. Returns how many complaints there were. */
size_t make_check_file(const struct map *map, const char *file, struct span text,
		       struct make_complaints *to);

/* The registry as an image, appended to out: rows in the order of the map (index and standing of
 * the rows are not read), date as YYYY-MM-DD. -E2BIG or -EINVAL with why. The knowledge must be
 * sorted. */
int make_registry(const struct map_registration *rows, size_t n_rows, struct span date,
		  const struct make_knowledge *knowledge, struct buf *out,
		  struct why *why) must_check;
/* Facts, products, platforms and evidence as an image; the same rules. */
int make_practice(const struct make_knowledge *knowledge, struct buf *out,
		  struct why *why) must_check;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: what a port is said to be. The registry (IANA), the practice (what really uses it), the
 * products, and the platforms, as const data inside the program.
 *
 * Pure: no file, clock, allocation or lock, but for map_open, which maps an updated registry.
 * Every span is borrowed from the image and lives as long as the map. A NULL map in a call is
 * the built-in one.
 */
#ifndef PERIPLUS_MAP_MAP_H
#define PERIPLUS_MAP_MAP_H

#include "base/port.h"
#include "base/span.h"
#include "base/why.h"

struct map;

#define MAP_STANDINGS(S)                                                                           \
	S(ALIVE, "alive")           /* evidence that the registered service is in use */           \
	S(QUIET, "quiet")           /* a reference or a weak sign, no software found */            \
	S(GHOST, "ghost")           /* no evidence in the sources searched */                      \
	S(OVERTAKEN, "overtaken")   /* evidence only under another name */                         \
	S(RESERVED, "reserved")                                                                    \
	S(UNASSIGNED, "unassigned")                                                                \
	S(DYNAMIC, "dynamic")
#define S(name, word) STANDING_##name,
enum map_standing { MAP_STANDINGS(S) N_MAP_STANDINGS };
#undef S

#define PRACTICE_KINDS(K) K(COMMON, "common") K(CONFLICT, "conflict") K(CONVENTION, "convention") \
	K(MALWARE, "malware")
#define K(name, word) PRACTICE_##name,
enum practice_kind { PRACTICE_KINDS(K) N_PRACTICE_KINDS };
#undef K

#define PRACTICE_GRADES(G) G(PACKAGE, "package") G(PRIMARY, "primary")                             \
	G(SECONDARY, "secondary") G(UNCONFIRMED, "unconfirmed")
#define G(name, word) GRADE_##name,
enum practice_grade { PRACTICE_GRADES(G) N_PRACTICE_GRADES };
#undef G

/* One record of the registry, as IANA publishes it (RFC 6335 section 8). Empty spans: not said. */
struct map_registration {
	uint32_t index;		  /* row in the map: identity */
	bool has_port;		  /* false: a name without number (SRV only) */
	uint16_t first, last;
	enum transport transport; /* TRANSPORT_ANY: the row names none */
	struct span service;	  /* empty: Reserved, Unassigned, De-registered rows */
	struct span description;
	struct span organisation; /* registrant, from <org> only */
	struct span domain;	  /* of the registrant's contact */
	struct span registered;	  /* as published: YYYY-MM-DD or YYYY-MM */
	struct span modified;
	struct span references;	  /* "[RFC6513]" and the like, blank-separated, as published */
	struct span service_code; /* DCCP */
	struct span unauthorized; /* note of unauthorized use */
	struct span notes;	  /* assignment notes */
	enum map_standing standing;
};

struct map_evidence {
	struct span source;   /* what was searched: "zeek", "debian packages" ... */
	struct span searched; /* date, YYYY-MM-DD */
	struct span finding;  /* what was found; empty: nothing */
	bool is_for_life;
};

struct map_product {
	uint32_t index;
	struct span slug, title;
	struct span programs, packages, units, scripts, protocols, roles; /* comma lists, may be empty */
	struct span bind; /* lo, any, host or empty */
	struct span auth; /* on, off, none or empty */
};

struct map_practice {
	uint16_t first, last;
	enum transport transport;
	struct span product; /* slug */
	enum practice_kind kind;
	enum practice_grade grade;
	struct span bind, setting, since, note, source, read;
};

/* How a system treats a number by itself, whatever is registered for it. */
#define MAP_PLATFORM_KINDS(K)                                                                      \
	K(EPHEMERAL, "ephemeral")	      /* source ports are handed out from here */          \
	K(BROWSER_REFUSED, "browser-refused") /* a "bad port" of the Fetch standard */             \
	K(PRIVILEGED, "privileged")	      /* binding needs a privilege */                      \
	K(EXCLUDED, "excluded")		      /* kept back by Windows: nobody may bind */          \
	K(SYSTEM_LISTENER, "system-listener") /* the system itself listens */                      \
	K(METADATA, "metadata")		      /* a cloud tells a machine about itself */           \
	K(CONTROL, "control")		      /* an orchestrator keeps it for itself */
#define K(name, word) PLATFORM_##name,
enum map_platform_kind { MAP_PLATFORM_KINDS(K) N_MAP_PLATFORM_KINDS };
#undef K

struct map_platform {
	struct span system; /* "linux", "windows", "browser", "kubernetes" ... */
	enum map_platform_kind kind;
	uint16_t first, last;
	enum transport transport;
	struct span note, source, read;
};

const struct map *map_builtin(void);
/* An updated registry image (written by periplus-update); practice stays built in. NULL with why
 * when it is damaged, of another version, or not a plain file of ours or root's. */
struct map *map_open(const char *path, struct why *why);
struct map *map_free(struct map *map);
struct span map_registry_date(const struct map *map); /* date of the file that IANA published */
size_t map_n_registrations(const struct map *map);
void map_registration_get(const struct map *map, uint32_t index, struct map_registration *row);
struct span map_registration_name(const struct map *map, uint32_t index); /* its service alone, for who looks at all */

/* Rows of a port and transport: exact transport first, then rows without transport; for
 * TRANSPORT_ANY the rows of every transport. Registry order. Start with *cursor = 0; false at the
 * end. Allocation-free; the first answer takes under 10 ns. */
bool map_next_registration(const struct map *map, uint16_t port, enum transport transport,
			   uint32_t *cursor, struct map_registration *row);
/* The first named service of a port: what a table shows after '~'. Empty when none. */
struct span map_service_name(const struct map *map, uint16_t port, enum transport transport);
/* The standing of the port itself: of its best named row, else reserved, unassigned, dynamic. */
enum map_standing map_port_standing(const struct map *map, uint16_t port, enum transport transport);
const char *map_standing_word(enum map_standing standing);
bool map_standing_parse(struct span word, enum map_standing *standing) must_check;
/* Every source that was searched, in their order, with each finding or with none. */
bool map_next_evidence(const struct map *map, const struct map_registration *row, uint32_t *cursor,
		       struct map_evidence *evidence);
size_t map_n_sources(const struct map *map); /* "no evidence in these N sources" */

/* Practice of a port: rows whose transport matches (or is any; TRANSPORT_ANY: all). */
bool map_next_practice(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_practice *fact);
size_t map_n_practice(const struct map *map);
void map_practice_get(const struct map *map, uint32_t index, struct map_practice *fact);
const char *practice_kind_word(enum practice_kind kind);
const char *practice_grade_word(enum practice_grade grade);

size_t map_n_products(const struct map *map);
void map_product_get(const struct map *map, uint32_t index, struct map_product *product);
bool map_product_find(const struct map *map, struct span slug, struct map_product *product);

/* What a running program says of itself; empty spans where unknown. */
struct map_identity {
	struct span program; /* base name of the executable */
	struct span package; /* "deb:redis-server" */
	struct span unit;
	struct span runtime; /* "python" */
	struct span script;  /* module, class, or path of the script */
};
/* How a product was recognised, strongest last. */
enum map_match { MATCH_NONE, MATCH_PROGRAM, MATCH_SCRIPT, MATCH_PACKAGE, MATCH_UNIT };
/* The product that runs, by identity and never by number. The port is only asked to choose
 * between products that match equally well. */
enum map_match map_product_match(const struct map *map, const struct map_identity *identity,
				 uint16_t port, enum transport transport,
				 struct map_product *product);

/*
 * What systems do with a number by themselves (data/platform/), on whatever machine: what this
 * host hands out as source ports is asked of its kernel and not here.
 *
 *   refused by browsers?      PLATFORM_BROWSER_REFUSED
 *   a source port of Linux?   PLATFORM_EPHEMERAL of system "linux"; stock settings
 *   kept back on Windows?     PLATFORM_EXCLUDED of "windows"; such ranges move from start to
 *                             start, and a row says that one machine had them there
 *
 * Rows match by transport as those of the practice do, in the order of data/: by first port.
 */
bool map_next_platform(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_platform *row);
/* The narrowest range of this kind around the number; an empty system is any. row may be NULL. */
bool map_platform_find(const struct map *map, enum map_platform_kind kind, struct span system,
		       uint16_t port, enum transport transport, struct map_platform *row);
size_t map_n_platforms(const struct map *map);
void map_platform_get(const struct map *map, uint32_t index, struct map_platform *row);
const char *map_platform_word(enum map_platform_kind kind);

/* What a registration was made for, where a source says so: the founding ports and their
 * neighbours (data/evidence/neighbours.tsv). */
struct map_purpose {
	uint16_t first, last;
	enum transport transport;
	struct span service;	  /* of the registration */
	struct span organisation; /* that made it, or its domain */
	struct span purpose;
	struct span source, read;
};
bool map_purpose_find(const struct map *map, const struct map_registration *row,
		      struct map_purpose *purpose);
size_t map_n_purposes(const struct map *map);
void map_purpose_get(const struct map *map, uint32_t index, struct map_purpose *purpose);

/* Search over names, descriptions, organisations, domains, references, dates, and products.
 * filters: standing:, registered:, modified:, domain:, transport:, organisation:, port:, rfc:. */
struct map_hit {
	uint32_t index; /* of the registration */
	uint32_t rank;  /* lower is better */
};
/* Fills hits with the best, sorted by rank, then port; returns how many matched in all, or
 * -EINVAL with why for an unknown filter. */
long map_search(const struct map *map, struct span words, struct map_hit *hits, size_t max,
		struct why *why);
/* Fills products with the indices of those that the words name, the best first, then by slug;
 * returns how many there are in all. None when the words hold a filter. */
size_t map_search_products(const struct map *map, struct span words, uint32_t *products, size_t max);
/* The facts of a product, those of its usual numbers first. */
bool map_next_of_product(const struct map *map, struct span product, uint32_t *cursor,
			 struct map_practice *fact);

/* Counts for `periplus stats`. */
struct map_counts {
	size_t rows, rows_with_port, named, ranges_without_transport;
	size_t by_transport[N_TRANSPORTS];
	size_t by_standing[N_MAP_STANDINGS];
	size_t by_space[N_PORT_SPACES];	    /* named rows */
	size_t assigned_ports[N_PORT_SPACES]; /* numbers with at least one named row */
	struct { uint16_t year; size_t n; } years[64];
	size_t n_years, undated;
	size_t facts, fact_pairs, products, by_kind[N_PRACTICE_KINDS], by_grade[N_PRACTICE_GRADES];
	size_t platforms, purposes;
	/* What was searched for life, and in how many named rows it found the service, or others. */
	struct { struct span source, what, searched; size_t for_life, for_others; } sources[16];
	size_t n_sources;
};
void map_count(const struct map *map, struct map_counts *counts);

#endif

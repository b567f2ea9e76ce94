/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image: the bytes that hold the map, as tools/mapgen writes them and map reads them.
 *
 * An image is a header, a table of sections, and the sections: arrays of fixed records. All
 * numbers are little-endian and every section begins at a multiple of 8. There are two kinds, the
 * registry and the practice, with the same sections; those that a kind does not use are empty.
 *
 * Strings stand once in one pool, where a string that ends another one shares its bytes. A ref is
 * the place of a string: offset in the low 20 bits, length in the high 12. Rows of the registry
 * that differ in port and transport only share one detail.
 *
 * The index answers "which records cover port P". Ports with the same answer that stand side by
 * side are a segment, and STARTS holds where a segment's records begin in LIST. In the registry the
 * number of a port's segment is BASES of its high byte plus DELTAS of the port (a bitmap with ranks
 * would be 54 KB smaller, but counting bits took twice the time of the whole look-up where the
 * compiler may not use the instruction for it). The practice has no DELTAS: BASES tells between
 * which of FIRSTS, the first ports of the segments, to search. That is 60 KB smaller.
 *
 * Images inside of the program are trusted. Others pass image_check once; then no read can leave
 * them. Private to the room.
 */
#ifndef PERIPLUS_MAP_IMAGE_H
#define PERIPLUS_MAP_IMAGE_H

#include <endian.h>

#include "map/map.h"

enum {
	IMAGE_VERSION = 2,
	IMAGE_MAX = 8 << 20,
	REF_OFFSET_BITS = 20,
	POOL_MAX = 1 << REF_OFFSET_BITS,
	STRING_MAX = 4095,
	N_BLOCKS = 256,      /* of 256 ports */
	ROW_HAS_PORT = 0x80, /* in the transport of a row */
	FINDING_IS_FOR_LIFE = 1,
};

enum image_kind { IMAGE_REGISTRY = 1, IMAGE_PRACTICE = 2 };

/* name, record */
#define IMAGE_SECTIONS(S)                                                                          \
	S(STRINGS, uint8_t)                                                                        \
	S(ROWS, struct image_row)                                                                  \
	S(DETAILS, struct image_detail)                                                            \
	S(RARE, struct image_rare)        /* record 0 is empty */                                  \
	S(FINDINGS, struct image_finding) /* sorted by row, then source */                         \
	S(SOURCES, struct image_source)                                                            \
	S(BASES, uint16_t)                                                                         \
	S(DELTAS, uint8_t)  /* of the registry */                                                  \
	S(FIRSTS, uint16_t) /* of the practice */                                                  \
	S(STARTS, uint16_t)                                                                        \
	S(LIST, uint16_t)                                                                          \
	S(FACTS, struct image_fact)                                                                \
	S(PRODUCTS, struct image_product) /* sorted by slug */                                     \
	S(KEYS, struct image_key)         /* sorted by kind, text, product */                      \
	S(GLOBS, struct image_key)        /* keys with a '*' */                                    \
	S(PLATFORMS, struct image_platform)                                                        \
	S(NAMES, struct image_name) /* other names of services */                                  \
	S(SEEN, struct image_seen)  /* ports of others' protocol detectors */                      \
	S(PURPOSES, struct image_purpose)

#define S(name, record) SECTION_##name,
enum image_section { IMAGE_SECTIONS(S) N_IMAGE_SECTIONS };
#undef S

struct image_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t kind;
	uint64_t checksum; /* of all bytes behind it */
	uint32_t size;
	uint32_t date; /* ref: of the published registry */
	struct {
		uint32_t at, n;
	} section[N_IMAGE_SECTIONS];
};

struct image_row {
	uint16_t first, last, detail;
	uint8_t transport, standing;
};

/* Refs in the order of struct map_registration, then a place in RARE. */
#define DETAIL_FIELDS(F)                                                                           \
	F(SERVICE, service)                                                                        \
	F(DESCRIPTION, description)                                                                \
	F(ORGANISATION, organisation)                                                              \
	F(DOMAIN, domain)                                                                          \
	F(REGISTERED, registered)                                                                  \
	F(MODIFIED, modified)                                                                      \
	F(REFERENCES, references)

#define F(name, field) DETAIL_##name,
enum detail_field { DETAIL_FIELDS(F) N_DETAIL_FIELDS, DETAIL_RARE = N_DETAIL_FIELDS, DETAIL_SLOTS };
#undef F

struct image_detail {
	uint32_t slot[DETAIL_SLOTS];
};

struct image_rare {
	uint32_t service_code, unauthorized, notes;
};

struct image_finding {
	uint16_t row;
	uint8_t source, flags;
	uint32_t finding, searched;
};

struct image_source {
	uint32_t source, what, searched;
};

struct image_fact {
	uint16_t first, last;
	uint8_t transport, kind, grade, unused;
	uint32_t product, bind, setting, since, note, source, read;
};

struct image_product {
	uint32_t slug, title, programs, packages, units, scripts, protocols, roles, bind, auth;
};

struct image_key {
	uint32_t text;
	uint16_t product, kind; /* enum map_match */
};

struct image_platform {
	uint16_t first, last;
	uint8_t transport, kind, unused[2];
	uint32_t system, note, source, read;
};

struct image_name {
	uint32_t service, product;
};

struct image_seen {
	uint16_t first, last;
	uint32_t transport;
	uint32_t service, source, read;
};

struct image_purpose {
	uint16_t first, last;
	uint32_t transport;
	uint32_t service, organisation, purpose, source, read;
};

struct map {
	const struct image_header *registry, *practice;
	size_t n_mapped; /* bytes of a registry of our own mapping; 0: built in */
};

/* Bytes that may be an image of this kind: -EINVAL with why unless every offset in it is sound.
 * p must be aligned to 8. */
int image_check(struct span bytes, enum image_kind kind, struct why *why) must_check;
/* The same but for the checksum: what the fuzzer asks. */
int image_check_sections(struct span bytes, enum image_kind kind, struct why *why) must_check;

extern const char image_magic[8];
uint64_t image_checksum(struct span bytes); /* of a whole image, behind its checksum */

static inline const struct image_header *image_practice(const struct map *map)
{
	return (map ? map : map_builtin())->practice;
}

static inline const void *image_at(const struct image_header *image, enum image_section section)
{
	return (const uint8_t *)image + le32toh(image->section[section].at);
}

static inline uint32_t image_n(const struct image_header *image, enum image_section section)
{
	return le32toh(image->section[section].n);
}

static inline struct span image_text(const uint8_t *pool, uint32_t le_ref)
{
	uint32_t ref = le32toh(le_ref);

	return span_of(pool + (ref & (POOL_MAX - 1)), ref >> REF_OFFSET_BITS);
}

static inline struct span image_string(const struct image_header *image, uint32_t le_ref)
{
	return image_text(image_at(image, SECTION_STRINGS), le_ref);
}

/* The records of a segment: their numbers in LIST. */
static inline const uint16_t *image_segment(const struct image_header *image, size_t segment,
					    size_t *n)
{
	const uint16_t *starts = image_at(image, SECTION_STARTS);
	const uint16_t *list = image_at(image, SECTION_LIST);
	uint16_t start = le16toh(starts[segment]);

	*n = (size_t)(le16toh(starts[segment + 1]) - start);
	return list + start;
}

/* The records of the registry that cover a port. */
static inline const uint16_t *image_cover(const struct image_header *image, uint16_t port,
					  size_t *n)
{
	const uint16_t *bases = image_at(image, SECTION_BASES);
	const uint8_t *deltas = image_at(image, SECTION_DELTAS);

	return image_segment(image, (size_t)le16toh(bases[port >> 8]) + deltas[port], n);
}

/* The records of the practice that do: the last segment that begins at or before the port. */
static inline const uint16_t *image_cover_practice(const struct image_header *image, uint16_t port,
						   size_t *n)
{
	const uint16_t *bases = image_at(image, SECTION_BASES);
	const uint16_t *firsts = image_at(image, SECTION_FIRSTS);
	size_t block = port >> 8;
	size_t low = le16toh(bases[block]);
	size_t high = block + 1 < N_BLOCKS ? le16toh(bases[block + 1])
					   : image_n(image, SECTION_FIRSTS) - 1;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;

		if (le16toh(firsts[middle]) <= port)
			low = middle;
		else
			high = middle - 1;
	}
	return image_segment(image, low, n);
}

#endif

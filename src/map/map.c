/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: the registry. Where the images come from, and the rows of a port (image.h tells how).
 *
 * A cursor counts the records that cover the port: first those of the transport itself, then,
 * in a second round over the same records, those that name no transport.
 */
#include "map/map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "base/text.h"
#include "map/image.h"

/* Put into the program by tools/mapgen. */
extern const struct image_header map_registry_image;
extern const struct image_header map_practice_image;

static const struct map builtin = {&map_registry_image, &map_practice_image, 0};

static const char *const standing_words[] = {
#define S(name, word) word,
	MAP_STANDINGS(S)
#undef S
};

const struct map *map_builtin(void)
{
	return &builtin;
}

/* A file that nobody but its owner can have written: ours, or root's unless we are root. */
static bool is_trusted(const struct stat *st)
{
	uid_t user = geteuid();

	return S_ISREG(st->st_mode) && (st->st_uid == 0 || (st->st_uid == user && user != 0)) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

struct map *map_open(const char *path, struct why *why)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	struct map *map;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0) {
		why_errno(why, _("cannot open '%s'"), path);
		return NULL;
	}
	if (!is_trusted(&st) || st.st_size <= 0 || st.st_size > IMAGE_MAX) {
		why_set(why, EPERM, _("'%s' is not a plain file of ours or root's"), path);
		return NULL;
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		why_errno(why, _("cannot map '%s'"), path);
		return NULL;
	}
	if (image_check(span_of(bytes, (size_t)st.st_size), IMAGE_REGISTRY, why) == 0) {
		map = malloc(sizeof(*map));
		if (map) {
			*map = (struct map){bytes, builtin.practice, (size_t)st.st_size};
			return map;
		}
		why_set(why, ENOMEM, _("no memory for '%s'"), path);
	}
	munmap(bytes, (size_t)st.st_size);
	return NULL;
}

struct map *map_free(struct map *map)
{
	if (map)
		munmap((void *)(uintptr_t)map->registry, map->n_mapped);
	free(map);
	return NULL;
}

static const struct image_header *registry_of(const struct map *map)
{
	return map ? map->registry : builtin.registry;
}

struct span map_registry_date(const struct map *map)
{
	const struct image_header *image = registry_of(map);

	return image_string(image, image->date);
}

size_t map_n_registrations(const struct map *map)
{
	return image_n(registry_of(map), SECTION_ROWS);
}

/* Fields that one row in sixteen has. */
static void fill_rare(const struct image_header *image, uint32_t place,
		      struct map_registration *row)
{
	const struct image_rare *rare =
		(const struct image_rare *)image_at(image, SECTION_RARE) + place;

	row->service_code = image_string(image, rare->service_code);
	row->unauthorized = image_string(image, rare->unauthorized);
	row->notes = image_string(image, rare->notes);
}

#define F(name, field)                                                                             \
	_Static_assert(offsetof(struct map_registration, field) ==                                 \
			       offsetof(struct map_registration, service) +                        \
				       DETAIL_##name * sizeof(struct span),                        \
		       "details hold texts in the order of the row");
DETAIL_FIELDS(F)
F(RARE, service_code)
#undef F

/*
 * Texts are made in one loop over neighbours, which compilers turn into vectors: field by field,
 * the look-up took twice the time. The last slot is no text; its turn makes the vectors whole, and
 * the empty service code is written over it.
 */
static void fill(const struct image_header *restrict image, uint32_t index,
		 struct map_registration *restrict row)
{
	const struct image_row from =
		((const struct image_row *)image_at(image, SECTION_ROWS))[index];
	const struct image_detail *restrict detail =
		(const struct image_detail *)image_at(image, SECTION_DETAILS) +
		le16toh(from.detail);
	const uint8_t *pool = image_at(image, SECTION_STRINGS);
	struct span *restrict text = &row->service;
	const struct span none = {0};

	for (size_t i = 0; i < DETAIL_SLOTS; i++)
		text[i] = image_text(pool, detail->slot[i]);
	row->index = index;
	row->has_port = from.transport & ROW_HAS_PORT;
	row->first = le16toh(from.first);
	row->last = le16toh(from.last);
	row->transport = (enum transport)(from.transport & ~ROW_HAS_PORT);
	row->standing = (enum map_standing)from.standing;
	row->service_code = none;
	row->unauthorized = none;
	row->notes = none;
	if (detail->slot[DETAIL_RARE])
		fill_rare(image, le32toh(detail->slot[DETAIL_RARE]), row);
}

void map_registration_get(const struct map *map, uint32_t index, struct map_registration *row)
{
	fill(registry_of(map), index, row);
}

bool map_next_registration(const struct map *map, uint16_t port, enum transport transport,
			   uint32_t *cursor, struct map_registration *row)
{
	const struct image_header *image = registry_of(map);
	const struct image_row *rows = image_at(image, SECTION_ROWS);
	size_t n;
	const uint16_t *cover = image_cover(image, port, &n);
	uint32_t at = *cursor;

	if (transport >
	    TRANSPORT_UDP) /* others are themselves, and a call is a tenth of the time */
		transport = transport_registered(transport);
	for (; at < n; at++) {
		uint16_t index = le16toh(cover[at]);

		if (transport == TRANSPORT_ANY ||
		    (rows[index].transport & ~ROW_HAS_PORT) == (int)transport) {
			*cursor = at + 1;
			fill(image, index, row);
			return true;
		}
	}
	for (; at < 2 * n && transport != TRANSPORT_ANY; at++) {
		uint16_t index = le16toh(cover[at - n]);

		if ((rows[index].transport & ~ROW_HAS_PORT) == TRANSPORT_ANY) {
			*cursor = at + 1;
			fill(image, index, row);
			return true;
		}
	}
	*cursor = at;
	return false;
}

struct span map_service_name(const struct map *map, uint16_t port, enum transport transport)
{
	struct map_registration row;
	uint32_t cursor = 0;

	while (map_next_registration(map, port, transport, &cursor, &row))
		if (row.service.n)
			return row.service;
	return span_of(NULL, 0);
}

enum map_standing map_port_standing(const struct map *map, uint16_t port, enum transport transport)
{
	static const uint8_t order[N_MAP_STANDINGS] = {
		[STANDING_ALIVE] = 0,   [STANDING_QUIET] = 1,    [STANDING_OVERTAKEN] = 2,
		[STANDING_GHOST] = 3,   [STANDING_RESERVED] = 4, [STANDING_UNASSIGNED] = 5,
		[STANDING_DYNAMIC] = 6,
	};
	enum map_standing best =
		port_space(port) == PORT_DYNAMIC ? STANDING_DYNAMIC : STANDING_UNASSIGNED;
	struct map_registration row;
	uint32_t cursor = 0;

	while (map_next_registration(map, port, transport, &cursor, &row))
		if (order[row.standing] < order[best])
			best = row.standing;
	return best;
}

const char *map_standing_word(enum map_standing standing)
{
	return standing_words[standing];
}

bool map_standing_parse(struct span word, enum map_standing *standing)
{
	for (size_t i = 0; i < ARRAY_LEN(standing_words); i++)
		if (span_eq_nocase(word, span_str(standing_words[i]))) {
			*standing = (enum map_standing)i;
			return true;
		}
	return false;
}

/* First finding at or behind (row, source). */
static uint32_t first_finding(const struct image_header *image, uint32_t row, uint32_t source)
{
	const struct image_finding *findings = image_at(image, SECTION_FINDINGS);
	uint32_t low = 0;
	uint32_t high = image_n(image, SECTION_FINDINGS);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t at = le16toh(findings[middle].row);

		if (at < row || (at == row && findings[middle].source < source))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The cursor: source in the high half, findings of it already told in the low one. */
bool map_next_evidence(const struct map *map, const struct map_registration *row, uint32_t *cursor,
		       struct map_evidence *evidence)
{
	const struct image_header *image = registry_of(map);
	const struct image_finding *findings = image_at(image, SECTION_FINDINGS);
	const struct image_source *sources = image_at(image, SECTION_SOURCES);
	uint32_t source = *cursor >> 16;
	uint32_t told = *cursor & 0xffff;
	uint32_t at;

	if (source >= image_n(image, SECTION_SOURCES) || row->standing >= STANDING_RESERVED)
		return false;
	at = first_finding(image, row->index, source) + told;
	*evidence = (struct map_evidence){
		.source = image_string(image, sources[source].source),
		.searched = image_string(image, sources[source].searched),
	};
	*cursor = (source + 1) << 16;
	if (at >= image_n(image, SECTION_FINDINGS) || le16toh(findings[at].row) != row->index ||
	    findings[at].source != source)
		return true;
	evidence->finding = image_string(image, findings[at].finding);
	evidence->searched = image_string(image, findings[at].searched);
	evidence->is_for_life = findings[at].flags & FINDING_IS_FOR_LIFE;
	if (told < UINT16_MAX && at + 1 < image_n(image, SECTION_FINDINGS) &&
	    le16toh(findings[at + 1].row) == row->index && findings[at + 1].source == source)
		*cursor = source << 16 | (told + 1);
	return true;
}

size_t map_n_sources(const struct map *map)
{
	return image_n(registry_of(map), SECTION_SOURCES);
}

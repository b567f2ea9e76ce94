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
 * The texts of a detail, four at a step where a span is two words of eight bytes: by vectors, and
 * each span stored whole. Left to themselves, compilers stored each word of each span alone, or
 * went field by field, and the look-up took up to twice the time. The last slot is no text; its
 * turn makes the vectors whole, and the empty service code is written over it.
 */
#if UINTPTR_MAX == UINT64_MAX && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
typedef uint32_t quad __attribute__((vector_size(16)));
typedef uint64_t pair __attribute__((vector_size(16)));

_Static_assert(sizeof(struct span) == sizeof(pair) && offsetof(struct span, n) == 8 &&
		       DETAIL_SLOTS % 4 == 0,
	       "a pair is a span");

static inline void texts(const uint8_t *pool, const uint32_t *slot, struct span *text)
{
	const pair base = {(uintptr_t)pool, (uintptr_t)pool};
	const quad zero = {0};

	for (size_t i = 0; i < DETAIL_SLOTS; i += 4) {
		quad ref;

		memcpy(&ref, slot + i, sizeof(ref));

		quad at = ref & (POOL_MAX - 1);
		quad n = ref >> REF_OFFSET_BITS;
		pair at_low = (pair)__builtin_shufflevector(at, zero, 0, 4, 1, 5) + base;
		pair at_high = (pair)__builtin_shufflevector(at, zero, 2, 6, 3, 7) + base;
		pair n_low = (pair)__builtin_shufflevector(n, zero, 0, 4, 1, 5);
		pair n_high = (pair)__builtin_shufflevector(n, zero, 2, 6, 3, 7);
		pair first = __builtin_shufflevector(at_low, n_low, 0, 2);
		pair second = __builtin_shufflevector(at_low, n_low, 1, 3);
		pair third = __builtin_shufflevector(at_high, n_high, 0, 2);
		pair fourth = __builtin_shufflevector(at_high, n_high, 1, 3);

		memcpy(&text[i], &first, sizeof(first));
		memcpy(&text[i + 1], &second, sizeof(second));
		memcpy(&text[i + 2], &third, sizeof(third));
		memcpy(&text[i + 3], &fourth, sizeof(fourth));
	}
}
#else
static inline void texts(const uint8_t *pool, const uint32_t *slot, struct span *text)
{
	for (size_t i = 0; i < DETAIL_SLOTS; i++)
		text[i] = image_text(pool, slot[i]);
}
#endif

static inline void fill(const struct image_header *image, uint32_t index,
			struct map_registration *row)
{
	const struct image_row from =
		((const struct image_row *)image_at(image, SECTION_ROWS))[index];
	const struct image_detail *detail =
		(const struct image_detail *)image_at(image, SECTION_DETAILS) +
		le16toh(from.detail);
	uint32_t rare = le32toh(detail->slot[DETAIL_RARE]);

	texts(image_at(image, SECTION_STRINGS), detail->slot, &row->service);
	row->index = index;
	row->has_port = from.transport & ROW_HAS_PORT;
	row->first = le16toh(from.first);
	row->last = le16toh(from.last);
	row->transport = (enum transport)(from.transport & ~ROW_HAS_PORT);
	row->standing = (enum map_standing)from.standing;
	row->service_code = (struct span){0};
	row->unauthorized = (struct span){0};
	row->notes = (struct span){0};
	if (rare)
		fill_rare(image, rare, row);
}

void map_registration_get(const struct map *map, uint32_t index, struct map_registration *row)
{
	fill(registry_of(map), index, row);
}

struct span map_registration_name(const struct map *map, uint32_t index)
{
	const struct image_header *image = registry_of(map);
	const struct image_row *row = (const struct image_row *)image_at(image, SECTION_ROWS) + index;
	const struct image_detail *detail =
		(const struct image_detail *)image_at(image, SECTION_DETAILS) + le16toh(row->detail);

	return image_string(image, detail->slot[DETAIL_SERVICE]);
}

/* The next row of a cover of n. A row that stands there alone and names no transport is in both
 * rounds and found in the first: most numbers are such, and a guess that fails costs 5 ns. */
static inline bool next_row(const struct image_row *rows, const uint16_t *cover, size_t n,
			    enum transport transport, uint32_t *cursor, uint16_t *index)
{
	uint32_t at = *cursor;

	for (; at < n; at++) {
		*index = le16toh(cover[at]);

		int of_row = rows[*index].transport & ~ROW_HAS_PORT;
		bool is_alone = (n == 1) & (of_row == TRANSPORT_ANY);

		if ((of_row == (int)transport) | (transport == TRANSPORT_ANY) | is_alone) {
			*cursor = at + 1 + is_alone;
			return true;
		}
	}
	for (; at < 2 * n && transport != TRANSPORT_ANY; at++) {
		*index = le16toh(cover[at - n]);
		if ((rows[*index].transport & ~ROW_HAS_PORT) == TRANSPORT_ANY) {
			*cursor = at + 1;
			return true;
		}
	}
	*cursor = at;
	return false;
}

bool map_next_registration(const struct map *map, uint16_t port, enum transport transport,
			   uint32_t *cursor, struct map_registration *row)
{
	const struct image_header *image = registry_of(map);
	size_t n;
	const uint16_t *cover = image_cover(image, port, &n);
	uint16_t index;

	if (transport >
	    TRANSPORT_UDP) /* others are themselves, and a call is a tenth of the time */
		transport = transport_registered(transport);
	if (!next_row(image_at(image, SECTION_ROWS), cover, n, transport, cursor, &index))
		return false;
	fill(image, index, row);
	return true;
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

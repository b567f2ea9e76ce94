/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image: whether bytes that others wrote are an image that can be read without a further look.
 *
 * Every number that leads somewhere is compared with what is there: sections with the size of the
 * file, refs with the pool, rows with details, details with words, the index with itself. What
 * texts say is not judged; who shows them encodes them.
 */
#include "map/image.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

static const struct {
	const char *name;
	size_t size;
} sections[] = {
#define S(name, record) {#name, sizeof(record)},
	IMAGE_SECTIONS(S)
#undef S
};

/* Where the refs stand in a record: all side by side. */
static const struct {
	enum image_section section;
	size_t at, n;
} refs[] = {
	{SECTION_DETAILS, offsetof(struct image_detail, slot), N_DETAIL_FIELDS},
	{SECTION_RARE, offsetof(struct image_rare, service_code), 3},
	{SECTION_FINDINGS, offsetof(struct image_finding, finding), 2},
	{SECTION_SOURCES, offsetof(struct image_source, source), 3},
	{SECTION_FACTS, offsetof(struct image_fact, product), 7},
	{SECTION_PRODUCTS, offsetof(struct image_product, slug), 10},
	{SECTION_KEYS, offsetof(struct image_key, text), 1},
	{SECTION_GLOBS, offsetof(struct image_key, text), 1},
	{SECTION_PLATFORMS, offsetof(struct image_platform, system), 4},
	{SECTION_NAMES, offsetof(struct image_name, service), 2},
	{SECTION_SEEN, offsetof(struct image_seen, service), 3},
	{SECTION_PURPOSES, offsetof(struct image_purpose, service), 5},
};

static bool is_ref(const struct image_header *image, uint32_t le_ref)
{
	uint32_t ref = le32toh(le_ref);

	return (ref & (POOL_MAX - 1)) + (ref >> REF_OFFSET_BITS) <= image_n(image, SECTION_STRINGS);
}

static bool are_refs_sound(const struct image_header *image)
{
	for (size_t i = 0; i < ARRAY_LEN(refs); i++) {
		const uint8_t *record = image_at(image, refs[i].section);
		uint32_t n = image_n(image, refs[i].section);

		for (uint32_t k = 0; k < n; k++, record += sections[refs[i].section].size)
			for (size_t j = 0; j < refs[i].n; j++) {
				uint32_t ref;

				memcpy(&ref, record + refs[i].at + j * sizeof(ref), sizeof(ref));
				if (!is_ref(image, ref))
					return false;
			}
	}
	return is_ref(image, image->date);
}

static bool are_rows_sound(const struct image_header *image)
{
	const struct image_row *rows = image_at(image, SECTION_ROWS);
	const struct image_detail *details = image_at(image, SECTION_DETAILS);
	const struct image_finding *findings = image_at(image, SECTION_FINDINGS);
	uint32_t n_details = image_n(image, SECTION_DETAILS);
	uint32_t n_rare = image_n(image, SECTION_RARE);

	if (image_n(image, SECTION_ROWS) > UINT16_MAX)
		return false;
	/* A finding names its source in a byte; cursors rely on that. */
	if (image_n(image, SECTION_SOURCES) > UINT8_MAX + 1)
		return false;
	for (uint32_t i = 0; i < image_n(image, SECTION_ROWS); i++)
		if (le16toh(rows[i].first) > le16toh(rows[i].last) ||
		    le16toh(rows[i].detail) >= n_details ||
		    (rows[i].transport & ~ROW_HAS_PORT) >= N_TRANSPORTS ||
		    rows[i].standing >= N_MAP_STANDINGS)
			return false;
	for (uint32_t i = 0; i < n_details; i++)
		if (le32toh(details[i].slot[DETAIL_RARE]) >= n_rare)
			return false;
	for (uint32_t i = 0; i < image_n(image, SECTION_FINDINGS); i++)
		if (le16toh(findings[i].row) >= image_n(image, SECTION_ROWS) ||
		    findings[i].source >= image_n(image, SECTION_SOURCES))
			return false;
	return true;
}

static bool is_practice_sound(const struct image_header *image)
{
	const struct image_fact *facts = image_at(image, SECTION_FACTS);
	const struct image_platform *platforms = image_at(image, SECTION_PLATFORMS);
	const struct image_seen *seen = image_at(image, SECTION_SEEN);
	const struct image_purpose *purposes = image_at(image, SECTION_PURPOSES);

	for (uint32_t i = 0; i < image_n(image, SECTION_FACTS); i++)
		if (facts[i].transport >= N_TRANSPORTS || facts[i].kind >= N_PRACTICE_KINDS ||
		    facts[i].grade >= N_PRACTICE_GRADES ||
		    le16toh(facts[i].first) > le16toh(facts[i].last))
			return false;
	for (uint32_t i = 0; i < image_n(image, SECTION_PLATFORMS); i++)
		if (platforms[i].transport >= N_TRANSPORTS ||
		    platforms[i].kind >= N_MAP_PLATFORM_KINDS ||
		    le16toh(platforms[i].first) > le16toh(platforms[i].last))
			return false;
	for (uint32_t i = 0; i < image_n(image, SECTION_SEEN); i++)
		if (le32toh(seen[i].transport) >= N_TRANSPORTS)
			return false;
	for (uint32_t i = 0; i < image_n(image, SECTION_PURPOSES); i++)
		if (le32toh(purposes[i].transport) >= N_TRANSPORTS)
			return false;
	for (int section = SECTION_KEYS; section <= SECTION_GLOBS; section++) {
		const struct image_key *keys = image_at(image, (enum image_section)section);

		for (uint32_t i = 0; i < image_n(image, (enum image_section)section); i++)
			if (le16toh(keys[i].product) >= image_n(image, SECTION_PRODUCTS) ||
			    le16toh(keys[i].kind) > MATCH_UNIT)
				return false;
	}
	return true;
}

/* Every port leads to a segment, of which there are n. */
static bool are_deltas_sound(const struct image_header *image, uint32_t n)
{
	const uint16_t *bases = image_at(image, SECTION_BASES);
	const uint8_t *deltas = image_at(image, SECTION_DELTAS);

	if (image_n(image, SECTION_DELTAS) != N_PORTS)
		return false;
	for (size_t port = 0; port < N_PORTS; port++)
		if ((size_t)le16toh(bases[port >> 8]) + deltas[port] >= n)
			return false;
	return true;
}

static bool are_firsts_sound(const struct image_header *image, uint32_t n)
{
	const uint16_t *bases = image_at(image, SECTION_BASES);

	if (n == 0 || image_n(image, SECTION_FIRSTS) != n)
		return false;
	for (size_t block = 0; block < N_BLOCKS; block++)
		if (le16toh(bases[block]) >= n)
			return false;
	return true;
}

static bool is_index_sound(const struct image_header *image, enum image_kind kind,
			   uint32_t n_records)
{
	const uint16_t *starts = image_at(image, SECTION_STARTS);
	const uint16_t *list = image_at(image, SECTION_LIST);
	uint32_t n_starts = image_n(image, SECTION_STARTS);
	uint32_t n_list = image_n(image, SECTION_LIST);

	if (image_n(image, SECTION_BASES) != N_BLOCKS || n_starts == 0)
		return false;
	if (kind == IMAGE_REGISTRY ? !are_deltas_sound(image, n_starts - 1)
				   : !are_firsts_sound(image, n_starts - 1))
		return false;
	if (le16toh(starts[0]) != 0)
		return false;
	for (uint32_t i = 1; i < n_starts; i++)
		if (le16toh(starts[i]) < le16toh(starts[i - 1]))
			return false;
	if (le16toh(starts[n_starts - 1]) != n_list)
		return false;
	for (uint32_t i = 0; i < n_list; i++)
		if (le16toh(list[i]) >= n_records)
			return false;
	return true;
}

static bool are_sections_inside(const struct image_header *image, size_t size)
{
	for (size_t i = 0; i < N_IMAGE_SECTIONS; i++) {
		size_t at = le32toh(image->section[i].at);
		size_t n = le32toh(image->section[i].n);

		if (at % 8 || at < sizeof(*image) || at > size ||
		    n > (size - at) / sections[i].size)
			return false;
	}
	/* Refs reach no further, and who searches the pool relies on that. */
	return image_n(image, SECTION_STRINGS) <= POOL_MAX;
}

/* The one text that is printed as it is: YYYY-MM-DD, or nothing. */
static bool is_date_sound(const struct image_header *image)
{
	struct span date = image_string(image, image->date);

	for (size_t i = 0; i < date.n; i++)
		if (date.p[i] != '-' && (date.p[i] < '0' || date.p[i] > '9'))
			return false;
	return date.n == 0 || date.n == 10;
}

int image_check_sections(struct span bytes, enum image_kind kind, struct why *why)
{
	const struct image_header *image = (const struct image_header *)bytes.p;
	bool is_sound;

	if (bytes.n < sizeof(*image) || bytes.n > IMAGE_MAX || bytes.n % 8 ||
	    memcmp(image->magic, image_magic, sizeof(image->magic)) != 0)
		return why_set(why, EINVAL, _("not an image of the map"));
	if (le32toh(image->version) != IMAGE_VERSION)
		return why_set(why, EINVAL, _("an image of version %u, and this is %d"),
			       le32toh(image->version), IMAGE_VERSION);
	if (le32toh(image->kind) != kind || le32toh(image->size) != bytes.n)
		return why_set(why, EINVAL, _("an image cut short or of another kind"));

	is_sound = are_sections_inside(image, bytes.n) && are_refs_sound(image) &&
		   is_date_sound(image);
	if (kind == IMAGE_REGISTRY)
		is_sound = is_sound && are_rows_sound(image) &&
			   is_index_sound(image, kind, image_n(image, SECTION_ROWS));
	else
		is_sound = is_sound && is_practice_sound(image) &&
			   is_index_sound(image, kind, image_n(image, SECTION_FACTS));
	return is_sound ? 0 : why_set(why, EINVAL, _("a damaged image"));
}

int image_check(struct span bytes, enum image_kind kind, struct why *why)
{
	const struct image_header *image = (const struct image_header *)bytes.p;
	int r = image_check_sections(bytes, kind, why);

	if (!r && le64toh(image->checksum) != image_checksum(bytes))
		r = why_set(why, EINVAL, _("a damaged image: the checksum is wrong"));
	return r;
}

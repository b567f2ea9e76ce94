/* SPDX-License-Identifier: Apache-2.0 */
/* practice: facts of a port, and products, out of the image of the practice. */
#include "map/image.h"

#include "base/scope.h"

static const char *const kind_words[] = {
#define K(name, word) word,
	PRACTICE_KINDS(K)
#undef K
};

static const char *const grade_words[] = {
#define G(name, word) word,
	PRACTICE_GRADES(G)
#undef G
};

const char *practice_kind_word(enum practice_kind kind)
{
	return kind_words[kind];
}

const char *practice_grade_word(enum practice_grade grade)
{
	return grade_words[grade];
}

size_t map_n_practice(const struct map *map)
{
	return image_n(image_practice(map), SECTION_FACTS);
}

void map_practice_get(const struct map *map, uint32_t index, struct map_practice *fact)
{
	const struct image_header *image = image_practice(map);
	const struct image_fact *from =
		(const struct image_fact *)image_at(image, SECTION_FACTS) + index;

	*fact = (struct map_practice){
		.first = le16toh(from->first),
		.last = le16toh(from->last),
		.transport = (enum transport)from->transport,
		.product = image_string(image, from->product),
		.kind = (enum practice_kind)from->kind,
		.grade = (enum practice_grade)from->grade,
		.bind = image_string(image, from->bind),
		.setting = image_string(image, from->setting),
		.since = image_string(image, from->since),
		.note = image_string(image, from->note),
		.source = image_string(image, from->source),
		.read = image_string(image, from->read),
	};
}

bool map_next_practice(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_practice *fact)
{
	const struct image_header *image = image_practice(map);
	const struct image_fact *facts = image_at(image, SECTION_FACTS);
	size_t n;
	const uint16_t *cover = image_cover_practice(image, port, &n);

	transport = transport_registered(transport);
	while (*cursor < n) {
		uint16_t index = le16toh(cover[(*cursor)++]);

		if (transport == TRANSPORT_ANY || facts[index].transport == TRANSPORT_ANY ||
		    facts[index].transport == (int)transport) {
			map_practice_get(map, index, fact);
			return true;
		}
	}
	return false;
}

size_t map_n_products(const struct map *map)
{
	return image_n(image_practice(map), SECTION_PRODUCTS);
}

void map_product_get(const struct map *map, uint32_t index, struct map_product *product)
{
	const struct image_header *image = image_practice(map);
	const struct image_product *from =
		(const struct image_product *)image_at(image, SECTION_PRODUCTS) + index;

	*product = (struct map_product){
		.index = index,
		.slug = image_string(image, from->slug),
		.title = image_string(image, from->title),
		.programs = image_string(image, from->programs),
		.packages = image_string(image, from->packages),
		.units = image_string(image, from->units),
		.scripts = image_string(image, from->scripts),
		.protocols = image_string(image, from->protocols),
		.roles = image_string(image, from->roles),
		.bind = image_string(image, from->bind),
		.auth = image_string(image, from->auth),
	};
}

bool map_product_find(const struct map *map, struct span slug, struct map_product *product)
{
	const struct image_header *image = image_practice(map);
	const struct image_product *products = image_at(image, SECTION_PRODUCTS);
	uint32_t low = 0;
	uint32_t high = image_n(image, SECTION_PRODUCTS);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = span_cmp(image_string(image, products[middle].slug), slug);

		if (order == 0) {
			map_product_get(map, middle, product);
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

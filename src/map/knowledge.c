/* SPDX-License-Identifier: Apache-2.0 */
/*
 * knowledge: the practice of a map as the makers want it, and the check of one file of data/.
 *
 * What is taken from a map has no file: places with NULL.
 */
#include "map/image.h"
#include "map/make_private.h"

#include "base/scope.h"
#include "base/text.h"

static void take_facts(struct make_knowledge *knowledge, const struct map *map)
{
	for (uint32_t i = 0; i < map_n_practice(map); i++) {
		struct make_fact row = {0};

		map_practice_get(map, i, &row.fact);
		make_add(knowledge, facts, row);
	}
}

static void take_products(struct make_knowledge *knowledge, const struct map *map)
{
	for (uint32_t i = 0; i < map_n_products(map); i++) {
		struct make_product row = {0};

		map_product_get(map, i, &row.product);
		make_add(knowledge, products, row);
	}
}

static void take_platforms(struct make_knowledge *knowledge, const struct map *map)
{
	for (uint32_t i = 0; i < map_n_platforms(map); i++) {
		struct make_platform row = {0};

		map_platform_get(map, i, &row.platform);
		make_add(knowledge, platforms, row);
	}
}

static void take_purposes(struct make_knowledge *knowledge, const struct map *map)
{
	for (uint32_t i = 0; i < map_n_purposes(map); i++) {
		struct make_purpose row = {0};

		map_purpose_get(map, i, &row.purpose);
		make_add(knowledge, purposes, row);
	}
}

static void take_evidence(struct make_knowledge *knowledge, const struct image_header *image)
{
	const struct image_name *names = image_at(image, SECTION_NAMES);
	const struct image_seen *seen = image_at(image, SECTION_SEEN);
	const struct image_source *sources = image_at(image, SECTION_SOURCES);

	for (uint32_t i = 0; i < image_n(image, SECTION_NAMES); i++) {
		struct make_name row = {
			.service = image_string(image, names[i].service),
			.product = image_string(image, names[i].product),
		};

		make_add(knowledge, names, row);
	}
	for (uint32_t i = 0; i < image_n(image, SECTION_SEEN); i++) {
		struct make_seen row = {
			.first = le16toh(seen[i].first),
			.last = le16toh(seen[i].last),
			.transport = (enum transport)le32toh(seen[i].transport),
			.service = image_string(image, seen[i].service),
			.source = image_string(image, seen[i].source),
			.read = image_string(image, seen[i].read),
		};

		make_add(knowledge, seen, row);
	}
	for (uint32_t i = 0; i < image_n(image, SECTION_SOURCES); i++) {
		struct make_source row = {
			.source = image_string(image, sources[i].source),
			.what = image_string(image, sources[i].what),
			.searched = image_string(image, sources[i].searched),
		};

		make_add(knowledge, sources, row);
	}
}

void make_knowledge_of(struct make_knowledge *knowledge, const struct map *map)
{
	const struct image_header *image = image_practice(map);

	*knowledge = (struct make_knowledge){0};
	take_facts(knowledge, map);
	take_products(knowledge, map);
	take_platforms(knowledge, map);
	take_evidence(knowledge, image);
	take_purposes(knowledge, map);
}

size_t make_check_file(const struct map *map, const char *file, struct span text,
		       struct make_complaints *to)
{
	enum make_table table = make_table_of(text);
	struct make_knowledge knowledge = {0};

	if (table == N_MAKE_TABLES) {
		make_complain(to, (struct make_place){file, 1},
			      _("no header line of a table in data/"));
		return to->n;
	}
	if (table == MAKE_PRACTICE)
		take_products(&knowledge, map);
	if (table != MAKE_SOURCES) {
		const struct image_header *image = image_practice(map);

		take_evidence(&knowledge, image);
		knowledge.n_names = 0;
	}
	make_read(&knowledge, table, file, text, to);
	make_check(&knowledge, to);
	make_knowledge_done(&knowledge);
	return to->n;
}

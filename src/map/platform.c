/* SPDX-License-Identifier: Apache-2.0 */
/*
 * platform: how systems treat numbers by themselves, out of the image of the practice.
 *
 * There are a few hundred rows, so they are looked through one by one. Nothing here knows of the
 * machine that it runs on.
 */
#include "map/image.h"

#include "base/scope.h"

static const char *const words[] = {
#define K(name, word) word,
	MAP_PLATFORM_KINDS(K)
#undef K
};

const char *map_platform_word(enum map_platform_kind kind)
{
	return words[kind];
}

size_t map_n_platforms(const struct map *map)
{
	return image_n(image_practice(map), SECTION_PLATFORMS);
}

void map_platform_get(const struct map *map, uint32_t index, struct map_platform *row)
{
	const struct image_header *image = image_practice(map);
	const struct image_platform *from =
		(const struct image_platform *)image_at(image, SECTION_PLATFORMS) + index;

	*row = (struct map_platform){
		.system = image_string(image, from->system),
		.kind = (enum map_platform_kind)from->kind,
		.first = le16toh(from->first),
		.last = le16toh(from->last),
		.transport = (enum transport)from->transport,
		.note = image_string(image, from->note),
		.source = image_string(image, from->source),
		.read = image_string(image, from->read),
	};
}

bool map_next_platform(const struct map *map, uint16_t port, enum transport transport,
		       uint32_t *cursor, struct map_platform *row)
{
	const struct image_header *image = image_practice(map);
	const struct image_platform *rows = image_at(image, SECTION_PLATFORMS);

	transport = transport_registered(transport);
	while (*cursor < image_n(image, SECTION_PLATFORMS)) {
		const struct image_platform *from = &rows[(*cursor)++];

		if (port < le16toh(from->first) || port > le16toh(from->last))
			continue;
		if (transport == TRANSPORT_ANY || from->transport == TRANSPORT_ANY ||
		    from->transport == (int)transport) {
			map_platform_get(map, *cursor - 1, row);
			return true;
		}
	}
	return false;
}

bool map_platform_find(const struct map *map, enum map_platform_kind kind, struct span system,
		       uint16_t port, enum transport transport, struct map_platform *row)
{
	struct map_platform best = {0};
	struct map_platform other;
	uint32_t cursor = 0;
	bool is_found = false;

	while (map_next_platform(map, port, transport, &cursor, &other)) {
		if (other.kind != kind || (system.n && !span_eq(other.system, system)))
			continue;
		if (!is_found || other.last - other.first < best.last - best.first)
			best = other;
		is_found = true;
	}
	if (is_found && row)
		*row = best;
	return is_found;
}

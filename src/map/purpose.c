/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purpose: what registrations were made for, out of the image of the practice.
 *
 * A purpose belongs to the registration with its ports, transport and service, so that an updated
 * registry that gives a number to somebody else does not inherit it.
 */
#include "map/image.h"

#include "base/scope.h"

size_t map_n_purposes(const struct map *map)
{
	return image_n(image_practice(map), SECTION_PURPOSES);
}

void map_purpose_get(const struct map *map, uint32_t index, struct map_purpose *purpose)
{
	const struct image_header *image = image_practice(map);
	const struct image_purpose *from =
		(const struct image_purpose *)image_at(image, SECTION_PURPOSES) + index;

	*purpose = (struct map_purpose){
		.first = le16toh(from->first),
		.last = le16toh(from->last),
		.transport = (enum transport)le32toh(from->transport),
		.service = image_string(image, from->service),
		.organisation = image_string(image, from->organisation),
		.purpose = image_string(image, from->purpose),
		.source = image_string(image, from->source),
		.read = image_string(image, from->read),
	};
}

bool map_purpose_find(const struct map *map, const struct map_registration *row,
		      struct map_purpose *purpose)
{
	for (uint32_t i = 0; row->has_port && i < map_n_purposes(map); i++) {
		struct map_purpose other;

		map_purpose_get(map, i, &other);
		if (other.first == row->first && other.last == row->last &&
		    other.transport == row->transport && span_eq(other.service, row->service)) {
			*purpose = other;
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* map_image: any bytes as an image of the registry; what passes the check must be safe to read. */
#include <stdlib.h>

#include "base/scope.h"
#include "map/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void read_all(const struct map *map)
{
	struct map_registration row;
	struct map_evidence evidence;
	struct map_hit hits[4];

	for (unsigned port = 0; port < N_PORTS; port += 97)
		for (uint32_t cursor = 0;
		     map_next_registration(map, (uint16_t)port, TRANSPORT_TCP, &cursor, &row);)
			for (uint32_t k = 0; map_next_evidence(map, &row, &k, &evidence);)
				;
	for (uint32_t i = 0; i < map_n_registrations(map); i++)
		map_registration_get(map, i, &row);
	if (map_search(map, SPAN_LIT("http standing:alive"), hits, ARRAY_LEN(hits), NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	auto_free void *bytes = aligned_alloc(8, (n + 8) & ~(size_t)7);
	struct map map = *map_builtin();

	if (!bytes)
		return 0;
	memcpy(bytes, p, n);
	if (image_check_sections(span_of(bytes, n), IMAGE_REGISTRY, NULL) == 0) {
		map.registry = bytes;
		read_all(&map);
	}
	return 0;
}

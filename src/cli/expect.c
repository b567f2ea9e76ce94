/* SPDX-License-Identifier: Apache-2.0 */
/* expect: which protocols a target may speak, by what the map knows of products. */
#include "cli/probe.h"

void expect_words(struct scan_target *target, struct span words)
{
	struct span word;
	size_t n = 0;

	while (n < SCAN_EXPECTED_MAX && target->expected[n])
		n++;
	while (take_until(&words, ',', &word)) {
		const struct proto *proto = proto_find(span_trim(word));
		bool is_known = false;

		for (size_t i = 0; i < n; i++)
			is_known = is_known || target->expected[i] == proto;
		if (proto && !is_known && n < SCAN_EXPECTED_MAX)
			target->expected[n++] = proto;
	}
}

void expect_practice(const struct map *map, struct scan_target *target)
{
	struct map_practice fact;
	struct map_product product;
	uint32_t cursor = 0;

	while (map_next_practice(map, target->port, target->transport, &cursor, &fact))
		if (fact.kind != PRACTICE_MALWARE && map_product_find(map, fact.product, &product))
			expect_words(target, product.protocols);
}

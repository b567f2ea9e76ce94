/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_products: products by words, best first. Every word must be the product's slug, or begin
 * it or a word of its title; where they stand best ranks them. A search with a filter asks for
 * registrations, and finds no product.
 */
#include "map/search.h"

#include "base/scope.h"
#include "base/text.h"

static bool is_letter_or_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
}

enum fit search_fit(struct span text, struct span word)
{
	enum fit best = FIT_NONE;

	if (word.n == 0)
		return FIT_NONE;
	for (size_t i = 0; i + word.n <= text.n; i++) {
		if ((text.p[i] | 0x20) != (word.p[0] | 0x20) ||
		    !span_eq_nocase(span_of(text.p + i, word.n), word))
			continue;
		if (i == 0)
			return text.n == word.n ? FIT_WHOLE : FIT_START;
		if (!is_letter_or_digit(text.p[i - 1]))
			return FIT_WORD;
		best = FIT_INSIDE;
	}
	return best;
}

bool search_names(const struct map_product *product, struct span word)
{
	return search_fit(product->slug, word) > FIT_INSIDE ||
	       search_fit(product->title, word) > FIT_INSIDE;
}

bool search_is_filter(struct span item, struct span *key, struct span *value)
{
	ptrdiff_t colon = span_find_byte(item, ':');

	if (colon < 1)
		return false;
	*key = span_cut(item, (size_t)colon);
	*value = span_skip(item, (size_t)colon + 1);
	for (size_t i = 0; i < key->n; i++)
		if ((key->p[i] | 0x20) < 'a' || (key->p[i] | 0x20) > 'z')
			return false;
	return !span_starts(*value, "//");
}

static enum fit best_fit(const struct map_product *product, struct span word)
{
	enum fit slug = search_fit(product->slug, word);
	enum fit title = search_fit(product->title, word);

	return slug > title ? slug : title;
}

/* How well the words stand in it, the worst of them; FIT_NONE when one names it not. */
static enum fit fit_of_words(const struct map_product *product, struct span words)
{
	enum fit worst = FIT_NONE;
	struct span item;
	struct span key;
	struct span value;

	while (take_word(&words, &item)) {
		enum fit fit = best_fit(product, item);

		if (search_is_filter(item, &key, &value) || fit <= FIT_INSIDE)
			return FIT_NONE;
		if (worst == FIT_NONE || fit < worst)
			worst = fit;
	}
	return worst;
}

size_t map_search_products(const struct map *map, struct span words, uint32_t *products, size_t max)
{
	static const enum fit order[] = {FIT_WHOLE, FIT_START, FIT_WORD};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (uint32_t k = 0; k < map_n_products(map); k++) {
			struct map_product product;

			map_product_get(map, k, &product);
			if (fit_of_words(&product, words) != order[i])
				continue;
			if (n < max)
				products[n] = k;
			n++;
		}
	return n;
}

/* The cursor counts the rows, once for each kind. */
bool map_next_of_product(const struct map *map, struct span product, uint32_t *cursor,
			 struct map_practice *fact)
{
	uint32_t n = (uint32_t)map_n_practice(map);

	while (*cursor < n * N_PRACTICE_KINDS) {
		enum practice_kind kind = (enum practice_kind)(*cursor / n);

		map_practice_get(map, (*cursor)++ % n, fact);
		if (fact->kind == kind && span_eq(fact->product, product))
			return true;
	}
	return false;
}

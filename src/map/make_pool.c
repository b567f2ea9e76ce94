/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_pool: strings of an image, each once, and one that ends another inside of it.
 *
 * Sorted by their bytes read backwards, a string stands right before those that end with it, so
 * one look at the neighbour tells whether it needs bytes of its own.
 */
#include "map/make_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"

static size_t slot_of(const struct make_pool *pool, struct span text)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ text.p[i]) * 0x100000001b3u;

	size_t slot = (size_t)(hash ^ hash >> 32) & (pool->n_slots - 1);

	while (pool->slots[slot] && !span_eq(pool->strings[pool->slots[slot]].text, text))
		slot = (slot + 1) & (pool->n_slots - 1);
	return slot;
}

static void grow(struct make_pool *pool)
{
	pool->n_slots = pool->n_slots ? pool->n_slots * 2 : 1024;
	pool->slots = arena_get_array(pool->arena, pool->n_slots, sizeof(*pool->slots));
	for (size_t i = 1; i < pool->n; i++)
		pool->slots[slot_of(pool, pool->strings[i].text)] = (uint32_t)i;
}

static uint32_t append(struct make_pool *pool, struct span text)
{
	struct make_pool_string *string = arena_push(pool->arena, &pool->strings, &pool->n,
						     &pool->size, sizeof(*pool->strings));

	string->text = text;
	return (uint32_t)(pool->n - 1);
}

void make_pool_init(struct make_pool *pool, struct arena *arena)
{
	*pool = (struct make_pool){.arena = arena};
	append(pool, span_of(NULL, 0));
	grow(pool);
}

uint32_t make_pool_add(struct make_pool *pool, struct span text)
{
	if (text.n == 0)
		return 0;
	if (pool->n * 2 > pool->n_slots)
		grow(pool);

	size_t slot = slot_of(pool, text);

	if (!pool->slots[slot])
		pool->slots[slot] = append(pool, text);
	return pool->slots[slot];
}

static int cmp_backwards(const void *a, const void *b)
{
	struct span s = (*(struct make_pool_string *const *)a)->text;
	struct span t = (*(struct make_pool_string *const *)b)->text;

	for (size_t i = 1; i <= s.n && i <= t.n; i++)
		if (s.p[s.n - i] != t.p[t.n - i])
			return s.p[s.n - i] < t.p[t.n - i] ? -1 : 1;
	return (s.n > t.n) - (s.n < t.n);
}

static bool is_end_of(struct span end, struct span text)
{
	return end.n <= text.n && memcmp(text.p + text.n - end.n, end.p, end.n) == 0;
}

int make_pool_lay(struct make_pool *pool, struct buf *bytes, struct why *why)
{
	size_t n = pool->n - 1;
	struct make_pool_string **sorted = arena_get_array(pool->arena, n + 1, sizeof(*sorted));
	size_t end = 0; /* of the neighbour's bytes */

	for (size_t i = 0; i < n; i++)
		sorted[i] = &pool->strings[i + 1];
	qsort(sorted, n, sizeof(struct make_pool_string *), cmp_backwards);
	for (size_t i = n; i-- > 0;) {
		struct span text = sorted[i]->text;

		if (text.n > STRING_MAX)
			return why_set(why, E2BIG, _("a text of %zu bytes is longer than %d"),
				       text.n, STRING_MAX);
		if (i + 1 == n || !is_end_of(text, sorted[i + 1]->text)) {
			buf_raw(bytes, text);
			end = bytes->n;
		}
		sorted[i]->ref = (uint32_t)(end - text.n) | (uint32_t)text.n << REF_OFFSET_BITS;
	}
	if (bytes->n > POOL_MAX)
		return why_set(why, E2BIG, _("all texts have %zu bytes, more than %d"), bytes->n,
			       POOL_MAX);
	return -bytes->error;
}

uint32_t make_pool_ref(const struct make_pool *pool, uint32_t number)
{
	return htole32(pool->strings[number].ref);
}

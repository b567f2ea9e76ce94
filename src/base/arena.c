/* SPDX-License-Identifier: Apache-2.0 */
/* arena: see arena.h. Blocks double up to 1 MiB; a larger piece has a block of its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { FIRST_BLOCK = 8 << 10, LAST_BLOCK = 1 << 20, ALIGN = 16 };

struct arena_block {
	struct arena_block *older;
	size_t n_used;
	size_t size;
	_Alignas(ALIGN) uint8_t bytes[];
};

static _Noreturn void exhausted(void)
{
	static const char text[] = "periplus: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EX_SOFTWARE);
	_exit(EX_SOFTWARE);
}

void arena_done(struct arena *arena)
{
	while (arena->block) {
		struct arena_block *older = arena->block->older;

		free(arena->block);
		arena->block = older;
	}
	*arena = (struct arena){0};
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *block = NULL;
	size_t whole;

	if (!__builtin_add_overflow(size, sizeof(*block), &whole))
		block = calloc(1, whole);
	if (block) {
		block->size = size;
		return block;
	}
	exhausted();
}

void *arena_get(struct arena *arena, size_t n)
{
	size_t need;

	if (__builtin_add_overflow(n, (size_t)ALIGN - 1, &need))
		exhausted();
	need &= ~((size_t)ALIGN - 1);

	struct arena_block *block = arena->block;

	if (!block || block->size - block->n_used < need) {
		size_t size = block ? block->size * 2 : FIRST_BLOCK;

		if (size > LAST_BLOCK)
			size = LAST_BLOCK;
		struct arena_block *fresh = block_new(need > size ? need : size);

		fresh->older = block;
		arena->block = fresh;
		block = fresh;
	}
	void *piece = block->bytes + block->n_used;

	block->n_used += need;
	arena->n_bytes += need;
	return piece;
}

void *arena_get_array(struct arena *arena, size_t n, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(n, size, &whole))
		exhausted();
	return arena_get(arena, whole);
}

struct span arena_copy(struct arena *arena, struct span s)
{
	uint8_t *copy = arena_get(arena, s.n + 1);

	if (s.n)
		memcpy(copy, s.p, s.n);
	return span_of(copy, s.n);
}

struct span arena_print(struct arena *arena, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char usual[256];
	int n = vsnprintf(usual, sizeof(usual), format, args);

	va_end(args);
	if (n < 0)
		return span_of(NULL, 0);
	if ((size_t)n < sizeof(usual))
		return arena_copy(arena, span_of(usual, (size_t)n));

	char *text = arena_get(arena, (size_t)n + 1);

	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return span_of(text, (size_t)n);
}

void *arena_push(struct arena *arena, void *items, size_t *n, size_t *capacity, size_t size)
{
	void *old;

	memcpy(&old, items, sizeof(old));
	if (*n == *capacity) {
		size_t more = *capacity ? *capacity * 2 : 8;
		void *moved = arena_get_array(arena, more, size);

		if (*n)
			memcpy(moved, old, *n * size);
		memcpy(items, &moved, sizeof(moved));
		*capacity = more;
		old = moved;
	}
	return (uint8_t *)old + size * (*n)++;
}

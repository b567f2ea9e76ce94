/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena: memory that is given out piece by piece and released at once.
 *
 * A zeroed arena is empty and may be used and done. Running out of memory ends the program with
 * status 70 and one line: a listing that is silently short would be worse than none.
 */
#ifndef PERIPLUS_BASE_ARENA_H
#define PERIPLUS_BASE_ARENA_H

#include "base/span.h"

struct arena_block;

struct arena {
	struct arena_block *block; /* the one that pieces come from */
	size_t n_bytes;            /* given out so far */
};

void arena_done(struct arena *arena);
/* Zeroed, aligned for any type. Ends the program with status 70 when memory is out. */
void *arena_get(struct arena *arena, size_t n) __attribute__((returns_nonnull, malloc));
void *arena_get_array(struct arena *arena, size_t n, size_t size) __attribute__((returns_nonnull));
/* A copy of the bytes; a NUL stands behind them, outside of the span. */
struct span arena_copy(struct arena *arena, struct span s);
struct span arena_print(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), nonnull(2)));

/* A list that grows in an arena: give it the address of pointer, count and capacity.
 * Returns the new, zeroed last element. */
void *arena_push(struct arena *arena, void *items, size_t *n, size_t *capacity, size_t size);

#endif

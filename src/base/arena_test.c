/* SPDX-License-Identifier: Apache-2.0 */
/* arena: pieces are aligned, zeroed and apart; running out of memory ends with status 70. */
#include "base/arena.h"

#include <sys/wait.h>
#include <sysexits.h>

#include "base/scope.h"
#include "tap.h"

static void pieces(struct arena *arena)
{
	bool is_aligned = true;
	bool is_zeroed = true;
	uint8_t *last = NULL;

	for (size_t n = 0; n < 5000; n++) {
		uint8_t *p = arena_get(arena, n % 97);

		is_aligned &= (uintptr_t)p % 16 == 0;
		for (size_t i = 0; i < n % 97; i++)
			is_zeroed &= p[i] == 0;
		memset(p, 0xaa, n % 97);
		if (last && (n - 1) % 97 > 0)
			is_zeroed &= last[0] == 0xaa;
		last = p;
	}
	ok(is_aligned, "pieces are aligned for any type");
	ok(is_zeroed, "pieces are zeroed and apart");
	memset(arena_get(arena, 3 << 20), 1, 3 << 20);
	ok(*(char *)arena_get(arena, 1) == 0, "a piece larger than a block has its own");
	ok(arena->n_bytes >= 3 << 20, "what was given out is counted");
}

static void texts(struct arena *arena)
{
	struct span copy = arena_copy(arena, span_of("a\0b", 3));

	ok(span_eq(copy, span_of("a\0b", 3)) && copy.p[3] == 0, "a copy has a NUL behind it");
	is_span(arena_copy(arena, span_of(NULL, 0)), SPAN_LIT(""), "a copy of nothing");
	is_span(arena_print(arena, "%s-%d", "x", 7), SPAN_LIT("x-7"), "print");
	is_span(arena_print(arena, "%1000d", 7), arena_print(arena, "%999s7", ""), "print of much");
}

static void lists(struct arena *arena)
{
	uint32_t *items = NULL;
	size_t n = 0;
	size_t capacity = 0;
	bool is_kept = true;

	for (uint32_t i = 0; i < 1000; i++)
		*(uint32_t *)arena_push(arena, &items, &n, &capacity, sizeof(*items)) = i;
	for (uint32_t i = 0; i < n; i++)
		is_kept &= items[i] == i;
	ok(n == 1000 && is_kept, "a list keeps what was pushed while it grows");
	ok(*(uint32_t *)arena_push(arena, &items, &n, &capacity, sizeof(*items)) == 0,
	   "a new element is zeroed");
}

/* The child asks for more than there is. */
static int status_of(size_t n, size_t size)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		struct arena arena = {0};

		fclose(stderr);
		close(STDERR_FILENO);
		arena_get_array(&arena, n, size);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int main(void)
{
	struct arena arena = {0};

	arena_done(&arena);
	ok(true, "a zeroed arena may be done");
	pieces(&arena);
	texts(&arena);
	lists(&arena);
	arena_done(&arena);
	ok(arena.block == NULL && arena.n_bytes == 0, "a done arena is empty");
	ok(*(char *)arena_get(&arena, 8) == 0, "and may be used again");
	arena_done(&arena);
	is_int(status_of(SIZE_MAX / 2, 3), EX_SOFTWARE, "a size that overflows ends with 70");
	is_int(status_of(SIZE_MAX, 1), EX_SOFTWARE, "a size that cannot be aligned ends with 70");
	is_int(status_of(SIZE_MAX - 16, 1), EX_SOFTWARE,
	       "a size with header overflows ends with 70");
	return done();
}

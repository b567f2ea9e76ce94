/* SPDX-License-Identifier: Apache-2.0 */
/* json_read: documents of others, walked to the bottom; what is a string is unescaped. */
#include "base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void walk(struct arena *arena, struct span value, unsigned depth)
{
	struct span found;
	struct span rest = value;
	bool is_begun = false;
	uint64_t number;

	(void)!json_string(arena, value, &found);
	(void)!json_number(value, UINT64_MAX, &number);
	if (depth == 3)
		return;
	for (unsigned i = 0; i < 8 && json_element(&rest, &is_begun, &found); i++)
		walk(arena, found, depth + 1);
	if (json_member(value, "server", &found))
		walk(arena, found, depth + 1);
	if (json_member(value, "", &found))
		walk(arena, found, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena arena = {0};
	struct span text = span_of(p, n);
	struct span value;

	(void)json_is_valid(text);
	while (json_take(&text, &value))
		walk(&arena, value, 0);
	arena_done(&arena);
	return 0;
}

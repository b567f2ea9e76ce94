/* SPDX-License-Identifier: Apache-2.0 */
/* format: the table of output formats, made from format.list. */
#include "base/scope.h"
#include "out/out.h"

#define FORMAT(name) extern const struct format format_##name;
#include "out/format.list"
#undef FORMAT

static const struct format *const formats[] = {
#define FORMAT(name) &format_##name,
#include "out/format.list"
#undef FORMAT
};

const struct format *format_find(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (span_is(name, formats[i]->name))
			return formats[i];
	return NULL;
}

size_t format_count(void)
{
	return ARRAY_LEN(formats);
}

const struct format *format_at(size_t index)
{
	return index < ARRAY_LEN(formats) ? formats[index] : NULL;
}

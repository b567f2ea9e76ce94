/* SPDX-License-Identifier: Apache-2.0 */
/* form: percent-decoding and fields of a query or a form (URL standard, section 5.1). */
#include "serve/web.h"

static int digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False for a '%' without two digits, and for control characters, decoded or not. */
bool web_decode(struct web *web, struct span text, bool is_form, struct span *plain)
{
	uint8_t *to = arena_get(&web->arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == '%') {
			int high = text.n - i > 2 ? digit(text.p[i + 1]) : -1;
			int low = text.n - i > 2 ? digit(text.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (c == '+' && is_form) {
			c = ' ';
		}
		if (c < 0x20 || c == 0x7f)
			return false;
		to[n++] = c;
	}
	*plain = span_of(to, n);
	return true;
}

struct span web_field(struct web *web, struct span form, const char *name)
{
	struct span item;

	while (take_until(&form, '&', &item)) {
		ptrdiff_t equals = span_find_byte(item, '=');
		struct span value = {0};
		struct span key = {0};

		if (equals < 0 ||
		    !web_decode(web, span_cut(item, (size_t)equals), true, &key) ||
		    !span_is(key, name))
			continue;
		if (web_decode(web, span_skip(item, (size_t)equals + 1), true, &value))
			return span_trim(value);
	}
	return span_of(NULL, 0);
}

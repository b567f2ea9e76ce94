/* SPDX-License-Identifier: Apache-2.0 */
/* words: fixed beginnings, lines, versions and product marks of the text protocols. */
#include "proto/words.h"

enum { VERSION_MAX = 64 };

enum proto_match words_begin(struct span bytes, struct span word)
{
	size_t n = bytes.n < word.n ? bytes.n : word.n;

	if (n && memcmp(bytes.p, word.p, n) != 0)
		return PROTO_NO;
	return n == word.n ? PROTO_YES : PROTO_MORE;
}

size_t words_say(struct span words, uint8_t *out, size_t size)
{
	if (words.n == 0 || words.n > size)
		return 0;
	memcpy(out, words.p, words.n);
	return words.n;
}

bool words_line(struct span bytes, struct span *line)
{
	ptrdiff_t end = span_find_byte(bytes, '\n');

	if (end < 0)
		return false;
	*line = span_cut(bytes, (size_t)end);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool words_is_text(struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if ((bytes.p[i] < 0x20 && bytes.p[i] != '\t') || bytes.p[i] == 0x7f)
			return false;
	return true;
}

bool words_is_cut(struct span bytes)
{
	if (bytes.n && bytes.p[bytes.n - 1] == '\r')
		bytes.n--;
	return words_is_text(bytes);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool words_is_code(struct span bytes, size_t n, const char *after)
{
	for (size_t i = 0; i < n && i < bytes.n; i++)
		if (!is_digit(bytes.p[i]))
			return false;
	return bytes.n <= n || (bytes.p[n] && strchr(after, bytes.p[n]));
}

static bool is_version_byte(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr(".+-~_", c));
}

struct span words_version(struct span bytes)
{
	bool has_digit = false;
	size_t n = 0;

	while (n < bytes.n && n < VERSION_MAX && is_version_byte(bytes.p[n]))
		has_digit |= is_digit(bytes.p[n++]);
	while (n && strchr(".+-~_", bytes.p[n - 1]))
		n--;
	return span_cut(bytes, has_digit ? n : 0);
}

struct span words_version_after(struct span bytes, const char *mark)
{
	ptrdiff_t at = span_find(bytes, span_str(mark));

	if (at < 0)
		return span_of(NULL, 0);
	return words_version(span_skip(bytes, (size_t)at + strlen(mark)));
}

struct span words_between(struct span bytes, const char *before, const char *after)
{
	ptrdiff_t at = span_find(bytes, span_str(before));

	if (at < 0)
		return span_of(NULL, 0);

	struct span rest = span_skip(bytes, (size_t)at + strlen(before));
	ptrdiff_t end = span_find(rest, span_str(after));
	ptrdiff_t line = span_find_byte(rest, '\n');

	if (end < 0 || (line >= 0 && line < end))
		return span_of(NULL, 0);
	return span_cut(rest, (size_t)end);
}

void words_tell(struct proto_facts *facts, const char *name, struct span value)
{
	if (value.n && words_is_text(value))
		proto_add(facts, name, value);
}

bool words_product(struct span text, const struct words_product *rows, size_t n_rows,
		   struct proto_facts *facts)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (span_find(text, span_str(rows[i].mark)) < 0)
			continue;
		proto_set_product(facts, rows[i].slug);
		if (rows[i].before)
			proto_set_version(facts, words_version_after(text, rows[i].before));
		return true;
	}
	return false;
}

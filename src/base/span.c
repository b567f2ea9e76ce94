/* SPDX-License-Identifier: Apache-2.0 */
/* span: see span.h. Searching is memmem's; the caseless search folds ASCII only. */
#include "base/span.h"

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	if (order)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool span_eq_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

ptrdiff_t span_find(struct span haystack, struct span needle)
{
	if (needle.n == 0)
		return 0;
	if (haystack.n < needle.n)
		return -1;

	const uint8_t *at = memmem(haystack.p, haystack.n, needle.p, needle.n);

	return at ? at - haystack.p : -1;
}

ptrdiff_t span_find_nocase(struct span haystack, struct span needle)
{
	for (size_t i = 0; i + needle.n <= haystack.n; i++)
		if (span_eq_nocase(span_of(haystack.p + i, needle.n), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t span_find_byte(struct span s, uint8_t byte)
{
	const uint8_t *at = s.n ? memchr(s.p, byte, s.n) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t span_find_last(struct span s, uint8_t byte)
{
	const uint8_t *at = s.n ? memrchr(s.p, byte, s.n) : NULL;

	return at ? at - s.p : -1;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s = span_skip(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool span_is_drive_path(struct span path)
{
	if (path.n >= 2 && path.p[0] == '\\' && path.p[1] == '\\')
		return true;
	return path.n >= 3 && path.p[1] == ':' && (path.p[2] == '\\' || path.p[2] == '/') &&
	       (path.p[0] | 0x20) >= 'a' && (path.p[0] | 0x20) <= 'z';
}

static ptrdiff_t last_separator(struct span path)
{
	ptrdiff_t slash = span_find_last(path, '/');
	ptrdiff_t other = span_is_drive_path(path) ? span_find_last(path, '\\') : -1;

	return slash > other ? slash : other;
}

struct span span_base(struct span path)
{
	return span_skip(path, (size_t)(last_separator(path) + 1));
}

struct span span_dir(struct span path)
{
	ptrdiff_t at = last_separator(path);

	return at < 0 ? span_of(path.p, 0) : span_cut(path, at ? (size_t)at : 1);
}

bool span_glob(struct span s, struct span pattern)
{
	size_t i = 0;
	size_t j = 0;
	size_t star = SIZE_MAX; /* place of the last '*' seen in the pattern */
	size_t retry = 0;       /* where its run may end next */

	while (i < s.n) {
		if (j < pattern.n && pattern.p[j] == '*') {
			star = j++;
			retry = i;
		} else if (j < pattern.n && pattern.p[j] == s.p[i]) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			j = star + 1;
			i = ++retry;
		} else {
			return false;
		}
	}
	while (j < pattern.n && pattern.p[j] == '*')
		j++;
	return j == pattern.n;
}

bool span_list_has(struct span list, char separator, struct span word)
{
	struct span item;

	while (take_until(&list, (uint8_t)separator, &item))
		if (span_eq(item, word))
			return true;
	return false;
}

bool span_u64(struct span s, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v) || v > max)
			return false;
	}
	*value = v;
	return true;
}

bool take_span(struct span *s, size_t n, struct span *v)
{
	if (s->n < n)
		return false;
	*v = span_of(s->p, n);
	*s = span_skip(*s, n);
	return true;
}

bool take_u8(struct span *s, uint8_t *v)
{
	struct span b;

	if (!take_span(s, 1, &b))
		return false;
	*v = b.p[0];
	return true;
}

bool take_u16be(struct span *s, uint16_t *v)
{
	struct span b;

	if (!take_span(s, 2, &b))
		return false;
	*v = (uint16_t)(b.p[0] << 8 | b.p[1]);
	return true;
}

bool take_u32be(struct span *s, uint32_t *v)
{
	struct span b;

	if (!take_span(s, 4, &b))
		return false;
	*v = (uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 | (uint32_t)b.p[2] << 8 | b.p[3];
	return true;
}

bool take_u16le(struct span *s, uint16_t *v)
{
	if (!take_u16be(s, v))
		return false;
	*v = __builtin_bswap16(*v);
	return true;
}

bool take_u32le(struct span *s, uint32_t *v)
{
	if (!take_u32be(s, v))
		return false;
	*v = __builtin_bswap32(*v);
	return true;
}

bool take_until(struct span *s, uint8_t separator, struct span *v)
{
	if (s->n == 0)
		return false;

	ptrdiff_t at = span_find_byte(*s, separator);

	if (at < 0) {
		*v = *s;
		*s = span_skip(*s, s->n);
	} else {
		*v = span_cut(*s, (size_t)at);
		*s = span_skip(*s, (size_t)at + 1);
	}
	return true;
}

bool take_line(struct span *s, struct span *line)
{
	if (!take_until(s, '\n', line))
		return false;
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool take_word(struct span *s, struct span *word)
{
	size_t n = 0;

	while (s->n && (s->p[0] == ' ' || s->p[0] == '\t'))
		*s = span_skip(*s, 1);
	while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
		n++;
	if (n == 0)
		return false;
	*word = span_cut(*s, n);
	*s = span_skip(*s, n);
	return true;
}

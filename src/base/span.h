/* SPDX-License-Identifier: Apache-2.0 */
/*
 * span: borrowed bytes, and the one reader for foreign ones.
 *
 * A span never owns, never ends in NUL and may hold any byte. Every reader of bytes that we did
 * not write (network, files, other processes) takes from a span with take_*: a take that would run
 * past the end returns false and reads nothing.
 */
#ifndef PERIPLUS_BASE_SPAN_H
#define PERIPLUS_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define must_check __attribute__((warn_unused_result))

struct span {
	const uint8_t *p;
	size_t n;
};

/* Arguments of "%.*s" for bytes that are known to be printable. */
#define SPAN_ARG(s) (int)(s).n, (const char *)(s).p
#define SPAN_LIT(literal) ((struct span){(const uint8_t *)(literal), sizeof(literal) - 1})

static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){p, n};
}

/* NULL gives the empty span. */
static inline struct span span_str(const char *s)
{
	return (struct span){(const uint8_t *)s, s ? strlen(s) : 0};
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span s, const char *text)
{
	return span_eq(s, span_str(text));
}

static inline bool span_starts(struct span s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

static inline bool span_ends(struct span s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

static inline struct span span_skip(struct span s, size_t n)
{
	if (n < s.n)
		return span_of(s.p + n, s.n - n);
	return span_of(s.n ? s.p + s.n : s.p, 0); /* nothing may be added to NULL, not even 0 */
}

static inline struct span span_cut(struct span s, size_t n)
{
	return span_of(s.p, n < s.n ? n : s.n);
}

/* Compares like memcmp; a prefix sorts first. */
int span_cmp(struct span a, struct span b);
bool span_eq_nocase(struct span a, struct span b); /* ASCII letters only */
/* Offset of the first match, or -1. */
ptrdiff_t span_find(struct span haystack, struct span needle);
ptrdiff_t span_find_nocase(struct span haystack, struct span needle);
ptrdiff_t span_find_byte(struct span s, uint8_t byte);
ptrdiff_t span_find_last(struct span s, uint8_t byte);
struct span span_trim(struct span s); /* without blanks, tabs and line ends at both ends */
/* A path of Windows: "C:\x", "\\host\share"; '\' parts it too. */
bool span_is_drive_path(struct span path);
struct span span_base(struct span path); /* after the last '/' */
struct span span_dir(struct span path);  /* before the last '/'; "/" for a file in the root */
/* '*' stands for any run of bytes; the pattern must match the whole span. */
bool span_glob(struct span s, struct span pattern);
/* True when word stands in the list, whose items are parted by separator. */
bool span_list_has(struct span list, char separator, struct span word);
/* Decimal digits only, the whole span, at most max. */
bool span_u64(struct span s, uint64_t max, uint64_t *value) must_check;

/* Readers: on success they move s forward. Network order is _be, x86 order _le. */
bool take_u8(struct span *s, uint8_t *v) must_check;
bool take_u16be(struct span *s, uint16_t *v) must_check;
bool take_u32be(struct span *s, uint32_t *v) must_check;
bool take_u16le(struct span *s, uint16_t *v) must_check;
bool take_u32le(struct span *s, uint32_t *v) must_check;
bool take_span(struct span *s, size_t n, struct span *v) must_check;
/* Up to the separator, which is taken too and not part of v; at the end of s, the rest.
 * False when s is empty. */
bool take_until(struct span *s, uint8_t separator, struct span *v) must_check;
/* One line without its LF or CR LF. False when s is empty. */
bool take_line(struct span *s, struct span *line) must_check;
/* The next run of bytes that are not blank or tab. False when none is left. */
bool take_word(struct span *s, struct span *word) must_check;

#endif

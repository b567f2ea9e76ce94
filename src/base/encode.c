/* SPDX-License-Identifier: Apache-2.0 */
/*
 * encode: the encoders of buf.h.
 *
 * Text is taken character by character as UTF-8 (RFC 3629: no overlong forms, no surrogates, at
 * most U+10FFFF). What a terminal could obey or a reader could not see is written as \xNN, byte by
 * byte: C0, DEL, C1, the bidi controls, zero-width and other format characters (Unicode general
 * category Cf as far as terminals act on it), and whatever is not UTF-8. The same goes for what
 * looks like a blank without being one, and for a blank before another blank: two blanks part the
 * columns of our tables, and no name may forge that. A buf that is_ascii gets nothing above 0x7e,
 * because a terminal without UTF-8 would take the bytes 0x80-0x9f inside a character for C1.
 */
#include "base/buf.h"
#include "base/scope.h"

size_t utf8_next(struct span s, int32_t *c)
{
	static const struct {
		uint8_t mask, lead;
		int32_t least;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};

	*c = -1;
	if (s.n == 0)
		return 0;
	for (size_t extra = 0; extra < ARRAY_LEN(forms); extra++) {
		if ((s.p[0] & forms[extra].mask) != forms[extra].lead)
			continue;
		int32_t value = s.p[0] & (uint8_t)~forms[extra].mask;

		if (s.n <= extra)
			return 1;
		for (size_t i = 1; i <= extra; i++) {
			if ((s.p[i] & 0xc0) != 0x80)
				return 1;
			value = value << 6 | (s.p[i] & 0x3f);
		}
		if (value < forms[extra].least || value > 0x10ffff ||
		    (value >= 0xd800 && value <= 0xdfff))
			return 1;
		*c = value;
		return extra + 1;
	}
	return 1;
}

/* Characters that move, reorder or hide text. */
static bool is_unseen(int32_t c)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
		{0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},
		{0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
		{0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
		{0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(ranges) && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

bool text_is_seen(struct span s)
{
	int32_t c;

	for (size_t n; (n = utf8_next(s, &c)) > 0; s = span_skip(s, n))
		if (c < 0 || is_unseen(c))
			return false;
	return true;
}

static bool is_odd_blank(int32_t c)
{
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x205f ||
	       c == 0x2800 || c == 0x3000;
}

/* East Asian Wide and Fullwidth, and pictures; blocks are taken whole, so that a line is never
 * wider than was counted. */
static bool is_wide(int32_t c)
{
	static const struct {
		int32_t first, last;
	} ranges[] = {
		{0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23f3},
		{0x25fd, 0x25fe},   {0x2600, 0x27bf},   {0x2b1b, 0x2b55},   {0x2e80, 0x303e},
		{0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe10, 0xfe1f},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
		{0xffe0, 0xffe6},   {0x16fe0, 0x18dff}, {0x1aff0, 0x1b2ff}, {0x1f000, 0x1f0ff},
		{0x1f18e, 0x1f19a}, {0x1f1e6, 0x1faff}, {0x20000, 0x3fffd},
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static bool is_combining(int32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
	       (c >= 0x20d0 && c <= 0x20ff) || (c >= 0x591 && c <= 0x5bd) ||
	       (c >= 0x64b && c <= 0x65f) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* One character of a terminal: how many bytes of s it takes, its columns, its escaped bytes. */
struct glyph {
	size_t n; /* bytes of the source, 0 at the end */
	size_t columns;
	bool is_escaped; /* each of the n bytes becomes \xNN */
	bool is_backslash;
};

static struct glyph glyph_next(struct span s, bool is_ascii)
{
	int32_t c;
	struct glyph g = {.n = utf8_next(s, &c), .columns = 1};
	bool is_doubled = c == ' ' && s.n > 1 && s.p[1] == ' ';

	if (g.n == 0)
		return g;
	if (c < 0 || is_unseen(c) || is_odd_blank(c) || is_doubled || (is_ascii && c > 0x7e)) {
		g.is_escaped = true;
		g.columns = 4 * g.n;
	} else if (c == '\\') {
		g.is_backslash = true;
		g.columns = 2;
	} else if (is_wide(c)) {
		g.columns = 2;
	} else if (is_combining(c)) {
		g.columns = 0;
	}
	return g;
}

static void glyph_put(struct buf *b, struct span s, struct glyph g)
{
	static const char hex[] = "0123456789abcdef";

	if (g.is_backslash) {
		buf_str(b, "\\\\");
	} else if (g.is_escaped) {
		for (size_t i = 0; i < g.n; i++) {
			char text[] = {'\\', 'x', hex[s.p[i] >> 4], hex[s.p[i] & 15]};

			buf_raw(b, span_of(text, sizeof(text)));
		}
	} else {
		buf_raw(b, span_cut(s, g.n));
	}
}

/* Leading bytes that stay as they are, one column each: most of all text, taken at once. */
static size_t easy(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f && s.p[n] != '\\' &&
	       !(s.p[n] == ' ' && n + 1 < s.n && s.p[n + 1] == ' '))
		n++;
	return n;
}

static struct span put_easy(struct buf *b, struct span s)
{
	size_t n = easy(s);

	buf_raw(b, span_cut(s, n));
	return span_skip(s, n);
}

void buf_term(struct buf *b, struct span s)
{
	s = put_easy(b, s);
	for (struct glyph g; (g = glyph_next(s, b->is_ascii)).n; s = put_easy(b, span_skip(s, g.n)))
		glyph_put(b, s, g);
}

static size_t columns_of(struct span s, bool is_ascii)
{
	size_t columns = easy(s);

	s = span_skip(s, columns);
	for (struct glyph g; (g = glyph_next(s, is_ascii)).n;) {
		s = span_skip(s, g.n);

		size_t n = easy(s);

		columns += g.columns + n;
		s = span_skip(s, n);
	}
	return columns;
}

/* Full stops, commas and closing brackets; opening ones. */
static bool is_ending(int32_t c)
{
	static const int32_t marks[] = {0x3001, 0x3002, 0x3009, 0x300b, 0x300d, 0x300f, 0x3011,
					0xff01, 0xff09, 0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (c == marks[i])
			return true;
	return c > ' ' && c < 0x7f && strchr(".,;:!?)]'\"%", c);
}

static bool is_opening(int32_t c)
{
	static const int32_t marks[] = {'(', '[', 0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0xff08};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (c == marks[i])
			return true;
	return false;
}

size_t buf_word(const struct buf *b, struct span s)
{
	int32_t before;
	int32_t c;
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ') {
		n += utf8_next(span_skip(s, n), &before);
		utf8_next(span_skip(s, n), &c);
		if (!b->is_ascii && (is_wide(before) || is_wide(c)) && !is_ending(c) && !is_opening(before))
			break;
	}
	return n;
}

size_t term_columns(struct span s)
{
	return columns_of(s, false);
}

size_t buf_columns(const struct buf *b, struct span s)
{
	return columns_of(s, b->is_ascii);
}

/* Writes glyphs while they fit in columns; returns the columns used. */
static size_t put_head(struct buf *b, struct span s, size_t columns)
{
	size_t used = 0;

	for (struct glyph g; (g = glyph_next(s, b->is_ascii)).n; s = span_skip(s, g.n)) {
		if (used + g.columns > columns)
			break;
		glyph_put(b, s, g);
		used += g.columns;
	}
	return used;
}

size_t buf_term_cut(struct buf *b, struct span s, size_t columns, const char *mark)
{
	size_t whole = buf_columns(b, s);
	size_t mark_columns = term_columns(span_str(mark));

	if (whole <= columns) {
		buf_term(b, s);
		return whole;
	}
	if (columns <= mark_columns)
		return put_head(b, s, columns);

	size_t tail = (columns - mark_columns) / 2;
	size_t used = put_head(b, s, columns - mark_columns - tail);
	size_t left = whole;

	buf_str(b, mark);
	for (struct glyph g; (g = glyph_next(s, b->is_ascii)).n; s = span_skip(s, g.n)) {
		if (left <= tail && g.columns > 0)
			break;
		left -= g.columns;
	}
	return used + mark_columns + put_head(b, s, tail);
}

void buf_plain(struct buf *b, struct span s)
{
	s = put_easy(b, s);
	for (struct glyph g; (g = glyph_next(s, b->is_ascii)).n;
	     s = put_easy(b, span_skip(s, g.n))) {
		if (s.p[0] == '\t')
			buf_str(b, "\\t");
		else if (s.p[0] == '\n')
			buf_str(b, "\\n");
		else
			glyph_put(b, s, g);
	}
}

/* One character that may not stand in a JSON string as it is, or does not stand alone. */
static size_t json_put(struct buf *b, struct span s)
{
	int32_t c;
	size_t n = utf8_next(s, &c);

	if (c == '"' || c == '\\') {
		buf_byte(b, '\\');
		buf_byte(b, (char)c);
	} else if (c == '\n') {
		buf_str(b, "\\n");
	} else if (c == '\t') {
		buf_str(b, "\\t");
	} else if (c < 0 || (c >= 0xef80 && c <= 0xefff)) {
		/* The private characters stand for bytes: a real one is sent as its bytes. */
		for (size_t i = 0; i < n; i++)
			buf_print(b, "\\uef%02x", s.p[i]);
	} else if (is_unseen(c) && c <= 0xffff) {
		buf_print(b, "\\u%04x", (unsigned)c);
	} else if (is_unseen(c)) {
		buf_print(b, "\\u%04x\\u%04x", 0xd800 + (unsigned)((c - 0x10000) >> 10),
			  0xdc00 + (unsigned)((c - 0x10000) & 0x3ff));
	} else {
		buf_raw(b, span_cut(s, n));
	}
	return n;
}

void buf_json(struct buf *b, struct span s)
{
	buf_byte(b, '"');
	while (s.n) {
		size_t n = 0;

		while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
			n++;
		buf_raw(b, span_cut(s, n));
		s = span_skip(s, n);
		if (s.n)
			s = span_skip(s, json_put(b, s));
	}
	buf_byte(b, '"');
}

void buf_csv(struct buf *b, struct span s)
{
	bool is_formula = s.n && memchr("=+-@\t\r", s.p[0], 6);
	bool is_quoted = is_formula;

	for (size_t i = 0; i < s.n && !is_quoted; i++)
		is_quoted = s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' || s.p[i] == '\r';
	if (is_quoted)
		buf_byte(b, '"');
	if (is_formula)
		buf_byte(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, (char)s.p[i]);
	}
	if (is_quoted)
		buf_byte(b, '"');
}

/* What HTML writes otherwise: 0 for what may stand as it is. */
static const char *entity_of(uint8_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* ASCII that HTML takes as it is. */
static const bool is_plain_html[256] = {
	['\t'] = true, ['\n'] = true, [' ' ... '!'] = true, ['#' ... '%'] = true,
	['(' ... ';'] = true, ['='] = true, ['?' ... '~'] = true,
};

/* is_plain_html of 16 or 8 bytes at once, which all compilers turn into what the processor has: as signed
 * numbers, those that are not ASCII are below the blank too; '&' and '\'', '<' and '>' differ in a bit. */
typedef int8_t sixteen __attribute__((vector_size(16)));
typedef int8_t eight __attribute__((vector_size(8)));
#define ODD(v) (((v) < ' ') | ((v) == 0x7f) | ((v) == '"') | (((v) | 1) == '\'') | (((v) | 2) == '>'))

static bool are_16_plain_html(const uint8_t *p)
{
	uint64_t odd[2];
	sixteen v;

	memcpy(&v, p, sizeof(v));
	v = ODD(v);
	memcpy(odd, &v, sizeof(odd));
	return (odd[0] | odd[1]) == 0;
}

static bool are_8_plain_html(const uint8_t *p)
{
	uint64_t odd;
	eight v;

	memcpy(&v, p, sizeof(v));
	v = ODD(v);
	memcpy(&odd, &v, sizeof(odd));
	return odd == 0;
}

#undef ODD

/* Bytes at the front that stand as they are: whole characters. */
static size_t plain_html(struct span s)
{
	size_t i = 0;

	while (i < s.n) {
		int32_t wide;
		size_t n;

		if (s.n - i >= sizeof(sixteen) && are_16_plain_html(s.p + i)) {
			i += sizeof(sixteen);
			continue;
		}
		if (s.n - i >= sizeof(eight) && are_8_plain_html(s.p + i)) {
			i += sizeof(eight);
			continue;
		}
		if (is_plain_html[s.p[i]]) {
			i++;
			continue;
		}
		if (s.p[i] < 0x80)
			break;
		n = utf8_next(span_skip(s, i), &wide);
		if (wide < 0 || is_unseen(wide))
			break;
		i += n;
	}
	return i;
}

void buf_html(struct buf *b, struct span s)
{
	while (s.n) {
		size_t n = plain_html(s);
		const char *entity;
		int32_t c;

		buf_raw(b, span_cut(s, n));
		s = span_skip(s, n);
		if (!s.n)
			break;
		entity = entity_of(s.p[0]);
		buf_str(b, entity ? entity : "\xef\xbf\xbd");
		s = span_skip(s, utf8_next(s, &c));
	}
}

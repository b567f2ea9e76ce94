/* SPDX-License-Identifier: Apache-2.0 */
/* json_read: see json_read.h. */
#include "base/json_read.h"

static void skip_blanks(struct span *s)
{
	while (s->n && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		*s = span_skip(*s, 1);
}

static bool take_byte(struct span *s, char c)
{
	skip_blanks(s);
	if (s->n == 0 || *s->p != (uint8_t)c)
		return false;
	*s = span_skip(*s, 1);
	return true;
}

/* From its quote to behind the closing one. */
static bool skip_string(struct span *s)
{
	size_t i = 1;

	if (s->n == 0 || *s->p != '"')
		return false;
	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] < 0x20)
			return false;
		i += s->p[i] == '\\';
	}
	if (i >= s->n)
		return false;
	*s = span_skip(*s, i + 1);
	return true;
}

static bool skip_word(struct span *s)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_starts(*s, words[i])) {
			*s = span_skip(*s, strlen(words[i]));
			return true;
		}
	while (n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '-' ||
			    s->p[n] == '+' || s->p[n] == '.' || s->p[n] == 'e' || s->p[n] == 'E'))
		n++;
	*s = span_skip(*s, n);
	return n > 0;
}

static bool skip_value(struct span *s, unsigned depth)
{
	char end;

	skip_blanks(s);
	if (s->n == 0 || depth == JSON_READ_DEPTH)
		return false;
	if (*s->p == '"')
		return skip_string(s);
	if (*s->p != '{' && *s->p != '[')
		return skip_word(s);
	end = *s->p == '{' ? '}' : ']';
	*s = span_skip(*s, 1);
	if (take_byte(s, end))
		return true;
	do {
		skip_blanks(s);
		if (end == '}' && (!skip_string(s) || !take_byte(s, ':')))
			return false;
		if (!skip_value(s, depth + 1))
			return false;
	} while (take_byte(s, ','));
	return take_byte(s, end);
}

bool json_take(struct span *text, struct span *value)
{
	struct span rest = *text;

	skip_blanks(&rest);
	*value = rest;
	if (!skip_value(&rest, 0))
		return false;
	value->n -= rest.n;
	*text = rest;
	return true;
}

bool json_is_valid(struct span text)
{
	struct span value;

	if (!json_take(&text, &value))
		return false;
	skip_blanks(&text);
	return text.n == 0;
}

bool json_member(struct span object, const char *key, struct span *value)
{
	struct span s = object;

	if (!take_byte(&s, '{'))
		return false;
	for (;;) {
		struct span name;

		skip_blanks(&s);
		name = s;
		if (!skip_string(&s))
			return false;
		name = span_of(name.p + 1, name.n - s.n - 2);
		if (!take_byte(&s, ':') || !json_take(&s, value))
			return false;
		if (span_is(name, key))
			return true;
		if (!take_byte(&s, ','))
			return false;
	}
}

bool json_key(struct span *rest, bool *is_begun, struct span *key)
{
	struct span value;

	if (!take_byte(rest, *is_begun ? ',' : '{'))
		return false;
	*is_begun = true;
	skip_blanks(rest);
	*key = *rest;
	if (!skip_string(rest))
		return false;
	key->n -= rest->n;
	return take_byte(rest, ':') && json_take(rest, &value);
}

bool json_element(struct span *rest, bool *is_begun, struct span *value)
{
	if (!take_byte(rest, *is_begun ? ',' : '['))
		return false;
	*is_begun = true;
	return json_take(rest, value);
}

static bool take_hex(struct span *s, uint32_t *v)
{
	*v = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t c;

		if (!take_u8(s, &c))
			return false;
		if (c >= '0' && c <= '9')
			c = (uint8_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (uint8_t)((c | 0x20) - 'a' + 10);
		else
			return false;
		*v = *v << 4 | c;
	}
	return true;
}

static size_t put_utf8(uint32_t c, uint8_t *out)
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* Behind "\u": one character, or two that are a surrogate pair. */
static bool take_escaped(struct span *s, uint32_t *c)
{
	uint32_t low;

	if (!take_hex(s, c))
		return false;
	if (*c < 0xd800 || *c > 0xdfff)
		return true;
	if (*c > 0xdbff || !span_starts(*s, "\\u"))
		return false;
	*s = span_skip(*s, 2);
	if (!take_hex(s, &low) || low < 0xdc00 || low > 0xdfff)
		return false;
	*c = 0x10000 + ((*c - 0xd800) << 10 | (low - 0xdc00));
	return true;
}

bool json_string(struct arena *arena, struct span value, struct span *bytes)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	struct span s = value;
	uint8_t *out;
	uint8_t c;
	size_t n = 0;

	if (!skip_string(&s) || s.n)
		return false;
	s = span_of(value.p + 1, value.n - 2);
	out = arena_get(arena, s.n + 1);
	while (take_u8(&s, &c)) {
		const char *escape;
		uint32_t code;

		if (c != '\\') {
			out[n++] = c;
			continue;
		}
		if (!take_u8(&s, &c))
			return false;
		escape = c ? strchr(from, c) : NULL;
		if (escape) {
			out[n++] = (uint8_t)to[escape - from];
		} else {
			if (c != 'u' || !take_escaped(&s, &code))
				return false;
			n += put_utf8(code, out + n); /* shorter than its six or twelve bytes */
		}
	}
	*bytes = span_of(out, n);
	return true;
}

bool json_number(struct span value, uint64_t most, uint64_t *number)
{
	return span_u64(value, most, number);
}

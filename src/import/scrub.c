/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scrub: texts of the registry without persons.
 *
 * The registry writes a person as a key, [Given_Family], and a mailbox with '&' for '@'. A few
 * notes and references hold either:
 *
 *     previously compressnet by [Given_Family]      previously compressnet by [contact]
 *     <local&host.example.com>                      <host.example.com>
 *     [Given Family <local&example.nl> 15 June]     [<example.nl> 15 June]
 *     Contact Somebody <local at example.com>       Contact Somebody <example.com>
 *
 * A service's own name or description stays even when it is somebody's name. Names in running
 * prose are not found; the published files have none.
 */
#include "import/parse.h"

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_letter_or_digit(uint8_t c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

static bool is_local(uint8_t c)
{
	return is_letter_or_digit(c) || memchr("._%+-", c, 5);
}

/* Bytes of a domain with a dot and a top level of letters at the start of s; 0: none there. */
static size_t domain_length(struct span s)
{
	size_t n = 0, last_dot = 0;

	while (n < s.n && (is_letter_or_digit(s.p[n]) || s.p[n] == '-' || s.p[n] == '.')) {
		if (s.p[n] == '.') {
			if (n == 0 || s.p[n - 1] == '.')
				break;
			last_dot = n;
		}
		n++;
	}
	if (n && s.p[n - 1] == '.') { /* of the sentence, not of the domain */
		n--;
		last_dot = 0;
		for (size_t i = 0; i < n; i++)
			if (s.p[i] == '.')
				last_dot = i;
	}
	if (last_dot == 0 || n - last_dot < 3)
		return 0;
	for (size_t i = last_dot + 1; i < n; i++)
		if (!is_letter(s.p[i]))
			return 0;
	return n;
}

struct mailbox {
	size_t n; /* bytes of the whole */
	struct span domain;
};

/* A mailbox at the start of s: local@domain, local&domain, or, between angles, local at domain. */
static bool mailbox_at(struct span s, bool in_angles, struct mailbox *box)
{
	size_t n = 0;

	while (n < s.n && is_local(s.p[n]))
		n++;
	if (n == 0)
		return false;
	struct span rest = span_skip(s, n);
	size_t sign = in_angles && span_starts(rest, " at ") ? 4 : 1;

	if (rest.n == 0 || (sign == 1 && rest.p[0] != '@' && rest.p[0] != '&'))
		return false;
	rest = span_skip(rest, sign);
	size_t n_domain = domain_length(rest);

	if (n_domain == 0)
		return false;
	*box = (struct mailbox){n + sign + n_domain, span_cut(rest, n_domain)};
	return true;
}

/* "[Given_Family]" at the start of s: its length, or 0. A reference is no key of a person. */
static size_t key_length(struct span s)
{
	bool has_underscore = false;
	size_t n = 1;

	if (s.n < 2 || !((s.p[1] >= 'A' && s.p[1] <= 'Z') || s.p[1] == '_' || s.p[1] >= 0x80))
		return 0;
	for (; n < s.n && s.p[n] != ']'; n++) {
		if (s.p[n] <= ' ' || memchr("[/:<", s.p[n], 4))
			return 0;
		has_underscore = has_underscore || s.p[n] == '_';
	}
	return n < s.n && has_underscore ? n + 1 : 0;
}

/* "[Given Family <" before a mailbox at the start of s: its length without the '<', or 0. */
static size_t name_length(struct span s)
{
	struct mailbox box;
	size_t n = 1;

	while (n < s.n && !memchr("[]<", s.p[n], 3))
		n++;
	if (n < s.n && s.p[n] == '<' && mailbox_at(span_skip(s, n + 1), true, &box))
		return n;
	return 0;
}

struct span import_scrub(struct arena *arena, struct span text)
{
	struct mailbox box;
	uint8_t *copy;
	size_t n = 0;
	uint8_t before = ' ';

	if (span_find_byte(text, '[') < 0 && span_find_byte(text, '@') < 0 &&
	    span_find_byte(text, '&') < 0 && span_find(text, SPAN_LIT(" at ")) < 0)
		return text;
	/* A scrubbed piece is never longer than what it stands for, but for a key of few letters.
	 */
	copy = arena_get(arena, 3 * text.n + 1);
	while (text.n) {
		size_t skip = 1;
		struct span put = span_cut(text, 1);

		if (text.p[0] == '[' && key_length(text)) {
			skip = key_length(text);
			put = SPAN_LIT("[contact]");
		} else if (text.p[0] == '[' && name_length(text)) {
			skip = name_length(text);
		} else if ((before <= ' ' || memchr("<[(,;:\"", before, 7)) &&
			   mailbox_at(text, before == '<', &box)) {
			skip = box.n;
			put = box.domain;
		}
		memcpy(copy + n, put.p, put.n);
		n += put.n;
		before = text.p[skip - 1];
		text = span_skip(text, skip);
	}
	return span_of(copy, n);
}

struct span import_domain(struct arena *arena, struct span uri)
{
	struct span none = {0};
	ptrdiff_t sign;

	if (!span_starts(uri, "mailto:"))
		return none;
	sign = span_find_byte(uri, '&');
	if (sign < 0)
		sign = span_find_byte(uri, '@');
	if (sign < 0)
		return none;
	struct span rest = span_skip(uri, (size_t)sign + 1);

	if (rest.n && rest.p[0] == '.')
		rest = span_skip(rest, 1);
	size_t n = domain_length(rest);
	struct span left = span_skip(rest, n);

	/* Old records end in "." or ">". */
	if (n == 0 || n > 253 || (left.n && !span_is(left, ".") && !span_is(left, ">")))
		return none;
	uint8_t *lower = arena_get(arena, n);

	for (size_t i = 0; i < n; i++)
		lower[i] = rest.p[i] >= 'A' && rest.p[i] <= 'Z' ? (uint8_t)(rest.p[i] | 0x20)
								: rest.p[i];
	return span_of(lower, n);
}

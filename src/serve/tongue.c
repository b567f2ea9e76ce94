/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongue: see tongue.h. A catalogue is GNU's .mo format: "The Format of GNU MO Files" in the
 * gettext manual, with the machine's order of bytes as msgfmt writes it, originals sorted.
 *
 * The catalogues are our own, but a look-up trusts no offset in them.
 */
#include "serve/tongue.h"

#include "base/scope.h"
#include "serve/serve.h"
#include "catalogues.h"

enum { MO_MAGIC = 0x950412de, MO_ROW = 8 };

static unsigned plural_one(uint64_t n)
{
	return n != 1;
}

#ifdef PERIPLUS_CATALOGUES

static unsigned plural_none(uint64_t n)
{
	(void)n;
	return 0;
}

static unsigned plural_cs(uint64_t n)
{
	return n == 1 ? 0 : n >= 2 && n <= 4 ? 1 : 2;
}

static unsigned plural_ru(uint64_t n)
{
	if (n % 10 == 1 && n % 100 != 11)
		return 0;
	return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20) ? 1 : 2;
}

static unsigned plural_ar(uint64_t n)
{
	if (n <= 2)
		return (unsigned)n;
	return n % 100 >= 3 && n % 100 <= 10 ? 3 : n % 100 >= 11 ? 4 : 5;
}

#endif

#define CATALOGUE(code) {catalogue_##code, sizeof(catalogue_##code)}
static const struct tongue tongues[] = {
	{"en", "English", false, plural_one, {0}},
#ifdef PERIPLUS_CATALOGUES
	{"ar", "العربية", true, plural_ar, CATALOGUE(ar)},
	{"cs", "Čeština", false, plural_cs, CATALOGUE(cs)},
	{"de", "Deutsch", false, plural_one, CATALOGUE(de)},
	{"ru", "Русский", false, plural_ru, CATALOGUE(ru)},
	{"zh-TW", "繁體中文", false, plural_none, CATALOGUE(zh_TW)},
#endif
};

size_t tongue_count(void)
{
	return ARRAY_LEN(tongues);
}

const struct tongue *tongue_at(size_t index)
{
	return index < ARRAY_LEN(tongues) ? &tongues[index] : NULL;
}

const struct tongue *tongue_find(struct span code)
{
	for (size_t i = 0; i < ARRAY_LEN(tongues); i++)
		if (span_is(code, tongues[i].code))
			return &tongues[i];
	return NULL;
}

/* A range fits a language when it is the same, or one is the beginning of the other at a '-'. */
static bool fits(struct span range, const char *code)
{
	struct span own = span_str(code);
	size_t n = range.n < own.n ? range.n : own.n;

	if (!n || !span_eq_nocase(span_cut(range, n), span_cut(own, n)))
		return false;
	return (range.n == n || range.p[n] == '-') && (own.n == n || own.p[n] == '-');
}

/* "zh-CN" and "zh-Hant" begin like "zh-TW" and are not asked for as it is: who reads Chinese at all
 * is served better by it than by English. */
static bool nearly_fits(struct span range, const char *code)
{
	struct span own = span_str(code);
	ptrdiff_t dash = span_find_byte(range, '-');

	if (dash > 0)
		range = span_cut(range, (size_t)dash);
	return own.n > 3 && own.p[2] == '-' && span_eq_nocase(range, span_cut(own, 2));
}

/* Weight in thousandths (RFC 9110 section 12.4.2); what is malformed weighs nothing. */
static unsigned weight(struct span parameters)
{
	static const unsigned unit[] = {100, 10, 1};
	ptrdiff_t at = span_find_nocase(parameters, SPAN_LIT("q="));
	unsigned value = 0;

	if (at < 0)
		return 1000;
	parameters = span_trim(span_skip(parameters, (size_t)at + 2));
	if (span_starts(parameters, "1"))
		return 1000;
	if (!span_starts(parameters, "0."))
		return 0;
	parameters = span_skip(parameters, 2);
	for (size_t i = 0; i < ARRAY_LEN(unit) && i < parameters.n; i++) {
		if (parameters.p[i] < '0' || parameters.p[i] > '9')
			break;
		value += unit[i] * (unsigned)(parameters.p[i] - '0');
	}
	return value;
}

const struct tongue *tongue_choose(struct span accept)
{
	const struct tongue *best = &tongues[0];
	struct span item;
	unsigned most = 0;

	while (take_until(&accept, ',', &item)) {
		ptrdiff_t semicolon = span_find_byte(item, ';');
		struct span range =
			span_trim(semicolon < 0 ? item : span_cut(item, (size_t)semicolon));
		unsigned q = semicolon < 0 ? 1000 : weight(span_skip(item, (size_t)semicolon));

		for (size_t i = 0; q > most && i < ARRAY_LEN(tongues); i++)
			if (fits(range, tongues[i].code) || nearly_fits(range, tongues[i].code)) {
				best = &tongues[i];
				most = q;
			}
	}
	return best;
}

static bool u32_at(struct span mo, size_t at, uint32_t *value)
{
	if (at > mo.n || mo.n - at < sizeof(*value))
		return false;
	memcpy(value, mo.p + at, sizeof(*value));
	return true;
}

/* The string whose length and offset stand at `at`; a NUL follows it. */
static bool string_at(struct span mo, size_t at, struct span *text)
{
	uint32_t n;
	uint32_t offset;

	if (!u32_at(mo, at, &n) || !u32_at(mo, at + 4, &offset) || offset >= mo.n ||
	    n >= mo.n - offset || mo.p[offset + n] != 0)
		return false;
	*text = span_of(mo.p + offset, n);
	return true;
}

static struct span first_form(struct span text)
{
	ptrdiff_t nul = span_find_byte(text, 0);

	return nul < 0 ? text : span_cut(text, (size_t)nul);
}

/* The translation: all its forms, parted by NUL. */
static bool look_up(struct span mo, struct span wanted, struct span *found)
{
	uint32_t magic;
	uint32_t n;
	uint32_t originals;
	uint32_t translations;
	size_t low = 0;

	if (!u32_at(mo, 0, &magic) || magic != MO_MAGIC || !u32_at(mo, 8, &n) ||
	    !u32_at(mo, 12, &originals) || !u32_at(mo, 16, &translations))
		return false;
	for (size_t high = n; low < high;) {
		size_t middle = low + (high - low) / 2;
		struct span text;
		int order;

		if (!string_at(mo, originals + middle * MO_ROW, &text))
			return false;
		order = span_cmp(wanted, first_form(text));
		if (order == 0)
			return string_at(mo, translations + middle * MO_ROW, found);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

const char *tongue_text(const struct tongue *tongue, const char *text)
{
	struct span found;

	if (!look_up(tongue->catalogue, span_str(text), &found) || !found.n)
		return text;
	return (const char *)found.p;
}

const char *tongue_plural(const struct tongue *tongue, const char *one, const char *many,
			  uint64_t n)
{
	struct span found;
	unsigned form = tongue->plural(n);

	if (!look_up(tongue->catalogue, span_str(one), &found) || !found.n)
		return n == 1 ? one : many;
	while (form--) {
		struct span rest = span_skip(found, first_form(found).n + 1);

		if (!rest.n)
			break;
		found = rest;
	}
	return (const char *)found.p;
}

/* The same list once more as text: a test compares them. */
const char *web_languages(void)
{
#ifdef PERIPLUS_CATALOGUES
	return "en,ar,cs,de,ru,zh-TW";
#else
	return "en";
#endif
}

bool web_has_language(struct span code)
{
	return tongue_find(code) != NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* tongue: which language a visitor gets, plural forms, and damaged catalogues. */
#include "serve/tongue.h"

#include "serve/serve.h"
#include "tap.h"

static void chosen(void)
{
	static const struct {
		const char *accept, *code;
	} cases[] = {
		{"", "en"},
		{"cs", "cs"},
		{"cs-CZ,cs;q=0.9,en;q=0.8", "cs"},
		{"fr,de;q=0.5,en;q=0.7", "en"},
		{"fr-CH, fr;q=0.9, de;q=0.7", "de"},
		{"DE", "de"},
		{"zh-TW", "zh-TW"},
		{"zh-Hant-TW", "zh-TW"},
		{"zh", "zh-TW"},
		{"ru;q=0, ar;q=0.001", "ar"},
		{"ru;q=nonsense", "en"},
		{"czech", "en"},
		{"*", "en"},
		{",,;q=,-", "en"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(tongue_choose(span_str(cases[i].accept))->code, cases[i].code,
		       cases[i].accept);
}

static void plurals(void)
{
	static const struct {
		const char *code;
		uint64_t n;
		unsigned form;
	} cases[] = {
		{"cs", 1, 0},	{"cs", 3, 1},	{"cs", 5, 2},	 {"cs", 0, 2},	{"ru", 21, 0},
		{"ru", 11, 2},	{"ru", 23, 1},	{"ru", 112, 2}, {"ar", 0, 0},	{"ar", 2, 2},
		{"ar", 103, 3}, {"ar", 99, 4},	{"ar", 100, 5}, {"de", 0, 1},	{"zh-TW", 7, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(tongue_find(span_str(cases[i].code))->plural(cases[i].n), cases[i].form,
		       cases[i].code);
	is_str(tongue_plural(tongue_find(SPAN_LIT("cs")), "{1} registration matches.",
			     "{1} registrations match.", 3),
	       "Odpovídají {1} registrace.", "a form of a text");
	is_str(tongue_text(tongue_find(SPAN_LIT("de")), "Find"), "Finden", "a text");
	is_str(tongue_text(tongue_find(SPAN_LIT("de")), "no such text"), "no such text",
	       "a text that has no translation stays");
}

/* Whatever a catalogue holds, no look-up reads beyond it. */
static void damaged(void)
{
	const struct tongue *good = tongue_find(SPAN_LIT("cs"));
	uint8_t *copy = malloc(good->catalogue.n);

	for (size_t n = 0; copy && n < good->catalogue.n; n += 13) {
		struct tongue cut = *good;

		memcpy(copy, good->catalogue.p, good->catalogue.n);
		cut.catalogue = span_of(copy, n);
		tongue_text(&cut, "Find");
		cut.catalogue.n = good->catalogue.n;
		copy[n] ^= 0xff;
		tongue_text(&cut, "Find");
		tongue_plural(&cut, "{1} registration matches.", "x", 5);
	}
	free(copy);
	ok(true, "damaged catalogues are survived");
}

int main(void)
{
	struct span rest = span_str(web_languages());
	struct span code;
	size_t n = 0;

	while (take_until(&rest, ',', &code))
		n += tongue_find(code) == tongue_at(n);
	is_int((int64_t)n, (int64_t)tongue_count(), "the list of languages is the table");
	if (tongue_count() == 1) {
		skip(1, "no catalogues in this build");
		return done();
	}
	chosen();
	plurals();
	damaged();
	return done();
}

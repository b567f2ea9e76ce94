/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speak: the language of the sentences. It is that of the environment or of --lang, by gettext,
 * which wants a locale loaded. Loading one is a tenth of a short answer's time, and the sentences
 * are English by themselves, so that English loads none; the encoding is then the environment's
 * word. Dates and numbers are the same in every language: of a locale, only what sentences need.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/libexec.h"
#include "cli/say.h"

/* One catalogue of all: where it is, the others are. */
#define KNOWN "/cs/LC_MESSAGES/periplus.mo"
enum { PATH_SIZE = 4096, NAME_ROOM = 64 };

/* The first of these variables that says something. */
static const char *environment(const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "";
}

/* "en", "en_GB.UTF-8", "C.UTF-8". */
static bool is_english(struct span language)
{
	struct span rest = language;
	struct span name;

	return take_until(&rest, '.', &name) && (span_is(name, "en") || span_starts(name, "en_") ||
						 span_is(name, "C") || span_is(name, "POSIX"));
}

/* LANGUAGE is a list, and goes before the locale's own. */
static bool wants_english(void)
{
	static const char *const of_messages[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *list = getenv("LANGUAGE");
	struct span rest = span_str(list);
	struct span language;

	if (!list || !*list)
		return is_english(span_str(environment(of_messages, ARRAY_LEN(of_messages))));
	while (take_until(&rest, ':', &language))
		if (language.n && !is_english(language))
			return false;
	return true;
}

/* The language of a locale that is not installed goes where gettext looks under C.UTF-8. */
static void name_language(void)
{
	static const char *const of_messages[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	struct span name = span_str(environment(of_messages, ARRAY_LEN(of_messages)));
	ptrdiff_t dot = span_find_byte(name, '.');
	char language[32];

	snprintf(language, sizeof(language), "%.*s",
		 SPAN_ARG(dot < 0 ? name : span_cut(name, (size_t)dot)));
	setenv("LANGUAGE", language, 0);
}

/* Where the catalogues are: beside the program when it was just built, below the prefix that it was
 * moved to, or where they were installed. */
static void bind_catalogues(void)
{
	static const char *const near[] = {"po", "../share/locale", "../../share/locale"};
	char path[PATH_SIZE];
	char *slash;

	bindtextdomain(PERIPLUS_DOMAIN, PERIPLUS_LOCALEDIR);
	bind_textdomain_codeset(PERIPLUS_DOMAIN, "UTF-8");
	if (!libexec_self(path, sizeof(path) - NAME_ROOM) || !(slash = strrchr(path, '/')))
		return;
	for (size_t i = 0; i < ARRAY_LEN(near); i++) {
		snprintf(slash, NAME_ROOM, "/%s%s", near[i], KNOWN);
		if (access(path, R_OK) != 0)
			continue;
		snprintf(slash, NAME_ROOM, "/%s", near[i]);
		bindtextdomain(PERIPLUS_DOMAIN, path);
		return;
	}
}

void speak_english(void)
{
	setlocale(LC_MESSAGES, "C");
}

/* A locale that is not installed falls back to C.UTF-8, under which gettext still honours LANGUAGE
 * (ux.md section 10); under "C" it would not, and none is loaded. */
bool speak(void)
{
	static const char *const of_text[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *wanted = environment(of_text, ARRAY_LEN(of_text));
	bool is_utf8 = strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8");

	if (!*wanted || strcmp(wanted, "C") == 0 || strcmp(wanted, "POSIX") == 0)
		return false;
	if (wants_english()) {
		if (is_utf8)
			say_in_utf8();
	} else if (is_utf8) { /* what cannot be shown is not translated */
		if (!setlocale(LC_CTYPE, "") || !setlocale(LC_MESSAGES, "")) {
			setlocale(LC_CTYPE, "C.UTF-8");
			setlocale(LC_MESSAGES, "C.UTF-8");
			name_language();
		}
		bind_catalogues();
	}
	return is_utf8;
}

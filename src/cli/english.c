/* SPDX-License-Identifier: Apache-2.0 */
/* english: the language of the sentences where there is no gettext; speak.c has it on Linux. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/say.h"

void speak_english(void)
{
}

bool speak(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *wanted = NULL;
	bool is_utf8;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!wanted || !*wanted); i++)
		wanted = getenv(names[i]);
	is_utf8 = wanted && (strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8"));
	if (is_utf8)
		say_in_utf8();
	return is_utf8;
}

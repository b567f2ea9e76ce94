/* SPDX-License-Identifier: Apache-2.0 */
/* english: the language of the sentences where there is no gettext; speak.c has it on Linux. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/say.h"

void cli_speak_english(void)
{
}

void cli_speak(struct cli *cli)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *wanted = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!wanted || !*wanted); i++)
		wanted = getenv(names[i]);
	cli->style.is_utf8 = wanted && (strcasestr(wanted, "utf-8") || strcasestr(wanted, "utf8"));
	if (cli->style.is_utf8)
		say_in_utf8();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* why: see why.h. Control bytes in the text (names of files, say) become '?'. */
#include "base/why.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void tame(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

int why_set(struct why *why, int error, const char *format, ...)
{
	va_list args;

	if (why) {
		va_start(args, format);
		vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
		tame(why->text);
	}
	return -error;
}

int why_errno(struct why *why, const char *format, ...)
{
	int error = errno ? errno : EIO;
	va_list args;

	if (why) {
		va_start(args, format);
		int n = vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
		if (n >= 0 && (size_t)n < sizeof(why->text)) {
			char words[128];

			snprintf(why->text + n, sizeof(why->text) - (size_t)n, ": %s",
				 strerror_r(error, words, sizeof(words)));
		}
		tame(why->text);
	}
	return -error;
}

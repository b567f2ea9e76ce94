/* SPDX-License-Identifier: Apache-2.0 */
/* say: see say.h. */
#include "cli/say.h"

#include <langinfo.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"

static bool is_utf8;

void say_in_utf8(void)
{
	is_utf8 = true;
}

bool say_is_ascii(void)
{
	return !is_utf8 && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int say_line(const char *who, int status, const char *format, va_list args)
{
	struct buf safe = {.fd = STDERR_FILENO, .is_ascii = say_is_ascii()};
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	buf_print(&safe, "%s: ", who);
	buf_term(&safe, span_str(text));
	buf_byte(&safe, '\n');
	(void)!buf_flush(&safe);
	buf_done(&safe);
	return status;
}

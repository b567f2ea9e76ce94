/* SPDX-License-Identifier: Apache-2.0 */
/* say: one line on stderr, for every program of this house. Private to cli. */
#ifndef PERIPLUS_CLI_SAY_H
#define PERIPLUS_CLI_SAY_H

#include <stdarg.h>
#include <stdbool.h>

/* "who: text", with bytes of the outside escaped; too long a text is cut. Returns status; a line
 * that nobody reads is no reason to end. */
int say_line(const char *who, int status, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* speak.c: the language of the sentences, by the environment and what --lang put into it; whether
 * they are written in UTF-8. */
bool speak(void);
/* What programs read is English whatever the environment says, its remarks on stderr too. */
void speak_english(void);
/* The environment asks for UTF-8 and no locale was loaded that could say so. */
void say_in_utf8(void);
/* What stderr gets is ASCII only. */
bool say_is_ascii(void);

#endif

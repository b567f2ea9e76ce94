/* SPDX-License-Identifier: Apache-2.0 */
/* say: one line on stderr, for every program of this house. Private to cli. */
#ifndef PERIPLUS_CLI_SAY_H
#define PERIPLUS_CLI_SAY_H

#include <stdarg.h>

/* "who: text", with bytes of the outside escaped; too long a text is cut. Returns status; a line
 * that nobody reads is no reason to end. */
int say_line(const char *who, int status, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terminal: see terminal.h. As Windows has it.
 *
 * Output is bytes as they are: a line ends with LF, into a file as into a pipe. A console is set to
 * UTF-8 and to understand escape sequences while we run; one that cannot gets ASCII without colours.
 */
#include "cli/terminal.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static UINT code_page;	   /* of the console before; 0: it was not changed */
static DWORD console_mode; /* likewise */
static bool has_sequences;

static HANDLE output(void)
{
	return GetStdHandle(STD_OUTPUT_HANDLE);
}

static void restore(void)
{
	if (code_page)
		SetConsoleOutputCP(code_page);
	if (has_sequences)
		SetConsoleMode(output(), console_mode);
}

void terminal_start(void)
{
	const char *home = getenv("USERPROFILE");

	_setmode(0, _O_BINARY);
	_setmode(1, _O_BINARY);
	_setmode(2, _O_BINARY);
	_fmode = _O_BINARY;
	if (home && !getenv("HOME"))
		setenv("HOME", home, 1);
	if (!GetConsoleMode(output(), &console_mode))
		return;
	has_sequences = SetConsoleMode(output(), console_mode | ENABLE_PROCESSED_OUTPUT |
							 ENABLE_VIRTUAL_TERMINAL_PROCESSING);
	code_page = GetConsoleOutputCP();
	if (code_page != CP_UTF8 && !SetConsoleOutputCP(CP_UTF8))
		code_page = 0;
	else
		setenv("LANG", "C.UTF-8", 0);
	atexit(restore);
}

bool terminal_is_output(void)
{
	return has_sequences;
}

unsigned terminal_columns(void)
{
	CONSOLE_SCREEN_BUFFER_INFO info;

	return GetConsoleScreenBufferInfo(output(), &info) && info.srWindow.Right > info.srWindow.Left
		       ? (unsigned)(info.srWindow.Right - info.srWindow.Left + 1)
		       : 0;
}

int32_t terminal_utc_offset(int64_t now)
{
	enum { TICKS = 10000000 }; /* of FILETIME, a second */
	static const int64_t epoch = 11644473600; /* seconds from 1601 to 1970 */
	ULARGE_INTEGER ticks = {.QuadPart = (ULONGLONG)(now + epoch) * TICKS};
	FILETIME there = {ticks.LowPart, ticks.HighPart};
	SYSTEMTIME utc;
	SYSTEMTIME local;

	if (!FileTimeToSystemTime(&there, &utc) || !SystemTimeToTzSpecificLocalTime(NULL, &utc, &local) ||
	    !SystemTimeToFileTime(&local, &there))
		return 0;
	ticks.LowPart = there.dwLowDateTime;
	ticks.HighPart = there.dwHighDateTime;
	return (int32_t)((int64_t)(ticks.QuadPart / TICKS) - epoch - now);
}

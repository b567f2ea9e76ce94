/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: see terminal.h. As POSIX has it. */
#include "cli/terminal.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

void terminal_start(void)
{
	signal(SIGPIPE, SIG_IGN); /* a reader who has seen enough is no failure */
}

bool terminal_is_output(void)
{
	return isatty(STDOUT_FILENO);
}

unsigned terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int32_t terminal_utc_offset(int64_t now)
{
	time_t seconds = (time_t)now;
	struct tm tm;

	return localtime_r(&seconds, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

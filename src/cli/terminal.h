/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: what a person sits at: terminal.c, and windows/terminal.c there. Private to cli. */
#ifndef PERIPLUS_CLI_TERMINAL_H
#define PERIPLUS_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Before anything is read or written. */
void terminal_start(void);
/* Standard output: whether it is a terminal that shows colours, and its width, 0 when unknown. */
bool terminal_is_output(void);
unsigned terminal_columns(void);
/* Seconds east of Greenwich at that time (Unix seconds). */
int32_t terminal_utc_offset(int64_t now);

#endif

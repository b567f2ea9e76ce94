/* SPDX-License-Identifier: Apache-2.0 */
/* next: which command to type next (private to out). The rows are in next.c and nowhere else. */
#ifndef PERIPLUS_OUT_NEXT_H
#define PERIPLUS_OUT_NEXT_H

#include "out/who.h"

/* The block of a port page; nothing when no row fits. `worst` is NULL when nothing listens. */
void next_block(struct page *page, const struct port_report *report, const struct judged *worst);

/* Whether the command of a row exists on the host: stop, snapshot, reserve and sudo are Linux'. */
bool next_exists(const struct host_info *host, const char *command);

#endif

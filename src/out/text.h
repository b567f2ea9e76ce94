/* SPDX-License-Identifier: Apache-2.0 */
/* text: the reports for people, one file each, and blocks that they share (private to out). */
#ifndef PERIPLUS_OUT_TEXT_H
#define PERIPLUS_OUT_TEXT_H

#include "out/who.h"

void text_host(struct buf *b, const struct style *style, const struct host_report *report);
void text_port(struct buf *b, const struct style *style, const struct port_report *report,
	       bool first, bool last);
void text_look(struct buf *b, const struct style *style, const struct look_report *report);
void text_stats(struct buf *b, const struct style *style, const struct map *map);
void text_event(struct buf *b, const struct style *style, const struct event_report *report);

/* Blocks of a port page: what was seen of one row, and what is said of the number. */
void text_seen(struct page *page, const struct joined *joined);
void text_said(struct page *page, const struct port_report *report, enum transport transport);

#endif

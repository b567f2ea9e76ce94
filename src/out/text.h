/* SPDX-License-Identifier: Apache-2.0 */
/* text: the reports for people, one file each, and blocks that they share (private to out). */
#ifndef PERIPLUS_OUT_TEXT_H
#define PERIPLUS_OUT_TEXT_H

#include "out/fact_count.h"
#include "out/who.h"

void text_host(struct buf *b, const struct style *style, const struct host_report *report);
void text_port(struct buf *b, const struct style *style, const struct port_report *report,
	       bool first, bool last);
void text_look(struct buf *b, const struct style *style, const struct look_report *report);
void text_stats(struct buf *b, const struct style *style, const struct map *map);
void text_event(struct buf *b, const struct style *style, const struct event_report *report);
void text_facts(struct buf *b, const struct style *style, const struct facts_report *report);
void text_pick(struct buf *b, const struct style *style, const struct pick_report *report);
void text_why(struct buf *b, const struct style *style, const struct why_report *report);

/* Blocks of a port page: what was seen of one row and who is connected to it, what is said of the
 * number, and connections that belong to no row. */
void text_seen(struct page *page, const struct joined *joined);
void text_clients(struct page *page, const struct port_report *report, const struct joined *rows,
		  size_t n_rows, const struct joined *joined);
void text_peers(struct page *page, const struct port_report *report, const struct joined *rows,
		size_t n_rows);
void text_said(struct page *page, const struct port_report *report, enum transport transport);
void text_practice(struct page *page, const struct port_report *report, enum transport transport);
/* Nothing when no system treats the number in a way of its own. */
void text_platform(struct page *page, const struct port_report *report, enum transport transport);
/* The counts of `facts --stats`. */
void text_fact_counts(struct page *page, const struct fact_counts *counts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* scan_report: a scan in the formats of format.list, and what they share (private to out). */
#ifndef PERIPLUS_OUT_SCAN_REPORT_H
#define PERIPLUS_OUT_SCAN_REPORT_H

#include "base/json.h"
#include "out/out.h"

void scan_text(struct buf *b, const struct style *style, const struct scan_report *report);
void scan_plain(struct buf *b, const struct style *style, const struct scan_report *report);
void scan_json(struct buf *b, const struct style *style, const struct scan_report *report);
void scan_ndjson(struct buf *b, const struct style *style, const struct scan_report *report);
void scan_plan_text(struct buf *b, const struct style *style,
		    const struct scan_plan_report *report);
void scan_plan_json(struct buf *b, const struct style *style,
		    const struct scan_plan_report *report);
void scan_row_ndjson(struct buf *b, const struct style *style, const struct map *map,
		     const struct scan_row *row, struct scan_line *before);

const char *scan_inside_word(enum inside inside); /* NULL: nothing is known */
/* The rules that weighed, by comma; at most size - 1 bytes. */
void scan_rules(const struct scan_row *row, char *text, size_t size);
/* Rows of one host, from i on. */
size_t scan_host_end(const struct scan_report *report, size_t i);

#endif

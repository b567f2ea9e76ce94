/* SPDX-License-Identifier: Apache-2.0 */
/* json_report: reports that json and ndjson write in the same way (private to out). */
#ifndef PERIPLUS_OUT_JSON_REPORT_H
#define PERIPLUS_OUT_JSON_REPORT_H

#include "base/json.h"
#include "out/out.h"

/* One object, without line feed: what is known of a port. Keys of what was not looked at are null.
 */
void json_report_port(struct json *j, const struct port_report *report);
void json_report_fact_counts(struct json *j, const struct facts_report *report);

/* Whole documents; of one line each where the style says so. */
void json_report_pick(struct buf *b, const struct style *style, const struct pick_report *report);
void json_report_reserve(struct buf *b, const struct style *style,
			 const struct reserve_report *report);
void json_report_stats(struct buf *b, const struct style *style, const struct map *map);
void json_report_stop(struct buf *b, const struct style *style, const struct stop_report *report);
void json_report_why(struct buf *b, const struct style *style, const struct why_report *report);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* traffic: conversations of a capture, in every format, and the words they share (private to out). */
#ifndef PERIPLUS_OUT_TRAFFIC_H
#define PERIPLUS_OUT_TRAFFIC_H

#include "base/json.h"
#include "out/out.h"

/* What is known, and how: "proved", "fits", "table" (by the number only), "none". */
const char *traffic_certainty(const struct traffic_row *row);
/* Whose bytes fit: "both", "server", "client", "none". */
const char *traffic_evidence(const struct traffic_row *row);
/* The n-th line of the conversation with this index, in order; NULL at the end. *cursor begins 0. */
const struct wire_line *traffic_next_line(const struct traffic_report *report, uint32_t index,
					  size_t *cursor);

void text_traffic(struct buf *b, const struct style *style, const struct traffic_report *report);
void plain_traffic(struct buf *b, const struct style *style, const struct traffic_report *report);
void json_traffic(struct buf *b, const struct style *style, const struct traffic_report *report);
void ndjson_traffic(struct buf *b, const struct style *style, const struct traffic_report *report);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* asked: one port that was asked, in every format, and the words they share (private to out). */
#ifndef PERIPLUS_OUT_ASKED_H
#define PERIPLUS_OUT_ASKED_H

#include "base/json.h"
#include "out/out.h"

/* Whether the bytes prove the protocol: only then the service has a name. */
bool asked_is_known(const struct identify_report *report);
/* Whether some row is usual on that port or named like its registration: else no bytes prove that
 * the registered one is there. */
bool asked_can_be_proved(const struct identify_report *report);
/* What is known of the port, and how: "probed", "fits", "table", "none". */
const char *asked_certainty(const struct identify_report *report);
/* What the certainty rests on: "greeting", "answer", "number". */
const char *asked_evidence(const struct identify_report *report);
/* "A", "B" or "C" of what speaks, else of what was spared; NULL: of neither is anything known. */
const char *asked_class(const struct identify_report *report);

void text_identify(struct buf *b, const struct style *style, const struct identify_report *report,
		   bool first, bool last);
void plain_identify(struct buf *b, const struct style *style, const struct identify_report *report,
		    bool first, bool last);
/* One object, without line feed. */
void json_identify(struct json *j, const struct style *style, const struct identify_report *report);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* result: fills a scan_result. Private to scan; every text and count stays within its bounds. */
#ifndef PERIPLUS_SCAN_RESULT_H
#define PERIPLUS_SCAN_RESULT_H

#include "scan/scan.h"

/* Of what was said; a first packet of QUIC has 1200 bytes, the handshake of RTMP 1537. */
enum { SCAN_SAID_KEPT = 1540 };

/* proto: who asked, or whose answer it was taken for; may be NULL. */
void result_log(struct scan_result *r, bool is_said, enum scan_reason reason,
		const struct proto *proto, struct span bytes);
/* Product, version and facts; take forgets those that were there. */
void result_add_facts(struct scan_result *r, const struct proto_facts *facts);
void result_take_facts(struct scan_result *r, const struct proto_facts *facts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* payload: what a UDP port is asked with. Private to scan. */
#ifndef PERIPLUS_SCAN_PAYLOAD_H
#define PERIPLUS_SCAN_PAYLOAD_H

#include "scan/engine.h"

/* Whether nothing at all may be sent there. */
bool payload_is_spared(const struct scan_target *target);
/* The bytes live in the arena. */
void payload_make(struct arena *arena, const struct scan_target *target,
		  struct engine_payload *payload);

#endif

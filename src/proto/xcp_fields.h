/* SPDX-License-Identifier: Apache-2.0 */
/* xcp_fields: what stands where in XCP's commands and in their answers. Private to proto; pure. */
#ifndef PERIPLUS_PROTO_XCP_FIELDS_H
#define PERIPLUS_PROTO_XCP_FIELDS_H

#include "proto/xcp_words.h"

/* How a slave orders the bytes of its numbers, as its answer to CONNECT tells. */
enum xcp_order { XCP_ORDER_UNKNOWN, XCP_LITTLE, XCP_BIG };

/* One extra: the command with its fields by name. */
void xcp_follow_command(struct span packet, enum xcp_order order, struct proto_facts *facts);
/* One extra or more: the answer, beside the command's first bytes (at least its code). */
void xcp_follow_answer(struct span asked, struct span packet, enum xcp_order order,
		       struct proto_facts *facts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* table: what wire.c holds, and what becomes of a flow that is closed. Private to wire. */
#ifndef PERIPLUS_WIRE_TABLE_H
#define PERIPLUS_WIRE_TABLE_H

#include "wire/flow.h"

enum { CONVERSATION_BUCKETS = 32768 };

struct wire {
	struct arena arena;
	uint64_t seed;
	bool is_told;
	struct flow *flows;
	uint32_t *buckets;
	uint32_t n_flows_used, free_flows;
	uint32_t oldest, newest;
	union block *free_blocks;
	size_t n_blocks;
	struct wire_conversation *conversations;
	uint32_t *conversation_buckets, *conversation_next;
	struct wire_line *lines;
	size_t n_lines, lines_capacity;
	struct wire_counts counts;
};

/* The best match of a datagram, whoever its sender is. */
uint8_t table_match(const struct flow *flow, uint8_t from, struct span payload);
/* Adds a flow that ends to its conversation. */
void table_learn(struct wire *wire, struct flow *flow);
/* Adds the flow's messages to the lines of its conversation; client is the end that asks. */
void tell_flow(struct wire *wire, const struct flow *flow, struct wire_conversation *conversation,
	       uint8_t asking);

#endif

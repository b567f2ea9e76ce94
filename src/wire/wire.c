/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: the tables of flows and conversations; see wire.h.
 *
 * Flows stand in a hash table with chains and in a list by the time when they were last heard of.
 * When a flow or a piece of memory is wanted and none is free, the flow longest unheard of is
 * closed: what was learned of it goes to its conversation, and what it says later begins a new
 * flow.
 */
#include "wire/wire.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/scope.h"
#include "wire/table.h"

enum { BUCKETS = 32768, SIDE_MASK = BUCKETS - 1 };
_Static_assert((BUCKETS & SIDE_MASK) == 0, "a power of two");

struct wire *wire_new(bool is_told)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->flows = calloc(WIRE_FLOWS, sizeof(*w->flows));
	w->buckets = calloc(BUCKETS, sizeof(*w->buckets));
	w->conversations = calloc(WIRE_CONVERSATIONS, sizeof(*w->conversations));
	w->conversation_buckets = calloc(BUCKETS, sizeof(*w->conversation_buckets));
	w->conversation_next = calloc(WIRE_CONVERSATIONS, sizeof(*w->conversation_next));
	if (!w->flows || !w->buckets || !w->conversations || !w->conversation_buckets ||
	    !w->conversation_next)
		return wire_free(w);
	for (size_t i = 0; i < BUCKETS; i++)
		w->buckets[i] = w->conversation_buckets[i] = NO_FLOW;
	w->oldest = w->newest = w->free_flows = NO_FLOW;
	w->is_told = is_told;
	if (getrandom(&w->seed, sizeof(w->seed), 0) != sizeof(w->seed))
		w->seed = (uint64_t)(uintptr_t)w; /* the places of memory are random too */
	return w;
}

struct wire *wire_free(struct wire *w)
{
	if (w) {
		free(w->flows);
		free(w->buckets);
		free(w->conversations);
		free(w->conversation_buckets);
		free(w->conversation_next);
		arena_done(&w->arena);
	}
	free(w);
	return NULL;
}

const struct wire_counts *wire_counts(const struct wire *w)
{
	return &w->counts;
}

const struct wire_conversation *wire_at(const struct wire *w, size_t index)
{
	return index < w->counts.n_conversations ? &w->conversations[index] : NULL;
}

const struct wire_line *wire_line_at(const struct wire *w, size_t index)
{
	return index < w->n_lines ? &w->lines[index] : NULL;
}

static void unlink_age(struct wire *w, uint32_t index)
{
	struct flow *f = &w->flows[index];

	if (f->older == NO_FLOW)
		w->oldest = f->newer;
	else
		w->flows[f->older].newer = f->newer;
	if (f->newer == NO_FLOW)
		w->newest = f->older;
	else
		w->flows[f->newer].older = f->older;
}

static void link_newest(struct wire *w, uint32_t index)
{
	struct flow *f = &w->flows[index];

	f->older = w->newest;
	f->newer = NO_FLOW;
	if (w->newest == NO_FLOW)
		w->oldest = index;
	else
		w->flows[w->newest].newer = index;
	w->newest = index;
}

static uint32_t *bucket_of(struct wire *w, const struct flow_key *key)
{
	return &w->buckets[flow_hash(w->seed, key, sizeof(*key)) & SIDE_MASK];
}

static void release(struct wire *w, union block **block)
{
	if (!*block)
		return;
	(*block)->next = w->free_blocks;
	w->free_blocks = *block;
	*block = NULL;
}

static void close_flow(struct wire *w, uint32_t index)
{
	struct flow *f = &w->flows[index];
	uint32_t *link = bucket_of(w, &f->key);

	table_learn(w, f);
	while (*link != index)
		link = &w->flows[*link].hash_next;
	*link = f->hash_next;
	unlink_age(w, index);
	release(w, &f->side[0].block);
	release(w, &f->side[1].block);
	release(w, &f->log);
	f->hash_next = w->free_flows;
	w->free_flows = index;
}

void wire_end(struct wire *w)
{
	while (w->oldest != NO_FLOW)
		close_flow(w, w->oldest);
}

static uint32_t new_flow(struct wire *w, const struct flow_key *key)
{
	uint32_t *bucket;
	uint32_t index;

	if (w->free_flows == NO_FLOW && w->n_flows_used == WIRE_FLOWS) {
		w->counts.n_closed_early++;
		close_flow(w, w->oldest);
	}
	if (w->free_flows != NO_FLOW) {
		index = w->free_flows;
		w->free_flows = w->flows[index].hash_next;
	} else {
		index = w->n_flows_used++;
	}
	bucket = bucket_of(w, key);
	w->flows[index] = (struct flow){.hash_next = *bucket, .client = NO_SIDE};
	memcpy(&w->flows[index].key, key, sizeof(*key)); /* with its padding, which is compared */
	*bucket = index;
	link_newest(w, index);
	w->counts.n_flows++;
	return index;
}

static uint32_t find_flow(struct wire *w, const struct flow_key *key)
{
	uint32_t index = *bucket_of(w, key);

	while (index != NO_FLOW && memcmp(&w->flows[index].key, key, sizeof(*key)) != 0)
		index = w->flows[index].hash_next;
	return index;
}

/* A zeroed block; closes others' flows when none is left. NULL when only `keep` holds any. */
static union block *take_block(struct wire *w, uint32_t keep)
{
	union block *block;

	while (!w->free_blocks && w->n_blocks == WIRE_BLOCKS) {
		if (w->oldest == keep)
			return NULL;
		w->counts.n_closed_early++;
		close_flow(w, w->oldest);
	}
	if (!w->free_blocks) {
		w->n_blocks++;
		return arena_get(&w->arena, sizeof(*block));
	}
	block = w->free_blocks;
	w->free_blocks = block->next;
	memset(block, 0, sizeof(*block));
	return block;
}

/* SYN with another number on known ends is another connection. */
static bool is_reopened(const struct flow *f, uint8_t from, const struct wire_packet *packet)
{
	return packet->transport == TRANSPORT_TCP &&
	       (packet->flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN && f->side[from].has_base &&
	       f->side[from].base != packet->sequence + 1;
}

static void keep_message(struct wire *w, uint32_t index, uint8_t from,
			 const struct wire_packet *packet, int64_t at_us)
{
	struct flow *f = &w->flows[index];
	struct span kept = span_cut(packet->payload, MESSAGE_KEPT);

	if (!w->is_told || packet->payload.n == 0 || f->n_messages == MESSAGES)
		return;
	if (!f->log)
		f->log = take_block(w, index);
	if (!f->log)
		return;

	struct message *m = &f->log->messages[f->n_messages++];

	m->at_us = at_us;
	m->n = (uint32_t)packet->payload.n + packet->n_missing;
	m->from = from;
	m->kept = (uint8_t)kept.n;
	memcpy(m->bytes, kept.p, kept.n);
}

static void hear(struct wire *w, uint32_t index, uint8_t from, const struct wire_packet *packet)
{
	struct flow *f = &w->flows[index];
	struct flow_side *side = &f->side[from];
	bool is_tcp = packet->transport == TRANSPORT_TCP;

	side->packets++;
	side->bytes += packet->payload.n + packet->n_missing;
	f->n_cut += packet->n_missing > 0;
	f->n_fragmented += packet->is_first_fragment;
	if (is_tcp && (packet->flags & WIRE_SYN))
		f->client = packet->flags & WIRE_ACK ? !from : from;
	if (!is_tcp && packet->transport != TRANSPORT_UDP)
		return;
	if (packet->payload.n && !side->block && side->n < WIRE_PREFIX)
		side->block = take_block(w, index);
	if (is_tcp)
		side_segment(side, packet, &f->n_conflicts);
	else if (packet->payload.n && side->match < PROTO_YES)
		side_datagram(side, packet->payload, table_match(f, from, packet->payload));
}

void wire_put(struct wire *w, enum wire_link link, struct span bytes, uint32_t length,
	      int64_t at_us)
{
	struct wire_packet packet;
	enum wire_fate fate = wire_strip(link, bytes, &packet);
	struct flow_key key;
	uint32_t index;
	uint8_t from;

	(void)length;
	if (w->counts.packets++ == 0)
		w->counts.first_us = at_us;
	w->counts.last_us = at_us;
	w->counts.fates[fate]++;
	if (fate != WIRE_READ)
		return;
	from = flow_key_of(&packet, &key);
	index = find_flow(w, &key);
	if (index != NO_FLOW && is_reopened(&w->flows[index], from, &packet)) {
		close_flow(w, index);
		index = NO_FLOW;
	}
	if (index == NO_FLOW) {
		index = new_flow(w, &key);
		w->flows[index].first_us = at_us;
		w->flows[index].first_from = from;
	} else {
		unlink_age(w, index);
		link_newest(w, index);
	}
	w->flows[index].last_us = at_us;
	hear(w, index, from, &packet);
	keep_message(w, index, from, &packet, at_us);
}

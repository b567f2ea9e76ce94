/* SPDX-License-Identifier: Apache-2.0 */
/* side: the first bytes of one side of a flow, in order; see flow.h. */
#include "wire/flow.h"

static bool has_byte(const union block *b, size_t i)
{
	return b->prefix.has[i / 8] >> i % 8 & 1;
}

/* RFC 9293 3.4: SYN takes a sequence number; numbers wrap, so distances are signed. */
void side_segment(struct flow_side *side, const struct wire_packet *packet, uint32_t *n_conflicts)
{
	bool is_syn = packet->flags & WIRE_SYN;
	uint32_t first = packet->sequence + is_syn;
	int32_t at;

	if (!side->has_base) {
		side->base = first;
		side->has_base = true;
		side->is_synchronised = is_syn;
	}
	if (!side->block)
		return;

	union block *b = side->block;
	bool has_conflict = false;

	at = (int32_t)(first - side->base);
	for (size_t i = 0; i < packet->payload.n; i++) {
		int64_t where = (int64_t)at + (int64_t)i;

		if (where < 0)
			continue;
		if (where >= WIRE_PREFIX)
			break;
		if (has_byte(b, (size_t)where)) {
			has_conflict |= b->prefix.bytes[where] != packet->payload.p[i];
			continue;
		}
		b->prefix.bytes[where] = packet->payload.p[i];
		b->prefix.has[where / 8] |= (uint8_t)(1U << where % 8);
	}
	*n_conflicts += has_conflict;
	while (side->n < WIRE_PREFIX && has_byte(b, side->n))
		side->n++;
}

void side_datagram(struct flow_side *side, struct span payload, uint8_t match)
{
	struct span kept = span_cut(payload, WIRE_PREFIX);

	if (!side->block || kept.n == 0 || (side->n && match <= side->match))
		return;
	memcpy(side->block->prefix.bytes, kept.p, kept.n);
	side->n = (uint16_t)kept.n;
	side->match = match;
}

struct span side_bytes(const struct flow_side *side)
{
	return side->block ? span_of(side->block->prefix.bytes, side->n) : span_of(NULL, 0);
}

static int cmp_ends(const struct wire_packet *p)
{
	int r = address_cmp(&p->source, &p->destination);

	return r ? r : (int)p->source_port - (int)p->destination_port;
}

uint8_t flow_key_of(const struct wire_packet *packet, struct flow_key *key)
{
	uint8_t from = cmp_ends(packet) > 0;

	memset(key, 0, sizeof(*key)); /* its padding is hashed too */
	key->end[from].family = packet->source.family;
	key->end[!from].family = packet->destination.family;
	memcpy(key->end[from].bytes, packet->source.bytes, sizeof(packet->source.bytes));
	memcpy(key->end[!from].bytes, packet->destination.bytes, sizeof(packet->source.bytes));
	key->port[from] = packet->source_port;
	key->port[!from] = packet->destination_port;
	key->vlan = packet->vlan;
	key->transport = (uint8_t)packet->transport;
	key->tunnel = (uint8_t)packet->tunnel;
	return from;
}

/* Multiply and fold, keyed: a stranger who chooses addresses cannot choose their places. */
uint64_t flow_hash(uint64_t seed, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = seed ^ n * 0x9e3779b97f4a7c15u;

	for (; n; p++, n--) {
		h = (h ^ *p) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return h;
}

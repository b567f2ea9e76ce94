/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow: the flows that are alive, and the first bytes of their sides. Private to wire.
 *
 * A side keeps WIRE_PREFIX bytes. Of TCP they are put in order by their sequence numbers; where two
 * segments overlap the first one heard counts, and a difference is counted. Of UDP one datagram is
 * kept: the one that was recognised best, else the first.
 */
#ifndef PERIPLUS_WIRE_FLOW_H
#define PERIPLUS_WIRE_FLOW_H

#include "base/arena.h"
#include "wire/wire.h"

enum { NO_FLOW = 0xffffffff, NO_SIDE = 2, MESSAGE_KEPT = 120, MESSAGES = 32 };

/* Both ends, the lesser first: the same for both directions. */
struct flow_key {
	struct address end[2];
	uint16_t port[2];
	uint16_t vlan;
	uint8_t transport, tunnel;
};

/* A piece of memory, used for one of these. */
struct message {
	int64_t at_us;
	uint32_t n; /* as sent */
	uint8_t from;
	uint8_t kept;
	uint8_t bytes[MESSAGE_KEPT];
};

union block {
	union block *next; /* when free */
	struct {
		uint8_t bytes[WIRE_PREFIX];
		uint8_t has[WIRE_PREFIX / 8]; /* one bit a byte */
	} prefix;
	struct message messages[MESSAGES];
};

struct flow_side {
	uint64_t packets, bytes;
	union block *block;
	uint32_t base;	      /* TCP: sequence number of the first byte */
	uint16_t n;	      /* bytes without a gap from the first */
	uint8_t match;	      /* UDP: of the datagram that is kept */
	bool has_base, is_synchronised;
};

struct flow {
	struct flow_key key;
	struct flow_side side[2]; /* by the end that speaks */
	union block *log;
	uint32_t n_messages;
	uint32_t hash_next, older, newer;
	uint32_t n_cut, n_fragmented, n_conflicts;
	uint8_t first_from; /* who was heard first */
	uint8_t client;	    /* who opened it; NO_SIDE: not seen */
	int64_t first_us, last_us;
};

/* Whose side of the key the packet's sender is; fills the key. */
uint8_t flow_key_of(const struct wire_packet *packet, struct flow_key *key);
uint64_t flow_hash(uint64_t seed, const void *bytes, size_t n);

/* Bytes of a segment. */
void side_segment(struct flow_side *side, const struct wire_packet *packet, uint32_t *n_conflicts);
/* Bytes of a datagram; keeps it when match is better than of the one kept. */
void side_datagram(struct flow_side *side, struct span payload, uint8_t match);
struct span side_bytes(const struct flow_side *side);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mdt_join: one message of the S-PMSI Join, read and written. Private to proto; pure.
 *
 * Type 1: 16 bytes, a flow of IPv4 (RFC 6037 section 7.2); type 4: 40 bytes, a flow of IPv6 in a tree
 * of IPv4 (RFC 6516 section 3). The length counts the whole message.
 */
#ifndef PERIPLUS_PROTO_MDT_JOIN_H
#define PERIPLUS_PROTO_MDT_JOIN_H

#include "base/span.h"

enum { MDT_IPV4 = 1, MDT_IPV4_LENGTH = 16, MDT_IPV6 = 4, MDT_IPV6_LENGTH = 40 };

struct mdt_join {
	uint8_t type;
	struct span source;   /* the customer's sender: 4 or 16 bytes, by the type */
	struct span group;    /* the customer's group */
	struct span provider; /* the provider's group that the flow moves to: 4 bytes */
};

/* Takes one message whose addresses are what the standard wants: groups are groups, and the source
 * is none. The reserved byte may be anything. Spans point into s. */
bool mdt_take(struct span *s, struct mdt_join *join) must_check;
/* Writes one message, of at most size bytes; returns its length, 0 when it would not be one that
 * mdt_take takes, or has no room. */
size_t mdt_put(const struct mdt_join *join, uint8_t *out, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payload: what a UDP port is asked with: the question of the protocol that is usual there, first
 * by the protocols' own hints, then by what the caller expects. Where a protocol of class A or C
 * may listen nothing is sent at all. Ports of which nothing is known get an empty datagram: it asks
 * nothing, and a closed port refuses it all the same.
 */
#include "scan/payload.h"

#include <string.h>

enum { QUESTION_MAX = 1280 };

bool payload_is_spared(const struct scan_target *target)
{
	if (target->is_class_a)
		return true;
	for (size_t i = 0; i < proto_count(); i++)
		if (proto_at(i)->safety != PROTO_B &&
		    proto_is_hinted(proto_at(i), TRANSPORT_UDP, target->port))
			return true;
	for (size_t i = 0; i < SCAN_EXPECTED_MAX && target->expected[i]; i++)
		if (target->expected[i]->safety != PROTO_B)
			return true;
	return false;
}

static bool is_askable(const struct proto *proto)
{
	return proto->greet && proto->safety == PROTO_B;
}

/* Of several rows the one with the fewest usual numbers: to it this one means most. */
static const struct proto *question_of(const struct scan_target *target)
{
	const struct proto *best = NULL;

	for (size_t i = 0; i < proto_count(); i++)
		if (is_askable(proto_at(i)) &&
		    proto_is_hinted(proto_at(i), TRANSPORT_UDP, target->port) &&
		    (!best || proto_at(i)->n_hints < best->n_hints))
			best = proto_at(i);
	if (best)
		return best;
	for (size_t i = 0; i < SCAN_EXPECTED_MAX && target->expected[i]; i++)
		if (is_askable(target->expected[i]))
			return target->expected[i];
	return NULL;
}

void payload_make(struct arena *arena, const struct scan_target *target,
		  struct engine_payload *payload)
{
	const struct proto *proto = question_of(target);
	uint8_t bytes[QUESTION_MAX];
	size_t n = 0;

	if (proto)
		n = proto->greet(0, (struct span){0}, TRANSPORT_UDP, bytes, sizeof(bytes));
	*payload = (struct engine_payload){0};
	if (n == 0)
		return;
	payload->bytes = arena_copy(arena, span_of(bytes, n)).p;
	payload->n = (uint16_t)n;
	payload->may_answer_elsewhere = strcmp(proto->name, "tftp") == 0; /* RFC 1350 section 4 */
}

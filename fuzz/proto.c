/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto: any bytes for a row of the protocols. The first byte picks the row (0: all of them, so
 * that samples stay good when rows are added), the second the side and the transport.
 */
#include <stdlib.h>

#include "proto/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { QUESTION = 1540, TURNS = 4 };

static void check_text(const char text[PROTO_TEXT])
{
	if (!memchr(text, 0, PROTO_TEXT))
		abort();
}

static void check(const struct proto *proto, struct span bytes, enum proto_side side,
		  enum transport transport)
{
	struct proto_facts facts = {0};
	uint8_t out[QUESTION];

	if (proto->recognise(bytes, side, transport) > PROTO_YES)
		abort();
	if (proto->describe)
		proto->describe(bytes, side, transport, &facts);
	if (proto->follow) {
		struct proto_memory memory = {0};
		struct proto_facts told = {0};

		for (int i = 0; i < 4; i++)
			proto->follow(bytes, i & 1 ? PROTO_SERVER : PROTO_CLIENT, transport, &memory,
				      &told);
		if (told.n_extras > PROTO_EXTRAS)
			abort();
	}
	check_text(facts.product);
	check_text(facts.version);
	if (facts.n_extras > PROTO_EXTRAS)
		abort();
	for (size_t i = 0; i < facts.n_extras; i++)
		check_text(facts.extras[i].value);
	for (unsigned turn = 0; proto->greet && turn < TURNS; turn++)
		for (size_t size = 0; size <= sizeof(out); size += 32)
			if (proto->greet(turn, bytes, transport, out, size) > size)
				abort();
	if (proto->farewell && proto->farewell(bytes, out, sizeof(out)) > sizeof(out))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};

	if (n < 2)
		return 0;

	struct span bytes = span_of(p + 2, n - 2);
	enum proto_side side = p[1] & 1 ? PROTO_CLIENT : PROTO_SERVER;
	enum transport transport = transports[p[1] >> 1 & 1];
	enum proto_match match;

	for (size_t i = 0; i < proto_count(); i++)
		if (p[0] == 0 || (p[0] - 1u) % proto_count() == i)
			check(proto_at(i), bytes, side, transport);
	proto_recognise(bytes, side, transport, 0, &match);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opc_ua: OPC Unified Architecture over TCP. A message begins with three letters, 'F', and its
 * whole length; a server's first is ACK or ERR. It stands in front of machines, so nothing is sent.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 8, ACK = 28, ERROR_MOST = HEAD + 8 + 4096, HELLO_LEAST = 32, HELLO_MOST = 4096 + 32 };

/* OPC 10000-6 section 7.1.2.2: the length counts the header too; 7.1.2.4: five numbers of an
 * acknowledgement; 7.1.2.5: code and text of an error; 7.1.2.3: numbers and address of a hello */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	enum proto_match m;
	struct span s = span_skip(bytes, 4);
	uint32_t n;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	if (side == PROTO_CLIENT) {
		m = WORDS_BEGIN(bytes, "HELF");
		if (m != PROTO_YES)
			return m;
		if (!take_u32le(&s, &n))
			return PROTO_MORE;
		return n >= HELLO_LEAST && n <= HELLO_MOST ? PROTO_YES : PROTO_NO;
	}
	m = WORDS_BEGIN(bytes, "ACKF");
	if (m == PROTO_YES) {
		if (!take_u32le(&s, &n))
			return PROTO_MORE;
		return n == ACK ? PROTO_YES : PROTO_NO;
	}
	if (m == PROTO_MORE)
		return m;
	m = WORDS_BEGIN(bytes, "ERRF");
	if (m != PROTO_YES)
		return m;
	if (!take_u32le(&s, &n))
		return PROTO_MORE;
	return n >= HEAD + 8 && n <= ERROR_MOST ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span s = span_skip(bytes, HEAD);
	uint32_t value;

	if (side != PROTO_SERVER || recognise(bytes, side, transport) != PROTO_YES)
		return;
	if (take_u32le(&s, &value) && bytes.p[0] == 'A')
		facts_add(facts, "protocol", "%u", value);
	else if (s.n != bytes.n - HEAD)
		facts_add(facts, "error", "%08x", value);
}

const struct proto proto_opc_ua = {
	.name = "opc-ua",
	.title = "OPC Unified Architecture",
	PROTO_HINTS(PROTO_TCP(4840)),
	.safety = PROTO_A,
	.proves = N_("an OPC UA server"),
	.source = "OPC 10000-6 sections 7.1.2.2 to 7.1.2.5",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modbus: Modbus over TCP. Its head has one fixed field of two zero bytes, so that an answer is
 * never more than MAYBE. Nothing is sent: any device may be behind a number of its unit.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { HEAD = 7, LENGTH_MOST = 254, EXCEPTION = 0x80, EXCEPTION_MOST = 11 };

/* Modbus application protocol 1.1b3 sections 6.1 to 6.21: the functions that have a public number
 */
static bool is_function(uint8_t code)
{
	return (code >= 1 && code <= 8) || code == 11 || code == 12 || (code >= 15 && code <= 17) ||
	       (code >= 20 && code <= 24) || code == 43;
}

/* Modbus messaging on TCP/IP 1.0b section 3.1.3: transaction, protocol 0, length of what follows,
 * unit; then the function. One message, whole, and of an answer the count that fits it. */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;
	size_t length;

	if (transport != TRANSPORT_TCP || (bytes.n > 2 && p[2]) || (bytes.n > 3 && p[3]) ||
	    (bytes.n > 4 && p[4]))
		return PROTO_NO;
	if (bytes.n < HEAD + 1)
		return PROTO_MORE;
	length = p[5];
	if (length < 2 || length > LENGTH_MOST || bytes.n > 6 + length)
		return PROTO_NO;
	if (p[7] & EXCEPTION) {
		if (side != PROTO_SERVER || length != 3 || !is_function(p[7] & 0x7f))
			return PROTO_NO;
		if (bytes.n < 9)
			return PROTO_MORE;
		return p[8] >= 1 && p[8] <= EXCEPTION_MOST ? PROTO_MAYBE : PROTO_NO;
	}
	if (!is_function(p[7]))
		return PROTO_NO;
	if (bytes.n < 6 + length)
		return PROTO_MORE;
	/* 1 to 4 read: a count of bytes comes first */
	if (side == PROTO_SERVER && p[7] <= 4)
		return bytes.n > 8 && p[8] == length - 3 ? PROTO_MAYBE : PROTO_NO;
	return PROTO_MAYBE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_MAYBE)
		return;
	facts_add(facts, "unit", "%u", bytes.p[6]);
	facts_add(facts, "function", "%u", bytes.p[7] & 0x7fu);
	if (bytes.p[7] & EXCEPTION)
		facts_add(facts, "exception", "%u", bytes.p[8]);
}

const struct proto proto_modbus = {
	.name = "modbus",
	.title = "Modbus/TCP",
	PROTO_HINTS(PROTO_TCP(502)),
	.safety = PROTO_A,
	.proves = N_("that the bytes fit Modbus"),
	.source =
		"Modbus messaging on TCP/IP 1.0b section 3.1.3; Modbus application protocol 1.1b3",
	.recognise = recognise,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcgm: NVIDIA's host engine (nv-hostengine). Each message has a header of five little-endian
 * words: magic, request id, length of the body, type, status. The client speaks first and every
 * command acts on the engine, so nothing is asked: only messages seen passing are recognised. On
 * its port, 5555, other programs live whom strange bytes kill.
 */
#include "proto/facts.h"
#include "proto/words.h"

/* NVIDIA/DCGM common/transport/DcgmProtocol.h */
enum { BODY_MAX = 4 << 20 };

static const uint8_t magic[] = {0xad, 0xbc, 0xbc, 0xad};     /* since DCGM 2 */
static const uint8_t old_magic[] = {0xab, 0xbc, 0xbc, 0xab}; /* DCGM 1.7 and older */

static const struct facts_word types[] = {
	{0x100, "protobuf request"},    {0x200, "protobuf response"},    {0x300, "module command"},
	{0x400, "policy notification"}, {0x500, "request notification"},
};

static enum proto_match take_head(struct span s, uint32_t *type, uint32_t *length)
{
	enum proto_match m = words_begin(s, span_of(magic, sizeof(magic)));
	uint32_t id;
	uint32_t request;
	uint32_t status;

	if (m == PROTO_NO)
		m = words_begin(s, span_of(old_magic, sizeof(old_magic)));
	if (m != PROTO_YES)
		return m;
	if (!take_u32le(&s, &id) || !take_u32le(&s, &request) || !take_u32le(&s, length) ||
	    !take_u32le(&s, type) || !take_u32le(&s, &status))
		return PROTO_MORE;
	return *length <= BODY_MAX && facts_word(types, ARRAY_LEN(types), *type) ? PROTO_YES
										 : PROTO_NO;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	uint32_t type;
	uint32_t length;

	(void)side;
	return transport == TRANSPORT_TCP ? take_head(bytes, &type, &length) : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	uint32_t type;
	uint32_t length;

	(void)transport;
	if (take_head(bytes, &type, &length) != PROTO_YES)
		return;
	if (side == PROTO_SERVER)
		proto_set_product(facts, "dcgm");
	if (bytes.p[0] == old_magic[0])
		proto_add(facts, "generation", SPAN_LIT("1.7 or older"));
	facts_add(facts, "message", "%s", facts_word(types, ARRAY_LEN(types), type));
	facts_add(facts, "length", "%u", length);
}

const struct proto proto_dcgm = {
	.name = "dcgm",
	.title = "NVIDIA DCGM host engine",
	PROTO_HINTS(PROTO_TCP(5555)),
	.safety = PROTO_A,
	.proves = N_("messages of NVIDIA's DCGM host engine"),
	.source = "NVIDIA/DCGM 72fa3fe common/transport/DcgmProtocol.h",
	.recognise = recognise,
	.describe = describe,
};

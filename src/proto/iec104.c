/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iec104: telecontrol of power grids (IEC 60870-5-104). Nothing is sent: to begin the transfer is a
 * command.
 */
#include "proto/facts.h"
#include "proto/words.h"

enum { START = 0x68, FRAME_MIN = 4, FRAME_MAX = 253, ORDINARY = 6 };

/* lib60870 cs104_connection.c, plc4x iec-60870-5-104.mspec: start, length, four control bytes */
static const struct facts_word unnumbered[] = {
	{0x07, "start transfer"}, {0x0b, "transfer started"},
	{0x13, "stop transfer"},  {0x23, "transfer stopped"},
	{0x43, "test"},           {0x83, "tested"},
};

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	const uint8_t *p = bytes.p;

	(void)side;
	if (transport != TRANSPORT_TCP || (bytes.n > 0 && p[0] != START) ||
	    (bytes.n > 1 && (p[1] < FRAME_MIN || p[1] > FRAME_MAX)))
		return PROTO_NO;
	if (bytes.n > 2 && (p[2] & 3) == 3 && !facts_word(unnumbered, ARRAY_LEN(unnumbered), p[2]))
		return PROTO_NO;
	if (bytes.n < ORDINARY)
		return PROTO_MORE;
	if ((p[2] & 3) == 3)
		return p[1] == FRAME_MIN && !p[3] && !p[4] && !p[5] ? PROTO_YES : PROTO_NO;
	if (p[2] & 1) /* an acknowledgement; numbers are even */
		return p[1] == FRAME_MIN && p[2] == 1 && !p[3] && !(p[4] & 1) ? PROTO_MAYBE
									      : PROTO_NO;
	return p[1] >= 10 && !(p[4] & 1) ? PROTO_MAYBE : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "message",
			  span_str(facts_word(unnumbered, ARRAY_LEN(unnumbered), bytes.p[2])));
}

const struct proto proto_iec104 = {
	.name = "iec104",
	.title = "IEC 60870-5-104",
	PROTO_HINTS(PROTO_TCP(2404)),
	.safety = PROTO_A,
	.proves = N_("a station or its control centre, by how a transfer begins"),
	.source = "mz-automation/lib60870 cs104_connection.c; apache/plc4x iec-60870-5-104.mspec",
	.recognise = recognise,
	.describe = describe,
};

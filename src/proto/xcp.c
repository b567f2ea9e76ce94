/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcp: ASAM MCD-1 XCP on Ethernet, by which a tool measures and calibrates a control unit. Frames
 * of length, counter and packet, the same over UDP (one or more in a datagram) and TCP (a stream).
 *
 * Class A, measured on a real slave: a datagram of wrong length ends its receive thread for good,
 * any datagram from a third party drops the running session, CR LF kills it over TCP, and before
 * CONNECT every harmless question is ignored. The greeting here (CONNECT, GET_STATUS, GET_ID;
 * DISCONNECT as farewell) is for an explicit order on one target only. Discovery is by multicast to
 * 239.255.0.0, UDP 5556 (xcp_call.c), the only question that is meant for strangers.
 *
 * A single frame is weak evidence. Strong are the slave's answer to CONNECT, a CONNECT with another
 * command behind it, and discovery.
 */
#include "proto/facts.h"
#include "proto/words.h"
#include "proto/xcp_fields.h"

static bool is_connect(struct span packet)
{
	return packet.n == 2 && packet.p[0] == XCP_CONNECT && packet.p[1] <= 1;
}

static bool is_command(struct span packet)
{
	return packet.p[0] >= XCP_COMMAND_FIRST;
}

/* The first packet of a TCP stream is no data yet, so it is short (MAX_CTO is one byte). */
static enum proto_match take_first(struct span *s, enum transport transport, uint8_t least,
				   struct xcp_frame *frame)
{
	struct span bytes = *s;
	enum proto_match m = xcp_take_frame(s, frame);

	if (transport == TRANSPORT_UDP || m == PROTO_NO)
		return m == PROTO_YES ? PROTO_YES : PROTO_NO;
	if ((bytes.n > 1 && bytes.p[1]) || (bytes.n > 4 && bytes.p[4] < least))
		return PROTO_NO;
	return m;
}

static enum proto_match client(struct span s, enum transport transport)
{
	struct xcp_frame first;
	struct xcp_frame next;
	enum proto_match m = take_first(&s, transport, XCP_COMMAND_FIRST, &first);

	if (m != PROTO_YES)
		return m;
	if (xcp_is_discovery(first.packet) && transport == TRANSPORT_UDP)
		return PROTO_YES;
	if (is_connect(first.packet) && xcp_take_frame(&s, &next) == PROTO_YES &&
	    is_command(next.packet) && next.counter == (uint16_t)(first.counter + 1))
		return PROTO_YES;
	if (!is_command(first.packet))
		return PROTO_NO;
	return s.n == 0 || is_connect(first.packet) ? PROTO_MAYBE : PROTO_NO;
}

static enum proto_match server(struct span s, enum transport transport)
{
	struct xcp_frame frame;
	enum proto_match m = take_first(&s, transport, XCP_SERVICE, &frame);

	if (m != PROTO_YES)
		return m;
	if (xcp_is_connected(frame.packet))
		return PROTO_YES;
	if (transport == TRANSPORT_UDP && xcp_is_discovery_answer(frame.packet))
		return frame.packet.p[0] == XCP_RESPONSE ? PROTO_YES : PROTO_MAYBE;
	while (s.n)
		if (xcp_take_frame(&s, &frame) != PROTO_YES)
			return PROTO_NO;
	return PROTO_MAYBE;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	if (transport != TRANSPORT_UDP && transport != TRANSPORT_TCP)
		return PROTO_NO;
	return side == PROTO_CLIENT ? client(bytes, transport) : server(bytes, transport);
}

/* The next step is taken only when the slave has said yes to the one before. */
static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const uint8_t connect[] = {2, 0, 0, 0, XCP_CONNECT, 0};
	static const uint8_t status[] = {1, 0, 1, 0, XCP_GET_STATUS};
	static const uint8_t identify[] = {2, 0, 2, 0, XCP_GET_ID, 1};
	struct xcp_frame frame;

	(void)transport;
	if (turn == 0)
		return words_say(span_of(connect, sizeof(connect)), out, size);
	if (xcp_take_frame(&heard, &frame) != PROTO_YES || !xcp_is_connected(frame.packet))
		return 0;
	if (turn == 1)
		return words_say(span_of(status, sizeof(status)), out, size);
	if (turn == 2)
		return words_say(span_of(identify, sizeof(identify)), out, size);
	return 0;
}

static size_t farewell(struct span heard, uint8_t *out, size_t size)
{
	static const uint8_t disconnect[] = {1, 0, 3, 0, XCP_DISCONNECT};

	(void)heard;
	return words_say(span_of(disconnect, sizeof(disconnect)), out, size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct xcp_frame frame;
	bool is_big = false;

	(void)transport;
	while (xcp_take_frame(&bytes, &frame) == PROTO_YES) {
		if (side == PROTO_CLIENT) {
			xcp_tell_command(frame.packet, facts);
			continue;
		}
		if (xcp_is_connected(frame.packet)) {
			is_big = frame.packet.p[2] & 1;
			proto_set_product(facts, "xcp");
		} else if (xcp_is_discovery_answer(frame.packet)) {
			proto_set_product(facts, "xcp");
		}
		xcp_tell_answer(frame.packet, is_big, facts);
	}
}

/* In a proto_memory: the slave's order, and the last command that is not answered yet. One at a
 * time, for a master waits for each answer (ASAM MCD-1 XCP, standard communication mode). */
enum { ORDER, N_ASKED, ASKED, ASKED_KEPT = 2 };

static void follow(struct span bytes, enum proto_side side, enum transport transport,
		   struct proto_memory *memory, struct proto_facts *facts)
{
	struct xcp_frame frame;
	uint8_t *m = memory->bytes;

	(void)transport;
	while (xcp_take_frame(&bytes, &frame) == PROTO_YES) {
		struct span packet = frame.packet;

		if (side == PROTO_CLIENT) {
			xcp_follow_command(packet, (enum xcp_order)m[ORDER], facts);
			if (!is_command(packet))
				continue;
			m[N_ASKED] = packet.n < ASKED_KEPT ? (uint8_t)packet.n : ASKED_KEPT;
			memcpy(m + ASKED, packet.p, m[N_ASKED]);
			continue;
		}
		if (xcp_is_connected(packet) && m[N_ASKED] && m[ASKED] == XCP_CONNECT)
			m[ORDER] = packet.p[2] & 1 ? XCP_BIG : XCP_LITTLE;
		if (m[N_ASKED] && packet.p[0] >= XCP_ERROR) {
			xcp_follow_answer(span_of(m + ASKED, m[N_ASKED]), packet,
					  (enum xcp_order)m[ORDER], facts);
			m[N_ASKED] = 0;
		} else {
			xcp_tell_answer(packet, m[ORDER] == XCP_BIG, facts);
		}
	}
}

const struct proto proto_xcp = {
	.name = "xcp",
	.title = "ASAM XCP on Ethernet",
	PROTO_HINTS(PROTO_UDP(5555), PROTO_TCP(5555), PROTO_UDP(5556), PROTO_UDP(5557)),
	.safety = PROTO_A,
	.sends = N_("on explicit order only: CONNECT, GET_STATUS, GET_ID, then DISCONNECT; or, by "
		    "identify --call, GET_SLAVE_ID to 239.255.0.0 port 5556"),
	.proves = N_("an XCP slave, its resources, versions and identification"),
	.source = "ASAM MCD-1 XCP 1.5 as in vectorgrp/XCPlite 917877c src/xcp.h; "
		  "christoph2/pyxcp 22b6c60 pyxcp/types.py",
	.recognise = recognise,
	.greet = greet,
	.call = &xcp_call,
	.farewell = farewell,
	.describe = describe,
	.follow = follow,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcp_words: XCP packets in words. The header of a frame is always little endian; numbers inside a
 * packet follow the order of the slave. Codes: ASAM MCD-1 XCP as in vectorgrp/XCPlite src/xcp.h.
 */
#include "proto/xcp_words.h"

#include "proto/facts.h"

enum { DISCOVERY = 21, DISCOVERY_ANSWER = 26, MAC = 6 };

static unsigned u16(const uint8_t *p, bool is_big)
{
	return is_big ? p[0] * 256u + p[1] : p[1] * 256u + p[0];
}

static uint32_t u32(const uint8_t *p, bool is_big)
{
	return is_big ? (uint32_t)u16(p, true) << 16 | u16(p + 2, true)
		      : (uint32_t)u16(p + 2, false) << 16 | u16(p, false);
}

enum proto_match xcp_take_frame(struct span *s, struct xcp_frame *frame)
{
	struct span rest = *s;
	uint16_t length;

	if (!take_u16le(&rest, &length))
		return PROTO_MORE;
	if (length == 0)
		return PROTO_NO;
	if (!take_u16le(&rest, &frame->counter) || !take_span(&rest, length, &frame->packet))
		return PROTO_MORE;

	/* a slave may fill up to the next multiple of four */
	size_t fill = (4u - length % 4u) % 4u;
	size_t n = 0;

	while (n < fill && n < rest.n && rest.p[n] == 0)
		n++;
	if (n == fill || n == rest.n)
		rest = span_skip(rest, n);
	*s = rest;
	return PROTO_YES;
}

bool xcp_is_connected(struct span packet)
{
	const uint8_t *p = packet.p;

	/* RESOURCE bits 1, 6, 7 and COMM_MODE_BASIC bits 3-5 are reserved */
	return packet.n == 8 && p[0] == XCP_RESPONSE && !(p[1] & 0xc2) && !(p[2] & 0x38) &&
	       p[3] >= 8 && u16(p + 4, p[2] & 1) >= 8 && p[6] >= 1 && p[6] <= 2 && p[7] >= 1 &&
	       p[7] <= 2;
}

static bool has_address(const uint8_t *p)
{
	for (size_t i = 4; i < 16; i++)
		if (p[i])
			return false;
	return p[0] && p[0] != 0xff;
}

bool xcp_is_discovery(struct span packet)
{
	const uint8_t *p = packet.p;

	/* pyxcp counts the packet without its code: 20 for these 21 bytes, the mode then cut off */
	return (packet.n == DISCOVERY || packet.n == DISCOVERY - 1) && p[0] == XCP_TRANSPORT &&
	       (p[1] == XCP_DISCOVER || p[1] == XCP_DISCOVER_EXTENDED) && (p[2] || p[3]) &&
	       has_address(p + 4);
}

/* Extended: FF FD, address 16, port, status, resource, length 4, id, MAC; the basic one has
 * neither FF FD nor MAC, and a length of 1 or 4 bytes (the projects disagree). */
bool xcp_is_discovery_answer(struct span packet)
{
	const uint8_t *p = packet.p;

	if (packet.n >= DISCOVERY_ANSWER && p[0] == XCP_RESPONSE && p[1] == XCP_DISCOVER_EXTENDED &&
	    has_address(p + 2)) {
		size_t rest = packet.n - DISCOVERY_ANSWER;
		uint32_t n = u32(p + 22, false);

		/* XCPlite's own length is short of the end of the MAC */
		return n <= rest + 1 && rest <= (size_t)n + MAC && !(p[21] & 0xc2);
	}
	return packet.n > 21 && has_address(p) && (p[16] || p[17]) && !(p[19] & 0xc2) &&
	       (p[20] == packet.n - 21 || (packet.n >= 24 && u32(p + 20, false) == packet.n - 24));
}

/* Commands whose arguments have a plain reading; numbers of more than one byte stay hex, for their
 * order is the slave's, and only its answer to CONNECT tells it. */
void xcp_tell_command(struct span packet, struct proto_facts *facts)
{
	const uint8_t *p = packet.p;
	const char *name = xcp_command_name(packet);
	size_t n_code = p[0] == XCP_TRANSPORT || p[0] == XCP_COMMAND_FIRST ? 2 : 1;
	struct span arguments = span_cut(span_skip(packet, n_code), 24);
	char text[FACTS_ADDRESS + 1];

	if (p[0] == XCP_CONNECT && packet.n == 2)
		facts_add(facts, "command", "CONNECT mode %u", p[1]);
	else if (p[0] == XCP_GET_ID && packet.n == 2)
		facts_add(facts, "command", "GET_ID type %u", p[1]);
	else if (p[0] == XCP_UPLOAD && packet.n == 2)
		facts_add(facts, "command", "UPLOAD of %u", p[1]);
	else if (xcp_is_discovery(packet))
		facts_add(facts, "command", "%s answer to %s port %u", name,
			  facts_address_text(text, span_of(p + 4, 4)), u16(p + 2, false));
	else if (p[0] < XCP_COMMAND_FIRST)
		facts_add(facts, "stimulation", "ODT %u, %zu bytes", p[0], packet.n - 1);
	else if (arguments.n)
		facts_add(facts, "command", "%s %s", name, facts_hex_text(text, arguments));
	else
		facts_add(facts, "command", "%s", name);
}

static void tell_connected(const uint8_t *p, struct proto_facts *facts)
{
	static const char *const granularity[] = {"byte", "word", "dword", "qword"};

	facts_add(facts, "resources", "%02x%s%s%s%s%s", p[1], p[1] & 1 ? " CAL/PAG" : "",
		  p[1] & 4 ? " DAQ" : "", p[1] & 8 ? " STIM" : "", p[1] & 16 ? " PGM" : "",
		  p[1] & 32 ? " DBG" : "");
	facts_add(facts, "byte_order", p[2] & 1 ? "big endian" : "little endian");
	facts_add(facts, "granularity", "%s", granularity[p[2] >> 1 & 3]);
	facts_add(facts, "max_cto", "%u", p[3]);
	facts_add(facts, "max_dto", "%u", u16(p + 4, p[2] & 1));
	facts_add(facts, "protocol_layer", "%u", p[6]);
	facts_add(facts, "transport_layer", "%u", p[7]);
}

/* The part that both forms of a discovery answer have: address 16, port 2, status, resource. */
static const uint8_t *place_of(struct span packet)
{
	return packet.p[0] == XCP_RESPONSE ? packet.p + 2 : packet.p;
}

/* Bits 0 and 1 of the status: TCP, UDP, both. */
static enum transport transport_of(uint8_t status)
{
	return (status & 3) == 0   ? TRANSPORT_TCP
	       : (status & 3) == 1 ? TRANSPORT_UDP
				   : TRANSPORT_ANY;
}

bool xcp_discovered_place(struct span packet, uint8_t address[4], uint16_t *port,
			  enum transport *transport)
{
	if (!xcp_is_discovery_answer(packet))
		return false;

	const uint8_t *p = place_of(packet);

	memcpy(address, p, 4);
	*port = (uint16_t)u16(p + 16, false);
	*transport = transport_of(p[18]);
	return true;
}

static void tell_discovered(const uint8_t *p, size_t n_length, struct span rest,
			    struct proto_facts *facts)
{
	char address[FACTS_ADDRESS];
	uint32_t n = n_length == 1 ? p[20] : u32(p + 20, false);

	facts_add(facts, "slave", "%s port %u/%s%s", facts_address_text(address, span_of(p, 4)),
		  u16(p + 16, false), transport_word(transport_of(p[18])),
		  p[18] & 8 ? ", busy" : "");
	proto_add(facts, "id", span_cut(rest, n));
	if (rest.n == (size_t)n + MAC)
		facts_hex(facts, "mac", span_skip(rest, n));
}

/* A positive answer does not say to which command: only shapes that nothing else has are read. */
static void tell_response(struct span packet, bool is_big, struct proto_facts *facts)
{
	const uint8_t *p = packet.p;

	if (packet.n >= 8 && u32(p + 4, is_big) == packet.n - 8 && packet.n > 8 && (p[1] & 1))
		proto_add(facts, "id", span_skip(packet, 8));
	else if (packet.n == 6 && p[1] == 0 && p[2] == 1 && p[4] == 1 && p[3] <= 9 && p[5] <= 9)
		facts_add(facts, "layers", "protocol %u.%u, transport %u.%u", p[2], p[3], p[4],
			  p[5]);
	else if (packet.n == 6 && !(p[2] & 0xe2))
		facts_add(facts, "status", "session %02x, protection %02x, configuration %u", p[1],
			  p[2], u16(p + 4, is_big));
	else
		facts_add(facts, "response", "positive, %zu bytes", packet.n - 1);
}

void xcp_tell_answer(struct span packet, bool is_big, struct proto_facts *facts)
{
	const uint8_t *p = packet.p;

	if (xcp_is_connected(packet))
		tell_connected(p, facts);
	else if (xcp_is_discovery_answer(packet) && p[0] == XCP_RESPONSE)
		tell_discovered(p + 2, 4, span_skip(packet, DISCOVERY_ANSWER), facts);
	else if (xcp_is_discovery_answer(packet))
		tell_discovered(p, p[20] == packet.n - 21 ? 1 : 4,
				span_skip(packet, p[20] == packet.n - 21 ? 21 : 24), facts);
	else if (p[0] == XCP_RESPONSE)
		tell_response(packet, is_big, facts);
	else if (p[0] == XCP_ERROR && packet.n > 1)
		facts_add(facts, "error", "%02x %s", p[1], xcp_error_name(p[1]));
	else if (p[0] == XCP_EVENT && packet.n > 1)
		facts_add(facts, "event", "%02x %s", p[1], xcp_event_name(p[1]));
	else if (p[0] == XCP_SERVICE)
		facts_add(facts, "service", "%zu bytes", packet.n - 1);
	else
		facts_add(facts, "data", "ODT %u, %zu bytes", p[0], packet.n - 1);
}

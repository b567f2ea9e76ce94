/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcp_call: discovery of XCP slaves by multicast, GET_SLAVE_ID in both its forms. A slave that
 * hears it answers by UDP to the address and port that stand in it, and nothing else happens there.
 *
 * vectorgrp/XCPlite src/xcp.h (CRO_GET_SLAVE_ID) and christoph2/pyxcp pyxcp/transport/eth.py, which
 * have the default group and port as well. The length counts the whole packet here, mode byte
 * included.
 */
#include "proto/words.h"
#include "proto/xcp_words.h"

enum { LENGTH = 21, PORT = 5556 };

static size_t ask(unsigned turn, const uint8_t own[4], uint16_t own_port, uint8_t *out, size_t size)
{
	/* length, counter, command, form, port, address of 16 bytes, mode 0: IPv4 */
	uint8_t frame[4 + LENGTH] = {LENGTH, 0, (uint8_t)turn, 0, XCP_TRANSPORT};

	if (turn > 1)
		return 0;
	frame[5] = turn == 0 ? XCP_DISCOVER_EXTENDED : XCP_DISCOVER;
	frame[6] = (uint8_t)own_port;
	frame[7] = (uint8_t)(own_port >> 8);
	memcpy(frame + 8, own, 4);
	return words_say(span_of(frame, sizeof(frame)), out, size);
}

static bool place(struct span answer, const uint8_t from[4], enum transport *transport,
		  uint16_t *port)
{
	struct xcp_frame frame;
	uint8_t told[4];

	return xcp_take_frame(&answer, &frame) == PROTO_YES &&
	       xcp_discovered_place(frame.packet, told, port, transport) &&
	       memcmp(told, from, sizeof(told)) == 0;
}

const struct proto_call xcp_call = {
	.group = {239, 255, 0, 0}, .port = PORT, .ask = ask, .place = place};

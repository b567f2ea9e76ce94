/* SPDX-License-Identifier: Apache-2.0 */
/* xcp_words: frames of XCP on Ethernet, and what their packets say. Private to proto; pure. */
#ifndef PERIPLUS_PROTO_XCP_WORDS_H
#define PERIPLUS_PROTO_XCP_WORDS_H

#include "proto/proto.h"

enum xcp_code {
	XCP_CONNECT = 0xff,
	XCP_DISCONNECT = 0xfe,
	XCP_GET_STATUS = 0xfd,
	XCP_GET_ID = 0xfa,
	XCP_UPLOAD = 0xf5,
	XCP_TRANSPORT = 0xf2,
	XCP_COMMAND_FIRST = 0xc0,
	XCP_RESPONSE = 0xff,
	XCP_ERROR = 0xfe,
	XCP_EVENT = 0xfd,
	XCP_SERVICE = 0xfc,
	XCP_DISCOVER = 0xff, /* behind XCP_TRANSPORT */
	XCP_DISCOVER_EXTENDED = 0xfd,
	XCP_CLOCK = 0xfa,
};

struct xcp_frame {
	uint16_t counter;
	struct span packet;
};

/* Takes one frame and the fill behind it; YES, MORE (a frame begins and is cut), NO (no frame). */
enum proto_match xcp_take_frame(struct span *s, struct xcp_frame *frame);

/* The 8 bytes by which a slave accepts a connection, every reserved bit clear. */
bool xcp_is_connected(struct span packet);
bool xcp_is_discovery(struct span packet);
bool xcp_is_discovery_answer(struct span packet);

/* Where the slave says that it is: its IPv4 address, port and transport (ANY: both). False:
 * nowhere. */
bool xcp_discovered_place(struct span packet, uint8_t address[4], uint16_t *port,
			  enum transport *transport);
extern const struct proto_call xcp_call;

/* Never NULL; the packet is not empty. */
const char *xcp_command_name(struct span packet);
const char *xcp_error_name(uint8_t code);
const char *xcp_event_name(uint8_t code);

/* One extra for the packet, from either side; is_big is the order of the slave's numbers, as its
 * CONNECT answer told it. */
void xcp_tell_command(struct span packet, struct proto_facts *facts);
void xcp_tell_answer(struct span packet, bool is_big, struct proto_facts *facts);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* http2: frames of HTTP/2, for the rows that travel in it. Private to proto. */
#ifndef PERIPLUS_PROTO_HTTP2_H
#define PERIPLUS_PROTO_HTTP2_H

#include "proto/proto.h"

enum { HTTP2_DATA = 0, HTTP2_HEADERS = 1, HTTP2_SETTINGS = 4, HTTP2_GOAWAY = 7, HTTP2_HEAD = 9 };
enum { HTTP2_ACK = 1, HTTP2_END_STREAM = 1, HTTP2_END_HEADERS = 4 };

struct http2_frame {
	uint8_t type, flags;
	uint32_t stream;
	struct span payload;
};

/* One whole frame off the front; false when there is none. */
bool http2_take_frame(struct span *s, struct http2_frame *frame) must_check;
/* What both sides of HTTP/2 begin with; YES leaves in *frames what stands behind a client's
 * preface, or all that a server said. */
enum proto_match http2_begin(struct span bytes, enum proto_side side, struct span *frames);

#endif

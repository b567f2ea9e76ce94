/* SPDX-License-Identifier: Apache-2.0 */
/*
 * grpc: calls in HTTP/2 whose content type says so. HTTP/2's own question holds a call that every
 * gRPC server answers, if only with "unimplemented". Of the header fields, which are compressed,
 * only the two forms of that one value are looked for; nothing else is decoded.
 */
#include "proto/http2.h"
#include "proto/words.h"

enum { PADDED = 8, PRIORITY = 0x20 };

/* gRPC over HTTP2, "Content-Type"; as RFC 7541 section 5.2 writes it: length and bytes, or the
 * high bit with the length of the Huffman code of appendix B and the code */
static bool is_grpc(struct span fields)
{
	static const uint8_t code[] = {0x8b, 0x1d, 0x75, 0xd0, 0x62, 0x0d,
				       0x26, 0x3d, 0x4c, 0x4d, 0x65, 0x64};

	/* a longer value goes on with "+proto" and the like */
	return span_find(fields, span_of(code, sizeof(code))) >= 0 ||
	       span_find(fields, SPAN_LIT("\20application/grpc")) >= 0 ||
	       span_find(fields, SPAN_LIT("application/grpc+")) >= 0;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http2_frame frame;
	struct span frames;
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = http2_begin(bytes, side, &frames);
	if (m < PROTO_MAYBE)
		return m;
	while (http2_take_frame(&frames, &frame))
		if (frame.type == HTTP2_HEADERS)
			return is_grpc(frame.payload) ? PROTO_YES : PROTO_NO;
	return PROTO_MORE;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) == PROTO_YES)
		proto_add(facts, "http", SPAN_LIT("2"));
}

const struct proto proto_grpc = {
	.name = "grpc",
	.over = "http2",
	.title = "gRPC",
	PROTO_HINTS(PROTO_TCP(50051)),
	.safety = PROTO_B,
	.sends = N_("nothing of its own: it answers the question of http2"),
	.proves = N_("a gRPC server, which answers a call as such"),
	.source =
		"gRPC over HTTP2 (grpc doc/PROTOCOL-HTTP2.md); gRPC health checking protocol; RFC "
		"7541 section 5.2 and appendix B",
	.recognise = recognise,
	.describe = describe,
};

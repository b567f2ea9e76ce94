/* SPDX-License-Identifier: Apache-2.0 */
/* rtsp: asked OPTIONS of the server as a whole: no stream is described, set up or played. */
#include "proto/http_head.h"
#include "proto/words.h"

/* RFC 2326 sections 6.1, 7.1 and 10.1; RFC 7826 has version 2.0 in the same form */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	return http_head_parse(bytes, side, "RTSP", &head);
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return WORDS_SAY("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: periplus\r\n\r\n", out,
			 size);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http_head head;

	(void)transport;
	if (http_head_parse(bytes, side, "RTSP", &head) != PROTO_YES)
		return;
	proto_add(facts, "protocol", head.version);
	if (head.status.n)
		proto_add(facts, "status", head.status);

	struct span server = http_head_field(&head, "Server");
	struct span methods = http_head_field(&head, "Public");

	if (server.n)
		proto_add(facts, "server", server);
	if (methods.n)
		proto_add(facts, "methods", methods);
}

const struct proto proto_rtsp = {
	.name = "rtsp",
	.title = "Real-Time Streaming Protocol",
	PROTO_HINTS(PROTO_TCP(554), PROTO_TCP(8554)),
	.safety = PROTO_B,
	.sends = N_("OPTIONS of the server as a whole"),
	.proves = N_("RTSP and the software that its head names"),
	.source = "RFC 2326 sections 6.1, 7.1 and 10.1; RFC 7826 section 13.1",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

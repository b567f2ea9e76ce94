/* SPDX-License-Identifier: Apache-2.0 */
/* nats: the server speaks first: "INFO {json}" CR LF. Nothing is sent. */
#include "proto/words.h"

/* NATS client protocol, INFO */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span line;

	if (transport != TRANSPORT_TCP || side != PROTO_SERVER)
		return PROTO_NO;

	enum proto_match m = WORDS_BEGIN(bytes, "INFO {\"");

	if (m != PROTO_YES)
		return m;
	if (!words_line(bytes, &line))
		return bytes.n <= 8192 && words_is_cut(bytes) ? PROTO_MORE : PROTO_NO;
	return span_find(line, SPAN_LIT("\"server_id\":\"")) >= 0 ? PROTO_YES : PROTO_NO;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span line;

	if (recognise(bytes, side, transport) != PROTO_YES || !words_line(bytes, &line))
		return;
	proto_set_product(facts, "nats-server");
	proto_set_version(facts, words_between(line, "\"version\":\"", "\""));
	proto_add(facts, "auth",
		  span_find(line, SPAN_LIT("\"auth_required\":true")) >= 0 ? SPAN_LIT("required")
									   : SPAN_LIT("none"));
	if (span_find(line, SPAN_LIT("\"tls_required\":true")) >= 0)
		proto_add(facts, "tls", SPAN_LIT("required"));
}

const struct proto proto_nats = {
	.name = "nats",
	.title = "NATS messaging",
	PROTO_HINTS(PROTO_TCP(4222), PROTO_TCP(6222)),
	.safety = PROTO_B,
	.speaks_first = true,
	.proves = N_("the server by its INFO, its version, whether it asks for a login and for TLS"),
	.source = "NATS client protocol, INFO",
	.recognise = recognise,
	.describe = describe,
};

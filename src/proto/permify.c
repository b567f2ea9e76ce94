/* SPDX-License-Identifier: Apache-2.0 */
/*
 * permify: the REST side of the Permify authorisation server, a gRPC gateway. Newer servers publish
 * the description of their interface, which names them; older ones only say that they serve, as
 * every such gateway does: MAYBE. The version in the description is that of the text.
 */
#include "proto/http_api.h"

/* Permify/permify internal/servers/openapi.go (paths), docs/api-reference/openapi.json (title),
 * internal/servers/welcomeServer.go */
static const char *const marks[] = {
	"\"title\": \"Permify API\"",
	"\"title\":\"Permify API\"",
	"\"permify\":\"Open-source authorization service",
};

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head;
	enum proto_match m =
		side == PROTO_SERVER ? http_api_head(bytes, side, transport, &head) : PROTO_NO;

	if (m != PROTO_YES)
		return m;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		m = http_api_body(&head, marks[i]);
		if (m == PROTO_YES)
			return m;
	}
	/* google.golang.org grpc health and gateway errors */
	if (span_find(head.body, SPAN_LIT("{\"status\":\"SERVING\"}")) >= 0 ||
	    span_find_nocase(head.body, SPAN_LIT("{\"code\":5,\"message\":\"not found\"")) >= 0)
		return PROTO_MAYBE;
	return m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	struct http_head head;

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return http_api_get("/openapi.json", out, size);
	if (turn == 1 && http_api_head(heard, PROTO_SERVER, transport, &head) == PROTO_YES &&
	    span_is(head.status, "404"))
		return http_api_get("/healthz", out, size);
	return 0;
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	if (recognise(bytes, side, transport) != PROTO_YES)
		return;
	proto_set_product(facts, "permify");

	struct span version = words_between(bytes, "\"version\": \"", "\"");

	if (version.n)
		proto_add(facts, "api", version);
}

const struct proto proto_permify = {
	.name = "permify",
	.over = "http",
	.title = "Permify authorisation server",
	PROTO_HINTS(PROTO_TCP(3476)),
	.safety = PROTO_B,
	.sends = N_("GET /openapi.json; then /healthz when there is none"),
	.proves = N_("Permify, when it publishes the description of its interface"),
	.source = "Permify/permify internal/servers/openapi.go; docs/api-reference/openapi.json",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

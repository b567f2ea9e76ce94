/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: HTTP/1.0 and 1.1 over TCP. The question is one GET of the front page, as any browser asks;
 * when the answer shows a product that tells its version at a public address of its own, that
 * address is asked next (a new connection: the first was asked to close). Products: http_products.
 */
#include "proto/http_api.h"
#include "proto/http_products.h"
#include "proto/words.h"

/* RFC 9112 section 4 (status line), section 3 (request line); PRI is HTTP/2's (RFC 9113 section
 * 11.6) and no request */
static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct http_head head = {0};
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = http_head_parse(bytes, side, "HTTP", &head);
	return m == PROTO_YES && span_is(head.method, "PRI") ? PROTO_NO : m;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	struct http_head head;

	if (transport != TRANSPORT_TCP)
		return 0;
	if (turn == 0)
		return http_api_get("/", out, size);
	if (turn > 1 || http_head_parse(heard, PROTO_SERVER, "HTTP", &head) != PROTO_YES)
		return 0;

	const char *path = http_products_ask(&head);

	return path ? http_api_get(path, out, size) : 0;
}

static void add(struct proto_facts *facts, const char *name, struct span value)
{
	if (value.n)
		proto_add(facts, name, value);
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct http_head head;

	(void)transport;
	if (http_head_parse(bytes, side, "HTTP", &head) != PROTO_YES)
		return;
	add(facts, "http", head.version);
	add(facts, "status", head.status);
	add(facts, "method", head.method);
	add(facts, "target", head.target);
	add(facts, "user_agent", http_head_field(&head, "User-Agent"));
	add(facts, "server", http_head_field(&head, "Server"));
	add(facts, "powered_by", http_head_field(&head, "X-Powered-By"));
	add(facts, "location", http_head_field(&head, "Location"));
	add(facts, "type", http_head_field(&head, "Content-Type"));
	add(facts, "auth", http_head_field(&head, "WWW-Authenticate"));
	add(facts, "title", span_trim(words_between(head.body, "<title>", "</title>")));
	if (head.is_response)
		http_products_tell(&head, facts);
}

const struct proto proto_http = {
	.name = "http",
	.title = "Hypertext Transfer Protocol",
	PROTO_HINTS(PROTO_TCP(80), {TRANSPORT_TCP, 3000, 3003}, {TRANSPORT_TCP, 8000, 8009},
		    {TRANSPORT_TCP, 8080, 8090}, PROTO_TCP(631), PROTO_TCP(2375), PROTO_TCP(2379),
		    PROTO_TCP(3128), PROTO_TCP(4200), PROTO_TCP(4321), PROTO_TCP(5000),
		    PROTO_TCP(5173), PROTO_TCP(5601), PROTO_TCP(5984), PROTO_TCP(6006),
		    PROTO_TCP(8086), PROTO_TCP(8200), PROTO_TCP(8500), PROTO_TCP(8888),
		    {TRANSPORT_TCP, 9090, 9099}, PROTO_TCP(9200), PROTO_TCP(11434)),
	.safety = PROTO_B,
	.sends = N_("GET / as a browser does; then one public address that the answer calls for"),
	.proves = N_("HTTP, and the product and version that its head or page names"),
	.source = "RFC 9112 sections 3 and 4; RFC 9110 section 10.2.4",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stomp: asked to connect in a version that never was, without name and password: a server must
 * answer with an error that lists its versions, and opens nothing.
 */
#include "proto/words.h"

enum { HEADERS_MAX = 4096 };

/* STOMP 1.2, "STOMP Frames": command, headers, each on a line, and an empty line. YES leaves the
 * headers in *headers. */
static enum proto_match frame(struct span bytes, const char *command, struct span *headers)
{
	enum proto_match m = words_begin(bytes, span_str(command));
	struct span rest = span_skip(bytes, strlen(command));
	struct span line;

	if (m != PROTO_YES)
		return m;
	if (rest.n && rest.p[0] == '\r')
		rest = span_skip(rest, 1);
	m = WORDS_BEGIN(rest, "\n");
	if (m != PROTO_YES)
		return m;
	rest = span_skip(rest, 1);
	*headers = rest;
	while (words_line(rest, &line)) {
		if (!line.n)
			return PROTO_YES;
		if (span_find_byte(line, ':') <= 0 || !words_is_text(line))
			return PROTO_NO;
		rest = span_skip(rest, (size_t)span_find_byte(rest, '\n') + 1);
	}
	return bytes.n < HEADERS_MAX && words_is_cut(rest) ? PROTO_MORE : PROTO_NO;
}

/* The first header of a name counts ("Repeated Header Entries"). */
static struct span header(struct span headers, const char *name)
{
	struct span line;
	size_t n = strlen(name);

	while (words_line(headers, &line) && line.n) {
		if (span_starts(line, name) && line.n > n && line.p[n] == ':')
			return span_skip(line, n + 1);
		headers = span_skip(headers, (size_t)span_find_byte(headers, '\n') + 1);
	}
	return span_of(NULL, 0);
}

static enum proto_match look(struct span bytes, enum proto_side side, struct span *headers)
{
	static const struct {
		enum proto_side side;
		const char *command;
		const char *shown[2]; /* one of these headers must be there */
	} frames[] = {
		{PROTO_SERVER, "CONNECTED", {"version", "session"}},
		{PROTO_SERVER, "ERROR", {"message", "version"}},
		{PROTO_CLIENT, "CONNECT", {"accept-version", "login"}},
		{PROTO_CLIENT, "STOMP", {"accept-version", "host"}},
	};
	enum proto_match best = PROTO_NO;

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		enum proto_match m = PROTO_NO;

		if (frames[i].side == side)
			m = frame(bytes, frames[i].command, headers);
		if (m == PROTO_YES)
			return header(*headers, frames[i].shown[0]).n ||
					       header(*headers, frames[i].shown[1]).n
				       ? PROTO_YES
				       : PROTO_NO;
		if (m > best)
			best = m;
	}
	return best;
}

static enum proto_match recognise(struct span bytes, enum proto_side side, enum transport transport)
{
	struct span headers;

	return transport == TRANSPORT_TCP ? look(bytes, side, &headers) : PROTO_NO;
}

static size_t greet(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
		    size_t size)
{
	static const char words[] = "CONNECT\naccept-version:0.9\nhost:localhost\n\n";

	(void)heard;
	if (turn > 0 || transport != TRANSPORT_TCP)
		return 0;
	return words_say(span_of(words, sizeof(words)), out, size); /* NUL ends the frame */
}

static void describe(struct span bytes, enum proto_side side, enum transport transport,
		     struct proto_facts *facts)
{
	struct span headers;
	struct span server;
	struct span version;

	if (transport != TRANSPORT_TCP || look(bytes, side, &headers) != PROTO_YES)
		return;
	version = header(headers, side == PROTO_SERVER ? "version" : "accept-version");
	if (version.n)
		proto_add(facts, "stomp", version);
	if (side != PROTO_SERVER)
		return;
	/* "server", CONNECTED frame: a name, and perhaps '/' and its version */
	server = header(headers, "server");
	if (server.n)
		proto_add(facts, "server", server);
	if (span_starts(server, "RabbitMQ/")) {
		proto_set_product(facts, "rabbitmq");
		proto_set_version(facts, words_version(span_skip(server, 9)));
	}
}

const struct proto proto_stomp = {
	.name = "stomp",
	.title = "STOMP",
	PROTO_HINTS(PROTO_TCP(61613)),
	.safety = PROTO_B,
	.sends = N_("CONNECT in a version that never was, without name or password"),
	.proves = N_("STOMP and the versions that the server speaks"),
	.source = "STOMP protocol specification 1.2, \"Protocol Negotiation\" and \"STOMP Frames\"",
	.recognise = recognise,
	.greet = greet,
	.describe = describe,
};

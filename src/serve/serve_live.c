/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_live: what the looking process has sent: the newest listing, and the stream of changes.
 *
 * The stream is one ring of bytes with places counted from the beginning of time; a subscriber is a
 * place in it. Who is slower than the ring is told so and goes on with what is new: nothing grows
 * because somebody does not read. A subscriber that has all is suspended until there is more.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"
#include "serve/serve_server.h"

enum { FRAME_HEAD = 5 };

static void put_ring(struct live *live, struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		live->ring[(live->end + i) % LIVE_RING] = (char)text.p[i];
	live->end += text.n;
}

static void wake(struct server *server)
{
	for (struct connection *c = server->connections; c; c = c->next)
		if (c->is_suspended) {
			c->is_suspended = false;
			MHD_resume_connection(c->mhd);
		}
}

/* "event: NAME\ndata: ...\n\n" as the HTML standard has it (9.2.5): no line feed is in the data. */
static void tell(struct server *server, const char *name, struct span data)
{
	put_ring(&server->live, SPAN_LIT("event: "));
	put_ring(&server->live, span_str(name));
	put_ring(&server->live, SPAN_LIT("\ndata: "));
	put_ring(&server->live, data);
	put_ring(&server->live, SPAN_LIT("\n\n"));
	wake(server);
}

/* What our own formats write: "action":"listener-opened". */
static const char *action_of(struct span line)
{
	static const char *const names[] = {"listener-opened", "listener-closed", "owner-changed",
					    "scope-widened"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[64];

		snprintf(text, sizeof(text), "\"action\":\"%s\"", names[i]);
		if (span_find(line, span_str(text)) >= 0)
			return names[i];
	}
	return NULL;
}

static void take_frame(struct server *server, char kind, struct span body)
{
	struct live *live = &server->live;

	if (kind == SERVE_LISTING) {
		live->listing.n = 0;
		buf_raw(&live->listing, body);
		tell(server, "listing", SPAN_LIT("{}"));
	} else if (kind == SERVE_EVENT && body.n < LIVE_RING / 4 &&
		   span_find_byte(body, '\n') < 0 && action_of(body)) {
		tell(server, action_of(body), body);
	} else if (kind == SERVE_FOUND) {
		scan_said(server, body);
	} else if (kind == SERVE_SCANNED) {
		scan_ended(server, body);
	}
}

/* Frames: a word, the length in four bytes of this machine's order, the bytes. */
static void take_frames(struct server *server)
{
	struct live *live = &server->live;
	struct span rest = buf_span(&live->coming);
	uint32_t n;

	while (rest.n >= FRAME_HEAD) {
		memcpy(&n, rest.p + 1, sizeof(n));
		if (n > SERVE_FRAME_MAX || rest.n - FRAME_HEAD < n)
			break;
		take_frame(server, (char)rest.p[0], span_of(rest.p + FRAME_HEAD, n));
		rest = span_skip(rest, FRAME_HEAD + n);
	}
	if (rest.n)
		memmove(live->coming.p, rest.p, rest.n);
	live->coming.n = rest.n;
}

bool live_read(struct server *server)
{
	char piece[65536];
	ssize_t n = read(server->http->feed, piece, sizeof(piece));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0 || server->live.coming.n > 2 * (size_t)SERVE_FRAME_MAX)
		return false;
	buf_raw(&server->live.coming, span_of(piece, (size_t)n));
	take_frames(server);
	return true;
}

void live_beat(struct server *server)
{
	if (server->now - server->live.beaten < (int64_t)LIVE_BEAT * 1000)
		return;
	server->live.beaten = server->now;
	put_ring(&server->live, SPAN_LIT(": \n\n")); /* proxies close what is silent */
	wake(server);
}

void live_end(struct server *server)
{
	server->live.is_ended = true;
	wake(server);
}

void live_done(struct server *server)
{
	buf_done(&server->live.listing);
	buf_done(&server->live.coming);
}

struct subscriber {
	struct server *server;
	struct connection *connection;
	uint64_t at; /* its place in the ring */
};

static ssize_t stream_read(void *arg, uint64_t position, char *to, size_t most)
{
	struct subscriber *subscriber = arg;
	struct live *live = &subscriber->server->live;
	size_t n = 0;

	(void)position;
	if (live->is_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (live->end - subscriber->at > LIVE_RING) {
		static const char lost[] = "event: listing\ndata: {\"lost\":true}\n\n";

		if (most < sizeof(lost))
			return MHD_CONTENT_READER_END_WITH_ERROR;
		memcpy(to, lost, sizeof(lost) - 1);
		subscriber->at = live->end;
		return sizeof(lost) - 1;
	}
	while (n < most && subscriber->at < live->end)
		to[n++] = live->ring[subscriber->at++ % LIVE_RING];
	if (n == 0) {
		subscriber->connection->is_suspended = true;
		MHD_suspend_connection(subscriber->connection->mhd);
	}
	return (ssize_t)n;
}

static void stream_free(void *arg)
{
	struct subscriber *subscriber = arg;

	subscriber->server->live.n_subscribers--;
	free(subscriber);
}

struct MHD_Response *live_stream(struct server *server, struct connection *connection)
{
	struct subscriber *subscriber;

	if (!connection || server->live.n_subscribers >= LIVE_SUBSCRIBERS)
		return NULL;
	subscriber = calloc(1, sizeof(*subscriber));
	if (!subscriber)
		return NULL;
	*subscriber = (struct subscriber){.server = server, .connection = connection};
	put_ring(&server->live, SPAN_LIT(": \n\n")); /* the head goes out at once */
	subscriber->at = server->live.end - 4;
	connection->is_stream = true;
	server->live.n_subscribers++;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_read, subscriber,
						 stream_free);
}

static size_t count(struct span text, const char *word)
{
	size_t n = 0;
	ptrdiff_t at;

	while ((at = span_find(text, span_str(word))) >= 0) {
		text = span_skip(text, (size_t)at + strlen(word));
		n++;
	}
	return n;
}

/* No text of a stranger can have a quote that is not escaped, so that the words are ours. */
void live_metrics(struct server *server, struct buf *out)
{
	static const char *const verdicts[] = {"expected", "look", "unexpected"};
	struct span listing = buf_span(&server->live.listing);

	for (size_t i = 0; listing.n && i < ARRAY_LEN(verdicts); i++) {
		char text[64];

		snprintf(text, sizeof(text), "\"verdict\": \"%s\"", verdicts[i]);
		if (i == 0)
			buf_str(out, "# HELP periplus_listeners Listeners of this machine, by "
				     "verdict.\n# TYPE periplus_listeners gauge\n");
		buf_print(out, "periplus_listeners{verdict=\"%s\"} %zu\n", verdicts[i],
			  count(listing, text));
	}
	buf_print(out,
		  "# HELP periplus_http_requests_total Requests answered.\n"
		  "# TYPE periplus_http_requests_total counter\nperiplus_http_requests_total %zu\n"
		  "# HELP periplus_http_connections Connections that are open.\n"
		  "# TYPE periplus_http_connections gauge\nperiplus_http_connections %zu\n"
		  "# HELP periplus_stream_subscribers Streams of changes that are open.\n"
		  "# TYPE periplus_stream_subscribers gauge\nperiplus_stream_subscribers %zu\n",
		  server->n_requests, server->n_connections, server->live.n_subscribers);
}

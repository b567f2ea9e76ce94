/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_request: from libmicrohttpd's calls to an answer: the target as it came, the head
 * (serve_head.c), a body of bounded size.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/address.h"
#include "base/scope.h"
#include "serve/serve_server.h"

enum { DROP_MAX = 1 << 20 };

struct connection *request_connection(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void *request_target(void *arg, const char *uri, struct MHD_Connection *mhd)
{
	struct server *server = arg;
	struct asked *asked = calloc(1, sizeof(*asked));
	struct connection *c = request_connection(mhd);

	server->n_asking++;
	if (c)
		c->was_asked = true;
	if (!asked)
		return NULL;
	asked->server = server;
	asked->body = BUF_INIT;
	asked->target = strdup(uri);
	return asked;
}

static void fill_live(struct server *server, struct web_answer *made)
{
	if (made->live == LIVE_METRICS)
		live_metrics(server, &made->body);
	else if (server->live.listing.n)
		buf_raw(&made->body, buf_span(&server->live.listing));
	else
		web_problem(made, 503, "this machine has not been looked at yet");
}

/* Who asks, as bytes for the limit: an IPv6 network counts as one. Empty for this machine itself,
 * where a server that speaks for all others may stand. */
static struct span visitor_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct address address = {0};

	if (info && info->client_addr && info->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)info->client_addr;

		address = address_ipv4((const uint8_t *)&in->sin_addr);
		if (!address_is_loopback(&address))
			return span_of(&in->sin_addr, 4);
	} else if (info && info->client_addr && info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)info->client_addr;

		address = address_ipv6((const uint8_t *)&in->sin6_addr);
		if (!address_is_loopback(&address))
			return span_of(&in->sin6_addr, address_is_v4_mapped(&address) ? 16 : 8);
	}
	return span_of(NULL, 0);
}

/* Hands a proposal to the parent; what cannot be kept is refused, never thanked for. */
static void pass_on(struct server *server, struct MHD_Connection *mhd, struct web_answer *made)
{
	uint8_t word = SERVE_PROPOSAL;
	struct iovec parts[] = {{&word, 1}, {made->proposal.p, made->proposal.n}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	if (server->is_full)
		web_problem(made, 503, "there are as many proposals as there is room for");
	else if (!limit_admits(&server->limit, server->now, visitor_of(mhd)))
		web_problem(made, 429, "that is more than one visitor sends; try again in a minute");
	else if (sendmsg(server->http->parent, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		web_problem(made, 503, "it could not be kept; try again in a minute");
}

static enum MHD_Result answer(struct asked *asked, struct MHD_Connection *mhd)
{
	const struct web_request *request = &asked->request;
	const struct web_site *site = asked->server->site;
	struct web_taste taste = web_taste(request);
	struct web_answer made = {.body = BUF_INIT, .proposal = BUF_INIT, .order = BUF_INIT};
	enum MHD_Result result;
	bool may_keep = cache_takes(asked) && !asked->has_large_head && !asked->fault && !span_is(request->method, "POST") &&
			web_is_our_host(site, request->host);

	if (may_keep && (span_is(request->method, "GET") || span_is(request->method, "HEAD")) &&
	    send_cached(asked, mhd, taste, request->if_none_match, &result))
		return result;
	if (asked->has_large_head)
		web_problem(&made, 431, "the headers are larger than this server takes");
	else if (asked->fault)
		web_problem(&made, 400, asked->fault);
	else if (asked->is_too_large)
		web_problem(&made, 413, "the body is larger than this server takes");
	else
		web_answer(site, request, &made);
	if (made.live == LIVE_LISTENERS || made.live == LIVE_METRICS)
		fill_live(asked->server, &made);
	if (made.proposal.n)
		pass_on(asked->server, mhd, &made);
	if (made.live == LIVE_SCAN && scan_begin(asked, mhd, &made)) {
		web_answer_done(&made);
		return MHD_YES;
	}
	buf_done(&made.order);
	buf_done(&made.proposal);
	return send_answer(asked, mhd, &made, may_keep ? &taste : NULL);
}

static void take_body(struct asked *asked, const char *data, size_t n)
{
	if (asked->body.n + n > WEB_BODY_MAX) {
		asked->is_too_large = true;
		asked->n_dropped += n;
	} else {
		buf_raw(&asked->body, span_of(data, n));
	}
}

static void begin(struct asked *asked, struct MHD_Connection *mhd, const char *method, const char *version)
{
	struct connection *c = request_connection(mhd);
	struct span name = span_cut(span_str(method), sizeof(asked->method) - 1);

	asked->has_begun = true;
	if (name.n)
		memcpy(asked->method, name.p, name.n);
	if (c) {
		c->is_asking = true;
		c->since = asked->server->now;
	}
	head_read(asked, mhd, method, version);
}

enum MHD_Result request_access(void *arg, struct MHD_Connection *mhd, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *n_data, void **context)
{
	struct asked *asked = *context;

	(void)arg;
	(void)url;
	if (!asked || !asked->target)
		return MHD_NO;
	if (asked->is_scan)
		return scan_answer(asked, mhd);
	if (*n_data) {
		take_body(asked, data, *n_data);
		*n_data = 0;
		return asked->n_dropped > DROP_MAX ? MHD_NO : MHD_YES;
	}
	if (!asked->has_begun) {
		begin(asked, mhd, method, version);
		/* an answer before the end of the request costs the connection */
		if (!asked->fault && !asked->is_too_large && !asked->has_large_head)
			return MHD_YES;
	}
	asked->request.body = buf_span(&asked->body);
	return answer(asked, mhd);
}

static void write_log(struct asked *asked)
{
	struct server *server = asked->server;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	buf_time(&server->log, now.tv_sec);
	buf_byte(&server->log, ' ');
	buf_plain(&server->log, span_str(asked->method));
	buf_byte(&server->log, ' ');
	buf_u64(&server->log, asked->status);
	buf_byte(&server->log, ' ');
	buf_u64(&server->log, asked->n_sent);
	buf_byte(&server->log, ' ');
	/* without the query: what people look for is theirs */
	buf_plain(&server->log, span_cut(span_str(asked->target), strcspn(asked->target, "?")));
	buf_byte(&server->log, '\n');
}

void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
		       enum MHD_RequestTerminationCode how)
{
	struct server *server = arg;
	struct asked *asked = *context;
	struct connection *c = request_connection(mhd);

	(void)how;
	server->n_asking--;
	server->n_requests++;
	if (c) {
		c->is_asking = c->is_stream = false;
		c->since = server->now;
	}
	if (!asked)
		return;
	if (asked->is_scan)
		scan_completed(server);
	if (server->http->has_log && asked->status)
		write_log(asked);
	buf_done(&asked->body);
	free(asked->target);
	free(asked);
	*context = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_http: the loop of the server, and its connections. See serve.h.
 *
 * libmicrohttpd's own limit is of inactivity, so that a client that sends a byte now and then would
 * stay for ever: all connections stand in a list, and whoever is too long in one phase is shut down.
 */
#include "serve/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "serve/serve_server.h"

enum { SWEEP_MS = 1000 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void connection_notify(void *arg, struct MHD_Connection *mhd, void **context,
			      enum MHD_ConnectionNotificationCode code)
{
	struct server *server = arg;
	struct connection *c = *context;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		c = calloc(1, sizeof(*c));
		*context = c;
		if (!c)
			return;
		info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		c->fd = info ? info->connect_fd : -1;
		c->mhd = mhd;
		c->since = now_ms();
		c->next = server->connections;
		if (c->next)
			c->next->before = c;
		server->connections = c;
		server->n_connections++;
	} else if (c) {
		if (c->before)
			c->before->next = c->next;
		else
			server->connections = c->next;
		if (c->next)
			c->next->before = c->before;
		server->n_connections--;
		free(c);
		*context = NULL;
	}
}

static void sweep(struct server *server)
{
	for (struct connection *c = server->connections; c; c = c->next) {
		int64_t limit = c->is_asking   ? REQUEST_LIMIT
				: c->was_asked ? IDLE_LIMIT
					       : HEAD_LIMIT;

		if (server->is_ending && !c->is_asking)
			limit = 0;
		if (c->fd >= 0 && !c->is_stream && server->now - c->since >= limit * 1000)
			shutdown(c->fd, SHUT_RDWR); /* libmicrohttpd sees it and lets it go */
	}
}

static void flush_log(struct server *server)
{
	struct span s = buf_span(&server->log);

	/* whole lines in each datagram; a parent that does not read loses them */
	while (s.n) {
		struct span piece = span_cut(s, SERVE_DATAGRAM);
		ptrdiff_t end = span_find_last(piece, '\n');
		size_t n = end < 0 ? piece.n : (size_t)end + 1;
		uint8_t word = SERVE_LOG;
		struct iovec parts[] = {{&word, 1}, {(void *)piece.p, n}};
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

		if (sendmsg(server->http->parent, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
		s = span_skip(s, n);
	}
	server->log.n = 0;
}

/* What the parent says; false when it is gone. */
static bool hear_parent(struct server *server)
{
	char word;
	ssize_t n = recv(server->http->parent, &word, sizeof(word), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	server->is_full = word == SERVE_FULL;
	return true;
}

static void silent(void *arg, const char *format, va_list args)
{
	(void)arg;
	(void)format;
	(void)args;
}

static int start(struct server *server, struct why *why)
{
	const struct serve_http *http = server->http;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, request_access, server, MHD_OPTION_EXTERNAL_LOGGER, silent,
		NULL, MHD_OPTION_LISTEN_SOCKET, http->listening, MHD_OPTION_CONNECTION_LIMIT,
		http->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)REQUEST_LIMIT,
		MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server,
		MHD_OPTION_NOTIFY_COMPLETED, request_completed, server,
		MHD_OPTION_URI_LOG_CALLBACK, request_target, server, MHD_OPTION_END);
	if (!server->daemon)
		return why_set(why, EIO, _("libmicrohttpd does not start"));
	return 0;
}

/* Stops listening at once; ends when all is answered, or after STOP_LIMIT. */
static void begin_end(struct server *server, int64_t *until)
{
	MHD_socket listening;

	if (server->is_ending)
		return;
	listening = MHD_quiesce_daemon(server->daemon);
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	server->is_ending = true;
	live_end(server);
	*until = server->now + (int64_t)STOP_LIMIT * 1000;
}

static int wait_ms(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(server->daemon, &ms) != MHD_YES || ms > SWEEP_MS)
		return server->is_ending ? 50 : SWEEP_MS;
	return (int)ms;
}

static int loop(struct server *server, int signals, struct why *why)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[] = {{info ? info->epoll_fd : -1, POLLIN, 0},
			       {signals, POLLIN, 0},
			       {server->http->parent, POLLIN, 0},
			       {server->http->feed, POLLIN, 0},
			       {-1, 0, 0}};
	int64_t swept = now_ms();
	int64_t until = INT64_MAX;

	for (;;) {
		scan_watch(server, &fds[4]);
		if (poll(fds, ARRAY_LEN(fds), wait_ms(server)) < 0 && errno != EINTR)
			return why_errno(why, _("cannot wait"));
		server->now = now_ms();
		if (fds[1].revents || (fds[2].revents && !hear_parent(server))) {
			begin_end(server, &until);
			fds[1].fd = fds[2].fd = -1;
			fds[1].revents = fds[2].revents = 0;
		}
		if (fds[3].revents && !live_read(server))
			fds[3].fd = -1;
		if (fds[4].revents || server->is_ending)
			scan_is_left(server);
		live_beat(server);
		MHD_run(server->daemon);
		if (server->log.n)
			flush_log(server);
		if (server->is_ending || server->now - swept >= SWEEP_MS) {
			sweep(server);
			swept = server->now;
		}
		if (server->is_ending && (!server->n_asking || server->now >= until))
			return 0;
	}
}

int serve_http_run(const struct serve_http *http, struct why *why)
{
	auto_free struct server *server = calloc(1, sizeof(*server));
	auto_close int signals = -1;
	sigset_t ends;
	int r;

	if (!server)
		return why_set(why, ENOMEM, _("out of memory"));
	server->http = http;
	server->site = http->site;
	server->limit.secret = http->secret;
	server->log = server->live.listing = server->live.coming = BUF_INIT;
	server->scan.said = server->scan.refused = BUF_INIT;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	signals = signalfd(-1, &ends, SFD_NONBLOCK | SFD_CLOEXEC);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) < 0 || signals < 0)
		return why_errno(why, _("cannot wait for signals"));
	r = start(server, why);
	if (r == 0)
		r = loop(server, signals, why);
	scan_is_left(server);
	live_end(server); /* what is suspended cannot be stopped */
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	flush_log(server);
	cache_done(server);
	live_done(server);
	buf_done(&server->log);
	return r;
}

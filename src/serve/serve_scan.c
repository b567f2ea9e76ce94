/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_scan: the scan that somebody has ordered, one at a time.
 *
 * This process can scan nothing: the order goes to the parent, which starts `periplus scan` with the
 * rights that it was started with itself; what that writes comes back in frames and goes on as it comes.
 * The answer waits for the first of it, since the scan may refuse instead. A client that goes away, or
 * reads so slowly that HELD_MOST is held for it, ends the scan.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/scope.h"
#include "serve/serve_server.h"

enum { HELD_MOST = 16 << 20 };

static bool tell_parent(struct server *server, uint8_t word, struct span text)
{
	struct iovec parts[] = {{&word, 1}, {(void *)text.p, text.n}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

	return sendmsg(server->http->parent, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static void wake(struct scanning *scan)
{
	struct connection *c = scan->connection;

	if (c && c->is_suspended) {
		c->is_suspended = false;
		MHD_resume_connection(c->mhd);
	}
}

static void wait_for_more(struct scanning *scan)
{
	scan->connection->is_suspended = true;
	MHD_suspend_connection(scan->connection->mhd);
}

static void cancel(struct server *server)
{
	struct scanning *scan = &server->scan;

	if (scan->is_running && !scan->is_cancelled)
		scan->is_cancelled = tell_parent(server, SERVE_CANCEL, span_of(NULL, 0));
}

/* The scan goes on without who has ordered it until it has been ended. */
static void lose(struct server *server)
{
	struct scanning *scan = &server->scan;

	scan->is_lost = true;
	cancel(server);
	wake(scan);
}

bool scan_begin(struct asked *asked, struct MHD_Connection *mhd, struct web_answer *made)
{
	struct server *server = asked->server;
	struct scanning *scan = &server->scan;
	struct connection *connection = request_connection(mhd);

	if (scan->is_running || scan->connection) {
		web_problem(made, 429, "one scan at a time, and one is running; try again when it is done");
		return false;
	}
	if (server->is_ending || !connection || !tell_parent(server, SERVE_SCAN, buf_span(&made->order))) {
		web_problem(made, 503, "no scan can be started now");
		return false;
	}
	buf_done(&scan->said);
	buf_done(&scan->refused);
	*scan = (struct scanning){.connection = connection, .is_running = true, .type = made->type,
				  .said = BUF_INIT, .refused = BUF_INIT};
	asked->is_scan = true;
	connection->is_stream = true;
	wait_for_more(scan);
	return true;
}

void scan_said(struct server *server, struct span text)
{
	struct scanning *scan = &server->scan;

	if (!scan->connection || scan->is_lost)
		return;
	if (scan->at > scan->said.n / 2) { /* what is sent makes room, also for who always lags behind */
		memmove(scan->said.p, scan->said.p + scan->at, scan->said.n - scan->at);
		scan->said.n -= scan->at;
		scan->at = 0;
	}
	buf_raw(&scan->said, text);
	if (scan->said.error || scan->said.n - scan->at > HELD_MOST)
		lose(server);
	wake(scan);
}

void scan_ended(struct server *server, struct span text)
{
	struct scanning *scan = &server->scan;
	uint8_t status = 0;

	if (!take_u8(&text, &status))
		status = EX_SOFTWARE;
	scan->is_running = false;
	scan->status = status;
	if (!scan->connection)
		return;
	buf_raw(&scan->refused, text);
	wake(scan);
}

/* What the scan has refused, in its own words. */
static void refuse(const struct scanning *scan, struct web_answer *made)
{
	struct span line = span_trim(buf_span(&scan->refused));
	unsigned status = scan->status == EX_NOPERM                                  ? 403
			  : scan->status == EX_USAGE || scan->status == EX_UNAVAILABLE ? 400
										       : 503;
	struct buf detail = BUF_INIT;

	if (span_starts(line, "periplus: "))
		line = span_skip(line, 10);
	buf_plain(&detail, span_cut(line, 1000));
	buf_byte(&detail, 0);
	web_problem(made, status, detail.error || !line.n ? "the scan could not be done" : (const char *)detail.p);
	buf_done(&detail);
}

enum MHD_Result scan_answer(struct asked *asked, struct MHD_Connection *mhd)
{
	struct scanning *scan = &asked->server->scan;
	struct web_answer made = {.status = 200, .type = scan->type, .body = BUF_INIT, .proposal = BUF_INIT,
				  .order = BUF_INIT, .is_private = true, .live = LIVE_SCAN};

	if (scan->is_lost)
		return MHD_NO;
	if (!scan->said.n && scan->is_running) {
		wait_for_more(scan);
		return MHD_YES;
	}
	if (!scan->said.n)
		refuse(scan, &made);
	return send_answer(asked, mhd, &made, NULL);
}

static ssize_t read_said(void *arg, uint64_t position, char *to, size_t most)
{
	struct server *server = arg;
	struct scanning *scan = &server->scan;
	struct span rest = span_cut(span_skip(buf_span(&scan->said), scan->at), most);

	(void)position;
	if (scan->is_lost)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!rest.n && !scan->is_running)
		return scan->status >= EX_USAGE ? MHD_CONTENT_READER_END_WITH_ERROR
						: MHD_CONTENT_READER_END_OF_STREAM;
	if (!rest.n) {
		scan->said.n = scan->at = 0;
		wait_for_more(scan);
		return 0;
	}
	memcpy(to, rest.p, rest.n);
	scan->at += rest.n;
	return (ssize_t)rest.n;
}

struct MHD_Response *scan_response(struct server *server)
{
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, read_said, server, NULL);
}

void scan_completed(struct server *server)
{
	struct scanning *scan = &server->scan;

	cancel(server);
	scan->connection = NULL;
	buf_done(&scan->said);
	buf_done(&scan->refused);
}

void scan_watch(struct server *server, struct pollfd *fd)
{
	const struct scanning *scan = &server->scan;

	if (scan->is_lost || !scan->connection)
		cancel(server); /* again, when the parent could not be told */
	*fd = (struct pollfd){.fd = scan->connection && !scan->is_lost ? scan->connection->fd : -1,
			      .events = POLLRDHUP};
}

void scan_is_left(struct server *server)
{
	if (server->scan.connection && !server->scan.is_lost)
		lose(server);
}

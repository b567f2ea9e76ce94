/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_scan: starts the scan that the API was ordered, and hands on what it says.
 *
 * It is `periplus scan --only-scopes`, a program of its own with the rights of who started the server: it
 * judges itself what it may ask, at the usual rate at most. It is ended when nobody waits for it any more,
 * and after LIMIT_MS; what it knows by then is told. Who does not end when asked is killed.
 */
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/scope.h"
#include "cli/serve_program.h"

enum {
	LIMIT_MS = 600000,
	GRACE_MS = 20000,
	PIECE = 1 << 20, /* bytes of a frame; a read may add as much as a pipe holds */
	SAID_MOST = 4096,
	WORDS_MOST = 16 + WEB_SCAN_TARGETS,
};

void serve_scan_init(struct serve_scan *scan, const char *program, int feed)
{
	*scan = (struct serve_scan){.program = program, .feed = feed, .said = BUF_INIT,
				    .child = {.fd = -1, .err = -1, .out = BUF_INIT}};
}

static void tell_end(struct serve_scan *scan, int status, struct span said)
{
	struct buf body = BUF_INIT;

	buf_byte(&body, (char)status);
	buf_raw(&body, said);
	serve_send_frame(scan->feed, SERVE_SCANNED, buf_span(&body));
	buf_done(&body);
}

static char *text_of(struct arena *arena, const char *before, struct span text)
{
	return (char *)arena_print(arena, "%s%.*s", before, SPAN_ARG(text)).p;
}

static bool start(struct serve_scan *scan, const struct web_scan *order)
{
	char *words[WORDS_MOST + 1] = {(char *)scan->program, (char *)"scan", (char *)"--only-scopes",
				       (char *)"--quiet", (char *)"--lang=en"};
	struct arena arena = {0};
	struct span rest = order->targets;
	struct span target;
	size_t n = 5;
	bool is_started;

	words[n++] = (char *)(order->is_stream ? "--ndjson" : "--json");
	if (order->is_udp)
		words[n++] = (char *)"--udp";
	if (!order->is_identifying)
		words[n++] = (char *)"--no-identify";
	if (order->rate.n)
		words[n++] = text_of(&arena, "--rate=", order->rate);
	if (order->ports.n)
		words[n++] = text_of(&arena, "--ports=", order->ports);
	if (order->top.n)
		words[n++] = text_of(&arena, "--top=", order->top);
	words[n++] = (char *)"--";
	while (n < WORDS_MOST && take_word(&rest, &target))
		words[n++] = text_of(&arena, "", target);
	is_started = serve_child_start(&scan->child, words, true);
	scan->until = serve_now_ms() + LIMIT_MS;
	scan->is_told = false;
	arena_done(&arena);
	return is_started;
}

void serve_scan_begin(struct serve_scan *scan, struct span line)
{
	struct web_scan order;

	if (!web_scan_read(line, &order))
		tell_end(scan, EX_SOFTWARE, SPAN_LIT("the order was not understood"));
	else if (!scan->program || scan->child.pid)
		tell_end(scan, EX_TEMPFAIL, SPAN_LIT("no scan can be started now"));
	else if (!start(scan, &order))
		tell_end(scan, EX_OSERR, SPAN_LIT("the scan could not be started"));
}

static void ask_to_end(struct serve_scan *scan)
{
	kill(scan->child.pid, scan->is_told ? SIGKILL : SIGTERM);
	scan->is_told = true;
	scan->until = serve_now_ms() + GRACE_MS;
}

void serve_scan_cancel(struct serve_scan *scan)
{
	if (scan->child.pid && !scan->is_told)
		ask_to_end(scan);
}

int serve_scan_prepare(struct serve_scan *scan, struct pollfd fds[2])
{
	int64_t now = serve_now_ms();

	fds[0] = (struct pollfd){scan->child.fd, POLLIN, 0};
	fds[1] = (struct pollfd){scan->child.err, POLLIN, 0};
	if (!scan->child.pid)
		return -1;
	if (now >= scan->until)
		ask_to_end(scan);
	return scan->until > now ? (int)(scan->until - now) : 0;
}

/* Who says more than is kept goes on, and is not heard. */
static void hear(struct serve_scan *scan)
{
	int more = serve_child_take(scan->child.err, &scan->said, SAID_MOST);

	if (scan->said.n > SAID_MOST)
		scan->said.n = SAID_MOST;
	if (more == 0) {
		close(scan->child.err);
		scan->child.err = -1;
	}
}

static void take(struct serve_scan *scan)
{
	struct buf *out = &scan->child.out;
	int more = serve_child_take(scan->child.fd, out, PIECE);

	if (out->n)
		serve_send_frame(scan->feed, SERVE_FOUND, buf_span(out));
	out->n = 0;
	if (more)
		return;
	if (scan->child.err >= 0)
		hear(scan);
	tell_end(scan, serve_child_stop(&scan->child, 0), buf_span(&scan->said));
	scan->said.n = 0;
}

void serve_scan_ready(struct serve_scan *scan, const struct pollfd fds[2])
{
	if (fds[1].revents)
		hear(scan);
	if (fds[0].revents)
		take(scan);
}

void serve_scan_done(struct serve_scan *scan)
{
	serve_child_stop(&scan->child, SIGTERM);
	buf_done(&scan->child.out);
	buf_done(&scan->said);
}

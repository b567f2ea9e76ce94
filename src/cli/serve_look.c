/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_look: looks at this machine for the server: `periplus watch --ndjson` tells of changes, and
 * after each, and every half minute, `periplus --json` lists all anew.
 *
 * Both are programs of their own with the rights of who started the server; their output goes to the
 * server as frames and is not read here. A program that fails is started again, not sooner than
 * RETRY_MS later.
 */
#include <signal.h>
#include <string.h>

#include "cli/serve_program.h"

enum { LEAST_MS = 300, USUAL_MS = 30000, RETRY_MS = 5000 };

bool serve_send_frame(int feed, char word, struct span body)
{
	struct buf out = {.fd = feed};
	uint32_t n = (uint32_t)body.n;
	int r;

	buf_byte(&out, word);
	buf_raw(&out, span_of(&n, sizeof(n)));
	buf_raw(&out, body);
	r = buf_flush(&out);
	buf_done(&out);
	return r == 0;
}

static void watch_ready(struct serve_look *look)
{
	int more = serve_child_take(look->watch.fd, &look->watch.out, SERVE_FRAME_MAX);
	struct span rest = buf_span(&look->watch.out);
	ptrdiff_t end;

	while ((end = span_find_byte(rest, '\n')) >= 0) {
		serve_send_frame(look->feed, SERVE_EVENT, span_cut(rest, (size_t)end));
		rest = span_skip(rest, (size_t)end + 1);
		look->is_wanted = true;
	}
	if (rest.n)
		memmove(look->watch.out.p, rest.p, rest.n);
	look->watch.out.n = rest.n;
	if (more != 1) {
		serve_child_stop(&look->watch, SIGTERM);
		look->watch_at = serve_now_ms() + RETRY_MS;
	}
}

static void list_ready(struct serve_look *look)
{
	int more = serve_child_take(look->list.fd, &look->list.out, SERVE_FRAME_MAX);
	struct span all = buf_span(&look->list.out);

	if (more == 1)
		return;
	if (more == 0 && span_starts(all, "{") && span_ends(all, "}\n"))
		serve_send_frame(look->feed, SERVE_LISTING, all);
	serve_child_stop(&look->list, SIGTERM);
	look->listed_at = serve_now_ms();
}

void serve_look_init(struct serve_look *look, const char *program, int feed)
{
	*look = (struct serve_look){.program = program, .feed = feed, .is_wanted = true,
				    .watch = {.fd = -1, .err = -1, .out = BUF_INIT},
				    .list = {.fd = -1, .err = -1, .out = BUF_INIT}};
}

int serve_look_prepare(struct serve_look *look, struct pollfd fds[2])
{
	char *const watching[] = {(char *)look->program, (char *)"watch", (char *)"--ndjson",
				  (char *)"--quiet", NULL};
	char *const listing[] = {(char *)look->program, (char *)"--json", (char *)"--quiet", NULL};
	int64_t now = serve_now_ms();
	int64_t due;

	if (!look->program) {
		fds[0].fd = fds[1].fd = -1;
		return -1;
	}
	if (look->watch.fd < 0 && now >= look->watch_at &&
	    !serve_child_start(&look->watch, watching, false))
		look->watch_at = now + RETRY_MS;
	due = look->listed_at + (look->is_wanted ? LEAST_MS : USUAL_MS);
	if (look->list.fd < 0 && now >= due) {
		look->is_wanted = !serve_child_start(&look->list, listing, false);
		if (look->is_wanted)
			look->listed_at = now;
		due = now + LEAST_MS;
	}
	fds[0] = (struct pollfd){look->watch.fd, POLLIN, 0};
	fds[1] = (struct pollfd){look->list.fd, POLLIN, 0};
	if (look->list.fd >= 0)
		return RETRY_MS;
	return due > now ? (int)(due - now) : 0;
}

void serve_look_ready(struct serve_look *look, const struct pollfd fds[2])
{
	if (fds[0].revents)
		watch_ready(look);
	if (fds[1].revents)
		list_ready(look);
}

void serve_look_done(struct serve_look *look)
{
	serve_child_stop(&look->watch, SIGTERM);
	serve_child_stop(&look->list, SIGTERM);
	buf_done(&look->watch.out);
	buf_done(&look->list.out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_look: looks at this machine for the server: `periplus watch --ndjson` tells of changes, and
 * after each, and every half minute, `periplus --json` lists all anew.
 *
 * Both are programs of their own with the rights of who started the server; their output goes to the
 * server as frames and is not read here. A program that fails is started again, not sooner than
 * RETRY_MS later.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/serve_program.h"

enum { LEAST_MS = 300, USUAL_MS = 30000, RETRY_MS = 5000 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Starts it with its output in *fd, non-blocking. */
static bool start(const char *program, const char *const *words, struct serve_child *child)
{
	const char *arguments[6] = {program};
	pid_t self = getpid();
	int ends[2];

	for (size_t i = 0; i < 4 && words[i]; i++)
		arguments[i + 1] = words[i];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	child->pid = fork();
	if (child->pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() == self && dup2(ends[1], STDOUT_FILENO) >= 0)
			execv(program, (char *const *)arguments);
		_exit(127);
	}
	close(ends[1]);
	if (child->pid < 0) {
		close(ends[0]);
		return false;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	child->fd = ends[0];
	return true;
}

static void stop(struct serve_child *child)
{
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	if (child->pid > 0) {
		kill(child->pid, SIGTERM);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	child->pid = 0;
	child->out.n = 0;
}

/* A frame, whole; false when the server is gone. */
static bool send_frame(const struct serve_look *look, char word, struct span body)
{
	struct buf out = {.fd = look->feed};
	uint32_t n = (uint32_t)body.n;
	int r;

	buf_byte(&out, word);
	buf_raw(&out, span_of(&n, sizeof(n)));
	buf_raw(&out, body);
	r = buf_flush(&out);
	buf_done(&out);
	return r == 0;
}

/* Takes what has come. 1: more may come, 0: it has ended, -1: too much. */
static int take(struct serve_child *child)
{
	char piece[65536];
	ssize_t n;

	while ((n = read(child->fd, piece, sizeof(piece))) > 0) {
		buf_raw(&child->out, span_of(piece, (size_t)n));
		if (child->out.n > SERVE_FRAME_MAX)
			return -1;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void watch_ready(struct serve_look *look)
{
	int more = take(&look->watch);
	struct span rest = buf_span(&look->watch.out);
	ptrdiff_t end;

	while ((end = span_find_byte(rest, '\n')) >= 0) {
		send_frame(look, SERVE_EVENT, span_cut(rest, (size_t)end));
		rest = span_skip(rest, (size_t)end + 1);
		look->is_wanted = true;
	}
	if (rest.n)
		memmove(look->watch.out.p, rest.p, rest.n);
	look->watch.out.n = rest.n;
	if (more != 1) {
		stop(&look->watch);
		look->watch_at = now_ms() + RETRY_MS;
	}
}

static void list_ready(struct serve_look *look)
{
	int more = take(&look->list);
	struct span all = buf_span(&look->list.out);

	if (more == 1)
		return;
	if (more == 0 && span_starts(all, "{") && span_ends(all, "}\n"))
		send_frame(look, SERVE_LISTING, all);
	stop(&look->list);
	look->listed_at = now_ms();
}

void serve_look_init(struct serve_look *look, const char *program, int feed)
{
	*look = (struct serve_look){.program = program, .feed = feed, .is_wanted = true,
				    .watch = {.fd = -1, .out = BUF_INIT},
				    .list = {.fd = -1, .out = BUF_INIT}};
}

int serve_look_prepare(struct serve_look *look, struct pollfd fds[2])
{
	static const char *const watching[] = {"watch", "--ndjson", "--quiet", NULL};
	static const char *const listing[] = {"--json", "--quiet", NULL};
	int64_t now = now_ms();
	int64_t due;

	if (!look->program) {
		fds[0].fd = fds[1].fd = -1;
		return -1;
	}
	if (look->watch.fd < 0 && now >= look->watch_at &&
	    !start(look->program, watching, &look->watch))
		look->watch_at = now + RETRY_MS;
	due = look->listed_at + (look->is_wanted ? LEAST_MS : USUAL_MS);
	if (look->list.fd < 0 && now >= due) {
		look->is_wanted = !start(look->program, listing, &look->list);
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
	stop(&look->watch);
	stop(&look->list);
	buf_done(&look->watch.out);
	buf_done(&look->list.out);
	if (look->feed >= 0)
		close(look->feed);
}

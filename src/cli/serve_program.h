/* SPDX-License-Identifier: Apache-2.0 */
/* serve_program: what the files of periplus-serve share (private to them). */
#ifndef PERIPLUS_CLI_SERVE_PROGRAM_H
#define PERIPLUS_CLI_SERVE_PROGRAM_H

#include <poll.h>
#include <sys/types.h>

#include "base/arena.h"
#include "serve/serve.h"

/* One line on stderr; returns status. */
int serve_say(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where it listens. */
struct serve_place {
	int fd; /* -1: none */
	uint16_t port; /* 0: a Unix socket */
	bool is_loopback; /* or a Unix socket: nobody else's network reaches it */
	bool is_made; /* a Unix socket whose file is ours to remove */
	struct span text; /* "127.0.0.1:8010", "unix:/run/x" */
};

/* From --listen, or from systemd when it has passed a socket. 0, or an exit status after having said
 * why. */
int serve_place_open(const char *listen, struct arena *arena, struct serve_place *place);
void serve_place_close(struct serve_place *place);

/* serve_child.c: a program that was started, and what it has written. */
struct serve_child {
	pid_t pid;
	int fd;	 /* its output; -1: it does not run */
	int err; /* its messages; -1: they go where ours go */
	struct buf out;
};

int64_t serve_now_ms(void);
/* arguments[0] is the program's path. */
bool serve_child_start(struct serve_child *child, char *const *arguments, bool has_err) must_check;
/* Sends a signal (0: none), waits; returns its exit status, or 128 and the signal that it ended by. */
int serve_child_stop(struct serve_child *child, int signal);
/* Takes what has come. 1: more may come, 0: it has ended, -1: more than `most`. */
int serve_child_take(int fd, struct buf *out, size_t most);

/* serve_look.c */
struct serve_look {
	const char *program; /* periplus; NULL: nothing is looked at */
	int feed;	     /* to the server */
	struct serve_child watch, list;
	int64_t watch_at, listed_at; /* ms: may be started, was done */
	bool is_wanted;		     /* something has changed since */
};

void serve_look_init(struct serve_look *look, const char *program, int feed);
/* Starts what is due, fills fds; returns ms until the next is due, -1: none. */
int serve_look_prepare(struct serve_look *look, struct pollfd fds[2]);
void serve_look_ready(struct serve_look *look, const struct pollfd fds[2]);
void serve_look_done(struct serve_look *look);
/* A frame (enum serve_frame), whole; false when the server is gone. */
bool serve_send_frame(int feed, char word, struct span body);

/* serve_scan.c: the scan that somebody has ordered by the API. */
struct serve_scan {
	const char *program; /* periplus; NULL: none can be started */
	int feed;	     /* to the server */
	struct serve_child child;
	struct buf said; /* on stderr */
	int64_t until;	 /* ms: it is ended then */
	bool is_told;	 /* it was asked to end */
};

void serve_scan_init(struct serve_scan *scan, const char *program, int feed);
void serve_scan_begin(struct serve_scan *scan, struct span order);
void serve_scan_cancel(struct serve_scan *scan);
int serve_scan_prepare(struct serve_scan *scan, struct pollfd fds[2]);
void serve_scan_ready(struct serve_scan *scan, const struct pollfd fds[2]);
void serve_scan_done(struct serve_scan *scan);

#endif

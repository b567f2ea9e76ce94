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


/* serve_look.c: a program that looks, and what it has written. */
struct serve_child {
	pid_t pid;
	int fd; /* -1: it does not run */
	struct buf out;
};

struct serve_look {
	const char *program; /* periplus; NULL: nothing is looked at */
	int feed;	     /* to the server; taken */
	struct serve_child watch, list;
	int64_t watch_at, listed_at; /* ms: may be started, was done */
	bool is_wanted;		     /* something has changed since */
};

void serve_look_init(struct serve_look *look, const char *program, int feed);
/* Starts what is due, fills fds; returns ms until the next is due, -1: none. */
int serve_look_prepare(struct serve_look *look, struct pollfd fds[2]);
void serve_look_ready(struct serve_look *look, const struct pollfd fds[2]);
void serve_look_done(struct serve_look *look);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* serve_program: what the files of periplus-serve share (private to them). */
#ifndef PERIPLUS_CLI_SERVE_PROGRAM_H
#define PERIPLUS_CLI_SERVE_PROGRAM_H

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

#endif

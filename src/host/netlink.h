/* SPDX-License-Identifier: Apache-2.0 */
/*
 * netlink: questions to NETLINK_SOCK_DIAG (sock_diag(7)) and the reader of its answers.
 *
 * Private to the host room. The reader is pure: the tests feed it recorded and broken bytes.
 */
#ifndef PERIPLUS_HOST_NETLINK_H
#define PERIPLUS_HOST_NETLINK_H

#include "host/survey.h"

/* States of a socket as the kernel numbers them (include/net/tcp_states.h). */
enum diag_state {
	DIAG_ESTABLISHED = 1,
	DIAG_FIN_WAIT_1 = 4,
	DIAG_FIN_WAIT_2 = 5,
	DIAG_TIME_WAIT = 6,
	DIAG_CLOSE = 7,
	DIAG_LAST_ACK = 9,
	DIAG_LISTEN = 10,
	DIAG_CLOSING = 11,
	DIAG_BOUND_INACTIVE = 13, /* since Linux 6.8 */
};

struct diag_ask {
	enum transport transport;
	enum address_family family; /* ADDRESS_NONE: both at once, of TCP only */
	uint32_t states; /* bits 1 << enum diag_state */
	uint16_t first, last; /* local ports; the kernel leaves the others out */
};

typedef int diag_row_fn(void *arg, const struct socket_row *row);

enum { DIAG_REQUEST_MAX = 128, DIAG_ANSWER_MAX = 32 << 10 };

/* Writes the request; returns its length. */
size_t diag_request(uint8_t bytes[DIAG_REQUEST_MAX], const struct diag_ask *ask, uint32_t sequence);

enum diag_step {
	DIAG_MORE, /* read on */
	DIAG_DONE, /* the dump has ended */
	DIAG_TORN, /* the kernel says that it changed meanwhile */
};

/* Reads one datagram. A step, or a negative errno: the kernel's own answer, -EBADMSG for bytes
 * that are none, or what `row` returned. Messages of another sequence are passed over. */
int diag_read(struct span bytes, const struct diag_ask *ask, uint32_t sequence, diag_row_fn *row,
	      void *arg);

/* A socket for questions, of the network namespace the thread is in now. Negative errno. */
int diag_open(void) must_check;
/* Asks and reads to the end. Returns 0, or 1 when the kernel made the whole answer in one piece.
 * -EAGAIN: torn or overrun, ask again. -ENOENT and the like: this kernel does not answer for that
 * transport. */
int diag_dump(int fd, const struct diag_ask *ask, diag_row_fn *row, void *arg) must_check;

#endif

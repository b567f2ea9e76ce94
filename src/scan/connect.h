/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect: what the files of the connect engine share. Private to scan.
 *
 * engine_connect.c sends and waits, connect_take.c reads answers, connect_near.c goes first to the
 * neighbours.
 */
#ifndef PERIPLUS_SCAN_CONNECT_H
#define PERIPLUS_SCAN_CONNECT_H

#include "scan/engine.h"

enum { CONNECT_SLOTS = 10000 };

/* A probe in flight. */
struct connect_slot {
	uint64_t index, step;
	int64_t sent_ns;
	int32_t before, after; /* in the queue; -1: none */
	int fd;
	uint32_t near; /* number in the table of neighbours, from 1; 0: not the first to one */
	bool is_datagram, is_free_of_port;
};

/* Neighbours: hosts whose link address the kernel has to ask for. */
struct connect_near {
	uint32_t *hosts; /* shuffled */
	bool *has_failed;
	uint32_t n, next;
	uint32_t *again; /* to be asked once more */
	uint32_t n_again;
	uint32_t n_used, most; /* in flight */
};

struct connect_state {
	int epoll;
	size_t n_slots; /* that may be used; grows never, shrinks when descriptors run out */
	size_t n_used;
	int32_t head, tail, unused;
	int64_t next_ns; /* no probe before */
	unsigned starved;
	struct connect_near near;
	struct connect_slot slots[CONNECT_SLOTS];
};

int64_t connect_now_ns(void);
/* Frees the slot. */
void connect_drop(struct engine_session *session, int32_t slot);

/* connect_take.c: the slot's socket has something to say; an error that its probe met. */
void connect_take(struct engine_session *session, int32_t slot);
void connect_take_error(struct engine_session *session, int32_t slot, int error);

/* connect_near.c. Nothing to do is no error. */
int connect_near_open(struct engine_session *session, struct why *why) must_check;
void connect_near_close(struct connect_near *near);
bool connect_near_is_over(const struct connect_near *near);
/* The next neighbour's first probe; false: none may leave now. */
bool connect_near_next(struct engine_session *session, uint64_t *index, uint32_t *number);
/* This machine's own kernel could not reach it. */
void connect_near_failed(struct engine_session *session, uint32_t number);
/* How long a first probe is waited for: until the kernel has given up asking. */
uint32_t connect_near_wait_ms(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk: one conversation with one port, as a state machine that never waits. Private to scan.
 *
 *   OPENING --connected--> LISTENING --quiet--> ANSWER (said something, hearing) --> DONE
 *                              ^                  |  next question: a new connection
 *                              +------------------+
 *
 * The loop (worker.c) waits for `fd` and `deadline`, and calls talk_ready and talk_late. What is
 * asked, in which order, is decided in talk.c; talk_tcp.c and talk_udp.c only carry bytes.
 */
#ifndef PERIPLUS_SCAN_TALK_H
#define PERIPLUS_SCAN_TALK_H

#include <poll.h>
#include <sys/socket.h>

#include "scan/result.h"

enum {
	TALK_REPLY_MAX = 64 << 10,
	TALK_TARGET_MAX = 256 << 10,
	TALK_CONNECTIONS = 4,
	TALK_QUESTIONS = 16,
	TALK_SAY_MAX = SCAN_SAID_KEPT,
	TALK_TRIES = 3, /* of a datagram that nobody answers */
};

enum talk_phase { TALK_OPENING, TALK_LISTENING, TALK_ANSWER, TALK_DONE };

/* How a conversation ends in which the peer said nothing. */
enum talk_end { TALK_WAITED, TALK_HUNG_UP, TALK_WAS_RESET };

struct question {
	const struct proto *proto;
	enum scan_reason reason;
};

/* What all talks of a worker share. */
struct talk_shop {
	const struct scan_query *query;
	int64_t (*now)(void); /* milliseconds */
	int64_t end;          /* of all talks; INT64_MAX: none */
	const struct tls_library *tls; /* NULL: what is inside of TLS stays unseen */
};

struct talk {
	struct talk_shop *shop;
	const struct scan_target *target;
	size_t index;
	const struct talk_carrier *carrier;
	struct scan_result result;
	struct tls *tls;          /* of the connection; NULL: in clear */
	struct proto_facts outer; /* of the last handshake */
	bool is_inside;           /* what is asked from now on is asked inside of TLS */
	bool is_upgrading;        /* a connection in clear becomes TLS, and ends with that */
	bool is_shaken;           /* the handshake of this connection is done */
	uint32_t n_raw;           /* bytes of the wire, with those before TLS */
	unsigned rank; /* of what the result holds */

	enum talk_phase phase;
	int fd;
	short events; /* poll for these */
	int64_t start;
	int64_t end;      /* of the whole conversation */
	int64_t until;    /* of this phase */
	int64_t quiet_at; /* when what was heard is looked at; 0: nothing heard yet */
	int64_t heard_since;
	bool is_closed; /* the peer has ended the connection */
	bool is_reset;  /* and not in good order */
	bool has_silence; /* it had no word for HTTP */
	enum talk_end after_http;
	bool is_over;   /* the time is up: nothing more is asked */
	bool is_restrained;
	bool has_banner;
	bool needs_farewell;

	struct question queue[TALK_QUESTIONS];
	size_t n_queue;
	const struct proto *asked[TALK_QUESTIONS];
	size_t n_asked;
	const struct proto *unanswered; /* the last that was asked and left waiting; NULL: none */
	struct question asking; /* NULL proto: nothing asked */
	unsigned turn;
	unsigned n_tries; /* of this turn's datagram */
	uint8_t say[TALK_SAY_MAX];
	size_t n_say; /* waits for the connection to be there */
	size_t n_said; /* of these bytes, kept for another try */

	uint8_t *heard;
	size_t n_heard;  /* since the question's first turn */
	size_t n_logged; /* of these, in steps already */
};

struct talk_carrier {
	/* Starts a connection: 0 with fd and events set, or a negative errno. */
	int (*open)(struct talk *talk);
	/* After OPENING is ready: 0, -EAGAIN to be called again, or another negative errno. */
	int (*opened)(struct talk *talk);
	/* As send and recv, with a negative errno instead of -1. */
	ssize_t (*say)(struct talk *talk, const uint8_t *bytes, size_t n);
	ssize_t (*hear)(struct talk *talk, uint8_t *bytes, size_t n);
	bool is_datagram;
};

extern const struct talk_carrier talk_tcp;
extern const struct talk_carrier talk_udp;
extern const struct talk_carrier talk_tls;
extern const struct talk_carrier talk_starttls;

/* A part of our handshake was sent. */
void talk_log_handshake(struct talk *talk, struct span bytes);
/* Takes leave of the TLS of the connection, if there is one; it stays open. */
void talk_tls_end(struct talk *talk);

/* heard points at TALK_REPLY_MAX bytes that are the talk's while it lasts. */
void talk_start(struct talk *talk, struct talk_shop *shop, size_t index, uint8_t *heard);
void talk_ready(struct talk *talk, short revents);
void talk_late(struct talk *talk); /* the deadline has come */
void talk_enough(struct talk *talk); /* it ends with what it knows */
int64_t talk_deadline(const struct talk *talk);
void talk_stop(struct talk *talk); /* closes what is open */

/* plan.c: which questions, in which order, before anything was heard. */
void plan_questions(struct talk *talk);
/* TLS is there: what is asked inside of it. */
void plan_inside(struct talk *talk);
/* It took none of what was offered in the handshake: what must be offered by itself. */
void plan_refused(struct talk *talk);
/* After a YES: only what is more exact, or proves more of the same. */
void plan_narrow(struct talk *talk, const struct proto *known, bool is_own);
/* Rows that what was heard fits (MAYBE), or that complain so of foreign lines, come first. */
void plan_nominate(struct talk *talk, struct span heard);
/* After a generic question: when none was answered, what may be silent in these ways. */
void plan_react(struct talk *talk);
bool plan_may_ask(const struct talk *talk, const struct proto *proto);
/* Whether a greeting is worth waiting for as long as for an answer, before anything is asked. */
bool plan_speaks_first(const struct talk *talk);
void plan_asked(struct talk *talk, const struct proto *proto);

/* The socket address of the target. */
union talk_address {
	struct sockaddr any;
	uint8_t room[128];
};
size_t talk_address(const struct scan_target *target, union talk_address *address);

#endif

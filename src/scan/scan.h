/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: remote hosts. Here: the conversation, by which a port says what it is.
 *
 * Order of evidence: what the server says first; the question of a protocol that is expected there
 * (by its own hints, then by the caller's words: practice, owner); a protocol that what was heard
 * fits; generic questions last. Where a class A protocol is expected nothing is sent at all, and a
 * class C question only on explicit order, with its farewell always behind it. Every question is a
 * step of the result, with who asked and why.
 *
 * Talking and parsing happen in a worker process without rights (base/jail.h). A worker that dies
 * costs the target whose bytes it was parsing: that one is reported as SCAN_FAILED.
 *
 * Limits of one port: 64 KiB a reply, 256 KiB and 8 s in all, 4 connections, 50 ms of
 * processor time. Limits side by side: 512 conversations; 4 per address and 20 per /24 (IPv6:
 * /64), but on this machine itself.
 */
#ifndef PERIPLUS_SCAN_SCAN_H
#define PERIPLUS_SCAN_SCAN_H

#include "base/address.h"
#include "base/port.h"
#include "base/why.h"
#include "proto/proto.h"

/* OPEN: it took a connection, or answered. CLOSED: it refused. SILENT: nothing came back.
 * FAILED: the worker died over its bytes, which says nothing of the port. */
#define SCAN_STATES(S)                                                                             \
	S(OPEN, "open") S(CLOSED, "closed") S(SILENT, "silent") S(FAILED, "parser-failed")
#define S(name, word) SCAN_##name,
enum scan_state { SCAN_STATES(S) N_SCAN_STATES };
#undef S
const char *scan_state_word(enum scan_state state);

/* Why something was said. name, word, sentence for people */
#define SCAN_REASONS(R)                                                                            \
	R(HINT, "port", N_("the port is usual for it"))                                            \
	R(EXPECTED, "expected", N_("it is known to be used here"))                                 \
	R(HEARD, "heard", N_("what was heard fits it"))                                            \
	R(ORDER, "order", N_("it was ordered: a question for everybody there"))                    \
	R(GENERIC, "generic", N_("nothing nearer is known of the port"))                           \
	R(FOLLOW, "follow", N_("its answer calls for the next question"))                          \
	R(HANDSHAKE, "handshake", N_("it is TLS: what is inside?"))                                \
	R(AGAIN, "again", N_("no answer came: a packet may have been lost"))                       \
	R(FAREWELL, "farewell", N_("ends or undoes the question"))
#define R(name, word, sentence) SCAN_##name,
enum scan_reason { SCAN_REASONS(R) N_SCAN_REASONS };
#undef R
const char *scan_reason_word(enum scan_reason reason);
const char *scan_reason_sentence(enum scan_reason reason); /* N_() */

enum { SCAN_FACTS = 2 * PROTO_EXTRAS };
enum { SCAN_EXPECTED_MAX = 8, SCAN_STEPS = 24, SCAN_BYTES = 6144, SCAN_NAME = 24 };
enum { SCAN_PER_ADDRESS = 4, SCAN_PER_NETWORK = 20, SCAN_CONVERSATIONS = 512 };
enum { SCAN_HEARD_KEPT = 160 }; /* of each answer, in its step */

struct scan_target {
	struct address address;
	uint16_t port;
	enum transport transport;                        /* TCP or UDP */
	const struct proto *expected[SCAN_EXPECTED_MAX]; /* nearest first; NULL ends it */
	const char *host;    /* name that was given, for TLS; NULL: an address was */
	bool is_class_a;     /* the caller knows that a stranger's bytes may harm it */
	bool is_owner_known; /* `expected` is of the program that listens: it goes first */
	bool is_here;        /* an address of this machine: no limit of conversations per address */
};

struct scan_step {
	bool is_said;            /* else heard */
	enum scan_reason reason; /* of what was said */
	char proto[SCAN_NAME];   /* who asked, or whose answer it was taken for; may be empty */
	uint8_t connection;      /* from 1 */
	uint32_t n;              /* bytes in all */
	uint16_t at, kept;       /* where they stand in `bytes`, and how many of them */
};

struct scan_fact {
	char name[SCAN_NAME];
	char value[PROTO_TEXT];
};

struct scan_result {
	enum scan_state state;
	int error; /* errno of a connection that failed otherwise; 0 */
	/* What the bytes prove: match is YES (or MAYBE: others would fit too). NULL: nothing. */
	const struct proto *proto;
	enum proto_match match;
	bool is_within_tls; /* it was spoken inside of TLS, which the facts tell too */
	/* The protocol for whose sake nothing was asked; NULL: not restrained by one. */
	const struct proto *spared;
	bool is_spared; /* nothing was asked, by class A or for want of an order (class C) */
	bool needs_no_login; /* it answered us as it answers who commands it (proto_facts) */
	char product[PROTO_TEXT];
	char version[PROTO_TEXT];
	struct scan_fact facts[SCAN_FACTS];
	uint32_t n_facts;
	uint32_t n_connections;
	uint32_t n_sent, n_heard; /* bytes */
	uint32_t took_ms;
	uint32_t cpu_us; /* processor time of looking at it, as the system's clock ticks */
	uint32_t n_steps;
	struct scan_step steps[SCAN_STEPS];
	uint32_t n_bytes;
	uint8_t bytes[SCAN_BYTES];
};

/* Bytes of a step, inside of the result. */
struct span scan_step_bytes(const struct scan_result *result, const struct scan_step *step);

/* As proto_recognise; tests put in others, that crash. */
typedef const struct proto *scan_recogniser(struct span bytes, enum proto_side side,
					    enum transport transport, uint16_t port,
					    enum proto_match *match);

enum { SCAN_TIMEOUT_MS = 8000, SCAN_TIMEOUT_MOST_MS = 120000, SCAN_TARGETS_MAX = 65536 };

struct scan_query {
	const struct scan_target *targets;
	size_t n_targets;     /* at most SCAN_TARGETS_MAX */
	bool allow_intrusive; /* class C questions, and class A ones that exist; with farewell */
	uint32_t timeout_ms;  /* of a port in all, and measure of every wait; 0: SCAN_TIMEOUT_MS */
	uint32_t per_address, per_network; /* conversations at once; 0: 4, 20 */
	uint32_t all_ms;      /* of all ports together: what was not reached is SILENT; 0: no limit */
	scan_recogniser *recognise; /* NULL: proto_recognise */
};

struct scan_sink {
	/* Once per target, as they end; not 0 stops the scan. */
	int (*put)(struct scan_sink *sink, size_t index, const struct scan_result *result);
};

/* 0, what put returned, or a negative errno with why. Ends no other process, and leaves none. */
int scan_identify(const struct scan_query *query, struct scan_sink *sink,
		  struct why *why) must_check;

/* Everybody near at once, by the call of a row that has one (proto_call). An explicit order. */
struct scan_call {
	const struct proto *proto;
	const char *const
		*interfaces; /* none: every one that is up, can multicast, is no loopback */
	size_t n_interfaces;
	uint32_t timeout_ms; /* answers that come later are not heard */
};

struct scan_call_sink {
	/* Once per peer, where it says that it is met; not 0 ends the call. */
	int (*put)(struct scan_call_sink *sink, const struct scan_target *target,
		   const struct scan_result *result);
};

/* 0, what put returned, or a negative errno with why: -ENODEV for a wrong name of an interface. */
int scan_call(const struct scan_call *order, struct scan_call_sink *sink,
	      struct why *why) must_check;

/* Whom this machine may ask. */
struct scan_network {
	struct address address;
	uint8_t bits;
};

enum { SCAN_NETWORKS = 128 };

struct scan_scope {
	struct scan_network networks[SCAN_NETWORKS]; /* subnets of own interfaces, then --scope */
	size_t n_networks;
	struct address own[SCAN_NETWORKS];
	size_t n_own;
};

/* NEVER: multicast, broadcast, this-network, reserved, metadata services: no order helps.
 * OUTSIDE: only with a network that names it. HERE: an address of this machine. */
enum scan_allowed { SCAN_NEVER, SCAN_OUTSIDE, SCAN_INSIDE, SCAN_HERE };

/* Reads this machine's interfaces. */
int scan_scope_init(struct scan_scope *scope, struct why *why) must_check;
/* "192.0.2.0/24", "2001:db8::/32", or an address. */
int scan_scope_add(struct scan_scope *scope, struct span network, struct why *why) must_check;
/* Every word of a file, as by scan_scope_add. */
int scan_scope_read(struct scan_scope *scope, const char *path, struct why *why) must_check;
enum scan_allowed scan_scope_ask(const struct scan_scope *scope, const struct address *address);

#include "scan/search.h"

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto: the protocols, one file and one row (proto.list) each. Pure: no socket, clock, allocation
 * or static state; the same answers serve the scanner, the local probe and the wire.
 *
 * Safety classes say what may be sent where the protocol is expected (its hints, practice, owner):
 *   A  nothing: passive or local evidence only; a stranger's bytes may harm the peer
 *   B  a harmless question exists
 *   C  the question must be undone (farewell); asked only on explicit order
 */
#ifndef PERIPLUS_PROTO_PROTO_H
#define PERIPLUS_PROTO_PROTO_H

#include "base/port.h"
#include "base/span.h"

/* Whose bytes they are. */
enum proto_side { PROTO_SERVER, PROTO_CLIENT };

/* MORE: a prefix of this protocol, too short to tell. MAYBE: fits, and something else would too.
 * YES: nothing else is known to say this. */
enum proto_match { PROTO_NO, PROTO_MORE, PROTO_MAYBE, PROTO_YES };

enum proto_safety { PROTO_A, PROTO_B, PROTO_C };

struct proto_hint {
	enum transport transport;
	uint16_t first, last;
};

/* What the bytes prove, and nothing else. Texts are bytes of the peer: escape before showing. */
enum { PROTO_TEXT = 160, PROTO_EXTRAS = 12 };

struct proto_extra {
	const char *name; /* our own word: "auth", "host", "tls" ... */
	char value[PROTO_TEXT];
};

struct proto_facts {
	char product[PROTO_TEXT]; /* slug as in data/products where one exists; empty: not proved */
	char version[PROTO_TEXT]; /* exactly as proved; empty: not proved */
	/* These bytes answer a question that this product refuses to strangers where a login is
	 * set: who connects commands it. Only true where nobody has logged in before them. */
	bool needs_no_login;
	struct proto_extra extras[PROTO_EXTRAS];
	size_t n_extras;
};

/* What following a conversation remembers from one message to the next; zeroed at its start. */
struct proto_memory {
	uint8_t bytes[32];
};

/* How a connection that began in clear becomes TLS (starttls.c). */
struct proto_starttls;
enum proto_secure {
	SECURE_WAIT,  /* the server has not finished its answer */
	SECURE_SAY,   /* *say comes next, and a new turn with nothing heard */
	SECURE_READY, /* the TLS handshake comes next */
	SECURE_NOT,   /* it does not offer TLS, or refuses it */
};
/* heard: what came in this turn. */
enum proto_secure proto_starttls_next(const struct proto_starttls *way, unsigned turn,
				      struct span heard, struct span *say);

/* A question for everybody on a network at once, by IPv4 multicast. */
struct proto_call {
	uint8_t group[4];
	uint16_t port;
	/* What to say at this turn, for answers to come to `own`; 0: nothing more. */
	size_t (*ask)(unsigned turn, const uint8_t own[4], uint16_t own_port, uint8_t *out,
		      size_t size);
	/* Where a peer at `from` says that it is met. False: it does not say, or names another. */
	bool (*place)(struct span answer, const uint8_t from[4], enum transport *transport,
		      uint16_t *port);
};

struct proto {
	const char *name;  /* lower case, as in data/products' column protocols */
	const char *title; /* "Secure Shell" */
	const char *over;  /* row that it travels in ("http") and is more exact than; NULL: none */
	const char *alpn;  /* inside of TLS it is spoken only where this is agreed on; NULL: anywhere */
	const struct proto_hint *hints;
	size_t n_hints;
	enum proto_safety safety;
	bool speaks_first;  /* the server greets without being asked */
	bool needs_gre;     /* its standard has it inside of a GRE tunnel and nowhere else */
	const char *sends;  /* N_(): what greet sends, for the manual; NULL: nothing */
	const char *proves; /* N_(): what an answer proves */
	const char *source; /* the document read: "RFC 4253 section 4.2" */

	/* Any prefix of what one side said (one datagram for UDP). Never reads past the end. */
	enum proto_match (*recognise)(struct span bytes, enum proto_side side,
				      enum transport transport);
	/* What to say at this turn (0: opening), having heard so much. Writes at most `size` bytes
	 * and returns how many; 0: nothing (more) to say. NULL: never asks. */
	size_t (*greet)(unsigned turn, struct span heard, enum transport transport, uint8_t *out,
			size_t size);
	/* Whether the next turn wants a new connection after what was heard. NULL: never. */
	bool (*wants_new)(struct span heard);
	const struct proto_starttls *starttls; /* NULL: it has its TLS on another number, or none */
	/* Made for strangers, and said on explicit order only; NULL: there is none. */
	const struct proto_call *call;
	/* What undoes the question or leaves politely; may be NULL. */
	size_t (*farewell)(struct span heard, uint8_t *out, size_t size);
	/* Product, version and extras that the bytes prove; facts begin zeroed. May be NULL. */
	void (*describe)(struct span bytes, enum proto_side side, enum transport transport,
			 struct proto_facts *facts);
	/* The facts of one message of a conversation that is heard from its start: an answer may
	 * mean something only beside its question. NULL: describe says as much. */
	void (*follow)(struct span bytes, enum proto_side side, enum transport transport,
		       struct proto_memory *memory, struct proto_facts *facts);
};

size_t proto_count(void);
const struct proto *proto_at(size_t index); /* sorted by name */
const struct proto *proto_find(struct span name);
bool proto_is_hinted(const struct proto *proto, enum transport transport, uint16_t port);
/* The best row for what a side said: YES before MAYBE, one that travels in another before that
 * other, hinted before others. NULL when no row says
 * more than MORE; *match tells which of these it was. */
const struct proto *proto_recognise(struct span bytes, enum proto_side side,
				    enum transport transport, uint16_t port,
				    enum proto_match *match);
/* True when some class A row is hinted there: then nothing may be sent by default. */
bool proto_is_class_a(enum transport transport, uint16_t port);

/* Helpers for describe: bounded copies, the value cut at PROTO_TEXT - 1 bytes. */
void proto_set_product(struct proto_facts *facts, const char *slug);
void proto_set_version(struct proto_facts *facts, struct span version);
void proto_add(struct proto_facts *facts, const char *name, struct span value);
/* needs_no_login, and the extra "auth" that says so. */
void proto_needs_no_login(struct proto_facts *facts);

/* What a certificate in DER says of itself: "subject", "issuer" (common names), "not_before",
 * "not_after" and up to five "name" (DNS names); the product, where only one makes such a subject.
 * Nothing is verified. */
void proto_tell_certificate(struct span certificate, struct proto_facts *facts);

#define PROTO_HINTS(...)                                                                           \
	.hints = (const struct proto_hint[]){__VA_ARGS__},                                         \
	.n_hints = sizeof((const struct proto_hint[]){__VA_ARGS__}) / sizeof(struct proto_hint)
#define PROTO_TCP(port) {TRANSPORT_TCP, port, port}
#define PROTO_UDP(port) {TRANSPORT_UDP, port, port}

#endif

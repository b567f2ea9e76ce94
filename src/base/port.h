/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port: numbers, transports and spaces of numbers (RFC 6335 section 6).
 *
 * Ports are in host order everywhere in the house.
 */
#ifndef PERIPLUS_BASE_PORT_H
#define PERIPLUS_BASE_PORT_H

#include "base/span.h"
#include "base/why.h"

enum { PORT_MAX = 65535, N_PORTS = 65536 };

/* name in C, word that people and JSON see, number of the protocol (IANA protocol-numbers) */
#define TRANSPORTS(T)                                                                              \
	T(ANY, "any", 0)                                                                           \
	T(TCP, "tcp", 6)                                                                           \
	T(UDP, "udp", 17)                                                                          \
	T(DCCP, "dccp", 33)                                                                        \
	T(SCTP, "sctp", 132)                                                                       \
	T(UDPLITE, "udplite", 136)                                                                 \
	T(MPTCP, "mptcp", 262)

#define T(name, word, number) TRANSPORT_##name,
enum transport { TRANSPORTS(T) N_TRANSPORTS };
#undef T

const char *transport_word(enum transport transport);
bool transport_parse(struct span word, enum transport *transport) must_check;
int transport_number(enum transport transport);
/* The transport under which the registry files it: MPTCP is TCP there, UDP-Lite is UDP. */
enum transport transport_registered(enum transport transport);

/* name in C, word, first, last */
#define PORT_SPACES(S)                                                                             \
	S(SYSTEM, "system", 0, 1023)                                                               \
	S(USER, "user", 1024, 49151)                                                               \
	S(DYNAMIC, "dynamic", 49152, 65535)

#define S(name, word, first, last) PORT_##name,
enum port_space { PORT_SPACES(S) N_PORT_SPACES };
#undef S

enum port_space port_space(uint16_t port);
const char *port_space_word(enum port_space space);

/* A set of numbers. */
struct port_set {
	uint64_t bits[N_PORTS / 64];
};

static inline void port_set_add(struct port_set *set, uint16_t port)
{
	set->bits[port >> 6] |= 1ull << (port & 63);
}

static inline void port_set_remove(struct port_set *set, uint16_t port)
{
	set->bits[port >> 6] &= ~(1ull << (port & 63));
}

/* NULL is the empty set. */
static inline bool port_set_has(const struct port_set *set, uint16_t port)
{
	return set && set->bits[port >> 6] >> (port & 63) & 1;
}

bool port_set_is_empty(const struct port_set *set);
/* 80,8080-8090: adds them. False for what is no such list; an empty one is. */
bool port_set_parse(struct span text, struct port_set *set) must_check;

struct buf;
/* The same back: numbers by comma, runs of them as ranges. */
void port_set_write(const struct port_set *set, struct buf *out);

/* What a person asks for: 3000, :3000, 53/udp, 8000-8010, 8000-8010/tcp. */
struct port_query {
	uint16_t first;
	uint16_t last;
	enum transport transport; /* TRANSPORT_ANY when none was named */
};

/* -EINVAL with one line in why that names the remedy. Lists (22,80) are split by the caller with
 * take_until(&s, ',', &item). */
int port_query_parse(struct span text, struct port_query *query, struct why *why) must_check;
/* True when text begins like a port: a digit, or ':' and a digit. */
bool port_query_looks_like(struct span text);

#endif

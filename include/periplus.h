/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus.h: what is on this port, and should it be? The library libperiplus.
 *
 *	struct periplus *p = periplus_open(NULL, NULL);
 *	periplus_each_listener(p, &(struct periplus_query){.last = 65535}, show, NULL, NULL, NULL);
 *	periplus_close(p);
 *
 * The library keeps no global state and prints nothing. A handle may be used by one thread at a
 * time; several handles by several threads. Structures and texts that a callback receives are
 * lent for the length of that call. Texts are bytes with a length, may hold any byte but NUL
 * (names of processes are chosen by their owners: escape them before showing them), and are
 * followed by no promise of a NUL. Ports are in host order, times in seconds of Unix time.
 *
 * ABI: symbols carry the version PERIPLUS_1. Structures only grow at their end; the ones that the
 * caller fills begin zeroed, so a later library sees zeros for what it did not know.
 * When memory runs out the process ends with status 70: a listing that is silently short would be
 * worse than none.
 */
#ifndef PERIPLUS_H
#define PERIPLUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PERIPLUS_ABI 1

struct periplus;

struct periplus_text {
	const char *bytes;
	size_t length;
};

/* One record of IANA's registry (RFC 6335 section 8). Texts are empty where nothing is said. */
struct periplus_registration {
	uint16_t first, last;
	const char *transport; /* "tcp", "udp", "sctp", "dccp", or "any": the record names none */
	struct periplus_text service, description, organisation, domain;
	struct periplus_text registered, modified; /* YYYY-MM-DD or YYYY-MM */
	struct periplus_text references, unauthorized_use;
	const char *standing; /* alive quiet ghost overtaken reserved unassigned dynamic */
};

/* What really uses a port. */
struct periplus_practice {
	uint16_t first, last;
	const char *transport;
	struct periplus_text product;
	const char *kind;  /* common conflict convention malware */
	const char *grade; /* package primary secondary unconfirmed */
	struct periplus_text bind, note, source, read;
};

enum periplus_verdict { PERIPLUS_EXPECTED, PERIPLUS_NEEDS_A_LOOK, PERIPLUS_UNEXPECTED };

struct periplus_reason {
	const char *id;	    /* "PP203": stable */
	const char *effect; /* note expected look unexpected */
	const char *title;
	struct periplus_text detail;
};

struct periplus_listener {
	const char *transport;
	const char *address; /* RFC 5952 text */
	const char *scope;   /* loopback host any */
	uint16_t port;
	uint32_t uid;
	uint64_t net_namespace;
	uint32_t pid; /* 0: hidden or none; see hidden */
	struct periplus_text user, name, executable, command_line, working_directory;
	struct periplus_text script, unit, container, package;
	int64_t start_time;
	const char *hidden; /* why pid is 0: permission, kernel, ...; "none" otherwise */
	enum periplus_verdict verdict;
	struct periplus_text product; /* recognised by its identity, never by number; may be empty */
	const struct periplus_reason *reasons;
	size_t n_reasons;
};

/* Zero it, then set what is asked. `last` is 65535 for every port. */
struct periplus_query {
	uint16_t first, last;
	const char *transport; /* NULL: all */
	bool all_namespaces;
	const char *replay; /* directory of a recording; NULL: this machine */
};

struct periplus_listing {
	bool is_complete;
	size_t n_sockets;
	size_t n_hidden; /* listeners whose process this user may not see */
};

enum { PERIPLUS_ERROR_SIZE = 256 };

struct periplus_error {
	char text[PERIPLUS_ERROR_SIZE]; /* one line, without line feed */
};

const char *periplus_version(void);
/* A handle on the built-in registry and practice, or on the updated registry image at `path` (NULL:
 * built-in). NULL with *error when the image is refused. Release with periplus_close, which takes
 * NULL. */
struct periplus *periplus_open(const char *path, struct periplus_error *error);
void periplus_close(struct periplus *p);

/* The callbacks return 0 to go on; another value ends the listing and is returned.
 * `transport` NULL means every one. Both return 0, the callback's value, or -EINVAL for an unknown
 * transport. */
int periplus_each_registration(struct periplus *p, uint16_t port, const char *transport,
			       int (*each)(const struct periplus_registration *, void *), void *arg);
int periplus_each_practice(struct periplus *p, uint16_t port, const char *transport,
			   int (*each)(const struct periplus_practice *, void *), void *arg);
/* Looks at this host and judges each listening socket. 0, the callback's value, or a negative errno
 * with *error. A listing that misses something returns 0 and says so in *listing. */
int periplus_each_listener(struct periplus *p, const struct periplus_query *query,
			   int (*each)(const struct periplus_listener *, void *), void *arg,
			   struct periplus_listing *listing, struct periplus_error *error);

#ifdef __cplusplus
}
#endif

#endif

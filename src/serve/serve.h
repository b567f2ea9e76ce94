/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve: the web pages and the API. A request becomes an answer: pure, no socket, file or clock.
 *
 * web_answer is the whole of it: it checks the host and the token, finds the route, and writes the
 * page. Who calls it (serve_http.c behind libmicrohttpd, `periplus site`, a fuzz target) gives the
 * head of the request as it came and sends what is in the answer. What is live is not made here:
 * `live` says which of the server's own streams belongs into the answer.
 */
#ifndef PERIPLUS_SERVE_SERVE_H
#define PERIPLUS_SERVE_SERVE_H

#include "base/buf.h"
#include "map/map.h"

/* What a visitor sent, as it came. An absent header is an empty span. */
struct web_request {
	struct span method;
	struct span target; /* path and query, still encoded */
	struct span host;
	struct span authorization;
	struct span accept;
	struct span accept_language;
	struct span user_agent;
	struct span if_none_match;
	struct span origin;
	struct span fetch_site;
	struct span content_type;
	struct span body;
};

/* What this server is. A private one shows this machine to who has the token. */
struct web_site {
	const struct map *map;
	bool is_public; /* no live data, no token */
	bool is_static; /* pages become files: nothing that asks a server */
	struct span token; /* of a private server */
	const struct span *hosts; /* names that Host may be, with their port where it is needed */
	size_t n_hosts;
	uint16_t port; /* IP addresses with this port may be Host too; 0: none may */
	bool takes_feedback;   /* there is who keeps it */
	struct span feedback;  /* static: the address that people may tell it at; empty: none */
	struct span languages; /* codes by comma, of those that pages lead to; empty: all */
};

/* Which of the server's own streams belongs into the answer. */
enum web_live { LIVE_NONE, LIVE_LISTENERS, LIVE_STREAM, LIVE_METRICS, LIVE_SCAN };

enum { WEB_ETAG = 24, WEB_POLICY = 512, WEB_TARGET_MAX = 2048, WEB_BODY_MAX = 8192 };

struct web_answer {
	unsigned status;
	const char *type; /* media type */
	const char *allow; /* 405: the methods */
	const char *language; /* of a page; NULL: none */
	struct buf body;
	char etag[WEB_ETAG];	 /* with its quotes; empty: none */
	char policy[WEB_POLICY]; /* Content-Security-Policy; empty for what is no page */
	char location[64];	 /* 303: where to */
	bool varies;		 /* by Accept-Language and User-Agent */
	bool is_private;	 /* never kept by a cache */
	enum web_live live;
	struct buf proposal; /* a line of base/proposal.h for who keeps it; empty: none */
	struct buf order;    /* of LIVE_SCAN: a line of web_scan_read for who starts the scan */
};

/* A scan that was ordered; the texts borrow. */
enum { WEB_SCAN_TARGETS = 64 };
struct web_scan {
	bool is_stream; /* lines as they come, else one document */
	bool is_udp, is_identifying;
	struct span rate;    /* digits; empty: the usual one */
	struct span top;     /* digits; empty: as many as usual, or ports are named */
	struct span ports;   /* a list as 22,80-90,https; empty: top */
	struct span targets; /* words by blank, none of which begins like an option */
};
/* A line with or without fault. False unless it is exactly what the API writes of a sound order. */
bool web_scan_read(struct span line, struct web_scan *order) must_check;

/* Fills the answer; release it with web_answer_done. */
void web_answer(const struct web_site *site, const struct web_request *request,
		struct web_answer *answer);
void web_answer_done(struct web_answer *answer);
/* Whether Host names this server: false is 421. */
bool web_is_our_host(const struct web_site *site, struct span host);
/* An RFC 9457 problem with our own words: what the server itself has to refuse. */
void web_problem(struct web_answer *answer, unsigned status, const char *detail);
/* What a request is answered by depends on nothing but its target, and on these words of its
 * head: the language, and the system of the visitor. For a cache of answers. */
struct web_taste {
	uint8_t tongue, system;
};
struct web_taste web_taste(const struct web_request *request);
/* Whether If-None-Match (RFC 9110 section 13.1.2) names that state of a page. */
bool web_is_known(struct span if_none_match, const char *etag);
/* Codes of the languages, by comma; and whether it is one of them. */
const char *web_languages(void);
bool web_has_language(struct span code);
/* Status codes that an answer can have, ended by 0. */
extern const unsigned web_statuses[];

/*
 * The server itself, of the program periplus-serve only: libmicrohttpd in front of web_answer, one
 * thread, one loop. It runs in a jail and opens nothing; what it has to say (the log of what was
 * asked) goes as datagrams to the process that started it, which has no part in HTTP.
 */
/* First byte of a datagram to the parent: lines of the log; one proposal; a scan that is ordered, that
 * nobody waits for any more. */
enum serve_word { SERVE_LOG = 'L', SERVE_PROPOSAL = 'P', SERVE_SCAN = 'S', SERVE_CANCEL = 'C' };
/* From the parent: whether there is room for proposals. */
enum serve_answer { SERVE_ROOM = 'R', SERVE_FULL = 'F' };
/* First byte of a frame of the looking process; its length follows in four bytes of this machine's
 * order: the document of `periplus --json`, a line of `periplus watch --ndjson`; a piece of what the
 * scan says; and its end: a byte, the exit status, and what it said on stderr. */
enum serve_frame {
	SERVE_LISTING = 'H',
	SERVE_EVENT = 'E',
	SERVE_FOUND = 'F',
	SERVE_SCANNED = 'Z',
	SERVE_FRAME_MAX = 64 << 20
};

enum { SERVE_DATAGRAM = 16384 };

struct serve_http {
	const struct web_site *site;
	int listening; /* taken */
	int parent;    /* SOCK_SEQPACKET */
	int feed;      /* frames of what was seen, non-blocking; -1: none */
	bool has_log;
	unsigned connections; /* most at a time */
	uint64_t secret;      /* random: see limit.h */
};

/* Until SIGTERM or SIGINT, or until the parent's end closes; what was begun is finished first, within
 * a few seconds. 0 or a negative errno. */
int serve_http_run(const struct serve_http *http, struct why *why) must_check;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* serve_server: what the files of the server share (private to them). */
#ifndef PERIPLUS_SERVE_SERVER_H
#define PERIPLUS_SERVE_SERVER_H

#include <microhttpd.h>
#include <poll.h>

#include "serve/limit.h"
#include "serve/serve.h"

/* Seconds. A connection that sends no whole head, that waits for its next request, that is not done
 * with one. */
enum { HEAD_LIMIT = 10, IDLE_LIMIT = 60, REQUEST_LIMIT = 60, STOP_LIMIT = 5 };
/* Bytes of a connection: what it asks and the headers of the answer. A browser sends the cookies of all
 * servers of this machine, whatever their ports are, so that a head may be long. */
enum { CACHE_SLOTS = 4096, CONNECTION_MEMORY = 14336, HEAD_MAX = 12288 };

/* The stream of changes: bytes of the ring, subscribers at most, seconds between two signs of life. */
enum { LIVE_RING = 1 << 18, LIVE_SUBSCRIBERS = 1024, LIVE_BEAT = 15 };

struct live {
	struct buf listing; /* the newest document; empty: none yet */
	struct buf coming;  /* frames that are not whole yet */
	char ring[LIVE_RING];
	uint64_t end; /* bytes that were ever put in */
	int64_t beaten;
	size_t n_subscribers;
	bool is_ended;
};

struct connection {
	struct connection *next, *before;
	struct MHD_Connection *mhd;
	int fd;
	int64_t since; /* of this phase, ms */
	bool is_asking; /* a request is being answered */
	bool is_stream, is_suspended;
	bool was_asked;
};

/* The scan that was ordered; serve_scan.c. */
struct scanning {
	struct connection *connection; /* of who waits for it; NULL: nobody */
	bool is_running;	       /* the parent has not said that it ended */
	bool is_cancelled, is_lost;    /* the parent knows; whoever waited does not any more */
	uint8_t status;		       /* how it ended */
	const char *type;
	struct buf said; /* what is still to be sent, from `at` on */
	size_t at;
	struct buf refused; /* what it said on stderr */
};

/* An answer that is ready to be sent again. */
struct cached {
	char *target; /* NULL: empty */
	struct web_taste taste;
	struct MHD_Response *response;
	struct MHD_Response *not_modified; /* the same without its body; NULL: nobody has asked yet */
	size_t size;
	char etag[WEB_ETAG];
};

struct server {
	const struct serve_http *http;
	const struct web_site *site;
	struct MHD_Daemon *daemon;
	struct connection *connections;
	size_t n_connections, n_requests, n_asking;
	struct cached cache[CACHE_SLOTS];
	uint32_t asked_once[CACHE_SLOTS]; /* hash of what was last made for that place */
	struct buf log;
	struct live live;
	struct scanning scan;
	struct limit limit; /* of proposals */
	bool is_full;	    /* there is no room for proposals */
	int64_t now; /* ms, of this round of the loop */
	bool is_ending;
};

/* One request on its way. */
struct asked {
	struct server *server;
	char *target;
	char method[8]; /* for the log: cut, and encoded there */
	struct buf body;
	size_t n_dropped;
	struct web_request request; /* borrows from the connection */
	const char *fault;	    /* what is wrong with the head; NULL: nothing */
	bool has_begun, is_too_large, has_large_head, is_scan;
	unsigned status;
	size_t n_sent;
};

/* serve_request.c: what libmicrohttpd calls. */
void *request_target(void *server, const char *uri, struct MHD_Connection *connection);
enum MHD_Result request_access(void *server, struct MHD_Connection *connection, const char *url,
			       const char *method, const char *version, const char *data,
			       size_t *n_data, void **asked);
void request_completed(void *server, struct MHD_Connection *connection, void **asked,
		       enum MHD_RequestTerminationCode how);
/* serve_head.c: fills the request, and what is wrong with its head. */
void head_read(struct asked *asked, struct MHD_Connection *mhd, const char *method, const char *version);
/* serve_send.c: queues an answer; takes its body. */
enum MHD_Result send_answer(struct asked *asked, struct MHD_Connection *connection,
			    struct web_answer *answer, const struct web_taste *taste);
/* An answer that is ready: true when it was queued. */
bool send_cached(struct asked *asked, struct MHD_Connection *connection, struct web_taste taste,
		 struct span known, enum MHD_Result *result);
void cache_done(struct server *server);
bool cache_takes(const struct asked *asked);

/* serve_scan.c. Hands the order on, and suspends; false: the answer says why not. */
bool scan_begin(struct asked *asked, struct MHD_Connection *mhd, struct web_answer *made);
/* From the parent: a piece of what it found; its end. */
void scan_said(struct server *server, struct span text);
void scan_ended(struct server *server, struct span text);
/* Of a request that has begun one: answers, or goes on waiting. */
enum MHD_Result scan_answer(struct asked *asked, struct MHD_Connection *mhd);
struct MHD_Response *scan_response(struct server *server);
void scan_completed(struct server *server);
/* Whom to watch for going away, and what to do then, or when the server ends. */
void scan_watch(struct server *server, struct pollfd *fd);
void scan_is_left(struct server *server);

/* serve_live.c: reads what the looking process sends; false when it is gone. */
bool live_read(struct server *server);
void live_beat(struct server *server);
void live_end(struct server *server); /* streams end */
void live_done(struct server *server);
/* NULL: too many subscribers. */
struct MHD_Response *live_stream(struct server *server, struct connection *connection);
void live_metrics(struct server *server, struct buf *out);
/* serve_request.c */
struct connection *request_connection(struct MHD_Connection *mhd);

#endif

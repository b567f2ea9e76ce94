/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_send: answers on their way out, with the headers that every one has, and a cache of pages.
 *
 * The cache has a fixed number of places by hash; a newer page takes an older one's. A page comes in when
 * it is asked for twice: who walks over all pages pushes nobody's out, and fills no memory. Pages depend
 * on their target, the visitor's language and system only, so that nothing in it grows old.
 */
#include <stdlib.h>

#include "base/scope.h"
#include "serve/serve_server.h"

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	if (value && *value)
		MHD_add_response_header(response, name, value);
}

static void add_headers(struct MHD_Response *response, const struct web_site *site,
			const struct web_answer *answer)
{
	add(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (answer->status == 431) /* the head has left no room for more */
		return;
	add(response, MHD_HTTP_HEADER_CONTENT_LANGUAGE, answer->language);
	add(response, MHD_HTTP_HEADER_ETAG, answer->etag);
	add(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	add(response, MHD_HTTP_HEADER_LOCATION, answer->location);
	add(response, "Content-Security-Policy", answer->policy);
	add(response, "X-Content-Type-Options", "nosniff");
	add(response, "Referrer-Policy", "same-origin");
	add(response, "Cross-Origin-Resource-Policy", "same-origin");
	add(response, "Cross-Origin-Opener-Policy", "same-origin");
	if (answer->varies)
		add(response, MHD_HTTP_HEADER_VARY, "Accept-Language, User-Agent");
	if (answer->status == 401)
		add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (answer->status == 429 || answer->status == 503)
		add(response, MHD_HTTP_HEADER_RETRY_AFTER, "60");
	add(response, MHD_HTTP_HEADER_CACHE_CONTROL,
	    answer->is_private || answer->live != LIVE_NONE ? "no-store"
	    : site->is_public				    ? "public, max-age=3600"
							    : "private, no-cache");
}

static uint64_t hash_of(const char *target, struct web_taste taste)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (const char *p = target; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3u;
	hash = (hash ^ taste.tongue) * 0x100000001b3u;
	hash = (hash ^ taste.system) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

static struct cached *place_of(struct server *server, const char *target, struct web_taste taste)
{
	return &server->cache[hash_of(target, taste) % CACHE_SLOTS];
}

/* False for the first time that it is asked of a page. */
static bool is_wanted_again(struct server *server, const char *target, struct web_taste taste)
{
	uint64_t hash = hash_of(target, taste);
	uint32_t *place = &server->asked_once[hash % CACHE_SLOTS];
	uint32_t mark = (uint32_t)(hash >> 24) | 1;

	if (*place == mark)
		return true;
	*place = mark;
	return false;
}

static void forget(struct cached *cached)
{
	if (!cached->target)
		return;
	MHD_destroy_response(cached->response);
	if (cached->not_modified)
		MHD_destroy_response(cached->not_modified);
	free(cached->target);
	*cached = (struct cached){0};
}

void cache_done(struct server *server)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		forget(&server->cache[i]);
}

bool cache_takes(const struct asked *asked)
{
	return strchr(asked->target, '?') == NULL && strncmp(asked->target, "/api/", 5) != 0 &&
	       strcmp(asked->target, "/metrics") != 0;
}

static enum MHD_Result queue(struct asked *asked, struct MHD_Connection *mhd, unsigned status,
			     struct MHD_Response *response, size_t size)
{
	asked->status = status;
	asked->n_sent = size;
	return MHD_queue_response(mhd, status, response);
}

static enum MHD_Result copy_header(void *to, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	if (strcmp(name, MHD_HTTP_HEADER_CONTENT_TYPE) != 0)
		MHD_add_response_header(to, name, value);
	return MHD_YES;
}

/* A 304 has the headers of its page (RFC 9110 section 15.4.5) and no body. */
static struct MHD_Response *not_modified(struct cached *cached)
{
	if (!cached->not_modified) {
		cached->not_modified = MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
		if (cached->not_modified)
			MHD_get_response_headers(cached->response, copy_header, cached->not_modified);
	}
	return cached->not_modified;
}

bool send_cached(struct asked *asked, struct MHD_Connection *mhd, struct web_taste taste,
		 struct span known, enum MHD_Result *result)
{
	struct cached *cached = place_of(asked->server, asked->target, taste);

	if (!cached->target || strcmp(cached->target, asked->target) != 0 ||
	    cached->taste.tongue != taste.tongue || cached->taste.system != taste.system)
		return false;
	if (known.n && web_is_known(known, cached->etag)) {
		if (!not_modified(cached))
			return false;
		*result = queue(asked, mhd, MHD_HTTP_NOT_MODIFIED, cached->not_modified, 0);
		return true;
	}
	*result = queue(asked, mhd, MHD_HTTP_OK, cached->response, cached->size);
	return true;
}

/* True when the response is the cache's now. */
static bool keep(struct asked *asked, const struct web_answer *answer, struct web_taste taste,
		 struct MHD_Response *response, size_t size)
{
	struct cached *cached = place_of(asked->server, asked->target, taste);
	char *target = strdup(asked->target);

	if (!target)
		return false;
	forget(cached);
	*cached = (struct cached){.target = target, .taste = taste, .response = response,
				  .size = size};
	memcpy(cached->etag, answer->etag, sizeof(cached->etag));
	return true;
}

static struct MHD_Response *response_of(struct asked *asked, struct MHD_Connection *mhd,
					struct web_answer *answer)
{
	if (answer->live == LIVE_STREAM) {
		struct MHD_Response *stream =
			live_stream(asked->server, request_connection(mhd));

		if (stream)
			return stream;
		web_problem(answer, 503, "there are as many streams as this server has room for");
	}
	if (answer->live == LIVE_SCAN)
		return scan_response(asked->server);
	return MHD_create_response_from_buffer(answer->body.n, answer->body.p,
					       MHD_RESPMEM_MUST_FREE);
}

enum MHD_Result send_answer(struct asked *asked, struct MHD_Connection *mhd,
			    struct web_answer *answer, const struct web_taste *taste)
{
	bool is_kept = taste && answer->status == 200 && !answer->is_private &&
		       answer->live == LIVE_NONE &&
		       is_wanted_again(asked->server, asked->target, *taste);
	struct MHD_Response *response;
	enum MHD_Result result;
	size_t size;

	if (is_kept)
		buf_trim(&answer->body);
	response = response_of(asked, mhd, answer);

	if (!response) {
		web_answer_done(answer);
		return MHD_NO;
	}
	size = answer->body.n;
	answer->body = BUF_INIT; /* the response has it */
	add_headers(response, asked->server->site, answer);
	if (asked->fault)
		add(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = queue(asked, mhd, answer->status, response, size);
	if (!is_kept || !keep(asked, answer, *taste, response, size))
		MHD_destroy_response(response);
	return result;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer: from a request to an answer: the host, the method, the path, the token, the route.
 *
 * A page that was opened by a name that is not ours (DNS rebinding) gets 421 before anything else is
 * looked at. The API wants the token even to read, since a rebound page sends no Origin on GET.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/address.h"
#include "base/json.h"
#include "base/scope.h"
#include "serve/route.h"

const unsigned web_statuses[] = {200, 303, 304, 400, 401, 403, 404, 405, 413, 414, 415,
				 421, 429, 431, 500, 503, 0};

static const struct {
	unsigned status;
	const char *title;
} titles[] = {
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{421, "Misdirected Request"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

void web_problem(struct web_answer *answer, unsigned status, const char *detail)
{
	const char *title = "Error";
	struct json j;

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (titles[i].status == status)
			title = titles[i].title;
	buf_done(&answer->body);
	answer->proposal.n = 0;
	answer->order.n = 0;
	answer->status = status;
	answer->type = "application/problem+json";
	answer->language = NULL;
	answer->policy[0] = 0;
	answer->live = LIVE_NONE;
	answer->is_private = true;
	json_init(&j, &answer->body, true);
	json_object(&j, NULL);
	json_str(&j, "type", "about:blank");
	json_str(&j, "title", title);
	json_u64(&j, "status", status);
	json_str(&j, "detail", detail);
	json_object_end(&j);
	json_end(&j);
}

void web_answer_done(struct web_answer *answer)
{
	buf_done(&answer->order);
	buf_done(&answer->proposal);
	buf_done(&answer->body);
}

/* "127.0.0.1:8080", "[::1]:8080": no name, so nobody's DNS can point it here. */
static bool is_literal(struct span host, uint16_t port)
{
	ptrdiff_t colon = span_find_last(host, ':');
	struct address address;
	uint64_t number = 80;

	if (!port)
		return false;
	if (colon > 0 && !span_ends(host, "]")) {
		if (!span_u64(span_skip(host, (size_t)colon + 1), PORT_MAX, &number))
			return false;
		host = span_cut(host, (size_t)colon);
	}
	if (number != port)
		return false;
	if (span_starts(host, "[") && span_ends(host, "]"))
		return address_parse(span_cut(span_skip(host, 1), host.n - 2), &address) &&
		       address.family == ADDRESS_IPV6;
	return address_parse(host, &address) && address.family == ADDRESS_IPV4;
}

bool web_is_our_host(const struct web_site *site, struct span host)
{
	for (size_t i = 0; i < site->n_hosts; i++)
		if (span_eq_nocase(host, site->hosts[i]))
			return true;
	return is_literal(host, site->port);
}

/* Takes as long for a wrong token as for the right one. */
static bool is_token(const struct web_site *site, struct span authorization)
{
	struct span given = span_skip(authorization, 7);
	unsigned difference = 0;

	if (authorization.n < 7 || !span_eq_nocase(span_cut(authorization, 7), SPAN_LIT("Bearer ")) ||
	    !site->token.n || given.n != site->token.n)
		return false;
	for (size_t i = 0; i < given.n; i++)
		difference |= given.p[i] ^ site->token.p[i];
	return difference == 0;
}

/* FNV-1a, 64 bits, over words and then bytes: names a state of a page, and protects nothing. Four words
 * at a time, each with a hash of its own, since one would wait for itself. */
static void set_etag(struct web_answer *answer)
{
	struct span s = buf_span(&answer->body);
	uint64_t hash = 0xcbf29ce484222325u ^ s.n;
	uint64_t lanes[4] = {hash, hash + 1, hash + 2, hash + 3};
	uint64_t piece[4];

	for (; s.n >= sizeof(piece); s = span_skip(s, sizeof(piece))) {
		memcpy(piece, s.p, sizeof(piece));
		for (size_t i = 0; i < ARRAY_LEN(lanes); i++) {
			lanes[i] = (lanes[i] ^ piece[i]) * 0x100000001b3u;
			lanes[i] ^= lanes[i] >> 29;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(lanes); i++) {
		hash = (hash ^ lanes[i]) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ s.p[i]) * 0x100000001b3u;
	snprintf(answer->etag, sizeof(answer->etag), "\"%016" PRIx64 "\"", hash);
}

/* Compared weakly. */
bool web_is_known(struct span known, const char *etag)
{
	struct span item;

	if (span_is(span_trim(known), "*"))
		return true;
	while (take_until(&known, ',', &item)) {
		item = span_trim(item);
		if (span_starts(item, "W/"))
			item = span_skip(item, 2);
		if (span_is(item, etag))
			return true;
	}
	return false;
}

static enum visitor visitor_of(struct span agent)
{
	static const struct {
		const char *word;
		enum visitor visitor;
	} words[] = {{"Windows", VISITOR_WINDOWS},
		     {"Macintosh", VISITOR_MACOS},
		     {"Mac OS X", VISITOR_MACOS},
		     {"FreeBSD", VISITOR_FREEBSD}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_find(agent, span_str(words[i].word)) >= 0)
			return words[i].visitor;
	return VISITOR_LINUX;
}

struct web_taste web_taste(const struct web_request *request)
{
	const struct tongue *tongue = tongue_choose(request->accept_language);

	return (struct web_taste){(uint8_t)(tongue - tongue_at(0)),
				  (uint8_t)visitor_of(request->user_agent)};
}

/* "/cs/3232": the language, and the path without it. "/cs" is the home page in it. */
static void take_tongue(struct web *web)
{
	struct span rest = span_skip(web->path, 1);
	ptrdiff_t slash = span_find_byte(rest, '/');
	const struct tongue *named = tongue_find(slash < 0 ? rest : span_cut(rest, (size_t)slash));

	web->tongue = named ? named : tongue_choose(web->request->accept_language);
	web->is_chosen = named != NULL;
	if (named)
		web->path = slash < 0 ? SPAN_LIT("/") : span_skip(rest, (size_t)slash);
}

void web_refuse(struct web *web, unsigned status, const char *detail)
{
	web_problem(web->answer, status, detail);
}

/* Paths of the API that other parts of the program will have: not found (RFC 9110 section 15.5.5), for
 * now; 501 would speak of a method that is not known (15.6.2). */
static const struct {
	const char *path, *detail;
} to_come[] = {
	{"/api/v1/diff", "nothing is kept of what was seen before, so that there is nothing to compare with; "
			 "/api/v1/listeners/stream tells of changes as they happen"},
	{"/api/v1/claims", "claims are not read from files yet, so that there is none to tell of"},
};

static void not_found(struct web *web)
{
	for (size_t i = 0; i < ARRAY_LEN(to_come); i++)
		if (span_is(web->path, to_come[i].path)) {
			web_refuse(web, 404, to_come[i].detail);
			return;
		}
	if (span_starts(web->path, "/api/") || span_is(web->path, "/metrics")) {
		web_refuse(web, 404, "no such path; /api/v1/openapi.json names them all");
		return;
	}
	web->answer->status = 404;
	page_begin(web, span_str(word(web, N_("Not found"))), NULL);
	html(web, "<h1>");
	say(web, N_("Not found"));
	html(web, "</h1><p>");
	say(web, N_("There is no such page. Ports are numbers from 0 to 65535; the search knows names "
		    "and words."));
	html(web, "</p>");
	page_end(web);
}

/* Whether a page of ours sends it: a browser says so in Origin, newer ones in Sec-Fetch-Site too, and
 * neither may say otherwise. Who says nothing is refused: a foreign page could make an old browser do
 * that, and a program can say it. */
static bool is_from_us(const struct web_request *request)
{
	struct span origin = request->origin;
	struct span site = request->fetch_site;

	if (!origin.n && !site.n)
		return false;
	if (site.n && !span_is(site, "same-origin"))
		return false;
	if (!origin.n)
		return true;
	if (span_starts(origin, "http://"))
		return span_eq_nocase(span_skip(origin, 7), request->host);
	return span_starts(origin, "https://") && span_eq_nocase(span_skip(origin, 8), request->host);
}

static bool is_of_type(const struct web_request *request, const char *type)
{
	struct span given = request->content_type;
	ptrdiff_t parameters = span_find_byte(given, ';');

	return span_eq_nocase(span_trim(parameters < 0 ? given : span_cut(given, (size_t)parameters)),
			      span_str(type));
}

/* An order has the token, which no foreign page knows: a program that says nothing of where it comes from
 * may send it, and no page of others. */
static bool may_send(struct web *web, bool is_order)
{
	const struct web_request *request = web->request;
	bool is_silent = !request->origin.n && !request->fetch_site.n;

	if (!(is_order && is_silent) && !is_from_us(request)) {
		web_refuse(web, 403, "only a page of this server may send that");
		return false;
	}
	if (is_of_type(request, is_order ? "application/json" : "application/x-www-form-urlencoded"))
		return true;
	web_refuse(web, 415, is_order ? "an order is sent as application/json"
				      : "a form is sent as application/x-www-form-urlencoded");
	return false;
}

static bool may_answer(struct web *web, const struct route *route)
{
	const struct web_site *site = web->site;
	struct span method = web->request->method;
	bool is_reading = span_is(method, "GET") || span_is(method, "HEAD");
	bool is_writing = route->kind == ROUTE_FORM || route->kind == ROUTE_ORDER;
	bool is_api = route->kind == ROUTE_API || route->kind == ROUTE_ORDER;

	if (is_writing ? !span_is(method, "POST") : !is_reading) {
		web->answer->allow = is_writing ? "POST" : "GET, HEAD";
		web_refuse(web, 405, "this path does not take that method");
		return false;
	}
	if (is_api && !site->is_public &&
	    !is_token(site, web->request->authorization)) {
		web_refuse(web, 401,
			   "send 'Authorization: Bearer TOKEN' with the token that the server printed");
		return false;
	}
	return !is_writing || may_send(web, route->kind == ROUTE_ORDER);
}

static void dispatch(struct web *web)
{
	struct span word = {0};
	const struct route *route = route_find(web->path, &word);

	if (!route || (route->is_live && web->site->is_public) ||
	    (web->is_chosen && (route->kind == ROUTE_API || route->kind == ROUTE_ORDER))) {
		not_found(web);
		return;
	}
	if (!may_answer(web, route))
		return;
	if (!web_decode(web, word, false, &web->word)) {
		web_refuse(web, 400, "the path is not well encoded");
		return;
	}
	web->answer->is_private = route->kind != ROUTE_PAGE;
	route->answer(web);
	if (web->answer->status == 0)
		not_found(web);
}

/* "http://HOST/PATH" (RFC 9112 section 3.2.2) becomes "/PATH"; HOST must be ours as Host must. */
static bool take_absolute(const struct web_site *site, struct span *target)
{
	struct span rest = *target;
	struct span host;

	if (!span_starts(rest, "http://"))
		return true;
	rest = span_skip(rest, 7);
	host = span_cut(rest, 0);
	while (host.n < rest.n && rest.p[host.n] != '/' && rest.p[host.n] != '?')
		host.n++;
	rest = span_skip(rest, host.n);
	*target = span_starts(rest, "/") ? rest : SPAN_LIT("/");
	return web_is_our_host(site, host);
}

static bool is_visible(struct span target)
{
	for (size_t i = 0; i < target.n; i++)
		if (target.p[i] <= ' ' || target.p[i] == 0x7f)
			return false;
	return true;
}

/* "*" and "HOST:PORT" are targets of OPTIONS and CONNECT alone, which this server has no use for. */
static void refuse_form(struct web *web)
{
	if (span_is(web->request->method, "OPTIONS") || span_is(web->request->method, "CONNECT")) {
		web->answer->allow = "GET, HEAD, POST";
		web_refuse(web, 405, "this server does not take that method");
	} else {
		web_refuse(web, 400, "the address does not begin with '/'");
	}
}

static void answer_request(struct web *web)
{
	const struct web_request *request = web->request;
	struct span target = request->target;
	ptrdiff_t mark;

	if (!web_is_our_host(web->site, request->host) || !take_absolute(web->site, &target)) {
		web_refuse(web, 421, "this server does not answer for that host");
		return;
	}
	if (target.n > WEB_TARGET_MAX) {
		web_refuse(web, 414, "the address is longer than this server takes");
		return;
	}
	if (!span_starts(target, "/")) {
		refuse_form(web);
		return;
	}
	if (!is_visible(target)) {
		web_refuse(web, 400, "a blank or a control character is in the address");
		return;
	}
	mark = span_find_byte(target, '?');
	web->path = mark < 0 ? target : span_cut(target, (size_t)mark);
	web->query = mark < 0 ? span_of(NULL, 0) : span_skip(target, (size_t)mark + 1);
	take_tongue(web);
	dispatch(web);
}

void web_answer(const struct web_site *site, const struct web_request *request,
		struct web_answer *answer)
{
	*answer = (struct web_answer){.body = BUF_INIT, .proposal = BUF_INIT, .order = BUF_INIT};

	struct web web = {.site = site, .request = request, .answer = answer,
			  .out = &answer->body, .tongue = tongue_at(0),
			  .visitor = visitor_of(request->user_agent)};

	answer_request(&web);
	arena_done(&web.arena);
	if (answer->body.error) {
		web_problem(answer, 500, "out of memory");
		return;
	}
	if (answer->status != 200 || answer->live != LIVE_NONE || answer->proposal.n)
		return;
	set_etag(answer);
	if (request->if_none_match.n && web_is_known(request->if_none_match, answer->etag)) {
		buf_done(&answer->body);
		answer->status = 304;
	}
}

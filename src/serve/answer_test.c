/* SPDX-License-Identifier: Apache-2.0 */
/* answer: hosts, tokens, methods, paths; and what every page promises. */
#include "serve/serve.h"

#include "base/json_read.h"
#include "serve/tongue.h"
#include "tap.h"

static const struct span hosts[] = {{(const uint8_t *)"localhost", 9},
				    {(const uint8_t *)"localhost:8010", 14}};
static const char token[] = "00112233445566778899aabbccddeeff";

static struct web_site site_of(bool is_public)
{
	return (struct web_site){.map = map_builtin(), .hosts = hosts, .n_hosts = 2, .port = 8010,
				 .is_public = is_public,
				 .token = is_public ? span_of(NULL, 0) : span_str(token)};
}

static struct web_request request_of(const char *target)
{
	return (struct web_request){.method = SPAN_LIT("GET"), .target = span_str(target),
				    .host = SPAN_LIT("localhost:8010")};
}

static unsigned status_of(const struct web_site *site, const struct web_request *request)
{
	struct web_answer answer;
	unsigned status;

	web_answer(site, request, &answer);
	status = answer.status;
	web_answer_done(&answer);
	return status;
}

static void hosts_are_exact(void)
{
	static const struct {
		const char *host;
		unsigned status;
	} cases[] = {
		{"localhost:8010", 200},       {"LOCALHOST:8010", 200},
		{"127.0.0.1:8010", 200},       {"[::1]:8010", 200},
		{"localhost", 200},	       {"", 421},
		{"localhost:8011", 421},       {"localhost.:8010", 421},
		{"localhost.example:8010", 421}, {"127.0.0.1.example:8010", 421},
		{"127.0.0.1", 421},	       {"127.0.0.1:80100", 421},
		{"[::1]", 421},		       {"::1:8010", 421},
		{"[127.0.0.1]:8010", 421},     {"localhost:8010 ", 421},
		{"localhost:8010,evil", 421},
	};
	struct web_site site = site_of(false);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_request request = request_of("/");

		request.host = span_str(cases[i].host);
		ok(status_of(&site, &request) == cases[i].status, "Host '%s' gives %u",
		   cases[i].host, cases[i].status);
	}
}

static void paths_and_codes(void)
{
	static const struct {
		const char *target;
		unsigned status;
		const char *what;
	} cases[] = {
		{"/", 200, "home"},
		{"/0", 200, "the first port"},
		{"/65535", 200, "the last port"},
		{"/65536", 404, "one too many"},
		{"/022", 404, "one page has one address"},
		{"/-1", 404, "no number"},
		{"/22.json", 200, "its twin"},
		{"/65536.json", 404, "no twin"},
		{"/fr/22", 404, "a language that is not there is no language"},
		{"/en/22", 200, "a language by path"},
		{"/en", 200, "home in it"},
		{"/service/ssh", 200, "a service"},
		{"/service/SSH", 200, "caseless"},
		{"/service/s%73h", 200, "encoded"},
		{"/service/no-such-thing", 404, "no service"},
		{"/service/%zz", 400, "badly encoded"},
		{"/service/%00", 400, "a NUL"},
		{"/service/a/b", 404, "deeper than there is"},
		{"/search?q=ssh", 200, "search"},
		{"/search?q=22", 303, "a number is a page"},
		{"/search?q=standing:nonsense", 200, "a wrong filter is told on the page"},
		{"/range/8000-8010", 200, "a range"},
		{"/range/9-3", 404, "no range"},
		{"/chart", 200, "the chart"},
		{"/chart.json", 200, "its data"},
		{"/ghosts", 200, "the census"},
		{"/about/data", 200, "the sources"},
		{"/host", 404, "a public server shows no machine"},
		{"/api/v1/listeners", 404, "in no way"},
		{"/api/v1/listeners/stream", 404, "at no time"},
		{"/api/v1/scan", 404, "and scans for nobody"},
		{"/api/v1/diff", 404, "what does not exist yet"},
		{"/api/v1/openapi.json", 200, "the document of the API"},
		{"/metrics", 200, "counters"},
		{"/../etc/passwd", 404, "no way up"},
		{"/%2e%2e/%2e%2e/etc/passwd", 404, "nor encoded"},
		{"//evil.example/", 404, "nor to another host"},
		{"22", 400, "no slash"},
		{"*", 400, "all of it"},
		{"/2 2", 400, "a blank"},
		{"/22\x7f", 400, "a control character"},
		{"http://localhost:8010/22", 200, "the absolute form"},
		{"http://localhost:8010", 200, "without a path"},
		{"http://localhost:8010?/22", 200, "whose host ends there"},
		{"http://evil.example/22", 421, "of another host"},
		{"http://localhost:8010@evil.example/22", 421, "of a user there"},
		{"https://localhost:8010/22", 400, "of another scheme"},
		{"/api/v1/ports/22", 200, "a port"},
		{"/api/v1/ports/22?transport=udp", 200, "of a transport"},
		{"/api/v1/ports/22?transport=x", 400, "of none"},
		{"/api/v1/ports/65536", 404, "no port"},
		{"/api/v1/services/ssh", 200, "a service"},
		{"/api/v1/services/no-such-thing", 404, "no service"},
		{"/api/v1/search?q=ssh&limit=1", 200, "search"},
		{"/api/v1/search", 400, "for nothing"},
		{"/api/v1/search?q=ssh&limit=0", 400, "for no hits"},
		{"/api/v1/search?q=standing:nonsense", 400, "with a wrong filter"},
		{"/api/v2/ports/22", 404, "no such version"},
		{"/en/api/v1/ports/22", 404, "the API has no language"},
	};
	struct web_site site = site_of(true);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_request request = request_of(cases[i].target);

		ok(status_of(&site, &request) == cases[i].status, "%s: %s", cases[i].target,
		   cases[i].what);
	}
}

static void limit_is_kept(void)
{
	static const char *const lists[] = {"registrations", "products"};
	struct web_site site = site_of(true);
	struct web_request request = request_of("/api/v1/search?q=a&limit=2");
	struct web_answer answer;

	web_answer(&site, &request, &answer);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct span list = {NULL, 0};
		struct span item;
		bool is_begun = false;
		int n = 0;

		ok(json_member(buf_span(&answer.body), lists[i], &list), "a search has %s", lists[i]);
		while (json_element(&list, &is_begun, &item))
			n++;
		is_int(n, 2, "as many as were asked for, of more");
	}
	web_answer_done(&answer);
}

static void private_and_public(void)
{
	static char long_target[WEB_TARGET_MAX + 2];
	struct web_site site = site_of(false);
	struct web_request request = request_of("/api/v1/ports/22");
	char bearer[64];

	is_int(status_of(&site, &request), 401, "the API wants a token even to read");
	request.authorization = SPAN_LIT("Bearer 00112233445566778899aabbccddeefe");
	is_int(status_of(&site, &request), 401, "the right one");
	snprintf(bearer, sizeof(bearer), "bearer %s", token);
	request.authorization = span_str(bearer);
	is_int(status_of(&site, &request), 200, "then it answers");
	site.token = span_of(NULL, 0);
	request.authorization = SPAN_LIT("Bearer ");
	is_int(status_of(&site, &request), 401, "an empty token is none");
	request.method = SPAN_LIT("OPTIONS");
	is_int(status_of(&site, &request), 405, "no preflight is answered: there is no CORS");
	memset(long_target, 'a', sizeof(long_target) - 1);
	long_target[0] = '/';
	request = request_of(long_target);
	is_int(status_of(&site, &request), 414, "an address has an end");
}

static void not_modified(void)
{
	struct web_site site = site_of(true);
	struct web_request request = request_of("/22");
	struct web_answer answer;
	char known[64];

	web_answer(&site, &request, &answer);
	ok(answer.etag[0] == '"' && answer.body.n > 1000, "a page has an ETag");
	snprintf(known, sizeof(known), "\"x\", W/%s", answer.etag);
	web_answer_done(&answer);
	request.if_none_match = span_str(known);
	web_answer(&site, &request, &answer);
	ok(answer.status == 304 && answer.body.n == 0, "who has it gets no body");
	web_answer_done(&answer);
}

static bool has(const struct web_answer *answer, const char *text)
{
	return span_find(buf_span(&answer->body), span_str(text)) >= 0;
}

static size_t count(const struct web_answer *answer, const char *text)
{
	struct span s = buf_span(&answer->body);
	ptrdiff_t at;
	size_t n = 0;

	while ((at = span_find(s, span_str(text))) >= 0) {
		s = span_skip(s, (size_t)at + 1);
		n++;
	}
	return n;
}

/* Every port in every language: one h1, under 20 KB, never `grep`, no other host's resource. */
static void every_page(unsigned step)
{
	struct web_site site = site_of(false);
	size_t largest = 0;
	size_t bad = 0;
	char target[16];
	char at[32] = "";

	site.takes_feedback = true;
	for (size_t t = 0; t < tongue_count(); t++)
		for (unsigned port = 0; port < N_PORTS; port += port < 10000 ? step : step * 7) {
			struct web_request request;
			struct web_answer answer;

			snprintf(target, sizeof(target), "/%s/%u", tongue_at(t)->code, port);
			request = request_of(target);
			web_answer(&site, &request, &answer);
			if (answer.status != 200 || count(&answer, "<h1>") != 1 ||
			    has(&answer, "grep ") || has(&answer, " src=")) {
				note("wrong: %s (%u)", target, answer.status);
				bad++;
			}
			if (answer.body.n > largest) {
				largest = answer.body.n;
				memcpy(at, target, sizeof(target));
			}
			web_answer_done(&answer);
		}
	ok(bad == 0, "every page has one heading, no grep, nothing from elsewhere");
	ok(largest <= 20480, "and at most 20 KB: the largest, %s, has %zu", at, largest);
}

/* The pages that are no port's. */
static void other_pages(void)
{
	static const char *const paths[] = {"/", "/chart", "/ghosts", "/about/data", "/host",
					    "/range/0-65535", "/range/1-2000", "/search?q=a",
					    "/service/ssh", "/no-such-page"};
	struct web_site site = site_of(false);

	for (size_t t = 0; t < tongue_count(); t++)
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			struct web_request request;
			struct web_answer answer;
			char target[64];

			snprintf(target, sizeof(target), "/%s%s", tongue_at(t)->code, paths[i]);
			request = request_of(target);
			web_answer(&site, &request, &answer);
			ok(count(&answer, "<h1>") == 1 && answer.body.n <= 20480 &&
				   answer.policy[0],
			   "%s: one heading, a policy, %zu bytes", target, answer.body.n);
			web_answer_done(&answer);
		}
}

static void hostile_words(void)
{
	struct web_site site = site_of(true);
	struct web_request request = request_of("/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
	struct web_answer answer;

	web_answer(&site, &request, &answer);
	ok(answer.status == 200 && !has(&answer, "<script>alert"), "markup in a search stays text");
	web_answer_done(&answer);
	request = request_of("/en/search?q=a\"onload=x");
	web_answer(&site, &request, &answer);
	ok(!has(&answer, "\"onload"), "nor does a quote in a path end an attribute");
	web_answer_done(&answer);
}

static void feedback_is_read(void)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *line; /* of the proposal */
	} cases[] = {
		{"port=3476&answer=right", 200, "-\t3476\tany\tright\t-\t-\t-\n"},
		{"port=3476&answer=right&product=x", 200, "-\t3476\tany\tright\t-\t-\t-\n"},
		{"port=3476&answer=other&transport=udp&product=Acme+Display&known=its+banner&"
		 "link=https%3A%2F%2Facme.example%2F",
		 200, "-\t3476\tudp\tother\tAcme Display\tits banner\thttps://acme.example/\n"},
		{"port=3476&answer=other&transport=tcp&product=%3Cscript%3E", 200,
		 "-\t3476\ttcp\tother\t<script>\t-\t-\n"},
		{"port=65536&answer=right", 400, ""},
		{"port=-1&answer=right", 400, ""},
		{"answer=right", 400, ""},
		{"port=22&answer=maybe", 400, ""},
		{"port=22&answer=other&transport=tcp", 400, ""},
		{"port=22&answer=other&transport=quic&product=a", 400, ""},
		{"port=22&answer=other&transport=tcp&product=a%0Ab", 400, ""},
		{"port=22&answer=other&transport=tcp&product=a%1B%5B2J", 400, ""},
		{"port=22&answer=other&transport=tcp&product=a%00b", 400, ""},
		{"port=22&answer=other&transport=tcp&product=%FF", 400, ""},
		{"port=22&answer=other&transport=tcp&product=a&link=javascript:alert(1)", 400, ""},
		{"port=22&answer=other&transport=tcp&product=a&known=me%40mail.example", 400, ""},
		{"", 400, ""},
		{"%", 400, ""},
	};
	struct web_site site = site_of(false);

	site.takes_feedback = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_request request = request_of("/feedback");
		struct web_answer answer;

		request.method = SPAN_LIT("POST");
		request.fetch_site = SPAN_LIT("same-origin");
		request.content_type = SPAN_LIT("application/x-www-form-urlencoded");
		request.body = span_str(cases[i].body);
		web_answer(&site, &request, &answer);
		ok(answer.status == cases[i].status &&
			   span_is(buf_span(&answer.proposal), cases[i].line) && !answer.etag[0],
		   "feedback '%s' gives %u", cases[i].body, answer.status);
		web_answer_done(&answer);
	}
}

static void feedback_is_ours(void)
{
	static const struct {
		const char *origin, *site, *type;
		unsigned status;
		const char *what;
	} cases[] = {
		{"http://localhost:8010", "same-origin", "application/x-www-form-urlencoded", 200, "our page"},
		{"http://localhost:8010", "", "application/x-www-form-urlencoded;charset=utf-8", 200, "an older browser"},
		{"https://localhost:8010", "", "application/x-www-form-urlencoded", 200, "behind TLS"},
		{"", "", "application/x-www-form-urlencoded", 403, "nobody says where from"},
		{"null", "same-origin", "application/x-www-form-urlencoded", 403, "a page without origin"},
		{"http://evil.example", "", "application/x-www-form-urlencoded", 403, "a foreign page"},
		{"http://localhost:8010", "cross-site", "application/x-www-form-urlencoded", 403, "a contradiction"},
		{"http://localhost:8010", "same-site", "application/x-www-form-urlencoded", 403, "a neighbour"},
		{"http://localhost:80100", "", "application/x-www-form-urlencoded", 403, "another port"},
		{"http://localhost", "", "application/x-www-form-urlencoded", 403, "another server of this machine"},
		{"http://localhost:8010", "same-origin", "text/plain", 415, "a form of text"},
		{"http://localhost:8010", "same-origin", "", 415, "no type"},
	};
	struct web_site site = site_of(false);
	struct web_request request = request_of("/feedback");

	site.takes_feedback = true;
	request.method = SPAN_LIT("POST");
	request.body = SPAN_LIT("port=22&answer=right");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		request.origin = span_str(cases[i].origin);
		request.fetch_site = span_str(cases[i].site);
		request.content_type = span_str(cases[i].type);
		is_int(status_of(&site, &request), cases[i].status, cases[i].what);
	}
	request.origin = span_of(NULL, 0);
	request.fetch_site = SPAN_LIT("same-origin");
	request.content_type = SPAN_LIT("application/x-www-form-urlencoded");
	request.method = SPAN_LIT("GET");
	is_int(status_of(&site, &request), 405, "a GET sends nothing");
	request.method = SPAN_LIT("POST");
	site.takes_feedback = false;
	is_int(status_of(&site, &request), 404, "nobody keeps it: there is no such page");
}

static void feedback_is_asked(void)
{
	struct web_site site = site_of(true);
	struct web_request request = request_of("/cs/3476");
	struct web_answer answer;

	web_answer(&site, &request, &answer);
	ok(!has(&answer, "<form method=post"), "nobody keeps it: nothing is asked");
	web_answer_done(&answer);
	site.takes_feedback = true;
	web_answer(&site, &request, &answer);
	ok(count(&answer, "<form method=post") == 2 && has(&answer, "action=\"/cs/feedback\""),
	   "two forms, in the language of the page");
	web_answer_done(&answer);
	site.is_static = true;
	web_answer(&site, &request, &answer);
	ok(!has(&answer, "<form"), "files ask nothing");
	web_answer_done(&answer);
	site.feedback = SPAN_LIT("https://forge.example/issues?a=1&b=\"");
	web_answer(&site, &request, &answer);
	ok(has(&answer, "href=\"https://forge.example/issues?a=1&amp;b=&quot;\""), "but lead to where it is asked");
	web_answer_done(&answer);
}

int main(int argc, char **argv)
{
	(void)argv;
	hosts_are_exact();
	paths_and_codes();
	limit_is_kept();
	private_and_public();
	not_modified();
	hostile_words();
	feedback_is_read();
	feedback_is_ours();
	feedback_is_asked();
	other_pages();
	every_page(argc > 1 ? 1 : 11);
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* scan_order: what may be ordered of a scan, and the line that it becomes. */
#include "serve/serve.h"

#include "tap.h"

static const char token[] = "00112233445566778899aabbccddeeff";

/* Asks with the token, as a program would; the answer is to be released. */
static void ask(struct web_request *request, struct web_answer *answer)
{
	static const struct span host = {(const uint8_t *)"localhost:8010", 14};
	struct web_site site = {.map = map_builtin(), .hosts = &host, .n_hosts = 1, .port = 8010,
				.token = span_str(token)};

	request->target = SPAN_LIT("/api/v1/scan");
	request->host = host;
	if (!request->method.n)
		request->method = SPAN_LIT("POST");
	web_answer(&site, request, answer);
}

static struct web_request order_of(const char *body)
{
	return (struct web_request){.authorization = SPAN_LIT("Bearer 00112233445566778899aabbccddeeff"),
				    .content_type = SPAN_LIT("application/json"), .body = span_str(body)};
}

static void sound_orders(void)
{
	static const struct {
		const char *body, *line;
	} cases[] = {
		{"{\"targets\":[\"192.0.2.1\"]}", "json\ttcp\tidentify\t\t\t\t192.0.2.1"},
		{" { \"targets\" : [ \"192.0.2.0/24\" , \"2001:db8::1\", \"db3.example\" ] } ",
		 "json\ttcp\tidentify\t\t\t\t192.0.2.0/24 2001:db8::1 db3.example"},
		{"{\"targets\":[\"192.0.2.1-9\"],\"ports\":\"22,80,8000-8010,https\",\"rate\":500}",
		 "json\ttcp\tidentify\t500\t\t22,80,8000-8010,https\t192.0.2.1-9"},
		{"{\"top\":65535,\"transport\":\"udp\",\"identify\":false,\"targets\":[\"\\u0065th0\"]}",
		 "json\tudp\topen\t\t65535\t\teth0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_request request = order_of(cases[i].body);
		struct web_answer answer;
		struct web_scan order;

		ask(&request, &answer);
		ok(answer.status == 200 && answer.live == LIVE_SCAN, "ordered: %s", cases[i].body);
		is_span(buf_span(&answer.order), span_str(cases[i].line), "its line");
		ok(web_scan_read(buf_span(&answer.order), &order), "which is read");
		web_answer_done(&answer);
	}
}

static void wrong_orders(void)
{
	static const char *const bodies[] = {
		"", "[]", "{}", "{\"targets\":[]}", "{\"targets\":\"192.0.2.1\"}", "{\"targets\":[192]}",
		"{\"targets\":[\"\"]}", "{\"targets\":[\"-oX\"]}", "{\"targets\":[\"@/etc/passwd\"]}",
		"{\"targets\":[\"a b\"]}", "{\"targets\":[\"a\\tb\"]}", "{\"targets\":[\"a\\u0000\"]}",
		"{\"targets\":[\"fe80::1%eth0\"]}", "{\"targets\":[\"a;b\"]}", "{\"targets\":[\"a\"]",
		"{\"targets\":[\"a\"]}x", "{\"targets\":[\"a\"],\"scope\":\"0.0.0.0/0\"}",
		"{\"targets\":[\"a\"],\"yes\":true}", "{\"targets\":[\"a\"],\"rate\":501}",
		"{\"targets\":[\"a\"],\"rate\":0}", "{\"targets\":[\"a\"],\"rate\":\"5\"}",
		"{\"targets\":[\"a\"],\"rate\":-1}", "{\"targets\":[\"a\"],\"rate\":1e9}",
		"{\"targets\":[\"a\"],\"top\":65536}", "{\"targets\":[\"a\"],\"top\":1,\"ports\":\"1\"}",
		"{\"targets\":[\"a\"],\"ports\":\"-p\"}", "{\"targets\":[\"a\"],\"ports\":\"\"}",
		"{\"targets\":[\"a\"],\"ports\":22}", "{\"targets\":[\"a\"],\"transport\":\"sctp\"}",
		"{\"targets\":[\"a\"],\"transport\":1}", "{\"targets\":[\"a\"],\"identify\":1}",
		"{\"targets\":[\"a\"],\"r\\u0061te\":1}", "{\"targets\":[\"a\"],\"targets\":[\"b\"]}",
		"{\"targets\":[\"a\"],\"rate\":1,\"rate\":500}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct web_request request = order_of(bodies[i]);
		struct web_answer answer;

		ask(&request, &answer);
		ok(answer.status == 400 && answer.live == LIVE_NONE && !answer.order.n, "refused: '%s'",
		   bodies[i]);
		web_answer_done(&answer);
	}
}

static void who_may(void)
{
	static const struct {
		const char *method, *authorization, *type, *origin, *site;
		unsigned status;
		const char *what;
	} cases[] = {
		{"POST", "Bearer 00112233445566778899aabbccddeefe", "application/json", NULL, NULL, 401,
		 "without the token"},
		{"GET", NULL, "application/json", NULL, NULL, 405, "GET changes nothing"},
		{"POST", NULL, "text/plain", NULL, NULL, 415, "what a form could send"},
		{"POST", NULL, NULL, NULL, NULL, 415, "no type"},
		{"POST", NULL, "application/jsonx", NULL, NULL, 415, "another one"},
		{"POST", NULL, "Application/JSON; charset=utf-8", NULL, NULL, 200, "with parameters"},
		{"POST", NULL, "application/json", "http://evil.example", NULL, 403, "from elsewhere"},
		{"POST", NULL, "application/json", "null", NULL, 403, "from nowhere"},
		{"POST", NULL, "application/json", NULL, "cross-site", 403, "from another site"},
		{"POST", NULL, "application/json", "http://localhost:8010", "same-origin", 200,
		 "from a page of ours"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct web_request request = order_of("{\"targets\":[\"192.0.2.1\"]}");
		struct web_answer answer;

		request.method = span_str(cases[i].method);
		if (cases[i].authorization)
			request.authorization = span_str(cases[i].authorization);
		request.content_type = span_str(cases[i].type);
		request.origin = span_str(cases[i].origin);
		request.fetch_site = span_str(cases[i].site);
		ask(&request, &answer);
		is_int(answer.status, cases[i].status, cases[i].what);
		web_answer_done(&answer);
	}
}

/* Who starts the scan reads what a process wrote that a stranger may have taken over. */
static void wrong_lines(void)
{
	static const char *const lines[] = {
		"", "json", "json\ttcp\tidentify\t\t\t\t", "json\ttcp\tidentify\t\t\t\t--yes",
		"json\ttcp\tidentify\t\t\t\ta --yes", "json\ttcp\tidentify\t\t\t\ta\tb",
		"json\ttcp\tidentify\t\t\t\t a", "json\ttcp\tidentify\t\t\t\ta ", "json\ttcp\tidentify\t\t\t\ta  b",
		"json\ttcp\tidentify\t501\t\t\ta", "json\ttcp\tidentify\t5 0\t\t\ta",
		"json\ttcp\tidentify\t\t1\t22\ta", "json\ttcp\tidentify\t\t\t--xml=/x\ta",
		"xml\ttcp\tidentify\t\t\t\ta", "json\tsctp\tidentify\t\t\t\ta", "json\ttcp\tyes\t\t\t\ta",
	};
	struct buf many = BUF_INIT;
	struct web_scan order;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ok(!web_scan_read(span_str(lines[i]), &order), "line %zu is no order", i);
	buf_str(&many, "json\ttcp\topen\t\t\t\ta");
	for (size_t i = 1; i < WEB_SCAN_TARGETS; i++)
		buf_str(&many, " a");
	ok(web_scan_read(buf_span(&many), &order), "as many targets as there may be");
	buf_str(&many, " a");
	ok(!web_scan_read(buf_span(&many), &order), "one more");
	buf_done(&many);
}

int main(void)
{
	struct web_request request = order_of("{\"targets\":[\"192.0.2.1\"]}");
	struct web_answer answer;

	sound_orders();
	wrong_orders();
	who_may();
	wrong_lines();
	request.accept = SPAN_LIT("text/html, Application/X-NDJSON");
	ask(&request, &answer);
	ok(strcmp(answer.type, "application/x-ndjson") == 0, "lines for who asks for them");
	web_answer_done(&answer);
	return done();
}

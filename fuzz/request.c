/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: whatever is asked, the answer is one of the documented ones, and a private server tells
 * nothing of the machine to who has no token. The first line is the target, then come headers.
 */
#include <stdlib.h>

#include "base/proposal.h"
#include "serve/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const struct {
	const char *name;
	size_t offset;
} heads[] = {
#define HEAD(name, member) {name, offsetof(struct web_request, member)}
	HEAD("method:", method),       HEAD("host:", host),
	HEAD("auth:", authorization),  HEAD("language:", accept_language),
	HEAD("accept:", accept),
	HEAD("agent:", user_agent),    HEAD("known:", if_none_match),
	HEAD("origin:", origin),       HEAD("site:", fetch_site),
	HEAD("type:", content_type),   HEAD("body:", body),
#undef HEAD
};

static void must_be_documented(const struct web_answer *answer)
{
	for (size_t i = 0; web_statuses[i]; i++)
		if (web_statuses[i] == answer->status)
			return;
	abort();
}

/* What goes to the process that keeps proposals is one of them, and only with thanks. */
static void must_be_sound(const struct web_answer *answer)
{
	struct proposal proposal;

	if (answer->proposal.n &&
	    (answer->status != 200 || !proposal_read(buf_span(&answer->proposal), &proposal)))
		abort();
}

/* Nor is a scan ordered without the token, by a line that who starts it would not read. */
static void must_be_an_order(const struct web_site *site, const struct web_request *request,
			     const struct web_answer *answer)
{
	struct web_scan order;

	if ((answer->live == LIVE_SCAN) != (answer->order.n > 0))
		abort();
	if (answer->order.n &&
	    (site->is_public || !span_ends(request->authorization, "0123456789abcdef") ||
	     !web_scan_read(buf_span(&answer->order), &order)))
		abort();
}

static void ask(const struct web_site *site, const struct web_request *request)
{
	struct web_answer answer;
	bool is_own = span_is(request->host, "localhost:8010") ||
		      span_is(request->host, "127.0.0.1:8010");

	web_answer(site, request, &answer);
	must_be_documented(&answer);
	if (answer.live != LIVE_NONE && answer.live != LIVE_METRICS && site->is_public)
		abort();
	if (!is_own && answer.live != LIVE_NONE)
		abort();
	must_be_sound(&answer);
	must_be_an_order(site, request, &answer);
	web_answer_done(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct span hosts[] = {{(const uint8_t *)"localhost:8010", 14}};
	struct web_site site = {.map = map_builtin(), .hosts = hosts, .n_hosts = 1, .port = 8010,
				.takes_feedback = true, .token = SPAN_LIT("0123456789abcdef")};
	struct web_request request = {.method = SPAN_LIT("GET"), .host = SPAN_LIT("localhost:8010")};
	struct span rest = span_of(p, n);
	struct span line;

	if (take_line(&rest, &line))
		request.target = line;
	while (take_line(&rest, &line))
		for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
			if (span_starts(line, heads[i].name))
				*(struct span *)((char *)&request + heads[i].offset) =
					span_skip(line, strlen(heads[i].name));
	ask(&site, &request);
	site.is_public = true;
	ask(&site, &request);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve_head: the few headers that matter, and whether all who read this request would understand the
 * same by it.
 *
 * A server that stands in front of this one may take an odd head for something else than we do, and a
 * part of a body for the next request. So what RFC 9112 calls an error is refused with 400 and the
 * connection ended: a name with a blank, no Host or two, two lengths, a coding besides chunked.
 */
#include <stdlib.h>

#include "base/scope.h"
#include "serve/serve_server.h"

struct head {
	struct web_request *request;
	struct span length, coding;
	unsigned n_hosts, n_lengths, n_codings;
	bool has_odd_name;
};

/* RFC 9110 section 5.6.2 */
static bool is_token(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}
	return name.n > 0;
}

static bool is_named(struct span key, struct span name)
{
	return key.n == name.n && span_eq_nocase(key, name);
}

static void take_framing(struct head *head, struct span key, struct span value)
{
	if (is_named(key, SPAN_LIT("host"))) {
		head->request->host = value;
		head->n_hosts++;
	} else if (is_named(key, SPAN_LIT("content-length"))) {
		head->length = value;
		head->n_lengths++;
	} else if (is_named(key, SPAN_LIT("transfer-encoding"))) {
		head->coding = value;
		head->n_codings++;
	}
}

static enum MHD_Result take_header(void *arg, enum MHD_ValueKind kind, const char *key, size_t n_key,
				   const char *value, size_t n_value)
{
	static const struct {
		struct span name;
		size_t offset;
	} wanted[] = {
#define WANTED(name, member) {{(const uint8_t *)(name), sizeof(name) - 1}, offsetof(struct web_request, member)}
		WANTED("accept", accept),
		WANTED("authorization", authorization),
		WANTED("accept-language", accept_language),
		WANTED("user-agent", user_agent),
		WANTED("if-none-match", if_none_match),
		WANTED("origin", origin),
		WANTED("sec-fetch-site", fetch_site),
		WANTED("content-type", content_type),
#undef WANTED
	};
	struct head *head = arg;
	struct span name = span_of(key, n_key);
	struct span text = value ? span_of(value, n_value) : span_of(NULL, 0);

	(void)kind;
	if (!is_token(name))
		head->has_odd_name = true;
	take_framing(head, name, text);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct span *place = (struct span *)((char *)head->request + wanted[i].offset);

		if (!place->n && is_named(name, wanted[i].name)) /* the first of several */
			*place = text;
	}
	return MHD_YES;
}

static const char *fault_of(const struct head *head, bool is_1_1)
{
	if (head->has_odd_name)
		return "the name of a header is not well formed";
	if (head->n_hosts > 1 || (is_1_1 && head->n_hosts == 0))
		return "a request has one Host";
	if (head->n_lengths + head->n_codings > 1 ||
	    (head->n_codings && !span_eq_nocase(head->coding, SPAN_LIT("chunked"))))
		return "a body has one Content-Length, or is chunked";
	return NULL;
}

void head_read(struct asked *asked, struct MHD_Connection *mhd, const char *method, const char *version)
{
	struct head head = {.request = &asked->request};
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	uint64_t length = 0;

	asked->request = (struct web_request){.method = span_str(method), .target = span_str(asked->target)};
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, take_header, &head);
	asked->fault = fault_of(&head, strcmp(version, MHD_HTTP_VERSION_1_0) != 0);
	asked->is_too_large = head.n_lengths &&
			      (!span_u64(head.length, UINT64_MAX, &length) || length > WEB_BODY_MAX);
	/* libmicrohttpd has an answer of its own for what its memory has no room for at all; behind this,
	 * the headers of ours would have none */
	asked->has_large_head = info && info->header_size > HEAD_MAX;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* http_api: one GET, and marks in the answer to it (RFC 9112). */
#include "proto/http_api.h"

enum { BODY_MAX = 64 << 10 };

size_t http_api_get(const char *path, uint8_t *out, size_t size)
{
	static const char begin[] = "GET ";
	static const char end[] = " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: periplus\r\n"
				  "Accept: */*\r\nConnection: close\r\n\r\n";
	size_t n = 0;

	if (sizeof(begin) + strlen(path) + sizeof(end) > size)
		return 0;
	n += words_say(SPAN_LIT(begin), out, size);
	n += words_say(span_str(path), out + n, size - n);
	n += words_say(SPAN_LIT(end), out + n, size - n);
	return n;
}

enum proto_match http_api_head(struct span bytes, enum proto_side side, enum transport transport,
			       struct http_head *head)
{
	enum proto_match m;

	if (transport != TRANSPORT_TCP)
		return PROTO_NO;
	m = http_head_parse(bytes, side, "HTTP", head);
	return m == PROTO_YES && !head->is_whole ? PROTO_MORE : m;
}

enum proto_match http_api_body(const struct http_head *head, const char *mark)
{
	struct span length = http_head_field(head, "Content-Length");
	struct span body = span_cut(head->body, BODY_MAX);
	uint64_t n;

	if (span_find(body, span_str(mark)) >= 0)
		return PROTO_YES;
	if (body.n == BODY_MAX || (span_u64(length, SIZE_MAX, &n) && head->body.n >= n))
		return PROTO_NO;
	return PROTO_MORE;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* http_head: start line and fields of HTTP/1 and its relatives (RFC 9112, 7826, 3261). */
#include "proto/http_head.h"

#include "proto/words.h"

enum { LINE_MAX_BYTES = 8 << 10, HEAD_MAX_BYTES = 64 << 10, METHOD_MAX = 24 };

/* "1.1", or as much of it as there is */
static enum proto_match version(struct span s, size_t *n)
{
	*n = 3;
	if ((s.n > 0 && (s.p[0] < '0' || s.p[0] > '9')) || (s.n > 1 && s.p[1] != '.') ||
	    (s.n > 2 && (s.p[2] < '0' || s.p[2] > '9')))
		return PROTO_NO;
	return s.n < 3 ? PROTO_MORE : PROTO_YES;
}

/* RFC 9112 section 4: status-line = HTTP-version SP status-code SP [ reason-phrase ] */
static enum proto_match response(struct span bytes, const char *word, struct http_head *head)
{
	enum proto_match m = words_begin(bytes, span_str(word));
	struct span rest = span_skip(bytes, strlen(word));
	size_t n;

	if (m != PROTO_YES)
		return m;
	m = WORDS_BEGIN(rest, "/");
	if (m != PROTO_YES)
		return m;
	rest = span_skip(rest, 1);
	m = version(rest, &n);
	if (m != PROTO_YES)
		return m;
	head->version = span_cut(rest, n);
	rest = span_skip(rest, n);
	m = WORDS_BEGIN(rest, " ");
	if (m != PROTO_YES)
		return m;
	rest = span_skip(rest, 1);
	if (!words_is_code(rest, 3, " \r\n") || (rest.n && (rest.p[0] < '1' || rest.p[0] > '7')))
		return PROTO_NO;
	if (rest.n < 3)
		return PROTO_MORE;
	head->status = span_cut(rest, 3);
	head->is_response = true;
	return PROTO_YES;
}

static size_t method_length(struct span bytes)
{
	size_t n = 0;

	while (n < bytes.n && n < METHOD_MAX &&
	       ((bytes.p[n] >= 'A' && bytes.p[n] <= 'Z') || bytes.p[n] == '_' || bytes.p[n] == '-'))
		n++;
	return n;
}

/* RFC 9112 section 3: request-line = method SP request-target SP HTTP-version */
static enum proto_match request(struct span bytes, const char *word, struct http_head *head)
{
	size_t n = method_length(bytes);
	struct span line;

	if (n == bytes.n && n < METHOD_MAX)
		return PROTO_MORE;
	if (n == 0 || n == bytes.n || bytes.p[n] != ' ')
		return PROTO_NO;
	if (!words_line(bytes, &line)) {
		struct span rest = span_skip(bytes, n + 1);

		return bytes.n < LINE_MAX_BYTES && words_is_cut(rest) ? PROTO_MORE : PROTO_NO;
	}

	ptrdiff_t last = span_find_last(line, ' ');
	struct span tail = span_skip(line, (size_t)last + 1);
	size_t n_word = strlen(word);
	size_t n_version;

	if (!words_is_text(line) || (size_t)last <= n || !span_starts(tail, word) ||
	    tail.n != n_word + 4 || tail.p[n_word] != '/' ||
	    version(span_skip(tail, n_word + 1), &n_version) != PROTO_YES)
		return PROTO_NO;
	head->method = span_cut(line, n);
	head->target = span_skip(span_cut(line, (size_t)last), n + 1);
	head->version = span_skip(tail, n_word + 1);
	return PROTO_YES;
}

enum proto_match http_head_parse(struct span bytes, enum proto_side side, const char *word,
				 struct http_head *head)
{
	*head = (struct http_head){0};

	struct span heard = span_cut(bytes, HEAD_MAX_BYTES);
	enum proto_match m =
		side == PROTO_SERVER ? response(heard, word, head) : request(heard, word, head);

	if (m != PROTO_YES)
		return m;

	struct span rest = heard;
	struct span line;

	if (!words_line(rest, &line))
		return PROTO_YES;
	rest = span_skip(rest, (size_t)span_find_byte(rest, '\n') + 1);
	head->fields = rest;
	while (words_line(rest, &line)) {
		size_t begin = (size_t)(rest.p - heard.p);

		rest = span_skip(rest, (size_t)span_find_byte(rest, '\n') + 1);
		if (line.n)
			continue;
		head->is_whole = true;
		head->fields.n = begin - (size_t)(head->fields.p - heard.p);
		head->body = span_skip(bytes, (size_t)(rest.p - heard.p));
		break;
	}
	return PROTO_YES;
}

struct span http_head_field(const struct http_head *head, const char *name)
{
	struct span rest = head->fields;
	struct span line;

	while (words_line(rest, &line)) {
		ptrdiff_t colon = span_find_byte(line, ':');

		if (colon > 0 && span_eq_nocase(span_cut(line, (size_t)colon), span_str(name)))
			return span_trim(span_skip(line, (size_t)colon + 1));
		rest = span_skip(rest, (size_t)span_find_byte(rest, '\n') + 1);
	}
	return span_of(NULL, 0);
}

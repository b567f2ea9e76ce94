/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_order: what may be said of a scan that is ordered by the API, and the line it becomes.
 *
 * The order comes as JSON to the process that speaks HTTP, and leaves it as one line of fields parted by
 * tabs. Who starts the scan reads that line and trusts nobody: each word has only the bytes of a name,
 * a number or an address, and begins with none that means something to a command. Whether a target lies
 * in the scopes is for the scan to judge, which resolves it.
 */
#include "base/json_read.h"
#include "base/scope.h"
#include "scan/scan.h"
#include "serve/web.h"

enum { WORD_MOST = 128, PORTS_MOST = 1024 };

static bool is_made_of(struct span text, const char *more)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c && strchr(more, c))))
			return false;
	}
	return true;
}

static bool is_target(struct span word)
{
	return word.n > 0 && word.n <= WORD_MOST && word.p[0] != '-' && is_made_of(word, ".:/_-");
}

static bool are_targets(struct span words)
{
	struct span word;
	size_t n = 0;

	if (words.n && (words.p[0] == ' ' || words.p[words.n - 1] == ' '))
		return false;
	while (take_until(&words, ' ', &word))
		if (!is_target(word) || n++ >= WEB_SCAN_TARGETS)
			return false;
	return n > 0;
}

static bool are_ports(struct span list)
{
	return list.n > 0 && list.n <= PORTS_MOST && list.p[0] != '-' && is_made_of(list, ",-_.+");
}

static bool is_number(struct span text, uint64_t most)
{
	uint64_t number;

	return span_u64(text, most, &number) && number > 0 && text.p[0] != '0';
}

static bool take_flag(struct span *line, const char *no, const char *yes, bool *is_yes)
{
	struct span word;

	if (!take_until(line, '\t', &word))
		return false;
	*is_yes = span_is(word, yes);
	return *is_yes || span_is(word, no);
}

bool web_scan_read(struct span line, struct web_scan *order)
{
	*order = (struct web_scan){0};
	return take_flag(&line, "json", "ndjson", &order->is_stream) &&
	       take_flag(&line, "tcp", "udp", &order->is_udp) &&
	       take_flag(&line, "open", "identify", &order->is_identifying) &&
	       take_until(&line, '\t', &order->rate) &&
	       (!order->rate.n || is_number(order->rate, SCAN_RATE)) &&
	       take_until(&line, '\t', &order->top) &&
	       (!order->top.n || is_number(order->top, PORT_MAX)) &&
	       take_until(&line, '\t', &order->ports) &&
	       (!order->ports.n || (!order->top.n && are_ports(order->ports))) &&
	       take_until(&line, '\t', &order->targets) && !line.n && are_targets(order->targets);
}

static void write_order(struct buf *out, const struct web_scan *order)
{
	const struct span words[] = {
		span_str(order->is_stream ? "ndjson" : "json"),
		span_str(order->is_udp ? "udp" : "tcp"),
		span_str(order->is_identifying ? "identify" : "open"),
		order->rate,
		order->top,
		order->ports,
		order->targets,
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (i)
			buf_byte(out, '\t');
		buf_raw(out, words[i]);
	}
}

/* The members that an order may have, each once: with another one, or a second, it would mean more than is
 * done. They are compared as they are written, as json_member does. */
static bool has_only_known(struct span object)
{
	static const char *const known[] = {"targets", "ports", "top", "transport", "rate", "identify"};
	bool is_seen[ARRAY_LEN(known)] = {false};
	struct span rest = object;
	struct span key;
	bool is_begun = false;

	while (json_key(&rest, &is_begun, &key)) {
		struct span name = span_of(key.p + 1, key.n - 2);
		size_t i = 0;

		while (i < ARRAY_LEN(known) && !span_is(name, known[i]))
			i++;
		if (i == ARRAY_LEN(known) || is_seen[i])
			return false;
		is_seen[i] = true;
	}
	return is_begun;
}

static bool read_targets(struct web *web, struct span list, struct span *targets)
{
	struct buf joined = BUF_INIT;
	struct span item;
	bool is_begun = false;
	bool is_sound = true;

	while (is_sound && json_element(&list, &is_begun, &item)) {
		struct span word = {0};

		is_sound = json_string(&web->arena, item, &word) && is_target(word);
		if (joined.n)
			buf_byte(&joined, ' ');
		buf_raw(&joined, word);
	}
	*targets = arena_copy(&web->arena, buf_span(&joined));
	buf_done(&joined);
	return is_sound && are_targets(*targets);
}

/* As json_member; without such a member the value stays what it is. */
static bool member(struct span object, const char *key, struct span *value)
{
	struct span found;

	if (!json_member(object, key, &found))
		return false;
	*value = found;
	return true;
}

/* The first of what is wrong, or NULL. */
static const char *read_body(struct web *web, struct web_scan *order)
{
	struct span body = web->request->body;
	struct span value;
	struct span text;

	if (!json_is_valid(body) || !has_only_known(body))
		return "an order is a JSON object with targets, and perhaps ports or top, transport, rate, "
		       "identify";
	if (!member(body, "targets", &value) || !read_targets(web, value, &order->targets))
		return "targets is an array of 1 to 64 addresses, networks, ranges or names";
	if (member(body, "top", &order->top) &&
	    (!is_number(order->top, PORT_MAX) || member(body, "ports", &value)))
		return "top is a number from 1 to 65535, and instead of ports";
	if (member(body, "ports", &value) &&
	    (!json_string(&web->arena, value, &order->ports) || !are_ports(order->ports)))
		return "ports is a text as 22,80,8000-8010,https";
	if (member(body, "rate", &order->rate) && !is_number(order->rate, SCAN_RATE))
		return "rate is a number of packets a second, 500 at most";
	if (member(body, "transport", &value)) {
		order->is_udp = json_string(&web->arena, value, &text) && span_is(text, "udp");
		if (!order->is_udp && !span_is(text, "tcp"))
			return "transport is tcp or udp";
	}
	order->is_identifying = !member(body, "identify", &value) || span_is(value, "true");
	if (!order->is_identifying && !span_is(value, "false"))
		return "identify is true or false";
	return NULL;
}

void api_scan(struct web *web)
{
	struct web_scan order = {.is_stream = span_find_nocase(web->request->accept,
							       SPAN_LIT("application/x-ndjson")) >= 0};
	const char *wrong = read_body(web, &order);

	if (wrong) {
		web_refuse(web, 400, wrong);
		return;
	}
	web->answer->status = 200;
	web->answer->type = order.is_stream ? "application/x-ndjson" : "application/json";
	web->answer->live = LIVE_SCAN;
	write_order(&web->answer->order, &order);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket_unit: reads systemd.socket(5) as far as ports go.
 *
 * Sections, comments, continued lines, lists that an empty value clears, and the specifiers %i, %I,
 * %p and %% in what is listened on. Sockets of other families (paths, abstract names, vsock) are
 * passed over. A unit may listen on MAX_LISTENS places, a value be VALUE_SIZE bytes long.
 */
#include "host/socket_unit.h"

#include "base/scope.h"

enum { MAX_LISTENS = 1024, VALUE_SIZE = 256 };

static bool is_comment(struct span line)
{
	return line.n == 0 || line.p[0] == '#' || line.p[0] == ';';
}

/* The next line that says something; one that ends in a backslash goes on in the next. */
static bool next_line(struct span *text, struct arena *arena, struct span *line)
{
	struct span more;

	do
		if (!take_line(text, line))
			return false;
	while (is_comment(*line = span_trim(*line)));
	while (span_ends(*line, "\\")) {
		line->n--;
		do
			if (!take_line(text, &more))
				return true;
		while (more.n && is_comment(span_trim(more)));
		more = span_trim(more);
		*line = arena_print(arena, "%.*s %.*s", SPAN_ARG(*line), SPAN_ARG(more));
	}
	return true;
}

static struct span stem(struct span name)
{
	ptrdiff_t dot = span_find_last(name, '.');

	return dot < 0 ? name : span_cut(name, (size_t)dot);
}

struct span socket_unit_template(struct span name, struct arena *arena)
{
	ptrdiff_t at = span_find_byte(name, '@');

	if (at <= 0 || (size_t)at + 1 >= stem(name).n)
		return span_of(NULL, 0);
	return arena_print(arena, "%.*s.socket", SPAN_ARG(span_cut(name, (size_t)at + 1)));
}

/* False: a specifier that is not known here, or too long. */
static bool expand(const struct socket_unit *unit, struct span value, struct span *expanded,
		   uint8_t text[VALUE_SIZE])
{
	struct span whole = stem(unit->name);
	ptrdiff_t at = span_find_byte(whole, '@');
	size_t n = 0;
	uint8_t c;

	while (take_u8(&value, &c)) {
		struct span put = span_of(&c, 1);

		if (c == '%') {
			if (!take_u8(&value, &c))
				return false;
			if (c == 'i' || c == 'I')
				put = at < 0 ? span_of(NULL, 0) : span_skip(whole, (size_t)at + 1);
			else if (c == 'p')
				put = at < 0 ? whole : span_cut(whole, (size_t)at);
			else if (c != '%')
				return false;
		}
		if (n + put.n > VALUE_SIZE)
			return false;
		if (put.n)
			memcpy(text + n, put.p, put.n);
		n += put.n;
	}
	*expanded = span_of(text, n);
	return true;
}

/* "22", "127.0.0.1:22", "[::1]:22", "[fe80::1]:22%eth0" */
static bool read_place(struct span value, struct listen_at *at)
{
	ptrdiff_t end = span_find_last(value, ':');
	ptrdiff_t scope = span_find_last(value, '%');
	struct span host = {0};
	uint64_t port;

	if (scope >= 0)
		value = span_cut(value, (size_t)scope);
	if (end >= 0) {
		host = span_cut(value, (size_t)end);
		value = span_skip(value, (size_t)end + 1);
		if (span_starts(host, "[") && span_ends(host, "]"))
			host = span_of(host.p + 1, host.n - 2);
		else if (span_find_byte(host, ':') >= 0)
			return false;
		if (!address_parse(host, &at->address))
			return false;
	}
	if (!span_u64(value, PORT_MAX, &port) || port == 0)
		return false;
	at->port = (uint16_t)port;
	return true;
}

static void add_place(struct socket_unit *unit, enum listen_kind kind, struct span value,
		      struct arena *arena)
{
	struct listen_at at = {.kind = kind};
	uint8_t text[VALUE_SIZE];

	if (value.n == 0) {
		unit->n_listens = 0; /* an empty value clears all kinds */
		return;
	}
	if (unit->n_listens >= MAX_LISTENS || !expand(unit, value, &value, text) ||
	    !read_place(value, &at))
		return;
	*(struct listen_at *)arena_push(arena, &unit->listens, &unit->n_listens, &unit->capacity,
					sizeof(at)) = at;
}

static bool is_true(struct span value)
{
	static const char *const words[] = {"1", "yes", "y", "true", "t", "on"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_eq_nocase(value, span_str(words[i])))
			return true;
	return false;
}

static void set(struct socket_unit *unit, struct span key, struct span value, struct arena *arena)
{
	if (span_is(key, "ListenStream"))
		add_place(unit, LISTEN_STREAM, value, arena);
	else if (span_is(key, "ListenDatagram"))
		add_place(unit, LISTEN_DATAGRAM, value, arena);
	else if (span_is(key, "ListenSequentialPacket"))
		add_place(unit, LISTEN_SEQUENTIAL_PACKET, value, arena);
	else if (span_starts(key, "Listen") && value.n == 0)
		unit->n_listens = 0;
	else if (span_is(key, "Accept"))
		unit->accepts = is_true(value);
	else if (span_is(key, "Service"))
		unit->service = span_ends(value, ".service") ? value : span_of(NULL, 0);
	else if (span_is(key, "BindToDevice"))
		unit->device = value;
	else if (span_is(key, "SocketProtocol"))
		unit->protocol = value;
}

void socket_unit_read(struct socket_unit *unit, struct span text, struct arena *arena)
{
	bool is_ours = false;
	struct span line;
	struct span key;

	while (next_line(&text, arena, &line)) {
		if (span_starts(line, "[")) {
			is_ours = span_is(line, "[Socket]");
			continue;
		}
		if (is_ours && span_find_byte(line, '=') > 0 && take_until(&line, '=', &key))
			set(unit, span_trim(key), span_trim(line), arena);
	}
}

static enum transport transport_of(const struct socket_unit *unit, enum listen_kind kind)
{
	enum transport named;

	if (kind == LISTEN_SEQUENTIAL_PACKET)
		return TRANSPORT_SCTP;
	if (unit->protocol.n && transport_parse(unit->protocol, &named) && named != TRANSPORT_ANY)
		return named;
	return kind == LISTEN_STREAM ? TRANSPORT_TCP : TRANSPORT_UDP;
}

bool socket_unit_opens(const struct socket_unit *unit, enum transport transport,
		       const struct address *local, uint16_t port)
{
	for (size_t i = 0; i < unit->n_listens; i++) {
		const struct listen_at *at = &unit->listens[i];

		if (at->port != port || transport_of(unit, at->kind) != transport)
			continue;
		if (at->address.family == ADDRESS_NONE ? address_is_any(local)
						       : address_cmp(&at->address, local) == 0)
			return true;
	}
	return false;
}

struct span socket_unit_service(const struct socket_unit *unit, struct arena *arena)
{
	struct span name = stem(unit->name);
	ptrdiff_t at = span_find_byte(name, '@');

	if (unit->accepts && at >= 0) /* instances of its own name cannot be named beforehand */
		name = span_cut(name, (size_t)at);
	if (unit->accepts)
		return arena_print(arena, "%.*s@.service", SPAN_ARG(name));
	if (unit->service.n)
		return unit->service;
	return arena_print(arena, "%.*s.service", SPAN_ARG(name));
}

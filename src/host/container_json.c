/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_json: the list of containers as docker and podman write it (Docker Engine API,
 * ContainerList), read from JSON (RFC 8259).
 *
 * The reader goes over the text once and keeps the few members that are asked for: Id, Names, Ports
 * and the addresses in NetworkSettings. Depth and counts have limits, strings are decoded only
 * where they are kept. A text that ends or breaks in the midst keeps the containers before that.
 */
#include "host/container_api.h"

#include "base/scope.h"

enum { DEPTH = 32, TEXT_SIZE = 256, MAX_CONTAINERS = 4096, MAX_OF_ONE = 1024 };

struct reader {
	struct span rest;
	struct arena *arena;
	unsigned depth;
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static uint8_t next(struct reader *r)
{
	while (r->rest.n && is_blank(r->rest.p[0]))
		r->rest = span_skip(r->rest, 1);
	return r->rest.n ? r->rest.p[0] : 0;
}

static bool take(struct reader *r, uint8_t c)
{
	if (next(r) != c || !r->rest.n)
		return false;
	r->rest = span_skip(r->rest, 1);
	return true;
}

/* The string between its quotes, escapes as they are. */
static bool take_raw(struct reader *r, struct span *raw)
{
	size_t n = 0;

	if (!take(r, '"'))
		return false;
	while (n < r->rest.n && r->rest.p[n] != '"')
		n += r->rest.p[n] == '\\' ? 2 : 1;
	if (n >= r->rest.n)
		return false;
	*raw = span_cut(r->rest, n);
	r->rest = span_skip(r->rest, n + 1);
	return true;
}

/* Only plain characters: what has escapes is none of the words, names and addresses we want. */
static bool take_text(struct reader *r, struct span *text)
{
	if (!take_raw(r, text))
		return false;
	if (text->n > TEXT_SIZE || span_find_byte(*text, '\\') >= 0)
		*text = span_of(NULL, 0);
	return true;
}

static bool take_scalar(struct reader *r, struct span *word)
{
	size_t n = 0;

	(void)next(r);
	while (n < r->rest.n && !is_blank(r->rest.p[n]) && r->rest.p[n] != ',' &&
	       r->rest.p[n] != ']' && r->rest.p[n] != '}' && r->rest.p[n] != '"' &&
	       r->rest.p[n] != '[' && r->rest.p[n] != '{' && r->rest.p[n] != ':')
		n++;
	return n > 0 && take_span(&r->rest, n, word);
}

typedef bool member_fn(struct reader *r, struct span key, void *arg);

static bool each_member(struct reader *r, member_fn *fn, void *arg);
static bool each_element(struct reader *r, member_fn *fn, void *arg);

static bool pass(struct reader *r, struct span key, void *arg)
{
	struct span ignored;

	(void)key;
	(void)arg;
	switch (next(r)) {
	case '{': return each_member(r, pass, NULL);
	case '[': return each_element(r, pass, NULL);
	case '"': return take_raw(r, &ignored);
	default: return take_scalar(r, &ignored);
	}
}

/* Anything but an object is passed over. */
static bool each_member(struct reader *r, member_fn *fn, void *arg)
{
	struct span key;
	bool is_well = false;

	if (next(r) != '{')
		return pass(r, span_of(NULL, 0), NULL);
	if (++r->depth > DEPTH || !take(r, '{'))
		return false;
	if (take(r, '}')) {
		r->depth--;
		return true;
	}
	do
		is_well = take_raw(r, &key) && take(r, ':') && fn(r, key, arg);
	while (is_well && take(r, ','));
	r->depth--;
	return is_well && take(r, '}');
}

static bool each_element(struct reader *r, member_fn *fn, void *arg)
{
	bool is_well;

	if (next(r) != '[')
		return pass(r, span_of(NULL, 0), NULL);
	if (++r->depth > DEPTH || !take(r, '['))
		return false;
	if (take(r, ']')) {
		r->depth--;
		return true;
	}
	do
		is_well = fn(r, span_of(NULL, 0), arg);
	while (is_well && take(r, ','));
	r->depth--;
	return is_well && take(r, ']');
}

static bool is_hexadecimal(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n >= 12 && s.n <= 64;
}

/* [a-zA-Z0-9][a-zA-Z0-9_.-]*: no other is a container's name. */
bool container_is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		bool is_letter =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_letter && (i == 0 || (c != '_' && c != '.' && c != '-')))
			return false;
	}
	return s.n > 0 && s.n <= TEXT_SIZE;
}

/* Of several names, one without a '/' in it is its own; the others are of links. */
static bool read_name(struct reader *r, struct span key, void *arg)
{
	struct container *container = arg;
	struct span name;

	if (next(r) != '"')
		return pass(r, key, NULL);
	if (!take_text(r, &name))
		return false;
	if (span_starts(name, "/"))
		name = span_skip(name, 1);
	if (!container->name.n && container_is_name(name))
		container->name = arena_copy(r->arena, name);
	return true;
}

static bool take_port(struct reader *r, uint16_t *port)
{
	struct span word;
	uint64_t value;

	if (next(r) == '"' || next(r) == '{' || next(r) == '[')
		return pass(r, span_of(NULL, 0), NULL);
	if (!take_scalar(r, &word))
		return false;
	if (span_u64(word, PORT_MAX, &value))
		*port = (uint16_t)value;
	return true;
}

struct port_read {
	struct published_port port;
	bool is_bad;
};

static bool read_port_member(struct reader *r, struct span key, void *arg)
{
	struct port_read *read = arg;
	struct span text;

	if (span_is(key, "PublicPort"))
		return take_port(r, &read->port.port);
	if (next(r) != '"' || (!span_is(key, "IP") && !span_is(key, "Type")))
		return pass(r, key, NULL);
	if (!take_text(r, &text))
		return false;
	if (span_is(key, "Type"))
		read->is_bad |= !transport_parse(text, &read->port.transport);
	else if (text.n)
		read->is_bad |= !address_parse(text, &read->port.host);
	return true;
}

static bool read_port(struct reader *r, struct span key, void *arg)
{
	struct container *container = arg;
	struct port_read read = {.port.transport = TRANSPORT_TCP};

	(void)key;
	if (!each_member(r, read_port_member, &read))
		return false;
	if (read.is_bad || !read.port.port || container->n_ports >= MAX_OF_ONE)
		return true; /* not published */
	if (address_is_any(&read.port.host))
		read.port.host = (struct address){0};
	*(struct published_port *)arena_push(r->arena, &container->ports, &container->n_ports,
					     &container->ports_capacity, sizeof(read.port)) =
		read.port;
	return true;
}

static bool read_endpoint(struct reader *r, struct span key, void *arg)
{
	struct container *container = arg;
	struct address address = {0};
	struct span text;

	if (next(r) != '"' || (!span_is(key, "IPAddress") && !span_is(key, "GlobalIPv6Address")))
		return pass(r, key, NULL);
	if (!take_text(r, &text))
		return false;
	if (text.n && container->n_addresses < MAX_OF_ONE && address_parse(text, &address))
		*(struct address *)arena_push(
			r->arena, &container->addresses, &container->n_addresses,
			&container->addresses_capacity, sizeof(address)) = address;
	return true;
}

static bool read_network(struct reader *r, struct span key, void *arg)
{
	(void)key;
	return each_member(r, read_endpoint, arg);
}

static bool read_settings(struct reader *r, struct span key, void *arg)
{
	return span_is(key, "Networks") ? each_member(r, read_network, arg) : pass(r, key, NULL);
}

static bool read_member(struct reader *r, struct span key, void *arg)
{
	struct container *container = arg;
	struct span text;

	if (span_is(key, "Names"))
		return each_element(r, read_name, arg);
	if (span_is(key, "Ports"))
		return each_element(r, read_port, arg);
	if (span_is(key, "NetworkSettings"))
		return each_member(r, read_settings, arg);
	if (!span_is(key, "Id") || next(r) != '"')
		return pass(r, key, NULL);
	if (!take_text(r, &text))
		return false;
	if (is_hexadecimal(text))
		container->id = arena_copy(r->arena, text);
	return true;
}

static bool read_container(struct reader *r, struct span key, void *arg)
{
	struct container_list *list = arg;
	struct container container = {0};

	(void)key;
	if (list->n == MAX_CONTAINERS || !each_member(r, read_member, &container))
		return false;
	if (container.id.n)
		*(struct container *)arena_push(r->arena, &list->items, &list->n, &list->capacity,
						sizeof(container)) = container;
	return true;
}

bool container_list_read(struct span body, struct arena *arena, struct container_list *list)
{
	struct reader r = {.rest = body, .arena = arena};

	*list = (struct container_list){0};
	if (next(&r) != '[')
		return false;
	list->is_cut = !each_element(&r, read_container, list) || next(&r) != 0;
	return true;
}

bool container_answer_read(struct span answer, struct arena *arena, struct container_list *list)
{
	ptrdiff_t end = span_find(answer, SPAN_LIT("\r\n\r\n"));
	struct span head = span_cut(answer, end < 0 ? 0 : (size_t)end);
	struct span line;
	struct span key;

	*list = (struct container_list){0};
	if (end < 0 || !take_line(&head, &line) || !span_starts(line, "HTTP/1.") ||
	    !span_eq(span_cut(span_skip(line, strlen("HTTP/1.x")), 4), SPAN_LIT(" 200")))
		return false;
	while (take_line(&head, &line))
		if (take_until(&line, ':', &key) &&
		    span_eq_nocase(key, SPAN_LIT("transfer-encoding")))
			return false; /* we speak HTTP/1.0, which has none */
	return container_list_read(span_skip(answer, (size_t)end + 4), arena, list);
}

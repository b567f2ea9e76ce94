/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_boards: boards that announce ArduinoOTA by DNS-SD. The type is "_arduino._tcp" and the port
 * of SRV is UDP all the same: both cores say so. TXT: board=VARIANT, auth_upload=yes|no.
 *
 * Names are compared without case (RFC 6762 section 16). A board's records may come in any order
 * and in several messages; what is missing is asked again. Records of time 0 are farewells.
 */
#include "base/scope.h"
#include "proto/dns_record.h"
#include "proto/ota.h"

enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_TXT = 16, TYPE_AAAA = 28, TYPE_SRV = 33, LABEL_MAX = 63 };
enum { QUESTIONS_MAX = 64, HEAD = 12 };

static const char type_name[] = "_arduino._tcp.local";

static struct span name_of(const struct dns_name *name)
{
	return span_of(name->text, name->n);
}

static void keep(char to[OTA_NAME], size_t *n, struct span text)
{
	*n = text.n < OTA_NAME ? text.n : OTA_NAME;
	if (*n)
		memcpy(to, text.p, *n);
}

/* "esp32-0a1b._arduino._tcp.local" gives "esp32-0a1b"; false for names of another type. */
static bool take_instance(struct span name, struct span *instance)
{
	size_t tail = sizeof(type_name); /* with the dot before it */

	if (name.n <= tail || name.p[name.n - tail] != '.' ||
	    !span_eq_nocase(span_skip(name, name.n - tail + 1), SPAN_LIT(type_name)))
		return false;
	*instance = span_cut(name, name.n - tail);
	return instance->n <= LABEL_MAX;
}

static struct ota_board *board_of(struct ota_boards *boards, struct span instance)
{
	struct ota_board *row;

	for (size_t i = 0; i < boards->n; i++)
		if (span_eq_nocase(span_of(boards->rows[i].name, boards->rows[i].n_name), instance))
			return &boards->rows[i];
	if (boards->n == OTA_BOARDS) {
		boards->n_dropped++;
		return NULL;
	}
	row = &boards->rows[boards->n++];
	memset(row, 0, sizeof(*row));
	keep(row->name, &row->n_name, instance);
	return row;
}

static void take_service(struct ota_board *row, struct span whole, struct span data)
{
	uint16_t priority, weight, port;
	struct dns_name host;

	/* RFC 2782; the name may lead anywhere back in the message */
	if (take_u16be(&data, &priority) && take_u16be(&data, &weight) &&
	    take_u16be(&data, &port) && dns_take_name(whole, &data, &host)) {
		row->port = port;
		keep(row->host, &row->n_host, name_of(&host));
	}
}

/* RFC 6763 section 6: strings of "key=value", each after its length; keys without case */
static void take_text(struct ota_board *row, struct span data)
{
	struct span item, key;
	uint8_t n;

	while (take_u8(&data, &n) && take_span(&data, n, &item)) {
		if (!take_until(&item, '=', &key))
			continue;
		if (span_eq_nocase(key, SPAN_LIT("board")))
			keep(row->board, &row->n_board, item);
		else if (span_eq_nocase(key, SPAN_LIT("auth_upload")))
			row->auth = span_eq_nocase(item, SPAN_LIT("yes"))  ? OTA_AUTH_YES
				    : span_eq_nocase(item, SPAN_LIT("no")) ? OTA_AUTH_NO
									   : OTA_AUTH_UNKNOWN;
	}
}

/* IPv4 goes before IPv6, and a routable IPv6 address before a link-local one. */
static unsigned rank(const struct address *address)
{
	return address->family == ADDRESS_NONE   ? 0
	       : address->family == ADDRESS_IPV4 ? 3
	       : address_is_link_local(address)  ? 1
						 : 2;
}

static void take_address(struct ota_boards *boards, struct span name, struct span data,
			 uint32_t interface)
{
	struct ota_host *row = NULL;
	struct address address = data.n == 4 ? address_ipv4(data.p) : address_ipv6(data.p);

	if (address.family == ADDRESS_IPV6 && address_is_link_local(&address))
		address.interface = interface;
	for (size_t i = 0; i < boards->n_hosts && !row; i++)
		if (span_eq_nocase(span_of(boards->hosts[i].name, boards->hosts[i].n_name), name))
			row = &boards->hosts[i];
	if (!row) {
		if (boards->n_hosts == OTA_HOSTS) {
			boards->n_dropped++;
			return;
		}
		row = &boards->hosts[boards->n_hosts++];
		memset(row, 0, sizeof(*row));
		keep(row->name, &row->n_name, name);
	}
	if (rank(&address) > rank(&row->address))
		row->address = address;
}

static void take_record(struct ota_boards *boards, struct span whole, const struct dns_record *r,
			uint32_t interface)
{
	struct span data = r->data;
	struct span instance;
	struct dns_name to;

	if (r->ttl == 0)
		return;
	if ((r->type == TYPE_A && data.n == 4) || (r->type == TYPE_AAAA && data.n == 16)) {
		take_address(boards, name_of(&r->name), data, interface);
	} else if (r->type == TYPE_PTR && span_eq_nocase(name_of(&r->name), SPAN_LIT(type_name))) {
		if (dns_take_name(whole, &data, &to) && take_instance(name_of(&to), &instance))
			board_of(boards, instance);
	} else if ((r->type == TYPE_SRV || r->type == TYPE_TXT) &&
		   take_instance(name_of(&r->name), &instance)) {
		struct ota_board *row = board_of(boards, instance);

		if (row && r->type == TYPE_SRV)
			take_service(row, whole, data);
		else if (row)
			take_text(row, data);
	}
}

/* Walks the message; with `boards` NULL only to see that it is whole. */
static bool walk(struct ota_boards *boards, struct span message, uint16_t id, uint32_t interface)
{
	struct dns_message m;
	struct dns_record r;

	if (!dns_take_head(message, true, &m) || (m.id != id && m.id != 0))
		return false;
	for (unsigned i = 0; i < m.n_questions; i++)
		if (!dns_take_question(message, &m.rest, &r.name))
			return false;
	for (unsigned i = 0; i < m.n_records; i++) {
		if (!dns_take_record(message, &m.rest, &r))
			return false;
		if (boards)
			take_record(boards, message, &r, interface);
	}
	return true;
}

bool ota_boards_take(struct ota_boards *boards, struct span message, uint16_t id,
		     uint32_t interface)
{
	return walk(NULL, message, id, interface) && walk(boards, message, id, interface);
}

void ota_boards_join(struct ota_boards *boards)
{
	for (size_t i = 0; i < boards->n; i++) {
		struct ota_board *row = &boards->rows[i];

		for (size_t k = 0; k < boards->n_hosts; k++)
			if (row->n_host &&
			    span_eq_nocase(span_of(boards->hosts[k].name, boards->hosts[k].n_name),
					   span_of(row->host, row->n_host)))
				row->address = boards->hosts[k].address;
	}
}

bool ota_board_is_whole(const struct ota_board *board)
{
	return board->port && board->n_host && board->auth != OTA_AUTH_UNKNOWN &&
	       board->address.family != ADDRESS_NONE;
}

struct out {
	uint8_t *p;
	size_t n, size;
	bool is_full;
};

static void put(struct out *out, const void *bytes, size_t n)
{
	if (out->is_full || n > out->size - out->n) {
		out->is_full = true;
		return;
	}
	memcpy(out->p + out->n, bytes, n);
	out->n += n;
}

static void put_label(struct out *out, struct span label)
{
	uint8_t n = (uint8_t)label.n;

	if (label.n == 0 || label.n > LABEL_MAX) {
		out->is_full = true;
		return;
	}
	put(out, &n, 1);
	put(out, label.p, label.n);
}

/* One question, or nothing where it does not fit or a name cannot be written. `first` is a label
 * that may hold dots; RFC 1035 section 4.1.2, class IN. */
static void ask(struct out *out, unsigned *n_questions, struct span first, struct span name,
		uint16_t type)
{
	struct out trial = *out;
	struct span label;
	uint8_t tail[] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1};

	if (*n_questions == QUESTIONS_MAX)
		return;
	if (first.n)
		put_label(&trial, first);
	while (take_until(&name, '.', &label))
		put_label(&trial, label);
	put(&trial, tail, sizeof(tail));
	if (trial.is_full)
		return;
	*out = trial;
	(*n_questions)++;
}

size_t ota_put_question(const struct ota_boards *boards, uint16_t id, uint8_t *out, size_t size)
{
	struct out o = {.p = out, .n = HEAD, .size = size};
	struct span none = {0};
	unsigned n = 0;

	if (size < HEAD)
		return 0;
	memset(out, 0, HEAD);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	ask(&o, &n, none, SPAN_LIT(type_name), TYPE_PTR);
	for (size_t i = 0; i < boards->n; i++) {
		const struct ota_board *row = &boards->rows[i];
		struct span name = span_of(row->name, row->n_name);

		if (!row->port)
			ask(&o, &n, name, SPAN_LIT(type_name), TYPE_SRV);
		if (row->auth == OTA_AUTH_UNKNOWN)
			ask(&o, &n, name, SPAN_LIT(type_name), TYPE_TXT);
		if (row->n_host && row->address.family == ADDRESS_NONE) {
			ask(&o, &n, none, span_of(row->host, row->n_host), TYPE_A);
			ask(&o, &n, none, span_of(row->host, row->n_host), TYPE_AAAA);
		}
	}
	out[5] = (uint8_t)n;
	return n ? o.n : 0;
}

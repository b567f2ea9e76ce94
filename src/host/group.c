/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group: how sockets on one number stand to each other.
 *
 * - An SO_REUSEPORT group are sockets of one user on one address, number and device: the kernel
 *   shares connections out between them. sock_diag does not tell the option itself; for TCP there
 *   is no other way to be several, for UDP SO_REUSEADDR would look the same.
 * - A rival is another user's socket that could take traffic: on the same address, on the wildcard
 *   address beside a certain one, and on both loopback addresses ("localhost" is either). Sockets
 *   of different devices never meet. Numbers where every program of a host listens to the same
 *   multicast group are shared on purpose and have no rivals.
 * - Peers are connections whose local end the listener accepts; the exact address comes first.
 *
 * Rows are sorted by number, so that one number's rows stand together. A stranger may open sockets
 * on 65,536 loopback addresses: only rows on one address, and each row with the few wildcards, are
 * compared.
 */
#include "host/survey.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"

/* mDNS, SSDP, WS-Discovery, LLMNR, CoAP discovery, DHCP clients of several interfaces. */
static const uint16_t shared_ports[] = {68, 546, 1900, 3702, 5353, 5355, 5683};

enum { MAX_BROAD = 64 };

static uint8_t class_of(const struct socket_row *row)
{
	return row->transport == TRANSPORT_MPTCP ? TRANSPORT_TCP : row->transport;
}

static bool is_waiting(const struct socket_row *row)
{
	return row->state == SOCKET_LISTEN || row->state == SOCKET_BOUND;
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_number(const struct socket_row *a, const struct socket_row *b)
{
	int r = order(a->net_namespace, b->net_namespace);

	if (r == 0)
		r = order(a->port, b->port);
	return r ? r : order(class_of(a), class_of(b));
}

/* Number, waiting ones first, address, device, user. */
static int by_place(const void *x, const void *y)
{
	const struct socket_row *a = *(const struct socket_row *const *)x;
	const struct socket_row *b = *(const struct socket_row *const *)y;
	int r = by_number(a, b);

	if (r == 0)
		r = order(!is_waiting(a), !is_waiting(b));
	if (r == 0)
		r = address_cmp(&a->local, &b->local);
	if (r == 0)
		r = order(a->local.interface, b->local.interface);
	return r ? r : order(a->uid, b->uid);
}

static bool is_one_place(const struct socket_row *a, const struct socket_row *b)
{
	return address_eq(&a->local, &b->local) && a->local.interface == b->local.interface;
}

static bool share_device(const struct socket_row *a, const struct socket_row *b)
{
	return !a->local.interface || !b->local.interface ||
	       a->local.interface == b->local.interface;
}

/* Whether a wildcard or loopback socket also answers where the other one does. */
static bool overlap(const struct socket_row *broad, const struct socket_row *other)
{
	if (!share_device(broad, other))
		return false;
	if (address_is_any(&broad->local))
		return broad->local.family == other->local.family ||
		       address_is_any(&other->local) || address_is_loopback(&other->local) ||
		       (broad->local.family == ADDRESS_IPV6 && !broad->is_v6only);
	return address_is_loopback(&other->local) && broad->local.family != other->local.family;
}

static bool is_shared(const struct socket_row *row)
{
	if (row->state != SOCKET_BOUND)
		return false;
	if (address_is_multicast(&row->local))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(shared_ports); i++)
		if (row->port == shared_ports[i])
			return true;
	return false;
}

/* The first address of a loopback network: what "localhost" means. */
static bool is_localhost(const struct address *address)
{
	static const uint8_t v4[] = {127, 0, 0, 1};

	if (address->family == ADDRESS_IPV6)
		return address_is_loopback(address) && !address_is_v4_mapped(address);
	return address->family == ADDRESS_IPV4 && memcmp(address->bytes, v4, sizeof(v4)) == 0;
}

/* The same address comes before a certain one, that before the wildcard of the other family. */
static int nearness(const struct socket_row *row, const struct socket_row *rival)
{
	if (!rival)
		return 0;
	if (is_one_place(row, rival))
		return 4;
	if (address_is_any(&rival->local))
		return row->local.family == rival->local.family ? 3 : 1;
	return 2;
}

static void mark_one(struct socket_row *row, const struct socket_row *rival)
{
	row->has_rival = true;
	if (nearness(row, rival) > nearness(row, row->rival))
		row->rival = rival;
}

static void mark(struct socket_row *a, struct socket_row *b)
{
	if (a->uid == b->uid)
		return;
	mark_one(a, b);
	mark_one(b, a);
}

/* What one of a user's rows on one place has, the other has too. */
static void share_rival(struct socket_row *from, struct socket_row *to)
{
	if (from->uid == to->uid && is_one_place(from, to) && from->has_rival)
		mark_one(to, from->rival);
}

static void find_rivals(struct socket_row **rows, size_t n)
{
	struct socket_row *broad[MAX_BROAD];
	size_t n_broad = 0;

	if (is_shared(rows[0]))
		return;
	for (size_t i = 0; i < n; i++) {
		const struct socket_row *last = n_broad ? broad[n_broad - 1] : NULL;

		if (i && is_one_place(rows[i - 1], rows[i]))
			mark(rows[i - 1], rows[i]);
		if ((address_is_any(&rows[i]->local) || is_localhost(&rows[i]->local)) &&
		    n_broad < MAX_BROAD &&
		    (!last || !is_one_place(last, rows[i]) || last->uid != rows[i]->uid))
			broad[n_broad++] = rows[i];
	}
	for (size_t i = 0; i < n; i++)
		for (size_t b = 0; b < n_broad; b++)
			if (broad[b] != rows[i] && overlap(broad[b], rows[i]))
				mark(broad[b], rows[i]);
	/* Users stand side by side on one place; a mark on one of a user's rows is for all. */
	for (size_t i = 1; i < n; i++)
		share_rival(rows[i - 1], rows[i]);
	for (size_t i = n; i-- > 1;)
		share_rival(rows[i], rows[i - 1]);
}

static void count_groups(struct socket_row **rows, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;

		while (end < n && rows[end]->uid == rows[i]->uid &&
		       is_one_place(rows[end], rows[i]))
			end++;
		for (size_t k = i; k < end && end - i > 1; k++)
			rows[k]->n_reuseport = end - i > UINT16_MAX ? UINT16_MAX
								    : (uint16_t)(end - i);
		i = end;
	}
}

static bool accepts(const struct socket_row *listener, const struct socket_row *peer)
{
	if (!address_is_any(&listener->local))
		return address_eq(&listener->local, &peer->local);
	if (listener->local.family == ADDRESS_IPV6)
		return peer->local.family == ADDRESS_IPV6 || !listener->is_v6only;
	return peer->local.family == ADDRESS_IPV4;
}

/* rows[0 .. n_waiting) wait, the others are connections. */
static void count_peers(struct socket_row **rows, size_t n_waiting, size_t n)
{
	for (size_t i = n_waiting; i < n; i++) {
		struct socket_row *best = NULL;

		for (size_t k = 0; k < n_waiting; k++) {
			bool is_exact = !address_is_any(&rows[k]->local);

			if (accepts(rows[k], rows[i]) && (!best || is_exact))
				best = rows[k];
			if (best && is_exact)
				break;
		}
		if (best)
			best->n_peers++;
	}
}

int group_relate(struct socket_table *table)
{
	auto_free struct socket_row **rows = calloc(table->n + 1, sizeof(*rows));
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++)
		if (!table->rows[i].is_dropped)
			rows[n++] = &table->rows[i];
	if (n)
		qsort(rows, n, sizeof(struct socket_row *), by_place);
	for (size_t i = 0; i < n;) {
		size_t waiting = i;
		size_t end;

		while (waiting < n && is_waiting(rows[waiting]) &&
		       by_number(rows[waiting], rows[i]) == 0)
			waiting++;
		end = waiting;
		while (end < n && by_number(rows[end], rows[i]) == 0)
			end++;
		if (waiting > i) {
			find_rivals(rows + i, waiting - i);
			count_groups(rows + i, waiting - i);
			count_peers(rows + i, waiting - i, end - i);
		}
		i = end;
	}
	return 0;
}

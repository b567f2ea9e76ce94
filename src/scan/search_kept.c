/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search_kept: a scan that others may order is kept to a list of networks (reliability.md R6).
 *
 * What a name was resolved to is judged, and is what will be asked: nothing is resolved twice. All that
 * was named must lie inside, or nothing is asked. Loopback and link-local addresses mean another host
 * to whoever ordered it than to this one, so that no list allows them.
 */
#include <errno.h>
#include <stdio.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/search_private.h"

enum { NETWORKS_TOLD = 4, TEXT_SIZE = 256 };

/* Loopback and link-local networks of IPv4; those of IPv6 are asked for by address. */
static const struct scan_network near[] = {
	{{.family = ADDRESS_IPV4, .bytes = {127}}, 8},
	{{.family = ADDRESS_IPV4, .bytes = {169, 254}}, 16},
};

/* A range stays below one upper half, which is that of all link-local addresses. */
static bool is_near_ipv6(const struct target_range *row)
{
	struct address loopback = {.family = ADDRESS_IPV6, .bytes = {[15] = 1}};

	if (row->first.family != ADDRESS_IPV6)
		return false;
	return address_is_link_local(&row->first) ||
	       (memcmp(row->first.bytes, loopback.bytes, 8) == 0 && target_low(&row->first) <= 1 &&
		target_low(&row->first) + (row->n - 1) >= 1);
}

static bool find_near(struct arena *arena, const struct target_ranges *named, struct address *which)
{
	struct target_ranges others = {0};
	struct target_ranges cut = {0};
	struct target_ranges found = {0};

	for (size_t i = 0; i < ARRAY_LEN(near); i++)
		search_add_network(arena, &cut, &near[i]);
	target_sort(&cut);
	target_cut(arena, named, &cut, &others);
	target_cut(arena, named, &others, &found);
	if (found.n)
		*which = found.rows[0].first;
	for (size_t i = 0; i < named->n; i++)
		if (is_near_ipv6(&named->rows[i])) {
			*which = named->rows[i].first;
			return true;
		}
	return found.n > 0;
}

/* IPv6 networks are wider than a range can be: both ends lie in one and the same. */
static bool is_inside_ipv6(const struct scan_scope *networks, const struct target_range *row)
{
	struct address last = target_plus(&row->first, row->n - 1);

	for (size_t i = 0; row->first.family == ADDRESS_IPV6 && i < networks->n_networks; i++) {
		struct scan_scope one = {.networks = {networks->networks[i]}, .n_networks = 1};

		if (scan_scope_ask(&one, &row->first) == SCAN_INSIDE &&
		    scan_scope_ask(&one, &last) == SCAN_INSIDE)
			return true;
	}
	return false;
}

static bool find_outside(struct arena *arena, const struct scan_scope *networks,
			 const struct target_ranges *named, struct address *which)
{
	struct target_ranges inside = {0};
	struct target_ranges outside = {0};

	for (size_t i = 0; i < networks->n_networks; i++)
		search_add_network(arena, &inside, &networks->networks[i]);
	target_sort(&inside);
	target_cut(arena, named, &inside, &outside);
	for (size_t i = 0; i < outside.n; i++)
		if (!is_inside_ipv6(networks, &outside.rows[i])) {
			*which = outside.rows[i].first;
			return true;
		}
	return false;
}

/* "192.0.2.0/24, 2001:db8::/32", the first of them. */
static void list_networks(const struct scan_scope *networks, char text[TEXT_SIZE])
{
	size_t at = 0;

	snprintf(text, TEXT_SIZE, "%s", _("no network"));
	for (size_t i = 0; i < networks->n_networks && i <= NETWORKS_TOLD && at < TEXT_SIZE; i++) {
		const struct scan_network *network = &networks->networks[i];
		char address[ADDRESS_TEXT];

		at += (size_t)(i == NETWORKS_TOLD
				       ? snprintf(text + at, TEXT_SIZE - at, ", ...")
				       : snprintf(text + at, TEXT_SIZE - at, "%s%s/%u", i ? ", " : "",
						  address_text(&network->address, address), network->bits));
	}
}

int search_keep_to(struct arena *arena, const struct scan_scope *networks,
		   const struct target_ranges *named, struct why *why)
{
	char address[ADDRESS_TEXT];
	char list[TEXT_SIZE];
	struct address wrong;

	if (find_near(arena, named, &wrong))
		return why_set(why, EACCES,
			       _("'%s' is of this machine or its link alone, and is not scanned by order "
				 "of others"),
			       address_text(&wrong, address));
	if (!find_outside(arena, networks, named, &wrong))
		return 0;
	list_networks(networks, list);
	return why_set(why, EPERM, _("'%s' is outside of the networks that may be scanned: %s"),
		       address_text(&wrong, address), list);
}

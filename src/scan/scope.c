/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope: whom this machine may ask (reliability.md R10). An IPv4 address in IPv6 clothes is judged
 * as the IPv4 address that it is.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "base/text.h"
#include "scan/target.h"

static struct address plain(const struct address *a)
{
	return address_is_v4_mapped(a) ? address_ipv4(a->bytes + 12) : *a;
}

static unsigned width(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? 128 : 32;
}

static bool is_in(const struct address *a, const struct scan_network *network)
{
	unsigned whole = network->bits / 8;
	unsigned rest = network->bits % 8;

	if (a->family != network->address.family ||
	    memcmp(a->bytes, network->address.bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ network->address.bytes[whole]) >> (8 - rest)) == 0;
}

/* The metadata services of clouds: an answer may hold credentials, a log entry accuses. */
static bool is_metadata(const struct address *a)
{
	static const uint8_t ipv4[4] = {169, 254, 169, 254};
	static const uint8_t ipv6[16] = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};

	return a->family == ADDRESS_IPV4 ? memcmp(a->bytes, ipv4, 4) == 0
					 : memcmp(a->bytes, ipv6, 16) == 0;
}

static bool is_never(const struct address *a)
{
	if (a->family == ADDRESS_NONE || address_is_any(a) || address_is_multicast(a) ||
	    is_metadata(a))
		return true;
	return a->family == ADDRESS_IPV4 && (a->bytes[0] == 0 || a->bytes[0] >= 240);
}

/* The last address of one of the own subnets that have room for one. */
static bool is_broadcast(const struct scan_network *network, const struct address *a)
{
	if (a->family != ADDRESS_IPV4 || network->bits >= 31 || !is_in(a, network))
		return false;
	for (unsigned i = network->bits; i < 32; i++)
		if (!(a->bytes[i / 8] & (0x80u >> (i % 8))))
			return false;
	return true;
}

enum scan_allowed scan_scope_ask(const struct scan_scope *scope, const struct address *address)
{
	struct address a = plain(address);
	enum scan_allowed allowed = SCAN_OUTSIDE;

	if (is_never(&a))
		return SCAN_NEVER;
	if (address_is_loopback(&a))
		return a.family == ADDRESS_IPV4 && a.bytes[1] == 255 && a.bytes[2] == 255 &&
				       a.bytes[3] == 255
			       ? SCAN_NEVER
			       : SCAN_HERE;
	for (size_t i = 0; i < scope->n_own; i++)
		if (address_eq(&scope->own[i], &a))
			return SCAN_HERE;
	for (size_t i = 0; i < scope->n_networks; i++) {
		if (is_broadcast(&scope->networks[i], &a))
			return SCAN_NEVER;
		if (is_in(&a, &scope->networks[i]))
			allowed = SCAN_INSIDE;
	}
	return allowed;
}

static bool take_address(const struct sockaddr *from, struct address *a)
{
	if (from && from->sa_family == AF_INET)
		*a = address_ipv4((const uint8_t *)&((const struct sockaddr_in *)(const void *)from)
					  ->sin_addr);
	else if (from && from->sa_family == AF_INET6)
		*a = address_ipv6(
			((const struct sockaddr_in6 *)(const void *)from)->sin6_addr.s6_addr);
	else
		return false;
	return true;
}

static uint8_t count_bits(const struct address *mask)
{
	unsigned n = 0;

	while (n < width(mask) && (mask->bytes[n / 8] & (0x80u >> (n % 8))))
		n++;
	return (uint8_t)n;
}

int scan_scope_init(struct scan_scope *scope, struct why *why)
{
	struct ifaddrs *all;

	*scope = (struct scan_scope){0};
	if (getifaddrs(&all) < 0)
		return why_errno(why, _("cannot list this machine's interfaces"));
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct address a;
		struct address mask;

		if (!take_address(i->ifa_addr, &a) || !take_address(i->ifa_netmask, &mask))
			continue;
		if (scope->n_own < SCAN_NETWORKS)
			scope->own[scope->n_own++] = a;
		/* a route to everybody, as tunnels have it, makes nobody a neighbour */
		if (scope->n_networks < SCAN_NETWORKS && count_bits(&mask) >= 8)
			scope->networks[scope->n_networks++] =
				(struct scan_network){a, count_bits(&mask)};
	}
	freeifaddrs(all);
	return 0;
}

int scan_scope_add(struct scan_scope *scope, struct span text, struct why *why)
{
	ptrdiff_t slash = span_find_byte(text, '/');
	struct span word = slash < 0 ? text : span_cut(text, (size_t)slash);
	struct scan_network network;
	uint64_t bits;

	if (scope->n_networks == SCAN_NETWORKS)
		return why_set(why, E2BIG, _("more than %d networks"), SCAN_NETWORKS);
	if (!address_parse(word, &network.address))
		return why_set(why, EINVAL, _("'%.*s' is not a network: write 192.0.2.0/24"),
			       SPAN_ARG(text));
	network.address = plain(&network.address);
	bits = width(&network.address);
	if (slash >= 0 && !span_u64(span_skip(text, (size_t)slash + 1), bits, &bits))
		return why_set(why, EINVAL, _("'%.*s' is not a network: write 192.0.2.0/24"),
			       SPAN_ARG(text));
	network.bits = (uint8_t)bits;
	scope->networks[scope->n_networks++] = network;
	return 0;
}

static int read_network(void *arg, struct span word, struct why *why)
{
	return scan_scope_add(arg, word, why);
}

int scan_scope_read(struct scan_scope *scope, const char *path, struct why *why)
{
	return target_words(path, read_network, scope, why);
}

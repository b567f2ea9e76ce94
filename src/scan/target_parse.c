/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target_parse: words that name hosts: addresses, networks, ranges, interfaces, names, files.
 *
 * A name is asked of the resolver once, and its first address is taken. A network is all of its
 * addresses but the first and last of an IPv4 one that has room for them.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/target.h"

enum { LINE_SIZE = 4096 };

static struct address plain(const struct address *a)
{
	return address_is_v4_mapped(a) ? address_ipv4(a->bytes + 12) : *a;
}

static int add_network(struct arena *arena, struct target_ranges *ranges,
		       const struct address *inside, unsigned bits, struct why *why)
{
	bool is_v4 = inside->family == ADDRESS_IPV4;
	unsigned host_bits = (is_v4 ? 32 : 128) - bits;
	struct address first = *inside;
	char text[ADDRESS_TEXT];
	uint64_t n;

	if (host_bits > 32)
		return why_set(why, E2BIG,
			       _("'%s/%u' is too wide to be asked address by address: at most /96"),
			       address_text(inside, text), bits);
	n = 1ull << host_bits;
	for (unsigned i = 0; i < host_bits; i++)
		first.bytes[(is_v4 ? 3 : 15) - i / 8] &= (uint8_t) ~(1u << i % 8);
	if (is_v4 && host_bits >= 2 && !ranges->is_whole) {
		first = target_plus(&first, 1);
		n -= 2;
	}
	target_add(arena, ranges, &first, n);
	return 0;
}

static int parse_network(struct arena *arena, struct span word, size_t slash,
			 struct target_ranges *ranges, struct why *why)
{
	struct address inside;
	uint64_t bits;

	if (!address_parse(span_cut(word, slash), &inside) ||
	    !span_u64(span_skip(word, slash + 1), inside.family == ADDRESS_IPV4 ? 32 : 128, &bits))
		return why_set(why, EINVAL, _("'%.*s' is not a network: write 192.0.2.0/24"),
			       SPAN_ARG(word));
	if (address_is_v4_mapped(&inside) && bits >= 96)
		bits -= 96;
	inside = plain(&inside);
	return add_network(arena, ranges, &inside, (unsigned)bits, why);
}

static int parse_range(struct arena *arena, struct span word, const struct address *first,
		       struct span rest, struct target_ranges *ranges, struct why *why)
{
	struct address last = *first;
	uint64_t number;

	if (first->family == ADDRESS_IPV4 && span_u64(rest, 255, &number))
		last.bytes[3] = (uint8_t)number;
	else if (!address_parse(rest, &last))
		return why_set(why, EINVAL, _("'%.*s' is not a range: write 192.0.2.1-9"),
			       SPAN_ARG(word));
	last = plain(&last);
	if (last.family != first->family ||
	    (last.family == ADDRESS_IPV6 && memcmp(last.bytes, first->bytes, 8) != 0) ||
	    target_low(&last) < target_low(first))
		return why_set(why, EINVAL,
			       _("'%.*s' is no range: the last is not after the first"),
			       SPAN_ARG(word));
	if (target_low(&last) - target_low(first) >= TARGETS_MAX)
		return why_set(why, E2BIG, _("'%.*s' holds more than %llu addresses"),
			       SPAN_ARG(word), (unsigned long long)TARGETS_MAX);
	target_add(arena, ranges, first, target_low(&last) - target_low(first) + 1);
	return 0;
}

static bool take_sockaddr(const struct sockaddr *from, struct address *a)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;

	if (!from || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
		return false;
	if (from->sa_family == AF_INET) {
		*a = address_ipv4((const uint8_t *)&v4->sin_addr);
		return true;
	}
	*a = address_ipv6(v6->sin6_addr.s6_addr);
	a->interface = v6->sin6_scope_id;
	return true;
}

static unsigned count_bits(const struct address *mask)
{
	unsigned n = 0;
	unsigned most = mask->family == ADDRESS_IPV4 ? 32 : 128;

	while (n < most && (mask->bytes[n / 8] & (0x80u >> (n % 8))))
		n++;
	return n;
}

/* The IPv4 subnets of an interface; of IPv6 ones there are too many addresses to ask. */
static int parse_interface(struct arena *arena, const char *name, struct target_ranges *ranges,
			   struct why *why)
{
	struct ifaddrs *all;
	size_t n = 0;
	int r = 0;

	if (getifaddrs(&all) < 0)
		return why_errno(why, _("cannot list this machine's interfaces"));
	for (struct ifaddrs *i = all; i && r == 0; i = i->ifa_next) {
		struct address a;
		struct address mask;

		if (strcmp(i->ifa_name, name) != 0 || !take_sockaddr(i->ifa_addr, &a) ||
		    !take_sockaddr(i->ifa_netmask, &mask) || a.family != ADDRESS_IPV4)
			continue;
		r = add_network(arena, ranges, &a, count_bits(&mask), why);
		n++;
	}
	freeifaddrs(all);
	if (r == 0 && n == 0)
		return why_set(why, ENOENT, _("interface '%s' has no IPv4 subnet"), name);
	return r;
}

static int resolve(struct arena *arena, const char *name, struct target_ranges *ranges,
		   struct why *why)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *all = NULL;
	struct address a;
	bool is_found = false;
	int r = getaddrinfo(name, NULL, &hints, &all);

	for (struct addrinfo *i = r ? NULL : all; i && !is_found; i = i->ai_next)
		is_found = take_sockaddr(i->ai_addr, &a);
	if (r == 0)
		freeaddrinfo(all);
	if (!is_found)
		return why_set(why, ENOENT, _("cannot find the address of '%s': %s"), name,
			       r ? gai_strerror(r) : _("none is known"));
	a = plain(&a);
	target_add(arena, ranges, &a, 1);
	return 0;
}

int target_parse(struct arena *arena, struct span word, struct target_ranges *ranges,
		 struct why *why)
{
	ptrdiff_t slash = span_find_byte(word, '/');
	ptrdiff_t dash = span_find_byte(word, '-');
	struct address a;
	char name[256];

	if (span_starts(word, "[") && span_ends(word, "]"))
		word = span_of(word.p + 1, word.n - 2);
	if (word.n == 0 || word.n >= sizeof(name) || span_find_byte(word, 0) >= 0)
		return why_set(why, EINVAL, _("'%.*s' is not a host"),
			       SPAN_ARG(span_cut(word, 64)));
	if (slash >= 0)
		return parse_network(arena, word, (size_t)slash, ranges, why);
	if (address_parse(word, &a)) {
		a = plain(&a);
		target_add(arena, ranges, &a, 1);
		return 0;
	}
	if (dash > 0 && address_parse(span_cut(word, (size_t)dash), &a)) {
		a = plain(&a);
		return parse_range(arena, word, &a, span_skip(word, (size_t)dash + 1), ranges, why);
	}
	memcpy(name, word.p, word.n);
	name[word.n] = 0;
	if (if_nametoindex(name))
		return parse_interface(arena, name, ranges, why);
	return resolve(arena, name, ranges, why);
}

int target_words(const char *path, target_word_fn *each, void *arg, struct why *why)
{
	bool is_stdin = strcmp(path, "-") == 0;
	auto_fclose FILE *own = is_stdin ? NULL : fopen(path, "re");
	FILE *f = is_stdin ? stdin : own;
	char line[LINE_SIZE];
	unsigned number = 0;

	if (!f)
		return why_errno(why, _("cannot read '%s'"), path);
	while (fgets(line, sizeof(line), f)) {
		struct span rest = span_str(line);
		ptrdiff_t comment = span_find_byte(rest, '#');
		struct span word;
		struct why inner = {0};

		number++;
		if (!span_ends(rest, "\n") && rest.n == sizeof(line) - 1)
			return why_set(why, EINVAL, _("%s:%u: longer than %d bytes"), path, number,
				       LINE_SIZE - 2);
		if (comment >= 0)
			rest = span_cut(rest, (size_t)comment);
		rest = span_trim(rest);
		while (take_word(&rest, &word)) {
			int r = each(arg, word, &inner);

			if (r < 0)
				return why_set(why, -r, "%s:%u: %s", path, number, inner.text);
		}
	}
	return ferror(f) ? why_errno(why, _("cannot read '%s'"), path) : 0;
}

struct reading {
	struct arena *arena;
	struct target_ranges *ranges;
};

static int read_target(void *arg, struct span word, struct why *why)
{
	const struct reading *reading = arg;

	return target_parse(reading->arena, word, reading->ranges, why);
}

int target_read(struct arena *arena, const char *path, struct target_ranges *ranges,
		struct why *why)
{
	struct reading reading = {arena, ranges};

	return target_words(path, read_target, &reading, why);
}

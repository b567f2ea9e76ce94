/* SPDX-License-Identifier: Apache-2.0 */
/* ota_net: the time, addresses and waiting of periplus-ota. */
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>

#include "base/scope.h"
#include "cli/ota.h"

int64_t ota_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

socklen_t ota_socket_address(const struct ota_peer *peer, union ota_socket_address *to)
{
	memset(to, 0, sizeof(*to));
	if (peer->address.family == ADDRESS_IPV6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)to;

		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(peer->port);
		v6->sin6_scope_id = peer->address.interface;
		memcpy(&v6->sin6_addr, peer->address.bytes, 16);
		return sizeof(*v6);
	}

	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)to;

	v4->sin_family = AF_INET;
	v4->sin_port = htons(peer->port);
	memcpy(&v4->sin_addr, peer->address.bytes, 4);
	return sizeof(*v4);
}

bool ota_peer_of(const union ota_socket_address *from, struct ota_peer *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;

	if (from->any.sa_family == AF_INET) {
		uint8_t bytes[4];

		memcpy(bytes, &v4->sin_addr, sizeof(bytes));
		peer->address = address_ipv4(bytes);
		peer->port = ntohs(v4->sin_port);
		return true;
	}
	if (from->any.sa_family != AF_INET6)
		return false;
	peer->address = address_ipv6(v6->sin6_addr.s6_addr);
	peer->address.interface = v6->sin6_scope_id;
	peer->port = ntohs(v6->sin6_port);
	return true;
}

bool ota_same_address(const struct address *a, const struct address *b)
{
	struct address pair[] = {*a, *b};

	for (size_t i = 0; i < 2; i++)
		if (address_is_v4_mapped(&pair[i]))
			pair[i] = address_ipv4(pair[i].bytes + 12);
	return pair[0].family == pair[1].family &&
	       memcmp(pair[0].bytes, pair[1].bytes, pair[0].family == ADDRESS_IPV4 ? 4 : 16) == 0;
}

/* Parts "host:port" where a port stands; an address of IPv6 with port is in brackets. */
static int split(struct span text, uint16_t usual, struct span *host, uint16_t *port,
		 struct why *why)
{
	ptrdiff_t colon = span_find_last(text, ':');
	struct span rest = {0};
	uint64_t number;

	*host = text;
	*port = usual;
	if (span_starts(text, "[")) {
		ptrdiff_t end = span_find_byte(text, ']');

		if (end < 0)
			return why_set(why, EINVAL, _("'%.*s' lacks a ']'"), SPAN_ARG(text));
		*host = span_of(text.p + 1, (size_t)end - 1);
		rest = span_skip(text, (size_t)end + 1);
	} else if (colon >= 0 && span_find_byte(text, ':') == colon) {
		*host = span_cut(text, (size_t)colon);
		rest = span_skip(text, (size_t)colon);
	}
	if (rest.n == 0)
		return 0;
	if (rest.p[0] != ':' || !span_u64(span_skip(rest, 1), PORT_MAX, &number))
		return why_set(why, EINVAL, _("'%.*s' has no good port: write HOST:PORT"),
			       SPAN_ARG(text));
	*port = (uint16_t)number;
	return 0;
}

int ota_resolve(struct span text, uint16_t usual_port, struct ota_peer *peer, struct why *why)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG};
	union ota_socket_address found;
	struct addrinfo *list = NULL;
	struct span host;
	uint16_t port;
	char name[256];
	int r = split(text, usual_port, &host, &port, why);

	if (r < 0)
		return r;
	if (address_parse(host, &peer->address)) {
		peer->port = port;
		return 0;
	}
	if (host.n == 0 || host.n >= sizeof(name) || memchr(host.p, 0, host.n))
		return why_set(why, EINVAL, _("'%.*s' is no host"), SPAN_ARG(text));
	memcpy(name, host.p, host.n);
	name[host.n] = 0;
	r = getaddrinfo(name, NULL, &hints, &list);
	if (r)
		return why_set(why, ENOENT, _("cannot find '%s': %s"), name, gai_strerror(r));
	memset(&found, 0, sizeof(found));
	memcpy(&found, list->ai_addr,
	       list->ai_addrlen < sizeof(found) ? list->ai_addrlen : sizeof(found));
	freeaddrinfo(list);
	if (!ota_peer_of(&found, peer))
		return why_set(why, ENOENT, _("'%s' has no address of IPv4 or IPv6"), name);
	peer->port = port;
	return 0;
}

void ota_put_address(struct buf *b, const struct address *address)
{
	char text[ADDRESS_TEXT];
	char name[IF_NAMESIZE];

	buf_str(b, address_text(address, text));
	if (address->interface && address_is_link_local(address) &&
	    if_indextoname(address->interface, name)) {
		buf_byte(b, '%');
		buf_term(b, span_str(name));
	}
}

void ota_put_peer(struct buf *b, const struct ota_peer *peer)
{
	bool is_v6 = peer->address.family == ADDRESS_IPV6;

	buf_str(b, is_v6 ? "[" : "");
	ota_put_address(b, &peer->address);
	buf_print(b, "%s:%u", is_v6 ? "]" : "", peer->port);
}

const char *ota_peer_text(const struct ota_peer *peer, char text[OTA_PEER_TEXT])
{
	struct buf b = BUF_INIT;

	ota_put_peer(&b, peer);
	snprintf(text, OTA_PEER_TEXT, "%.*s", SPAN_ARG(buf_span(&b)));
	buf_done(&b);
	return text;
}

int ota_wait(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		int64_t left = deadline_ms - ota_now_ms();
		struct pollfd poller = {.fd = fd, .events = events};
		int r;

		if (left <= 0)
			return 0;
		r = poll(&poller, 1, left > 60000 ? 60000 : (int)left);
		if (r > 0)
			return 1;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

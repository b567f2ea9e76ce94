/* SPDX-License-Identifier: Apache-2.0 */
/* place: an address and a port as the system calls want them. Private to scan. */
#ifndef PERIPLUS_SCAN_PLACE_H
#define PERIPLUS_SCAN_PLACE_H

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"

union place {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Returns its length. */
static inline socklen_t place_of(const struct address *a, uint16_t port, union place *place)
{
	memset(place, 0, sizeof(*place));
	if (a->family == ADDRESS_IPV6) {
		place->v6.sin6_family = AF_INET6;
		place->v6.sin6_port = htons(port);
		place->v6.sin6_scope_id = a->interface;
		memcpy(&place->v6.sin6_addr, a->bytes, 16);
		return sizeof(place->v6);
	}
	place->v4.sin_family = AF_INET;
	place->v4.sin_port = htons(port);
	memcpy(&place->v4.sin_addr, a->bytes, 4);
	return sizeof(place->v4);
}

static inline bool place_same_host(const union place *a, const union place *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 16) == 0;
}

static inline bool place_same_port(const union place *a, const union place *b)
{
	return a->any.sa_family == AF_INET ? a->v4.sin_port == b->v4.sin_port
					   : a->v6.sin6_port == b->v6.sin6_port;
}

#endif

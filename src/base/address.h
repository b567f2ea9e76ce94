/* SPDX-License-Identifier: Apache-2.0 */
/* address: IPv4 and IPv6 addresses in network order, and the scope that a listener has by them. */
#ifndef PERIPLUS_BASE_ADDRESS_H
#define PERIPLUS_BASE_ADDRESS_H

#include "base/span.h"

enum address_family { ADDRESS_NONE, ADDRESS_IPV4, ADDRESS_IPV6 };

struct address {
	enum address_family family;
	uint8_t bytes[16]; /* IPv4 in the first four */
	uint32_t interface; /* index for link-local and device-bound sockets, else 0 */
};

/* Who can reach a listener by its address alone. Words as in JSON: loopback, any, host. */
enum bind_scope { BIND_LOOPBACK, BIND_HOST, BIND_ANY };

enum { ADDRESS_TEXT = 64 };

struct address address_ipv4(const uint8_t bytes[4]);
struct address address_ipv6(const uint8_t bytes[16]);
bool address_parse(struct span text, struct address *address) must_check;
/* RFC 5952 text, without interface; "" for ADDRESS_NONE. Returns text. */
const char *address_text(const struct address *address, char text[ADDRESS_TEXT]);
bool address_is_any(const struct address *address);
bool address_is_loopback(const struct address *address); /* 127/8, ::1, ::ffff:127/104 */
bool address_is_v4_mapped(const struct address *address);
bool address_is_multicast(const struct address *address);
bool address_is_link_local(const struct address *address);
bool address_eq(const struct address *a, const struct address *b);
/* Orders by family, then bytes. */
int address_cmp(const struct address *a, const struct address *b);
enum bind_scope address_scope(const struct address *address);
const char *bind_scope_word(enum bind_scope scope);

#endif

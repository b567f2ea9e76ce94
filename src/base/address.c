/* SPDX-License-Identifier: Apache-2.0 */
/* address: see address.h. */
#include "base/address.h"

#include <arpa/inet.h>

#include "base/scope.h"

struct address address_ipv4(const uint8_t bytes[4])
{
	struct address a = {.family = ADDRESS_IPV4};

	memcpy(a.bytes, bytes, 4);
	return a;
}

struct address address_ipv6(const uint8_t bytes[16])
{
	struct address a = {.family = ADDRESS_IPV6};

	memcpy(a.bytes, bytes, 16);
	return a;
}

static size_t length(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? 16 : a->family == ADDRESS_IPV4 ? 4 : 0;
}

bool address_parse(struct span text, struct address *address)
{
	char copy[ADDRESS_TEXT];
	uint8_t bytes[16];

	if (text.n >= sizeof(copy) || span_find_byte(text, 0) >= 0)
		return false;
	if (text.n)
		memcpy(copy, text.p, text.n);
	copy[text.n] = 0;
	if (inet_pton(AF_INET, copy, bytes) == 1)
		*address = address_ipv4(bytes);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		*address = address_ipv6(bytes);
	else
		return false;
	return true;
}

/* As inet_ntop writes it, which takes longer than all else of a row. */
static void put_ipv4(const uint8_t bytes[4], char *text)
{
	for (size_t i = 0; i < 4; i++) {
		uint8_t byte = bytes[i];

		if (i)
			*text++ = '.';
		if (byte >= 100)
			*text++ = (char)('0' + byte / 100);
		if (byte >= 10)
			*text++ = (char)('0' + byte / 10 % 10);
		*text++ = (char)('0' + byte % 10);
	}
	*text = 0;
}

const char *address_text(const struct address *a, char text[ADDRESS_TEXT])
{
	text[0] = 0;
	if (a->family == ADDRESS_IPV4)
		put_ipv4(a->bytes, text);
	else if (a->family == ADDRESS_IPV6 &&
		 !inet_ntop(AF_INET6, a->bytes, text, ADDRESS_TEXT))
		text[0] = 0;
	return text;
}

bool address_is_any(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, length(a)) == 0;
}

bool address_is_v4_mapped(const struct address *a)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return a->family == ADDRESS_IPV6 && memcmp(a->bytes, prefix, sizeof(prefix)) == 0;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (a->family == ADDRESS_IPV4)
		return a->bytes[0] == 127;
	if (a->family != ADDRESS_IPV6)
		return false;
	if (address_is_v4_mapped(a))
		return a->bytes[12] == 127;
	return memcmp(a->bytes, one, sizeof(one)) == 0;
}

bool address_is_multicast(const struct address *a)
{
	if (a->family == ADDRESS_IPV4)
		return (a->bytes[0] & 0xf0) == 0xe0;
	return a->family == ADDRESS_IPV6 && a->bytes[0] == 0xff;
}

bool address_is_link_local(const struct address *a)
{
	if (a->family == ADDRESS_IPV4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == ADDRESS_IPV6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool address_eq(const struct address *a, const struct address *b)
{
	return address_cmp(a, b) == 0;
}

int address_cmp(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, length(a));
}

/* ::ffff:0.0.0.0 is every IPv4 address of an IPv6 socket. */
static bool is_mapped_any(const struct address *a)
{
	static const uint8_t zero[4];

	return address_is_v4_mapped(a) && memcmp(a->bytes + 12, zero, sizeof(zero)) == 0;
}

enum bind_scope address_scope(const struct address *a)
{
	if (address_is_loopback(a))
		return BIND_LOOPBACK;
	return address_is_any(a) || is_mapped_any(a) ? BIND_ANY : BIND_HOST;
}

const char *bind_scope_word(enum bind_scope scope)
{
	static const char *const words[] = {
		[BIND_LOOPBACK] = "loopback", [BIND_HOST] = "host", [BIND_ANY] = "any"};

	return words[scope];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* address: reading, writing (RFC 5952), kinds and scope. */
#include "base/address.h"
#include "base/scope.h"
#include "tap.h"

enum { ANY = 1, LOOPBACK = 2, MAPPED = 4, MULTICAST = 8, LINK = 16 };

static const struct {
	const char *text, *out;
	enum bind_scope scope;
	unsigned kinds;
} good[] = {
	{"0.0.0.0", "0.0.0.0", BIND_ANY, ANY},
	{"127.0.0.1", "127.0.0.1", BIND_LOOPBACK, LOOPBACK},
	{"127.255.0.53", "127.255.0.53", BIND_LOOPBACK, LOOPBACK},
	{"128.0.0.1", "128.0.0.1", BIND_HOST, 0},
	{"10.0.0.3", "10.0.0.3", BIND_HOST, 0},
	{"224.0.0.251", "224.0.0.251", BIND_HOST, MULTICAST},
	{"239.255.255.250", "239.255.255.250", BIND_HOST, MULTICAST},
	{"240.0.0.1", "240.0.0.1", BIND_HOST, 0},
	{"169.254.7.7", "169.254.7.7", BIND_HOST, LINK},
	{"169.253.7.7", "169.253.7.7", BIND_HOST, 0},
	{"::", "::", BIND_ANY, ANY},
	{"::1", "::1", BIND_LOOPBACK, LOOPBACK},
	{"::2", "::2", BIND_HOST, 0},
	{"2001:DB8:0:0::1", "2001:db8::1", BIND_HOST, 0},
	{"fe80::1", "fe80::1", BIND_HOST, LINK},
	{"febf::1", "febf::1", BIND_HOST, LINK},
	{"fec0::1", "fec0::1", BIND_HOST, 0},
	{"ff02::fb", "ff02::fb", BIND_HOST, MULTICAST},
	{"::ffff:127.0.0.1", "::ffff:127.0.0.1", BIND_LOOPBACK, LOOPBACK | MAPPED},
	{"::ffff:10.0.0.3", "::ffff:10.0.0.3", BIND_HOST, MAPPED},
	{"::ffff:0.0.0.0", "::ffff:0.0.0.0", BIND_ANY, MAPPED},
};

static const char *const bad[] = {
	"",
	"localhost",
	"1.2.3",
	"1.2.3.4.5",
	"256.0.0.1",
	"1.2.3.4 ",
	":::",
	"fe80::1%eth0",
	"::1/128",
	"12345::",
	"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:00",
};

static unsigned kinds_of(const struct address *a)
{
	return (address_is_any(a) ? ANY : 0) | (address_is_loopback(a) ? LOOPBACK : 0) |
	       (address_is_v4_mapped(a) ? MAPPED : 0) | (address_is_multicast(a) ? MULTICAST : 0) |
	       (address_is_link_local(a) ? LINK : 0);
}

static bool writes_every_byte(void)
{
	for (unsigned i = 0; i < 256; i++) {
		struct address a = address_ipv4((const uint8_t[4]){(uint8_t)i, 0, (uint8_t)(255 - i), 9});
		char text[ADDRESS_TEXT];
		char want[ADDRESS_TEXT];

		snprintf(want, sizeof(want), "%u.0.%u.9", i, 255 - i);
		if (strcmp(address_text(&a, text), want) != 0)
			return false;
	}
	return true;
}

int main(void)
{
	struct address none = {0};
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct address a = {0};

		ok(address_parse(span_str(good[i].text), &a), "'%s' is an address", good[i].text);
		is_str(address_text(&a, text), good[i].out, "and is written back");
		ok(kinds_of(&a) == good[i].kinds, "'%s' is of its kinds", good[i].text);
		ok(address_scope(&a) == good[i].scope, "'%s' has the scope %s", good[i].text,
		   bind_scope_word(good[i].scope));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct address a = {0};

		ok(!address_parse(span_str(bad[i]), &a) && a.family == ADDRESS_NONE,
		   "'%s' is no address", bad[i]);
	}
	ok(!address_parse(SPAN_LIT("1.2.3.4\0x"), &none), "a NUL ends no address");
	is_str(address_text(&none, text), "", "no address has no text");
	ok(writes_every_byte(), "every byte of an IPv4 address is written as a number");
	ok(!address_is_loopback(&none) && !address_is_multicast(&none) &&
		   !address_is_link_local(&none),
	   "no address is of no kind");

	struct address four = address_ipv4((const uint8_t[4]){10, 0, 0, 3});
	struct address six = address_ipv6((const uint8_t[16]){0x20, 1});
	struct address later = address_ipv4((const uint8_t[4]){10, 0, 0, 4});

	ok(address_eq(&four, &four) && !address_eq(&four, &later) && !address_eq(&four, &six),
	   "eq");
	ok(address_cmp(&four, &later) < 0 && address_cmp(&later, &four) > 0, "cmp orders by bytes");
	ok(address_cmp(&later, &six) < 0 && address_cmp(&six, &four) > 0, "IPv4 before IPv6");
	ok(address_cmp(&none, &four) < 0 && address_eq(&none, &none), "none before all");
	return done();
}

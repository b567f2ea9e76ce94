/* SPDX-License-Identifier: Apache-2.0 */
/* port: words, spaces of numbers, and what a person may ask for. */
#include <errno.h>

#include "base/buf.h"
#include "base/port.h"
#include "base/scope.h"
#include "tap.h"

static const struct {
	const char *text;
	uint16_t first, last;
	enum transport transport;
} good[] = {
	{"3000", 3000, 3000, TRANSPORT_ANY},
	{":3000", 3000, 3000, TRANSPORT_ANY},
	{"0", 0, 0, TRANSPORT_ANY},
	{"65535", 65535, 65535, TRANSPORT_ANY},
	{"53/udp", 53, 53, TRANSPORT_UDP},
	{"53/UDP", 53, 53, TRANSPORT_UDP},
	{":53/tcp", 53, 53, TRANSPORT_TCP},
	{"8000-8010", 8000, 8010, TRANSPORT_ANY},
	{"8000-8010/tcp", 8000, 8010, TRANSPORT_TCP},
	{"8000-8000", 8000, 8000, TRANSPORT_ANY},
	{"0080", 80, 80, TRANSPORT_ANY},
	{"36/sctp", 36, 36, TRANSPORT_SCTP},
};

static const struct {
	const char *text, *says;
} bad[] = {
	{"70000", "out of range"},     {"65536", "out of range"},
	{"80/xyz", "not a transport"}, {"80/", "not a transport"},
	{"9-3", "write 3-9"},          {"", "is not a port"},
	{":", "is not a port"},        {"-", "is not a port"},
	{"80-", "is not a port"},      {"-80", "is not a port"},
	{"80 ", "is not a port"},      {"+80", "is not a port"},
	{"0x50", "is not a port"},     {"80-90-100", "is not a port"},
	{"1-70000", "out of range"},   {"99999999999999999999", "is not a port"},
	{"22,80", "is not a port"},    {"::80", "is not a port"},
};

static const struct {
	const char *text;
	bool is_like;
} looks[] = {
	{"3000", true}, {":3000", true}, {"53/udp", true}, {"9x", true},  {"ssh", false},
	{":", false},   {"", false},     {":ssh", false},  {"-1", false},
};

static void words(void)
{
	for (int i = 0; i < N_TRANSPORTS; i++) {
		enum transport transport = (enum transport)i;
		enum transport back = N_TRANSPORTS;
		const char *word = transport_word(transport);

		ok(transport_parse(span_str(word), &back) && back == transport,
		   "the word '%s' is read back", word);
	}
	ok(transport_number(TRANSPORT_TCP) == 6 && transport_number(TRANSPORT_UDP) == 17 &&
		   transport_number(TRANSPORT_SCTP) == 132,
	   "protocol numbers are IANA's");
	ok(transport_registered(TRANSPORT_MPTCP) == TRANSPORT_TCP &&
		   transport_registered(TRANSPORT_UDPLITE) == TRANSPORT_UDP &&
		   transport_registered(TRANSPORT_SCTP) == TRANSPORT_SCTP,
	   "the transport under which the registry files it");

	enum transport none;

	ok(!transport_parse(SPAN_LIT("tcpx"), &none) && !transport_parse(SPAN_LIT(""), &none),
	   "other words are no transports");
	is_str(port_space_word(port_space(0)), "system", "0 is a system port");
	is_str(port_space_word(port_space(1023)), "system", "1023 is a system port");
	is_str(port_space_word(port_space(1024)), "user", "1024 is a user port");
	is_str(port_space_word(port_space(49151)), "user", "49151 is a user port");
	is_str(port_space_word(port_space(49152)), "dynamic", "49152 is a dynamic port");
	is_str(port_space_word(port_space(65535)), "dynamic", "65535 is a dynamic port");
}

static void test_sets(void)
{
	static const char *const wrong[] = {",", "80,", "80-", "x", "90-80", "70000", "80,,90", "-80"};
	struct port_set set = {0};
	struct port_set none = {0};

	ok(port_set_parse(SPAN_LIT("80,8080-8082, 443"), &set), "a list of numbers and ranges");
	ok(port_set_has(&set, 80) && port_set_has(&set, 8081) && port_set_has(&set, 443) &&
		   !port_set_has(&set, 8083) && !port_set_has(&set, 0),
	   "has them and no others");
	struct buf text = BUF_INIT;

	port_set_add(&set, 65535);
	port_set_write(&set, &text);
	is_span(buf_span(&text), SPAN_LIT("80,443,8080-8082,65535"), "and is written as one");
	buf_done(&text);
	port_set_remove(&set, 8081);
	ok(!port_set_has(&set, 8081) && port_set_has(&set, 8082), "one can be taken out");
	ok(port_set_parse(span_of(NULL, 0), &none) && !port_set_has(&none, 80) &&
		   !port_set_has(NULL, 80),
	   "the empty list is the empty set");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ok(!port_set_parse(span_str(wrong[i]), &none), "list %zu is none", i);
}

int main(void)
{
	test_sets();
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct port_query q = {0};
		struct why why = {0};

		ok(port_query_parse(span_str(good[i].text), &q, &why) == 0 &&
			   q.first == good[i].first && q.last == good[i].last &&
			   q.transport == good[i].transport,
		   "'%s' is asked for", good[i].text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct port_query q = {.first = 7};
		struct why why = {0};

		ok(port_query_parse(span_str(bad[i].text), &q, &why) == -EINVAL && q.first == 7 &&
			   strstr(why.text, bad[i].says),
		   "'%s' is refused: %s", bad[i].text, bad[i].says);
	}
	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		bool is_like = port_query_looks_like(span_str(looks[i].text));

		ok(is_like == looks[i].is_like, "'%s' %s like a port", looks[i].text,
		   looks[i].is_like ? "looks" : "does not look");
	}
	ok(port_query_parse(SPAN_LIT("x"), &(struct port_query){0}, NULL) == -EINVAL,
	   "why may be NULL");
	words();
	return done();
}

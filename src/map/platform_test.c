/* SPDX-License-Identifier: Apache-2.0 */
/* What systems do with numbers by themselves: which rows answer, and which of them is narrowest. */
#include <stdio.h>

#include "map/map.h"
#include "tap.h"

static const struct {
	const char *name;
	enum map_platform_kind kind;
	const char *system;
	uint16_t port;
	enum transport transport;
	bool is_so;
	uint16_t first, last; /* of the row, when it is so */
} cases[] = {
	{"browsers refuse 6000", PLATFORM_BROWSER_REFUSED, "", 6000, TRANSPORT_TCP, true, 6000,
	 6000},
	{"browsers refuse 6666, beside 6665", PLATFORM_BROWSER_REFUSED, "browser", 6666,
	 TRANSPORT_TCP, true, 6666, 6666},
	{"browsers take 6001", PLATFORM_BROWSER_REFUSED, "", 6001, TRANSPORT_TCP, false, 0, 0},
	{"browsers refuse nothing of udp", PLATFORM_BROWSER_REFUSED, "", 6000, TRANSPORT_UDP, false,
	 0, 0},
	{"any transport finds it", PLATFORM_BROWSER_REFUSED, "", 6000, TRANSPORT_ANY, true, 6000,
	 6000},
	{"Linux hands out 32768", PLATFORM_EPHEMERAL, "linux", 32768, TRANSPORT_TCP, true, 32768,
	 60999},
	{"and 60999 over udp", PLATFORM_EPHEMERAL, "linux", 60999, TRANSPORT_UDP, true, 32768,
	 60999},
	{"mptcp is filed as tcp", PLATFORM_EPHEMERAL, "linux", 60999, TRANSPORT_MPTCP, true, 32768,
	 60999},
	{"and not 61000", PLATFORM_EPHEMERAL, "linux", 61000, TRANSPORT_TCP, false, 0, 0},
	{"older ones did", PLATFORM_EPHEMERAL, "linux-before-4.2", 61000, TRANSPORT_TCP, true,
	 32768, 61000},
	{"a system that begins like another is another", PLATFORM_EPHEMERAL, "linu", 61000,
	 TRANSPORT_TCP, false, 0, 0},
	{"the narrowest of any system", PLATFORM_EPHEMERAL, "", 50000, TRANSPORT_TCP, true, 49152,
	 65535},
	{"Windows begins at 49152", PLATFORM_EPHEMERAL, "windows", 49151, TRANSPORT_TCP, false, 0,
	 0},
	{"Hyper-V keeps 50000 to 50059", PLATFORM_EXCLUDED, "windows", 50059, TRANSPORT_UDP, true,
	 50000, 50059},
	{"privilege ends at 1023", PLATFORM_PRIVILEGED, "linux", 1023, TRANSPORT_TCP, true, 1,
	 1023},
	{"1024 is for everybody", PLATFORM_PRIVILEGED, "", 1024, TRANSPORT_ANY, false, 0, 0},
	{"AirPlay is the system's own", PLATFORM_SYSTEM_LISTENER, "macos", 7000, TRANSPORT_TCP,
	 true, 7000, 7000},
	{"the kubelet's number is an orchestrator's", PLATFORM_CONTROL, "kubernetes", 10250,
	 TRANSPORT_TCP, true, 10250, 10250},
};

static void test_rows(void)
{
	size_t n_bad = 0;
	struct map_platform last = {0};

	for (uint32_t i = 0; i < map_n_platforms(NULL); i++) {
		struct map_platform row;

		map_platform_get(NULL, i, &row);
		n_bad += row.first < last.first || row.first > row.last || row.system.n == 0 ||
			 row.source.n == 0 || row.read.n != 10;
		last = row;
	}
	ok(map_n_platforms(NULL) > 150, "%zu rows", map_n_platforms(NULL));
	is_int((int64_t)n_bad, 0, "each with system, source and date, in order");
}

/* Port by port, the iterator and the table say the same. */
static void test_each(void)
{
	size_t n_found = 0;
	size_t n_want = 0;
	struct map_platform row;

	for (unsigned port = 0; port < N_PORTS; port++)
		for (uint32_t cursor = 0;
		     map_next_platform(NULL, (uint16_t)port, TRANSPORT_ANY, &cursor, &row);)
			n_found++;
	for (uint32_t i = 0; i < map_n_platforms(NULL); i++) {
		map_platform_get(NULL, i, &row);
		n_want += (size_t)(row.last - row.first) + 1;
	}
	is_int((int64_t)n_found, (int64_t)n_want, "every row answers for each of its numbers");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct map_platform row = {0};
		bool is_so = map_platform_find(NULL, cases[i].kind, span_str(cases[i].system),
					       cases[i].port, cases[i].transport, &row);

		ok(is_so == cases[i].is_so &&
			   (!is_so || (row.first == cases[i].first && row.last == cases[i].last &&
				       row.kind == cases[i].kind)),
		   "%s: %u-%u", cases[i].name, row.first, row.last);
	}
	ok(map_platform_find(NULL, PLATFORM_EPHEMERAL, SPAN_LIT("linux"), 40000, TRANSPORT_TCP,
			     NULL),
	   "the row need not be asked for");
	is_str(map_platform_word(PLATFORM_SYSTEM_LISTENER), "system-listener", "the word of data/");
	test_rows();
	test_each();
	return done();
}

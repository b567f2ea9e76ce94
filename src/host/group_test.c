/* SPDX-License-Identifier: Apache-2.0 */
/* group: rivals, SO_REUSEPORT groups and peers, by tables of sockets on one number. */
#include "base/scope.h"
#include "host/survey.h"
#include "tap.h"

enum { ROOT = 0, WEB = 33, DEV = 1000 };

struct socket_spec {
	enum transport transport;
	const char *local;
	uint32_t uid;
	bool is_v6only;
	uint32_t interface;
};

struct group_case {
	const char *name;
	uint16_t port;
	struct socket_spec sockets[3];
	const char *rivals; /* one letter each: r rival, - none */
	uint16_t n_reuseport;
};

#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP

static const struct group_case cases[] = {
	{"alone", 80, {{TCP, "0.0.0.0", WEB}}, "-", 0},
	{"one user on both families", 80, {{TCP, "0.0.0.0", WEB}, {TCP, "::", WEB, true}}, "--", 0},
	{"two users on both families", 80, {{TCP, "0.0.0.0", WEB}, {TCP, "::", DEV, true}}, "rr", 0},
	{"a certain address beside every one", 80, {{TCP, "0.0.0.0", WEB}, {TCP, "127.0.0.1", DEV}},
	 "rr", 0},
	{"an IPv4 address beside a dual-stack socket", 80, {{TCP, "::", WEB}, {TCP, "10.0.0.1", DEV}},
	 "rr", 0},
	{"an IPv4 address beside an IPv6-only socket", 80,
	 {{TCP, "::", WEB, true}, {TCP, "10.0.0.1", DEV}}, "--", 0},
	{"localhost is either", 80, {{TCP, "127.0.0.1", WEB}, {TCP, "::1", DEV}}, "rr", 0},
	{"two certain addresses", 53, {{UDP, "127.0.0.53", WEB}, {UDP, "192.0.2.1", DEV}}, "--", 0},
	{"two transports", 53, {{UDP, "0.0.0.0", WEB}, {TCP, "0.0.0.0", DEV}}, "--", 0},
	{"MPTCP is TCP", 53, {{TRANSPORT_MPTCP, "0.0.0.0", WEB}, {TCP, "127.0.0.1", DEV}}, "rr", 0},
	{"two devices", 67, {{UDP, "0.0.0.0", WEB, false, 2}, {UDP, "0.0.0.0", DEV, false, 3}}, "--", 0},
	{"one device, and every one", 67, {{UDP, "0.0.0.0", WEB, false, 2}, {UDP, "0.0.0.0", DEV}}, "rr",
	 0},
	{"multicast DNS of several users", 5353, {{UDP, "0.0.0.0", WEB}, {UDP, "0.0.0.0", DEV}}, "--", 0},
	{"SSDP of several users", 1900, {{UDP, "239.255.255.250", WEB}, {UDP, "0.0.0.0", DEV}}, "--", 0},
	{"a group of multicast", 7000, {{UDP, "239.1.2.3", WEB}, {UDP, "239.1.2.3", DEV}}, "--", 0},
	{"UDP on one address by two users", 7000, {{UDP, "0.0.0.0", WEB}, {UDP, "0.0.0.0", DEV}}, "rr", 0},
	{"a reuseport group", 80, {{TCP, "0.0.0.0", WEB}, {TCP, "0.0.0.0", WEB}, {TCP, "0.0.0.0", WEB}},
	 "---", 3},
	{"a reuseport group and a rival", 80,
	 {{TCP, "0.0.0.0", WEB}, {TCP, "0.0.0.0", WEB}, {TCP, "127.0.0.1", DEV}}, "rrr", 2},
};

static void add(struct socket_table *table, uint16_t port, const struct socket_spec *spec,
		uint64_t cookie)
{
	struct socket_row *row = socket_table_add(table, cookie, cookie, 1);

	row->transport = (uint8_t)spec->transport;
	row->state = spec->transport == UDP ? SOCKET_BOUND : SOCKET_LISTEN;
	row->port = port;
	row->uid = spec->uid;
	row->is_v6only = spec->is_v6only;
	if (!address_parse(span_str(spec->local), &row->local))
		abort();
	row->local.interface = spec->interface;
}

static void test_cases(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct group_case *c = &cases[i];
		struct socket_table table = {0};
		size_t n = strlen(c->rivals);
		char got[4] = "";

		/* and a bystander on the next number */
		add(&table, c->port + 1, &c->sockets[0], 100);
		for (size_t k = 0; k < n; k++)
			add(&table, c->port, &c->sockets[k], k + 1);
		if (group_relate(&table) < 0)
			abort();
		for (size_t k = 0; k < n; k++) {
			const struct socket_row *row = &table.rows[k + 1];

			got[k] = !row->has_rival ? '-' : row->rival && row->rival->uid != row->uid ? 'r' : '?';
		}
		is_str(got, c->rivals, c->name);
		ok(table.rows[1].n_reuseport == c->n_reuseport && !table.rows[0].has_rival, "%s: group",
		   c->name);
		socket_table_clear(&table);
	}
}

static void test_peers(void)
{
	static const struct socket_spec any = {TCP, "::", WEB, false, 0};
	static const struct socket_spec exact = {TCP, "127.0.0.1", WEB, false, 0};
	struct socket_table table = {0};

	add(&table, 80, &any, 1);
	add(&table, 80, &exact, 2);
	for (uint64_t i = 0; i < 3; i++) {
		add(&table, 80, i ? &exact : &any, 10 + i);
		table.rows[2 + i].state = SOCKET_PEER;
	}
	if (!address_parse(SPAN_LIT("192.0.2.7"), &table.rows[2].local))
		abort();
	is_int(group_relate(&table), 0, "connections are counted");
	is_int(table.rows[0].n_peers, 1, "the wildcard has those that nobody is nearer to");
	is_int(table.rows[1].n_peers, 2, "the exact address has its own");
	socket_table_clear(&table);
}

/* Many sockets on one number by one stranger: 65,000 addresses, and as many members. */
static void test_many(void)
{
	enum { MANY = 65000 };
	struct socket_table table = {0};

	for (uint64_t i = 0; i < 2 * MANY; i++) {
		struct socket_row *row = socket_table_add(&table, i + 1, i + 1, 1);

		row->transport = TCP;
		row->port = 80;
		row->uid = i % 2 ? WEB : DEV;
		row->local = address_ipv4((const uint8_t[]){127, 0, (uint8_t)(i / 2 >> 8), (uint8_t)(i / 2)});
		if (i < MANY)
			row->local = address_ipv4((const uint8_t[]){127, 0, 0, 1});
	}
	is_int(group_relate(&table), 0, "very many sockets on one number end");
	ok(table.rows[0].has_rival && table.rows[0].n_reuseport >= MANY / 2, "and are told");
	socket_table_clear(&table);
}

static void test_table(void)
{
	struct socket_table table = {0};
	struct socket_row *row = socket_table_add(&table, 5, 50, 1);

	row->port = 1;
	ok(socket_table_add(&table, 5, 50, 1)->port == 1 && table.n == 1, "one cookie is one row");
	ok(socket_table_add(&table, 0, 60, 1) && socket_table_add(&table, 0, 60, 1) && table.n == 2,
	   "without cookies, one inode is");
	ok(socket_table_add(&table, 0, 60, 2) && table.n == 3, "but not in two namespaces");
	ok(socket_table_add(&table, 0, 0, 1) && socket_table_add(&table, 0, 0, 1) && table.n == 5,
	   "without either, all are different");
	ok(socket_table_index(&table) == 0 && socket_table_find_inode(&table, 50) == 0 &&
		   socket_table_find_inode(&table, 51) == NOT_FOUND,
	   "rows are found by inode");
	socket_table_clear(&table);
}

int main(void)
{
	test_cases();
	test_peers();
	test_many();
	test_table();
	return done();
}

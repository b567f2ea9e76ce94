/* SPDX-License-Identifier: Apache-2.0 */
/* who: which sockets a person takes for one. */
#include "out/who.h"

#include "base/scope.h"
#include "tap.h"

#define LOOPBACK                                                                                   \
	{                                                                                          \
		.family = ADDRESS_IPV4, .bytes = { 127, 0, 0, 1 }                                  \
	}
#define LOOPBACK6                                                                                  \
	{                                                                                          \
		.family = ADDRESS_IPV6, .bytes = { [15] = 1 }                                      \
	}
#define HOST                                                                                       \
	{                                                                                          \
		.family = ADDRESS_IPV4, .bytes = { 10, 0, 0, 3 }                                   \
	}
#define ANY                                                                                        \
	{                                                                                          \
		.family = ADDRESS_IPV4                                                             \
	}
#define ANY6                                                                                       \
	{                                                                                          \
		.family = ADDRESS_IPV6                                                             \
	}

static const struct process one = {.pid = 10, .uid = 5};
static const struct process other = {.pid = 11, .uid = 5};

#define OWNED(process) .owners = (const struct owner[]){{&(process), 3}}, .n_owners = 1
#define TCP(at)        .transport = TRANSPORT_TCP, .local = at, .port = 80

static const struct {
	const char *name;
	struct sighting a, b;
	bool is_joined;
} cases[] = {
	{"twins of one program", {TCP(ANY), OWNED(one)}, {TCP(ANY6), OWNED(one)}, true},
	{"twins on loopback", {TCP(LOOPBACK), OWNED(one)}, {TCP(LOOPBACK6), OWNED(one)}, true},
	{"two programs", {TCP(ANY), OWNED(one)}, {TCP(ANY6), OWNED(other)}, false},
	{"members of one SO_REUSEPORT group",
	 {TCP(ANY), OWNED(one), .n_reuseport = 2},
	 {TCP(ANY), OWNED(other), .n_reuseport = 2},
	 true},
	{"different scopes", {TCP(ANY), OWNED(one)}, {TCP(HOST), OWNED(one)}, false},
	{"different transports",
	 {TCP(ANY), OWNED(one)},
	 {.transport = TRANSPORT_UDP, .local = ANY6, .port = 80, OWNED(one)},
	 false},
	{"two network namespaces",
	 {TCP(ANY), OWNED(one), .net_namespace = 1},
	 {TCP(ANY6), OWNED(one), .net_namespace = 2, .is_elsewhere = true},
	 false},
	{"twins in one other network namespace",
	 {TCP(ANY), OWNED(one), .net_namespace = 2, .is_elsewhere = true},
	 {TCP(ANY6), OWNED(one), .net_namespace = 2, .is_elsewhere = true},
	 true},
	{"hidden twins of one user", {TCP(ANY), .uid = 7}, {TCP(ANY6), .uid = 7}, true},
	{"hidden ones of two users", {TCP(ANY), .uid = 7}, {TCP(ANY6), .uid = 8}, false},
	{"hidden ones of two network namespaces",
	 {TCP(ANY), .uid = 7, .net_namespace = 2, .is_elsewhere = true},
	 {TCP(ANY6), .uid = 7, .net_namespace = 3, .is_elsewhere = true},
	 false},
};

int main(void)
{
	struct style style = {.columns = 80};
	struct verdict verdict = {.kind = VERDICT_LOOK};
	struct buf b = BUF_INIT;
	struct page page;

	page_init(&page, &b, &style);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct judged rows[] = {{&cases[i].a, &verdict}, {&cases[i].b, &verdict}};
		struct joined *joined;
		size_t n = joined_rows(&page, rows, 2, &joined);

		ok(n == (cases[i].is_joined ? 1 : 2), "%s: %s", cases[i].name,
		   cases[i].is_joined ? "one row" : "two rows");
	}
	ok(span_is(who_netns(&page, &cases[0].a), "-"), "our own network namespace is a dash");
	ok(span_is(who_netns(&page, &cases[7].a), "2"), "another one is its inode");
	page_done(&page);
	buf_done(&b);
	return done();
}

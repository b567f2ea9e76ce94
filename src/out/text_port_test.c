/* SPDX-License-Identifier: Apache-2.0 */
/* text_port: what a port page says in one situation and not in the next. */
#include "invented.h"
#include "invented_map.h"
#include "tap.h"

static const struct process next_dev = {.pid = 42872, .name = S("next-server")};

static const struct ancestor cron_line[] = {{300, S("cron"), {0}}, {1, S("systemd"), {0}}};
static const struct process from_shell = {
	.pid = 1, .ancestors = shell_parents, .n_ancestors = ARRAY_LEN(shell_parents)};
static const struct process on_terminal = {.pid = 1,
					   .terminal = S("pts/3"),
					   .ancestors = shell_parents,
					   .n_ancestors = ARRAY_LEN(shell_parents)};
static const struct process in_service = {.pid = 1,
					  .unit = S("shop.service"),
					  .ancestors = shell_parents,
					  .n_ancestors = ARRAY_LEN(shell_parents)};
static const struct process of_cron = {
	.pid = 1, .ancestors = cron_line, .n_ancestors = ARRAY_LEN(cron_line)};

static const struct rule other_name = {.id = "PP120", .effect = EFFECT_NOTE, .title = "other"};

#define ANY_3000                                                                                   \
	.transport = TRANSPORT_TCP, .port = 3000, .local = {.family = ADDRESS_IPV6},               \
	.is_dual_stack = true
#define LO_3000 .transport = TRANSPORT_TCP, .port = 3000, .local = V4(127, 0, 0, 1)
#define PEER_3000(of)                                                                              \
	{                                                                                          \
		.state = SOCKET_PEER, .transport = TRANSPORT_TCP, .port = 3000, .local = of,       \
		.remote = V4(203, 0, 113, 9), .remote_port = 5000                                  \
	}

static const struct sighting local_peer = PEER_3000(V4(127, 0, 0, 1));
static const struct sighting far_peer = PEER_3000(V4(10, 0, 0, 8));
static const struct sighting elsewhere_peer = {.state = SOCKET_PEER,
					       .transport = TRANSPORT_TCP,
					       .port = 3000,
					       .local = V4(10, 0, 0, 8),
					       .remote = V4(203, 0, 113, 9),
					       .remote_port = 5000,
					       .net_namespace = 9};

static const struct {
	const char *name;
	struct sighting row; /* no port: nothing listens */
	const char *product; /* that was recognised */
	bool is_other;       /* PP120 fired */
	bool is_complete;
	const struct sighting *peer;
	const char *says, *says_not;
} cases[] = {
	{"nothing listens", .is_complete = true, .says = "nothing listens here  ",
	 .says_not = "as far as"},
	{"nothing was seen", .says = "nothing listens here, as far as could be seen"},
	{"connections only", .is_complete = true, .peer = &far_peer,
	 .says = "nothing listens here, but connections use the number"},
	{"connections only, and not all was seen", .peer = &far_peer,
	 .says = "connections use the number; no listener could be seen"},
	{"the product that was seen is named first",
	 {ANY_3000, OWNED(next_dev)},
	 "gitea",
	 .says = "practice   Gitea (unconfirmed), Next.js, React, Rails,"},
	{"a product that practice does not know here changes nothing",
	 {ANY_3000, OWNED(next_dev)},
	 "openssh",
	 .says = "practice   Next.js, React",
	 .says_not = "practice   OpenSSH"},
	{"what the registry calls it is something else",
	 {ANY_3000, OWNED(next_dev)},
	 .is_other = true,
	 .says = "not what"},
	{"the registry is not doubted without a reason",
	 {ANY_3000, OWNED(next_dev)},
	 .says = "hbci",
	 .says_not = "not what"},
	{"a shell without a terminal",
	 {ANY_3000, OWNED(from_shell)},
	 .says = "has no terminal, though a shell started it"},
	{"a shell with its terminal",
	 {ANY_3000, OWNED(on_terminal)},
	 .says = "terminal pts/3",
	 .says_not = "has no terminal"},
	{"a service never has a terminal",
	 {ANY_3000, OWNED(in_service)},
	 .says = "unit shop.service",
	 .says_not = "terminal"},
	{"no shell, no word of a terminal",
	 {ANY_3000, OWNED(of_cron)},
	 .says = "cron",
	 .says_not = "terminal"},
	{"a client of every address",
	 {ANY_3000, OWNED(next_dev)},
	 .peer = &far_peer,
	 .says = "1 client now: 203.0.113.9\n",
	 .says_not = "peers "},
	{"a client of loopback",
	 {LO_3000, OWNED(next_dev)},
	 .peer = &local_peer,
	 .says = "1 client now: 203.0.113.9\n"},
	{"a connection to another address is no client",
	 {LO_3000, OWNED(next_dev)},
	 .peer = &far_peer,
	 .says = "peers      10.0.0.8:3000",
	 .says_not = "client"},
	{"a connection in another namespace is no client",
	 {ANY_3000, OWNED(next_dev), .net_namespace = 8},
	 .peer = &elsewhere_peer,
	 .says = "peers ",
	 .says_not = "client"},
	{"the kernel's count when none was listed",
	 {ANY_3000, OWNED(next_dev), .n_peers = 7},
	 .says = "7 clients now\n"},
	{"another network namespace",
	 {ANY_3000, OWNED(next_dev), .net_namespace = 8, .is_elsewhere = true},
	 .says = "in network namespace 8\n"},
};

static void show(size_t i, struct buf *b)
{
	struct reason reason = {.rule = &other_name, .effect = EFFECT_NOTE};
	struct map_product product;
	struct verdict verdict = {.kind = VERDICT_LOOK, .reasons = &reason, .product = &product};
	struct judged row = {&cases[i].row, &verdict};
	struct host_listing listing = {.is_complete = cases[i].is_complete};
	struct port_report report = {.port = 3000,
				     .host = &invented_host,
				     .listing = &listing,
				     .rows = &row,
				     .n_rows = cases[i].row.port != 0,
				     .peers = &cases[i].peer,
				     .n_peers = cases[i].peer != NULL};
	struct style style = {.columns = 100, .now = INVENTED_NOW};

	verdict.n_reasons = cases[i].is_other;
	if (cases[i].product) {
		verdict.match = MATCH_PROGRAM;
		if (!map_product_find(NULL, span_str(cases[i].product), &product))
			abort();
	}
	format_find(span_str("text"))->port(b, &style, &report, true, true);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT;
		bool says;
		bool is_silent;

		show(i, &b);
		says = span_find(buf_span(&b), span_str(cases[i].says)) >= 0;
		is_silent = !cases[i].says_not ||
			    span_find(buf_span(&b), span_str(cases[i].says_not)) < 0;
		if (!ok(says && is_silent, "%s", cases[i].name))
			note("%.*s", SPAN_ARG(buf_span(&b)));
		buf_done(&b);
	}
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ota_list: asks who announces ArduinoOTA by multicast DNS and shows what each board says of
 * itself. One-shot questions (RFC 6762 section 5.1): from a port of our own, so that answers come
 * to us alone and no responder of this machine is in the way. Nothing is sent to the boards' own
 * port. The question goes out three times, with what is still missing of boards already heard.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/ota.h"

enum { ROUNDS = 3, PORT = 5353, HOPS = 255, QUESTION = 1200, ANSWER = 9000, WAYS_MAX = 64 };

/* An interface and a family by which is asked; or one host. */
struct way {
	int fd;
	uint32_t interface;
	struct ota_peer to;
};

struct list {
	struct ota *ota;
	struct way ways[WAYS_MAX];
	size_t n_ways;
	uint16_t id;
	struct ota_boards *boards;
};

static int open_way(struct way *way, bool is_group)
{
	const int hops = HOPS;
	bool is_v6 = way->to.address.family == ADDRESS_IPV6;
	const struct ip_mreqn out = {.imr_ifindex = (int)way->interface};
	const int index = (int)way->interface;

	way->fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (way->fd < 0)
		return -errno;
	if (!is_group)
		return 0;
	/* RFC 6762 section 11: hop limit 255 */
	if (is_v6 ? setsockopt(way->fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof(index)) <
				    0 ||
			    setsockopt(way->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops,
				       sizeof(hops)) < 0
		  : setsockopt(way->fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out)) < 0 ||
			    setsockopt(way->fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof(hops)) <
				    0)
		return -errno;
	return 0;
}

static bool is_known(const struct list *list, uint32_t interface, enum address_family family)
{
	for (size_t i = 0; i < list->n_ways; i++)
		if (list->ways[i].interface == interface &&
		    list->ways[i].to.address.family == family)
			return true;
	return false;
}

static void add_group(struct list *list, const struct ifaddrs *entry)
{
	static const uint8_t v4[4] = {224, 0, 0, 251};
	static const uint8_t v6[16] = {0xff, 2, [15] = 0xfb};
	bool is_v6 = entry->ifa_addr->sa_family == AF_INET6;
	uint32_t interface = if_nametoindex(entry->ifa_name);
	struct way way = {.interface = interface, .to.port = PORT};

	way.to.address = is_v6 ? address_ipv6(v6) : address_ipv4(v4);
	way.to.address.interface = is_v6 ? interface : 0;
	if (interface == 0 || list->n_ways == WAYS_MAX ||
	    is_known(list, interface, way.to.address.family))
		return;
	if (open_way(&way, true) == 0)
		list->ways[list->n_ways++] = way;
	else if (way.fd >= 0)
		close(way.fd);
}

/* Every interface that is up, can multicast and is no loopback; or the one that was named. */
static int add_groups(struct list *list)
{
	const char *wanted = list->ota->values[OTA_INTERFACE];
	struct ifaddrs *all = NULL;

	if (wanted && if_nametoindex(wanted) == 0)
		return ota_fail(EX_USAGE, _("there is no interface '%s'"), wanted);
	if (getifaddrs(&all) < 0)
		return ota_fail(EX_OSERR, _("cannot list the interfaces: %s"), strerror(errno));
	for (const struct ifaddrs *entry = all; entry; entry = entry->ifa_next) {
		bool is_chosen = wanted ? strcmp(wanted, entry->ifa_name) == 0
					: !(entry->ifa_flags & IFF_LOOPBACK);

		if (entry->ifa_addr && is_chosen && entry->ifa_flags & IFF_UP &&
		    entry->ifa_flags & IFF_MULTICAST &&
		    (entry->ifa_addr->sa_family == AF_INET ||
		     entry->ifa_addr->sa_family == AF_INET6))
			add_group(list, entry);
	}
	freeifaddrs(all);
	if (list->n_ways == 0)
		return ota_fail(EX_UNAVAILABLE,
				_("no interface is up that can multicast: nothing was "
				  "asked"));
	return 0;
}

static int add_host(struct list *list, const char *word)
{
	struct way way = {.fd = -1};
	struct why why;

	if (ota_resolve(span_str(word), PORT, &way.to, &why) < 0)
		return ota_fail(EX_NOHOST, "%s", why.text);
	if (open_way(&way, false) < 0)
		return ota_fail(EX_OSERR, _("cannot open a socket: %s"), strerror(errno));
	list->ways[list->n_ways++] = way;
	return 0;
}

/* How many of the ways took the question. */
static size_t ask(struct list *list)
{
	uint8_t question[QUESTION];
	size_t n = ota_put_question(list->boards, list->id, question, sizeof(question));
	size_t n_asked = 0;

	for (size_t i = 0; i < list->n_ways; i++) {
		union ota_socket_address to;
		socklen_t size = ota_socket_address(&list->ways[i].to, &to);

		n_asked += sendto(list->ways[i].fd, question, n, MSG_NOSIGNAL, &to.any, size) > 0;
	}
	return n_asked;
}

static void hear(struct list *list, const struct way *way)
{
	static uint8_t answer[ANSWER];
	ssize_t n;

	while ((n = recv(way->fd, answer, sizeof(answer), 0)) >= 0)
		ota_boards_take(list->boards, span_of(answer, (size_t)n), list->id, way->interface);
}

static void listen_until(struct list *list, int64_t deadline)
{
	struct pollfd fds[WAYS_MAX];
	int64_t left;

	while ((left = deadline - ota_now_ms()) > 0) {
		for (size_t i = 0; i < list->n_ways; i++)
			fds[i] = (struct pollfd){.fd = list->ways[i].fd, .events = POLLIN};
		if (poll(fds, list->n_ways, (int)left) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < list->n_ways; i++)
			if (fds[i].revents)
				hear(list, &list->ways[i]);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ota_board *x = a;
	const struct ota_board *y = b;
	int order = span_cmp(span_of(x->name, x->n_name), span_of(y->name, y->n_name));

	return order ? order : x->port - y->port;
}

static const char *auth_word(enum ota_auth auth)
{
	static const char *const words[] = {
		[OTA_AUTH_UNKNOWN] = "unknown", [OTA_AUTH_NO] = "no", [OTA_AUTH_YES] = "yes"};

	return words[auth];
}

static void put_cell(struct buf *b, struct span s, bool is_plain)
{
	if (s.n == 0)
		buf_byte(b, '-');
	else if (is_plain)
		buf_plain(b, s);
	else
		buf_term(b, s);
}

static void show_row(struct buf *b, const struct ota_board *row, bool is_plain)
{
	const char *gap = is_plain ? "\t" : "  ";
	struct ota_peer peer = {row->address, row->port};

	put_cell(b, span_of(row->name, row->n_name), is_plain);
	buf_str(b, gap);
	if (row->address.family == ADDRESS_NONE)
		put_cell(b, span_of(row->host, row->n_host), is_plain);
	else if (is_plain)
		ota_put_address(b, &row->address);
	else
		ota_put_peer(b, &peer);
	if (is_plain)
		buf_print(b, "\t%u", row->port);
	buf_str(b, gap);
	put_cell(b, span_of(row->board, row->n_board), is_plain);
	if (is_plain)
		buf_print(b, "\t%s\n", auth_word(row->auth));
	else
		buf_print(b, "  %s\n",
			  row->auth == OTA_AUTH_YES ? _("asks for a password")
			  : row->auth == OTA_AUTH_NO
				  ? _("needs a look: no password, whoever reaches "
				      "it can change its firmware  [PP331]")
				  : _("does not say whether it has a password"));
}

static void show_json(struct json *j, const struct ota_board *row)
{
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_time(j, "@timestamp", (int64_t)time(NULL));
	json_object(j, "server");
	json_span_if(j, "address", span_of(row->host, row->n_host));
	if (row->address.family != ADDRESS_NONE)
		json_str(j, "ip", address_text(&row->address, text));
	if (row->port)
		json_u64(j, "port", row->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport", "udp");
	json_object_end(j);
	json_object(j, "service");
	json_str(j, "name", "arduino-ota");
	json_object_end(j);
	json_object(j, "rule");
	json_array(j, "id");
	if (row->auth == OTA_AUTH_NO)
		json_str(j, NULL, "PP331");
	json_array_end(j);
	json_object_end(j);
	json_object(j, "periplus");
	json_str(j, "schema", "ota_list/1");
	json_span(j, "name", span_of(row->name, row->n_name));
	json_span_if(j, "board", span_of(row->board, row->n_board));
	json_str(j, "auth", auth_word(row->auth));
	json_str(j, "verdict", row->auth == OTA_AUTH_NO ? "look" : "expected");
	json_object_end(j);
	json_object_end(j);
}

static void show(struct list *list)
{
	struct ota *ota = list->ota;
	struct buf *b = &ota->out;
	bool is_json = ota->format == OTA_JSON;
	struct json j;

	if (ota->format == OTA_PLAIN && ota->is_verbose)
		buf_str(b, "name\taddress\tport\tboard\tauth\n");
	if (is_json) {
		json_init(&j, b, true);
		json_array(&j, NULL);
	}
	for (size_t i = 0; i < list->boards->n; i++) {
		const struct ota_board *row = &list->boards->rows[i];

		if (ota->format == OTA_NDJSON)
			json_init(&j, b, false);
		if (is_json || ota->format == OTA_NDJSON)
			show_json(&j, row);
		else
			show_row(b, row, ota->format == OTA_PLAIN);
		if (ota->format == OTA_NDJSON)
			json_end(&j);
	}
	if (is_json) {
		json_array_end(&j);
		json_end(&j);
	}
}

static int gather(struct list *list)
{
	int64_t began = ota_now_ms();
	bool is_asked = false;
	bool is_open = false;

	for (unsigned i = 0; i < ROUNDS; i++) {
		is_asked = ask(list) > 0 || is_asked;
		listen_until(list, began + (int64_t)list->ota->timeout_ms * (i + 1) / ROUNDS);
		ota_boards_join(list->boards);
	}
	if (!is_asked)
		return ota_fail(EX_UNAVAILABLE,
				_("the question could not be sent on any interface"));
	qsort(list->boards->rows, list->boards->n, sizeof(list->boards->rows[0]), by_name);
	show(list);
	if (list->boards->n == 0)
		ota_remark(list->ota, _("no board answered within %u s"),
			   list->ota->timeout_ms / 1000);
	if (list->boards->n_dropped)
		ota_remark(list->ota,
			   _("more boards than %d were announced: the rest is not shown"),
			   OTA_BOARDS);
	for (size_t i = 0; i < list->boards->n; i++)
		is_open = is_open || list->boards->rows[i].auth == OTA_AUTH_NO;
	return is_open && list->ota->fails_on_look ? 1 : 0;
}

int ota_list(struct ota *ota, int argc, char **argv)
{
	auto_free struct ota_boards *boards = calloc(1, sizeof(*boards));
	struct list list = {.ota = ota, .boards = boards};
	char hex[OTA_SHA_HEX + 1];
	int status;

	if (argc > 1 || (argc == 1 && ota->values[OTA_INTERFACE]))
		return ota_fail(EX_USAGE,
				_("'ota list' takes one host, or --interface, or neither"));
	if (!boards || !ota_random_hex(4, hex))
		return ota_fail(EX_SOFTWARE, _("out of memory or of random bytes"));
	list.id = (uint16_t)(strtoul(hex, NULL, 16) | 1);
	status = argc ? add_host(&list, argv[0]) : add_groups(&list);
	if (status == 0)
		status = gather(&list);
	for (size_t i = 0; i < list.n_ways; i++)
		close(list.ways[i].fd);
	return status;
}

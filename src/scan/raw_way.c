/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_way: see raw_way.h. Speaks rtnetlink (rtnetlink(7)): RTM_GETROUTE with an address asks what
 * the kernel would do with a packet, policy and all; the same with RTM_F_FIB_MATCH
 * (linux/rtnetlink.h) tells which route decided, and so how far the answer reaches.
 *
 * The kernel's bytes are read as foreign ones: lengths first, headers copied out.
 */
#include "scan/raw_way.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/scope.h"
#include "base/text.h"

enum { FIB_MATCH = 0x2000, ANSWER_S = 10, SEGMENTS_MAX = 1 << 20, DATAGRAM = 32 << 10 };

/* Where a route's network begins, for cutting. */
struct prefix {
	struct address address;
	uint8_t bits;
};

struct asker {
	int fd;
	uint32_t sequence;
	struct arena *arena;
	struct prefix *prefixes; /* of all tables */
	size_t n, capacity;
	uint8_t bytes[DATAGRAM];
};

struct answer {
	int error; /* negative errno: the kernel refuses */
	uint8_t type, bits;
	int interface;
	bool is_many; /* several next hops */
	struct address destination, gateway, source;
};

static uint8_t width(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? 16 : 4;
}

static bool take_copy(struct span *s, void *to, size_t n)
{
	struct span taken;

	if (!take_span(s, n, &taken))
		return false;
	memcpy(to, taken.p, n);
	return true;
}

/* One attribute, with its padding taken off s. */
static bool take_attribute(struct span *s, uint16_t *type, struct span *value)
{
	struct rtattr head;

	if (!take_copy(s, &head, sizeof(head)) || head.rta_len < sizeof(head) ||
	    !take_span(s, head.rta_len - sizeof(head), value))
		return false;
	*s = span_skip(*s, RTA_ALIGN(head.rta_len) - head.rta_len);
	*type = head.rta_type & NLA_TYPE_MASK;
	return true;
}

static bool take_message(struct span *s, struct nlmsghdr *head, struct span *body)
{
	if (!take_copy(s, head, sizeof(*head)) || head->nlmsg_len < sizeof(*head) ||
	    !take_span(s, head->nlmsg_len - sizeof(*head), body))
		return false;
	*s = span_skip(*s, NLMSG_ALIGN(head->nlmsg_len) - head->nlmsg_len);
	return true;
}

static struct address address_of(uint8_t family, struct span bytes)
{
	if (family == AF_INET && bytes.n == 4)
		return address_ipv4(bytes.p);
	if (family == AF_INET6 && bytes.n == 16)
		return address_ipv6(bytes.p);
	return (struct address){0};
}

static int open_asker(struct asker *asker, struct why *why)
{
	struct timeval limit = {.tv_sec = ANSWER_S};

	asker->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (asker->fd < 0 ||
	    setsockopt(asker->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return why_errno(why, _("cannot ask the kernel for its routes"));
	return 0;
}

static int ask(struct asker *asker, struct nlmsghdr *head)
{
	head->nlmsg_seq = ++asker->sequence;
	return send(asker->fd, head, head->nlmsg_len, 0) < 0 ? -errno : 0;
}

/* One datagram; MSG_TRUNC makes the length the true one, so that a cut is seen. */
static int hear(struct asker *asker, struct span *s)
{
	ssize_t n = recv(asker->fd, asker->bytes, sizeof(asker->bytes), MSG_TRUNC);

	if (n < 0)
		return -errno;
	*s = span_of(asker->bytes, (size_t)n);
	return (size_t)n > sizeof(asker->bytes) ? -EMSGSIZE : 0;
}

typedef void message_fn(void *arg, uint16_t type, struct span body);

/* A whole dump of one kind: type is RTM_GETROUTE or RTM_GETNEIGH. */
static int dump(struct asker *asker, uint16_t type, message_fn *each, void *arg)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg body; /* its first byte is the family, here and in struct ndmsg */
	} query = {.head = {.nlmsg_len = sizeof(query),
			    .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
	int r = ask(asker, &query.head);

	while (r == 0) {
		struct nlmsghdr head;
		struct span body;
		struct span s;

		r = hear(asker, &s);
		while (r == 0 && take_message(&s, &head, &body)) {
			if (head.nlmsg_seq != asker->sequence)
				continue;
			if (head.nlmsg_type == NLMSG_DONE)
				return 0;
			if (head.nlmsg_type == NLMSG_ERROR)
				return -EIO;
			each(arg, head.nlmsg_type, body);
		}
	}
	return r;
}

static void keep_prefix(void *arg, uint16_t type, struct span body)
{
	struct asker *asker = arg;
	struct rtmsg route;
	struct span value;
	uint16_t what;

	if (type != RTM_NEWROUTE || !take_copy(&body, &route, sizeof(route)))
		return;
	while (take_attribute(&body, &what, &value)) {
		struct address a = address_of(route.rtm_family, value);
		struct prefix *row;

		if (what != RTA_DST || a.family == ADDRESS_NONE)
			continue;
		row = arena_push(asker->arena, &asker->prefixes, &asker->n, &asker->capacity,
				 sizeof(*row));
		*row = (struct prefix){a, route.rtm_dst_len};
	}
}

static void read_route(struct answer *answer, struct span body)
{
	struct rtmsg route;
	struct span value;
	uint16_t what;

	if (!take_copy(&body, &route, sizeof(route))) {
		answer->error = -EIO;
		return;
	}
	answer->type = route.rtm_type;
	answer->bits = route.rtm_dst_len;
	while (take_attribute(&body, &what, &value)) {
		if (what == RTA_GATEWAY)
			answer->gateway = address_of(route.rtm_family, value);
		else if (what == RTA_PREFSRC)
			answer->source = address_of(route.rtm_family, value);
		else if (what == RTA_DST)
			answer->destination = address_of(route.rtm_family, value);
		else if (what == RTA_OIF && value.n == sizeof(answer->interface))
			memcpy(&answer->interface, value.p, sizeof(answer->interface));
		else if (what == RTA_VIA && value.n == 18) /* an IPv4 route through an IPv6 hop */
			answer->gateway = address_ipv6(value.p + 2);
	}
}

static int ask_route(struct asker *asker, const struct address *a, uint32_t flags,
		     struct answer *answer)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg body;
		struct rtattr to;
		uint8_t address[16];
		uint8_t room[8]; /* for the interface, behind an address of any length */
	} query = {.head = {.nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST},
		   .body = {.rtm_family = a->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET,
			    .rtm_dst_len = (uint8_t)(width(a) * 8),
			    .rtm_flags = flags},
		   .to = {.rta_len = (uint16_t)RTA_LENGTH(width(a)), .rta_type = RTA_DST}};
	int r;

	memset(answer, 0, sizeof(*answer));
	memcpy(query.address, a->bytes, width(a));
	query.head.nlmsg_len = (uint32_t)(sizeof(query) - 24 + width(a));
	if (a->interface) {
		const struct rtattr by = {.rta_len = RTA_LENGTH(4), .rta_type = RTA_OIF};

		memcpy(query.address + width(a), &by, sizeof(by));
		memcpy(query.address + width(a) + sizeof(by), &a->interface, 4);
		query.head.nlmsg_len += RTA_LENGTH(4);
	}
	r = ask(asker, &query.head);
	while (r == 0) {
		struct nlmsghdr head;
		struct span body;
		struct span s;

		r = hear(asker, &s);
		while (r == 0 && take_message(&s, &head, &body)) {
			if (head.nlmsg_seq != asker->sequence)
				continue;
			if (head.nlmsg_type == RTM_NEWROUTE)
				read_route(answer, body);
			else if (!take_copy(&body, &answer->error, sizeof(answer->error)) ||
				 answer->error == 0)
				answer->error = -EIO;
			return 0;
		}
	}
	return r;
}

/* The device's kind and own address. */
static int read_link(struct raw_hop *hop, struct why *why)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	if (fd < 0 || !if_indextoname((unsigned)hop->interface, request.ifr_name) ||
	    ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return why_errno(why, _("cannot read the link address of interface %d"),
				 hop->interface);
	hop->has_mac = request.ifr_hwaddr.sa_family == ARPHRD_ETHER && !hop->is_here;
	memcpy(hop->own_mac, request.ifr_hwaddr.sa_data, RAW_MAC);
	return 0;
}

/* The number of the hop that the answer says, made when it is new; or a negative errno. */
static int hop_of(struct raw_ways *ways, const struct answer *answer, struct why *why)
{
	struct raw_hop hop = {.interface = answer->interface,
			      .is_here = answer->type == RTN_LOCAL,
			      .source = answer->source,
			      .gateway = answer->gateway};
	int r;

	for (size_t i = 0; i < ways->n_hops; i++)
		if (ways->hops[i].interface == hop.interface &&
		    ways->hops[i].is_here == hop.is_here &&
		    address_eq(&ways->hops[i].source, &hop.source) &&
		    address_eq(&ways->hops[i].gateway, &hop.gateway))
			return (int)i;
	if (ways->n_hops == RAW_HOPS_MAX)
		return why_set(why, E2BIG,
			       _("the targets are reached through more than %d next hops"),
			       RAW_HOPS_MAX);
	r = read_link(&hop, why);
	if (r < 0)
		return r;
	ways->hops[ways->n_hops] = hop;
	return (int)ways->n_hops++;
}

static bool is_inside(const struct address *a, const struct prefix *prefix)
{
	unsigned whole = prefix->bits / 8;
	unsigned rest = prefix->bits % 8;

	if (a->family != prefix->address.family || prefix->bits > width(a) * 8 ||
	    memcmp(a->bytes, prefix->address.bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ prefix->address.bytes[whole]) >> (8 - rest)) == 0;
}

/* How many addresses from a on (at most n) share the fate of a, which the route of so many bits
 * decided; -1: none did. */
static uint64_t reach(const struct asker *asker, const struct address *a, uint64_t n, int bits)
{
	uint64_t low = target_low(a);
	const struct prefix own = {*a, (uint8_t)(bits < 0 ? 0 : bits)};
	unsigned host_bits = width(a) * 8u - own.bits;

	if (bits >= 0 && host_bits < 64) {
		uint64_t left = (host_bits ? ~0ull >> (64 - host_bits) : 0) -
				(low & (host_bits ? ~0ull >> (64 - host_bits) : 0));

		if (left < n - 1)
			n = left + 1;
	}
	for (size_t i = 0; i < asker->n; i++) {
		const struct prefix *row = &asker->prefixes[i];
		uint64_t start;

		if (row->bits <= bits || row->address.family != a->family ||
		    !is_inside(&row->address, &own))
			continue;
		if (a->family == ADDRESS_IPV6 && memcmp(row->address.bytes, a->bytes, 8) != 0)
			continue; /* no range crosses the lower 64 bits */
		start = target_low(&row->address);
		if (start > low && start - low < n)
			n = start - low;
	}
	return n;
}

static int no_source(const struct address *a, struct why *why)
{
	char text[ADDRESS_TEXT];

	return why_set(why, EOPNOTSUPP, _("this machine has no address to ask '%s' from"),
		       address_text(a, text));
}

/* One segment, from address a with the number host; *n is how many hosts it holds, at most as many
 * as it was called with. */
static int add_segment(struct raw_ways *ways, struct asker *asker, const struct address *a,
		       uint64_t host, uint64_t *n, size_t *capacity, struct why *why)
{
	struct raw_segment *segment;
	struct answer answer = {0};
	struct answer match = {0};
	int hop = RAW_NO_WAY;
	int r = ask_route(asker, a, 0, &answer);

	if (r == 0)
		r = ask_route(asker, a, FIB_MATCH, &match);
	if (r < 0)
		return why_set(why, -r, _("cannot ask the kernel for its routes: %s"),
			       strerror(-r));
	if (match.error == -EINVAL) { /* before 4.13 it cannot tell: one by one */
		match.error = 0;
		match.bits = (uint8_t)(width(a) * 8);
	}
	if (answer.error == 0 && (answer.type == RTN_UNICAST || answer.type == RTN_LOCAL)) {
		if (answer.source.family != a->family)
			return no_source(a, why);
		hop = hop_of(ways, &answer, why);
		if (hop < 0)
			return hop;
	}
	*n = reach(asker, a, *n, match.error ? -1 : match.bits);
	if (ways->n_segments && ways->segments[ways->n_segments - 1].hop == hop)
		return 0;
	if (ways->n_segments == SEGMENTS_MAX)
		return why_set(why, E2BIG,
			       _("the targets are reached by too many different routes"));
	segment = arena_push(asker->arena, &ways->segments, &ways->n_segments, capacity,
			     sizeof(*segment));
	*segment = (struct raw_segment){host, hop};
	return 0;
}

int raw_ways_init(struct raw_ways *ways, const struct target_plan *plan, struct arena *arena,
		  struct why *why)
{
	struct asker *asker = arena_get(arena, sizeof(*asker));
	size_t capacity = 0;
	int r;

	memset(ways, 0, sizeof(*ways));
	asker->arena = arena;
	asker->fd = -1;
	r = open_asker(asker, why);
	if (r == 0) {
		r = dump(asker, RTM_GETROUTE, keep_prefix, asker);
		if (r < 0)
			why_set(why, -r, _("cannot list the routes: %s"), strerror(-r));
	}
	for (size_t i = 0; r == 0 && i < plan->hosts.n; i++) {
		const struct target_range *range = &plan->hosts.rows[i];

		for (uint64_t done = 0, n; r == 0 && done < range->n; done += n) {
			struct address a = target_plus(&range->first, done);

			n = range->n - done;
			r = add_segment(ways, asker, &a, range->before + done, &n, &capacity, why);
		}
	}
	if (asker->fd >= 0)
		close(asker->fd);
	return r;
}

const struct raw_hop *raw_ways_find(const struct raw_ways *ways, uint64_t host)
{
	size_t low = 0;
	size_t high = ways->n_segments;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (ways->segments[middle].host <= host)
			low = middle;
		else
			high = middle;
	}
	if (high == 0 || ways->segments[low].hop == RAW_NO_WAY)
		return NULL;
	return &ways->hops[ways->segments[low].hop];
}

struct neighbours {
	raw_neighbour_fn *each;
	void *arg;
};

static void read_neighbour(void *arg, uint16_t type, struct span body)
{
	enum { USABLE = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT };
	const struct neighbours *to = arg;
	struct address address = {0};
	struct span mac = {0};
	struct ndmsg head;
	struct span value;
	uint16_t what;

	if (type != RTM_NEWNEIGH || !take_copy(&body, &head, sizeof(head)) ||
	    !(head.ndm_state & USABLE))
		return;
	while (take_attribute(&body, &what, &value))
		if (what == NDA_DST)
			address = address_of(head.ndm_family, value);
		else if (what == NDA_LLADDR)
			mac = value;
	if (address.family != ADDRESS_NONE && mac.n == RAW_MAC)
		to->each(to->arg, head.ndm_ifindex, &address, mac.p);
}

int raw_neighbours(raw_neighbour_fn *each, void *arg, struct why *why)
{
	auto_free struct asker *asker = calloc(1, sizeof(*asker));
	struct neighbours to = {each, arg};
	int r;

	if (!asker)
		return why_set(why, ENOMEM, _("out of memory"));
	asker->fd = -1;
	r = open_asker(asker, why);
	if (r == 0)
		r = dump(asker, RTM_GETNEIGH, read_neighbour, &to);
	if (asker->fd >= 0)
		close(asker->fd);
	return r < 0 ? why_set(why, -r, _("cannot list the neighbours: %s"), strerror(-r)) : 0;
}

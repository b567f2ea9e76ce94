/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: a question for everybody on this machine's networks, by multicast (struct proto_call).
 *
 * The caller opens a socket on each interface; asking, hearing and parsing is done by a worker
 * without rights, as in worker.c. Packets get lost, so all is asked twice. Datagrams that the row
 * does not know are not told: anybody may send to an open port. A peer counts once, by its address
 * and the port that it names; at most PEERS of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/scope.h"
#include "base/text.h"
#include "scan/result.h"
#include "scan/worker.h"

enum { WAYS = 32, PEERS = 256, DATAGRAM = 2048, SAY = 256, GRACE_MS = 5000, MEMORY = 64 << 20 };

struct way {
	int fd;
	uint8_t own[4];
	uint16_t port;
};

struct call {
	const struct scan_call *order;
	struct way ways[WAYS];
	size_t n_ways;
};

struct told {
	struct address address;
	uint16_t port;
	int32_t transport;
	struct record record;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int open_way(struct call *call, const struct sockaddr_in *own)
{
	struct way way = {.fd = -1};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = own->sin_addr};
	socklen_t n = sizeof(at);
	const int near = 1;

	way.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (way.fd < 0)
		return -errno;
	if (bind(way.fd, (struct sockaddr *)&at, n) < 0 ||
	    getsockname(way.fd, (struct sockaddr *)&at, &n) < 0 ||
	    setsockopt(way.fd, IPPROTO_IP, IP_MULTICAST_IF, &own->sin_addr, sizeof(own->sin_addr)) <
		    0 ||
	    setsockopt(way.fd, IPPROTO_IP, IP_MULTICAST_TTL, &near, sizeof(near)) < 0) {
		int error = errno;

		close(way.fd);
		return -error;
	}
	memcpy(way.own, &own->sin_addr, sizeof(way.own));
	way.port = ntohs(at.sin_port);
	call->ways[call->n_ways++] = way;
	return 0;
}

static bool is_wanted(const struct scan_call *order, const struct ifaddrs *entry)
{
	if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET ||
	    (entry->ifa_flags & (IFF_UP | IFF_MULTICAST)) != (IFF_UP | IFF_MULTICAST))
		return false;
	for (size_t i = 0; i < order->n_interfaces; i++)
		if (strcmp(order->interfaces[i], entry->ifa_name) == 0)
			return true;
	return order->n_interfaces == 0 && !(entry->ifa_flags & IFF_LOOPBACK);
}

static int open_ways(struct call *call, struct why *why)
{
	struct ifaddrs *all = NULL;
	int r = 0;

	for (size_t i = 0; i < call->order->n_interfaces; i++)
		if (if_nametoindex(call->order->interfaces[i]) == 0)
			return why_set(why, ENODEV, _("there is no interface '%s'"),
				       call->order->interfaces[i]);
	if (getifaddrs(&all) < 0)
		return why_errno(why, _("cannot list the interfaces"));
	for (const struct ifaddrs *entry = all; entry && r == 0; entry = entry->ifa_next)
		if (is_wanted(call->order, entry) && call->n_ways < WAYS)
			r = open_way(call,
				     (const struct sockaddr_in *)(const void *)entry->ifa_addr);
	freeifaddrs(all);
	if (r < 0)
		return why_set(why, -r, _("cannot open a socket"));
	if (call->n_ways == 0)
		return why_set(why, ENETUNREACH,
			       _("no interface is up that can multicast over IPv4"));
	return 0;
}

/* --- the worker --- */

static void ask_all(const struct call *call)
{
	const struct proto_call *to = call->order->proto->call;
	struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(to->port)};
	uint8_t bytes[SAY];
	size_t n;

	memcpy(&group.sin_addr, to->group, sizeof(to->group));
	for (size_t i = 0; i < call->n_ways; i++) {
		const struct way *way = &call->ways[i];

		for (unsigned turn = 0;
		     (n = to->ask(turn, way->own, way->port, bytes, sizeof(bytes))) > 0; turn++)
			(void)!sendto(way->fd, bytes, n, MSG_NOSIGNAL, (struct sockaddr *)&group,
				      sizeof(group));
	}
}

/* The steps: the question of the form that was answered cannot be known, so the first is told. */
static void fill(const struct call *call, const struct way *way, struct span answer,
		 enum proto_match match, struct scan_result *r)
{
	const struct proto *proto = call->order->proto;
	struct proto_facts facts = {0};
	uint8_t bytes[SAY];
	size_t n = proto->call->ask(0, way->own, way->port, bytes, sizeof(bytes));

	r->state = SCAN_OPEN;
	r->match = match;
	r->n_connections = 1;
	r->n_sent = (uint32_t)n;
	r->n_heard = (uint32_t)answer.n;
	result_log(r, true, SCAN_ORDER, proto, span_of(bytes, n));
	result_log(r, false, SCAN_ORDER, proto, answer);
	proto->describe(answer, PROTO_SERVER, TRANSPORT_UDP, &facts);
	result_take_facts(r, &facts);
}

/* False: nobody listens to us any more. */
static bool hear(const struct call *call, const struct way *way, int out)
{
	const struct proto *proto = call->order->proto;
	auto_free struct told *told = calloc(1, sizeof(*told));
	uint8_t bytes[DATAGRAM];
	struct sockaddr_in from = {0};
	socklen_t size = sizeof(from);
	enum transport transport;
	ssize_t n;

	while (told && (n = recvfrom(way->fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size)) >
	       0) {
		struct span answer = span_of(bytes, (size_t)n);
		enum proto_match match = proto->recognise(answer, PROTO_SERVER, TRANSPORT_UDP);

		*told = (struct told){.address = address_ipv4((uint8_t *)&from.sin_addr)};
		if (match < PROTO_MAYBE ||
		    !proto->call->place(answer, told->address.bytes, &transport, &told->port))
			continue;
		told->transport = transport == TRANSPORT_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
		told->record.magic = RECORD_MAGIC;
		told->record.proto = record_number(proto);
		told->record.spared = NO_PROTO;
		fill(call, way, answer, PROTO_YES, &told->record.result);
		if (write(out, told, sizeof(*told)) != (ssize_t)sizeof(*told))
			return false;
	}
	return true;
}

_Noreturn static void work(const struct call *call, int out, pid_t parent)
{
	int keep[WAYS + 1] = {out};
	struct pollfd fds[WAYS];
	struct jail jail = {.keep = keep,
			    .n_keep = call->n_ways + 1,
			    .memory = MEMORY,
			    .parent = parent,
			    .kind = JAIL_TALKS};
	struct jail_has has;
	int64_t begin = now_ms();
	int64_t end = begin + call->order->timeout_ms;
	bool is_repeated = false;

	for (size_t i = 0; i < call->n_ways; i++) {
		keep[i + 1] = call->ways[i].fd;
		fds[i] = (struct pollfd){call->ways[i].fd, POLLIN, 0};
	}
	signal(SIGPIPE, SIG_IGN);
	if (jail_start(&jail, &has, NULL) < 0)
		_exit(2);
	ask_all(call);
	for (int64_t now = begin; now < end; now = now_ms()) {
		int64_t until = is_repeated ? end : begin + call->order->timeout_ms / 3;

		if (now >= until) {
			ask_all(call);
			is_repeated = true;
			continue;
		}
		if (poll(fds, (nfds_t)call->n_ways, (int)(until - now)) < 0 && errno != EINTR)
			_exit(1);
		for (size_t i = 0; i < call->n_ways; i++)
			if (fds[i].revents && !hear(call, &call->ways[i], out))
				_exit(0);
	}
	_exit(0);
}

/* --- the caller --- */

static bool is_new(struct told *seen, size_t n, const struct told *told)
{
	for (size_t i = 0; i < n; i++)
		if (address_eq(&seen[i].address, &told->address) && seen[i].port == told->port &&
		    seen[i].transport == told->transport)
			return false;
	return true;
}

static bool is_sound(struct told *told)
{
	return told->address.family == ADDRESS_IPV4 && told->port &&
	       (told->transport == TRANSPORT_TCP || told->transport == TRANSPORT_UDP) &&
	       record_check(&told->record, 1) && told->record.result.proto;
}

static int tell(struct scan_call_sink *sink, const struct told *told)
{
	struct scan_target target = {.address = told->address,
				     .port = told->port,
				     .transport = (enum transport)told->transport};

	return sink->put(sink, &target, &told->record.result);
}

/* Reads until the worker ends. A record is longer than a pipe writes at once: it is put together.
 */
static int take(int fd, struct scan_call_sink *sink)
{
	auto_free struct told *seen = calloc(PEERS, sizeof(*seen));
	size_t n_seen = 0;
	size_t n = 0;
	int r = 0;

	if (!seen)
		return -ENOMEM;
	while (r == 0 && n_seen < PEERS) {
		struct told *told = &seen[n_seen];
		ssize_t got = read(fd, (char *)told + n, sizeof(*told) - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (n < sizeof(*told))
			continue;
		n = 0;
		if (!is_sound(told))
			return -EPROTO;
		if (!is_new(seen, n_seen, told))
			continue;
		n_seen++;
		r = tell(sink, told);
	}
	return r;
}

int scan_call(const struct scan_call *order, struct scan_call_sink *sink, struct why *why)
{
	struct call call = {.order = order};
	pid_t parent = getpid();
	int ends[2] = {-1, -1};
	int status = 0;
	pid_t pid = -1;
	int r = open_ways(&call, why);

	if (r == 0 && pipe2(ends, O_CLOEXEC) < 0)
		r = why_errno(why, _("cannot make a pipe"));
	if (r == 0) {
		pid = fork();
		if (pid == 0)
			work(&call, ends[1], parent);
		close(ends[1]);
		r = pid < 0 ? why_errno(why, _("cannot start a worker")) : take(ends[0], sink);
		if (r == -EPROTO || r == -ENOMEM)
			why_set(why, -r, _("lost the worker"));
		close(ends[0]);
	}
	for (size_t i = 0; i < call.n_ways; i++)
		close(call.ways[i].fd);
	if (pid <= 0)
		return r;
	kill(pid, SIGKILL); /* it has said all, or nobody listens any more */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return why_set(why, EPERM,
			       _("cannot start a worker without rights, and none other parses"));
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discover: see discover.h. RFC 792 (echo), RFC 4443 4.1 and 4.2; icmp(7) for the sockets: raw ones
 * with CAP_NET_RAW, else the kind that net.ipv4.ping_group_range gives to users.
 *
 * An echo carries its host's number and a keyed hash of it, so that the answer proves itself.
 */
#include "scan/discover.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/jail.h"
#include "base/scope.h"
#include "base/text.h"
#include "scan/place.h"
#include "scan/raw_frame.h"
#include "scan/raw_way.h"

enum {
	TURNS = 3,
	WAIT_MS = 1000, /* after the last echo of a turn */
	LOOK_MS = 100,  /* between looks at the kernel's neighbours */
	FULL_MS = 20,   /* a pause while the kernel has no room, for neighbours or for packets */
	FULL_TIMES = 250,
	HEAD = 8, /* of ICMP */
	ECHO_SIZE = HEAD + 16,
	EXIT_NO_JAIL = 2,
};

#define SECOND_NS 1000000000ll
#define MS_NS     1000000ll

struct asker {
	const struct discover *d;
	struct raw_key key;
	struct mix order;
	uint16_t ident;
	int fds[2]; /* IPv4, IPv6; -1: not needed */
	bool is_raw[2];
	uint64_t n_absent;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static bool is_absent(const struct discover *d, uint64_t host)
{
	return d->absent[host / 64] >> (host % 64) & 1;
}

static struct address address_of(const struct discover *d, uint64_t host)
{
	struct address address;
	uint16_t port;

	target_at(d->plan, host * d->plan->n_ports, &address, &port);
	return address;
}

static bool find_host(const struct discover *d, const struct address *address, uint64_t *host)
{
	if (!target_find(d->plan, address, d->plan->ports[0], host))
		return false;
	*host /= d->plan->n_ports;
	return true;
}

/* --- the child, which has no rights --- */

static size_t build(const struct asker *a, bool is_v6, uint64_t host, unsigned turn,
		    uint8_t out[ECHO_SIZE])
{
	uint64_t proof = raw_hash(&a->key, host, 0, 1, is_v6);
	uint16_t sum;

	memset(out, 0, HEAD);
	out[0] = is_v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	out[4] = (uint8_t)(a->ident >> 8);
	out[5] = (uint8_t)a->ident;
	out[7] = (uint8_t)turn;
	memcpy(out + HEAD, &host, 8);
	memcpy(out + HEAD + 8, &proof, 8);
	sum = (uint16_t)~raw_sum(0, out, ECHO_SIZE); /* of IPv6 the kernel makes it */
	out[2] = (uint8_t)(sum >> 8);
	out[3] = (uint8_t)sum;
	return ECHO_SIZE;
}

static void take_answer(struct asker *a, bool is_v6, struct span s, const union place *from)
{
	struct address asked;
	union place to;
	struct span head;
	uint64_t host;
	uint64_t proof;

	if (!is_v6 && a->is_raw[0] && s.n)
		s = span_skip(s, (size_t)(s.p[0] & 15) * 4); /* raw(7): with the IP header */
	if (!take_span(&s, HEAD, &head) || s.n < ECHO_SIZE - HEAD ||
	    head.p[0] != (is_v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
		return;
	memcpy(&host, s.p, 8);
	memcpy(&proof, s.p + 8, 8);
	if (host >= a->d->plan->n_hosts || proof != raw_hash(&a->key, host, 0, 1, is_v6) ||
	    !is_absent(a->d, host))
		return;
	asked = address_of(a->d, host);
	place_of(&asked, 0, &to);
	if (!place_same_host(from, &to))
		return;
	__atomic_and_fetch(&a->d->absent[host / 64], ~(1ull << (host % 64)), __ATOMIC_RELAXED);
	a->n_absent--;
}

/* What has come, after at most `ns`. */
static void hear(struct asker *a, int64_t ns)
{
	struct pollfd fds[2] = {{a->fds[0], POLLIN, 0}, {a->fds[1], POLLIN, 0}};
	uint8_t bytes[512];

	if (poll(fds, 2, (int)((ns + MS_NS - 1) / MS_NS)) <= 0)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (!fds[i].revents)
			continue;
		for (;;) {
			union place from;
			socklen_t size = sizeof(from);
			ssize_t n;

			memset(&from, 0, sizeof(from));
			n = recvfrom(a->fds[i], bytes, sizeof(bytes), MSG_DONTWAIT, &from.any,
				     &size);
			if (n < 0)
				break;
			take_answer(a, i == 1, span_of(bytes, (size_t)n), &from);
		}
	}
}

static void send_echo(struct asker *a, uint64_t host, unsigned turn)
{
	struct address address = address_of(a->d, host);
	bool is_v6 = address.family == ADDRESS_IPV6;
	uint8_t bytes[ECHO_SIZE];
	union place to;
	socklen_t size = place_of(&address, 0, &to);
	size_t n = build(a, is_v6, host, turn, bytes);

	for (int i = 0; i < FULL_TIMES; i++) {
		if (sendto(a->fds[is_v6], bytes, n, MSG_DONTWAIT, &to.any, size) >= 0 ||
		    (errno != ENOBUFS && errno != EAGAIN && errno != ENOMEM))
			return; /* another error says at most that nobody is there */
		hear(a, FULL_MS * MS_NS);
	}
}

static void ask_turn(struct asker *a, unsigned turn)
{
	uint64_t n = a->d->plan->n_hosts;
	int64_t step = SECOND_NS / (int64_t)a->d->rate_pps;
	int64_t due = now_ns();
	int64_t end;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t host = mix_at(&a->order, i);

		if (!is_absent(a->d, host))
			continue;
		send_echo(a, host, turn);
		due += step;
		do
			hear(a, due > now_ns() ? due - now_ns() : 0);
		while (due - now_ns() > MS_NS);
	}
	end = now_ns() + WAIT_MS * MS_NS;
	while (a->n_absent && now_ns() < end)
		hear(a, end - now_ns());
}

_Noreturn static void ask_all(struct asker *a, pid_t parent)
{
	struct jail jail = {.keep = a->fds, .n_keep = 2, .parent = parent, .kind = JAIL_TALKS};
	struct jail_has has;

	if (jail_start(&jail, &has, NULL) < 0)
		_exit(EXIT_NO_JAIL);
	for (unsigned turn = 0; turn < TURNS && a->n_absent; turn++)
		ask_turn(a, turn);
	_exit(0);
}

/* --- the parent --- */

/* Only echo replies: a raw socket would get every ICMP packet of this machine. */
static int open_raw(bool is_v6)
{
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC,
			is_v6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
	struct icmp6_filter filter;
	struct {
		uint32_t refused;
	} types = {~(1u << ICMP_ECHOREPLY)};
	int r;

	if (fd < 0)
		return -1;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	r = is_v6 ? setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter))
		  : setsockopt(fd, SOL_RAW, 1 /* ICMP_FILTER of linux/icmp.h */, &types,
			       sizeof(types));
	if (r == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_sockets(struct asker *a, struct why *why)
{
	const struct target_ranges *hosts = &a->d->plan->hosts;
	bool is_needed[2] = {false, false};

	for (size_t i = 0; i < hosts->n; i++)
		is_needed[hosts->rows[i].first.family == ADDRESS_IPV6] = true;
	for (size_t i = 0; i < 2; i++) {
		const int room = 1 << 20;

		if (!is_needed[i])
			continue;
		a->fds[i] = open_raw(i == 1);
		a->is_raw[i] = a->fds[i] >= 0;
		if (a->fds[i] < 0)
			a->fds[i] = socket(i ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
					   i ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
		if (a->fds[i] < 0)
			return why_set(why, EPERM,
				       _("asking who is there needs root, CAP_NET_RAW, or a group "
					 "in net.ipv4.ping_group_range"));
		setsockopt(a->fds[i], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	}
	return 0;
}

static void take_neighbour(void *arg, int interface, const struct address *address,
			   const uint8_t mac[RAW_MAC])
{
	const struct discover *d = arg;
	struct address a = *address;
	uint64_t host;

	(void)mac;
	if (address_is_link_local(&a))
		a.interface = (uint32_t)interface;
	if (find_host(d, &a, &host))
		__atomic_and_fetch(&d->absent[host / 64], ~(1ull << (host % 64)),
				   __ATOMIC_RELAXED);
}

/* Until the child has ended. The table of neighbours forgets: it is looked at all the while. */
static int watch(const struct discover *d, pid_t pid, struct why *why)
{
	int status = 0;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);
		int r = raw_neighbours(take_neighbour, (void *)d, why);

		if (ended == pid)
			break;
		if (d->tick)
			d->tick(d->owner);
		if (r < 0 || *d->stop) {
			kill(pid, SIGKILL);
			while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
				;
			return r;
		}
		poll(NULL, 0, LOOK_MS);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_JAIL)
		return why_set(why, EPERM, _("the process that asks who is there cannot be jailed"));
	if (!WIFEXITED(status))
		return why_set(why, EIO, _("the process that asks who is there has died"));
	return 0;
}

int discover_hosts(const struct discover *discover, struct why *why)
{
	struct asker a = {.d = discover, .fds = {-1, -1}, .n_absent = discover->plan->n_hosts};
	uint64_t seed = 0;
	pid_t parent = getpid();
	pid_t pid;
	int r = open_sockets(&a, why);

	if (r == 0 && (getrandom(&a.key, sizeof(a.key), 0) != sizeof(a.key) ||
		       getrandom(&seed, sizeof(seed), 0) != sizeof(seed)))
		r = why_errno(why, _("cannot get random bytes"));
	if (r == 0) {
		a.ident = (uint16_t)(seed >> 40);
		mix_init(&a.order, discover->plan->n_hosts, seed);
		pid = fork();
		if (pid == 0)
			ask_all(&a, parent);
		r = pid < 0 ? why_errno(why, _("cannot start the process that asks who is there"))
			    : watch(discover, pid, why);
	}
	for (size_t i = 0; i < 2; i++)
		if (a.fds[i] >= 0)
			close(a.fds[i]);
	return r;
}

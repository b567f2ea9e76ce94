/* SPDX-License-Identifier: Apache-2.0 */
/* raw_socket: see raw_socket.h. packet(7), linux/if_packet.h, linux/filter.h. */
#include "scan/raw_socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/scope.h"
#include "base/text.h"

enum {
	IGNORE_OUTGOING = 23, /* PACKET_IGNORE_OUTGOING, 4.20 */
	SEND_BUFFER = 4 << 20,
	TRIES = 64,
	RETIRE_MS = 1,
	FIRST_PORT = 32768,
};

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* A bound socket for both families, or for IPv4 where there is no IPv6. port 0: the kernel's. */
static int bind_port(int type, uint16_t port, struct why *why)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	int r;

	if (fd >= 0 && set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0) == 0) {
		r = bind(fd, (struct sockaddr *)&v6, sizeof(v6));
	} else {
		if (fd >= 0)
			close(fd);
		fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
		r = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&v4, sizeof(v4));
	}
	if (r == 0)
		return fd;
	r = why_errno(why, _("cannot take a port of our own"));
	if (fd >= 0)
		close(fd);
	return r;
}

/* Takes nothing in: the filter refuses before the socket sees it, and the kernel is content. */
static int make_deaf(int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {1, &none};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int bind_udp(struct raw_ports *ports, uint16_t first, struct why *why)
{
	for (unsigned i = 0; i < RAW_UDP_PORTS; i++) {
		int fd = bind_port(SOCK_DGRAM, (uint16_t)(first + i), why);

		ports->udp[i] = fd;
		if (fd < 0)
			return fd;
		if (make_deaf(fd) < 0)
			return why_errno(why, _("cannot close a port of our own"));
	}
	return 0;
}

int raw_ports_init(struct raw_ports *ports, struct raw_self *self, bool is_udp, struct why *why)
{
	struct sockaddr_in6 bound = {0};
	socklen_t size = sizeof(bound);
	int r = -EADDRINUSE;

	ports->tcp = -1;
	for (unsigned i = 0; i < RAW_UDP_PORTS; i++)
		ports->udp[i] = -1;
	if (getrandom(&self->key, sizeof(self->key), 0) != sizeof(self->key))
		return why_errno(why, _("cannot get random bytes"));
	if (!is_udp) {
		ports->tcp = bind_port(SOCK_STREAM, 0, why);
		if (ports->tcp < 0)
			return ports->tcp;
		if (getsockname(ports->tcp, (struct sockaddr *)&bound, &size) < 0)
			return why_errno(why, _("cannot take a port of our own"));
		self->tcp_port = ntohs(bound.sin6_port); /* where sockaddr_in has it, too */
		return 0;
	}
	for (unsigned i = 0; i < TRIES && r == -EADDRINUSE; i++) {
		uint16_t word;

		raw_ports_done(ports);
		if (getrandom(&word, sizeof(word), 0) != sizeof(word))
			return why_errno(why, _("cannot get random bytes"));
		self->udp_port =
			(uint16_t)(FIRST_PORT + word % (PORT_MAX - FIRST_PORT - RAW_UDP_PORTS));
		r = bind_udp(ports, self->udp_port, why);
	}
	return r;
}

void raw_ports_done(struct raw_ports *ports)
{
	if (ports->tcp >= 0)
		close(ports->tcp);
	ports->tcp = -1;
	for (unsigned i = 0; i < RAW_UDP_PORTS; i++) {
		if (ports->udp[i] >= 0)
			close(ports->udp[i]);
		ports->udp[i] = -1;
	}
}

static int refused(struct why *why)
{
	if (errno == EPERM || errno == EACCES)
		return why_set(why, EPERM, _("raw packets need root or CAP_NET_RAW"));
	return why_errno(why, _("cannot open a packet socket"));
}

int raw_sender(struct why *why)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return refused(why);
	set(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1); /* slower without, and no worse */
	set(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	return fd;
}

int raw_sender_here(enum address_family family, struct why *why)
{
	int fd = socket(family == ADDRESS_IPV6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC,
			IPPROTO_RAW); /* whole packets, of both families: raw(7), RFC 3542 3 */

	return fd < 0 ? refused(why) : fd;
}

/* The socket filter is a list of blocks; a packet that passes all tests of one is taken. */
enum load { LOAD_PROTOCOL, LOAD_BYTE, LOAD_HALF, LOAD_BYTE_BEHIND, LOAD_HALF_BEHIND };
enum test { IS, BELOW, FROM, HAS_NONE };
enum { FILTER_MAX = 128, BLOCK_MAX = 8 };

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned n;
	unsigned failing[BLOCK_MAX]; /* jumps that leave the block that is being written */
	unsigned n_failing;
};

static void put(struct filter *f, struct sock_filter one)
{
	f->code[f->n++] = one;
}

/* ..._BEHIND: offsets from the end of IPv4's header. */
static void put_load(struct filter *f, enum load load, uint32_t at)
{
	static const uint16_t codes[] = {
		[LOAD_PROTOCOL] = BPF_LD | BPF_ABS | BPF_H,
		[LOAD_BYTE] = BPF_LD | BPF_ABS | BPF_B,
		[LOAD_HALF] = BPF_LD | BPF_ABS | BPF_H,
		[LOAD_BYTE_BEHIND] = BPF_LD | BPF_IND | BPF_B,
		[LOAD_HALF_BEHIND] = BPF_LD | BPF_IND | BPF_H,
	};

	if (load == LOAD_PROTOCOL)
		at = (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL);
	if (load == LOAD_BYTE_BEHIND || load == LOAD_HALF_BEHIND)
		put(f, (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MSH | BPF_B, 0));
	put(f, (struct sock_filter)BPF_STMT(codes[load], at));
}

static void put_test(struct filter *f, enum load load, uint32_t at, enum test test, uint32_t k)
{
	static const uint16_t codes[] = {
		[IS] = BPF_JEQ, [BELOW] = BPF_JGE, [FROM] = BPF_JGE, [HAS_NONE] = BPF_JSET};

	put_load(f, load, at);
	f->failing[f->n_failing++] = f->n;
	/* 1 marks which way fails; put_end knows how far */
	put(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_K | codes[test], k,
					    test == BELOW || test == HAS_NONE, 0));
}

/* Ends the block: what has passed is taken, the rest is tried by the next. */
static void put_end(struct filter *f)
{
	put(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, RAW_SNAP));
	for (unsigned i = 0; i < f->n_failing; i++) {
		struct sock_filter *jump = &f->code[f->failing[i]];
		uint8_t away = (uint8_t)(f->n - f->failing[i] - 1);
		bool is_yes = jump->jt != 0;

		jump->jt = is_yes ? away : 0;
		jump->jf = is_yes ? 0 : away;
	}
	f->n_failing = 0;
}

static void put_ports(struct filter *f, const struct raw_self *self, enum load load, uint32_t at)
{
	if (self->tcp_port) {
		put_test(f, load, at, IS, self->tcp_port);
		return;
	}
	put_test(f, load, at, FROM, self->udp_port);
	put_test(f, load, at, BELOW, self->udp_port + RAW_UDP_PORTS);
}

static int attach_filter(int fd, const struct raw_self *self, bool has_near)
{
	uint32_t protocol = self->tcp_port ? IPPROTO_TCP : IPPROTO_UDP;
	struct filter f = {0};
	struct sock_fprog program = {0, f.code};

	/* IPv4: the transport, not a later fragment; then ICMP from unreachable to parameter */
	put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_IP);
	put_test(&f, LOAD_BYTE, 9, IS, protocol);
	put_test(&f, LOAD_HALF, 6, HAS_NONE, 0x1fff);
	put_ports(&f, self, LOAD_HALF_BEHIND, 2);
	put_end(&f);
	put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_IP);
	put_test(&f, LOAD_BYTE, 9, IS, IPPROTO_ICMP);
	put_test(&f, LOAD_BYTE_BEHIND, 0, FROM, 3);
	put_test(&f, LOAD_BYTE_BEHIND, 0, BELOW, 13);
	put_end(&f);
	/* IPv6, without further headers; ICMPv6's errors are 1 to 4 */
	put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_IPV6);
	put_test(&f, LOAD_BYTE, 6, IS, protocol);
	put_ports(&f, self, LOAD_HALF, 42);
	put_end(&f);
	put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_IPV6);
	put_test(&f, LOAD_BYTE, 6, IS, IPPROTO_ICMPV6);
	put_test(&f, LOAD_BYTE, 40, BELOW, 5);
	put_end(&f);
	if (has_near) {
		put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_ARP);
		put_end(&f);
		put_test(&f, LOAD_PROTOCOL, 0, IS, ETH_P_IPV6);
		put_test(&f, LOAD_BYTE, 6, IS, IPPROTO_ICMPV6);
		put_test(&f, LOAD_BYTE, 40, IS, 136);
		put_end(&f);
	}
	put(&f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0));
	program.len = (unsigned short)f.n;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int map_ring(int fd, void **ring)
{
	struct tpacket_req3 request = {
		.tp_block_size = RAW_RING_BLOCK,
		.tp_block_nr = RAW_RING_BLOCKS,
		.tp_frame_size = 2048,
		.tp_frame_nr = RAW_RING_SIZE / 2048,
		.tp_retire_blk_tov = RETIRE_MS,
	};

	if (set(fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
		return -errno;
	*ring = mmap(NULL, RAW_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return *ring == MAP_FAILED ? -errno : 0;
}

int raw_receiver(const struct raw_self *self, int interface, bool has_near, void **ring,
		 struct why *why)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = interface};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* deaf until bound */
	int r;

	if (fd < 0)
		return refused(why);
	set(fd, SOL_PACKET, IGNORE_OUTGOING,
	    1); /* our probes would not be taken for answers anyway */
	r = attach_filter(fd, self, has_near) < 0 ? -errno : map_ring(fd, ring);
	if (r == 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return why_set(why, -r, _("cannot listen for answers: %s"), strerror(-r));
}

uint32_t raw_dropped(int fd)
{
	struct tpacket_stats_v3 stats = {0};
	socklen_t size = sizeof(stats);

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0 ? 0
										: stats.tp_drops;
}

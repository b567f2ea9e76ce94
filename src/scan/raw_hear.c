/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_hear: see raw_hear.h. The ring is TPACKET_V3's: blocks that the kernel fills and hands over
 * by a status word, each a chain of packets by offsets (linux/if_packet.h). The kernel writes only
 * what it owns; a chain that leaves its block ends the block.
 */
#include "scan/raw_hear.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/jail.h"
#include "base/scope.h"
#include "base/text.h"
#include "scan/raw_socket.h"

enum {
	QUEUE = 1 << 16, /* records; a power of two */
	DEATHS_MAX = 1000,
	BEHIND = 2, /* blocks that wait */
	FULL_WAIT_NS = 50000,
	JAIL_MS = 10, /* between looks whether it has died of it */
};

/* Shared by both processes. */
struct shared {
	_Atomic uint64_t head; /* records put, by the hearing process */
	_Atomic uint64_t tail; /* records taken */
	_Atomic uint32_t is_awaited;
	_Atomic uint32_t is_jailed;
	uint32_t block;  /* that is read now */
	uint32_t packet; /* of this block, counted; what is before it has been looked at */
	struct raw_heard queue[QUEUE];
};

struct raw_hearing {
	struct raw_hear_query query;
	struct shared *shared;
	int bell;
	pid_t pid;
	uint64_t deaths;
};

static void put(struct raw_hearing *h, const struct raw_heard *heard)
{
	struct shared *s = h->shared;
	uint64_t head = atomic_load_explicit(&s->head, memory_order_relaxed);

	while (head - atomic_load_explicit(&s->tail, memory_order_acquire) >= QUEUE)
		nanosleep(&(struct timespec){.tv_nsec = FULL_WAIT_NS}, NULL);
	s->queue[head % QUEUE] = *heard;
	atomic_store_explicit(&s->head, head + 1, memory_order_release);
}

static bool is_port_unreachable(const struct raw_reply *reply)
{
	return reply->from.family == ADDRESS_IPV6 ? reply->icmp_type == 1 && reply->icmp_code == 4
						  : reply->icmp_type == 3 && reply->icmp_code == 3;
}

/* RFC 1812 5.2.7.1; RFC 4443 3.1 */
static bool is_prohibited(const struct raw_reply *reply)
{
	uint8_t code = reply->icmp_code;

	if (reply->from.family == ADDRESS_IPV6)
		return reply->icmp_type == 1 && (code == 1 || code == 5 || code == 6);
	return reply->icmp_type == 3 && (code == 9 || code == 10 || code == 13);
}

static bool hear_error(const struct raw_reply *reply, struct raw_heard *heard)
{
	if (is_prohibited(reply))
		heard->kind = RAW_HEARD_PROHIBITED;
	else if (!is_port_unreachable(reply))
		heard->kind = RAW_HEARD_UNREACHABLE;
	else if (address_eq(&reply->reporter, &reply->from))
		heard->kind = RAW_HEARD_CLOSED;
	else
		heard->kind = RAW_HEARD_PROHIBITED; /* another speaks for the host: a filter */
	return true;
}

/* Which of the ports asked of this host the datagram is meant for: from that port itself, or one
 * whose protocol answers from a port of its own choice. */
static bool find_datagram(const struct raw_hear_query *q, const struct raw_reply *reply,
			  uint64_t *index, bool *is_elsewhere)
{
	*is_elsewhere = false;
	if (target_find(q->plan, &reply->from, reply->port, index) &&
	    raw_udp_fits(q->self, reply, reply->port))
		return true;
	*is_elsewhere = true;
	for (uint32_t i = 0; q->may_answer_elsewhere && i < q->plan->n_ports; i++)
		if (q->may_answer_elsewhere[i] && raw_udp_fits(q->self, reply, q->plan->ports[i]) &&
		    target_find(q->plan, &reply->from, q->plan->ports[i], index))
			return true;
	return false;
}

static bool hear_near(const struct raw_hear_query *q, const struct raw_reply *reply,
		      struct raw_heard *heard)
{
	uint64_t index;

	memcpy(heard->mac, reply->bytes.p, RAW_MAC);
	for (size_t i = 0; i < q->ways->n_hops; i++)
		if (address_eq(&q->ways->hops[i].gateway, &reply->from)) {
			heard->kind = RAW_HEARD_GATEWAY;
			heard->number = (uint32_t)i;
			return true;
		}
	if (!target_find(q->plan, &reply->from, q->plan->ports[0], &index))
		return false;
	heard->kind = RAW_HEARD_NEAR;
	heard->number = (uint32_t)(index / q->plan->n_ports);
	return true;
}

static bool judge(const struct raw_hear_query *q, const struct raw_reply *reply,
		  struct raw_heard *heard)
{
	uint64_t index;
	bool is_elsewhere = false;

	if (reply->kind == RAW_NEAR)
		return hear_near(q, reply, heard);
	if (reply->kind == RAW_UDP) {
		if (!find_datagram(q, reply, &index, &is_elsewhere))
			return false;
	} else if (!target_find(q->plan, &reply->from, reply->port, &index) ||
		   (reply->transport == TRANSPORT_TCP && reply->index != (uint32_t)index)) {
		return false;
	}
	heard->number = (uint32_t)index;
	if (reply->kind == RAW_ERROR)
		return hear_error(reply, heard);
	heard->kind = is_elsewhere             ? RAW_HEARD_ELSEWHERE
		      : reply->kind == RAW_RST ? RAW_HEARD_CLOSED
					       : RAW_HEARD_OPEN;
	return true;
}

static void hear_packet(struct raw_hearing *h, struct span packet, const struct tpacket3_hdr *head,
			const struct sockaddr_ll *from)
{
	struct raw_reply reply;
	struct raw_heard heard = {.us = head->tp_sec * 1000000u + head->tp_nsec / 1000};

	if (!raw_read(h->query.self, ntohs(from->sll_protocol), packet, &reply))
		return;
	if (address_is_link_local(&reply.from))
		reply.from.interface = (uint32_t)from->sll_ifindex;
	if (judge(&h->query, &reply, &heard))
		put(h, &heard);
}

/* All packets of a block but those that were looked at before. */
static void hear_block(struct raw_hearing *h, struct span block)
{
	struct tpacket_block_desc head;
	size_t at;

	memcpy(&head, block.p, sizeof(head));
	at = head.hdr.bh1.offset_to_first_pkt;
	for (uint32_t i = 0; i < head.hdr.bh1.num_pkts; i++) {
		struct tpacket3_hdr packet;
		struct sockaddr_ll from;
		struct span s = span_skip(block, at);

		if (s.n < TPACKET_ALIGN(sizeof(packet)) + sizeof(from))
			return;
		memcpy(&packet, s.p, sizeof(packet));
		memcpy(&from, s.p + TPACKET_ALIGN(sizeof(packet)), sizeof(from));
		if (i >= h->shared->packet) {
			h->shared->packet = i + 1;
			hear_packet(h, span_cut(span_skip(s, packet.tp_net), packet.tp_snaplen),
				    &packet, &from);
		}
		at += packet.tp_next_offset;
	}
}

/* Wakes the sender if it waits and there is something for it. */
static void ring_bell(struct raw_hearing *h)
{
	const uint64_t one = 1;
	struct shared *s = h->shared;

	if (atomic_load(&s->head) == atomic_load(&s->tail) || !atomic_exchange(&s->is_awaited, 0))
		return;
	if (write(h->bell, &one, sizeof(one)) < 0)
		_exit(1);
}

/* The block so many after the one that is read now. */
static uint8_t *block_after(const struct raw_hearing *h, uint32_t n)
{
	uint32_t block = (h->shared->block + n) % RAW_RING_BLOCKS;

	return (uint8_t *)h->query.ring + (size_t)block * RAW_RING_BLOCK;
}

static _Atomic uint32_t *status_of(uint8_t *block)
{
	return (_Atomic uint32_t *)(block +
				    offsetof(struct tpacket_block_desc, hdr.bh1.block_status));
}

bool raw_hear_is_behind(const struct raw_hearing *h)
{
	return atomic_load_explicit(status_of(block_after(h, BEHIND)), memory_order_relaxed) &
	       TP_STATUS_USER;
}

static _Noreturn void hear(struct raw_hearing *h, pid_t parent)
{
	const int keep[] = {h->query.fd, h->bell};
	struct jail jail = {
		.keep = keep, .n_keep = ARRAY_LEN(keep), .parent = parent, .kind = JAIL_PARSES};
	struct pollfd poll_fd = {.fd = h->query.fd, .events = POLLIN};
	struct shared *shared = h->shared;
	struct jail_has has;

	if (jail_start(&jail, &has, NULL) < 0)
		_exit(2);
	atomic_store(&shared->is_jailed, 1);
	if (write(h->bell, &(uint64_t){1}, sizeof(uint64_t)) < 0)
		_exit(1);
	for (;;) {
		uint8_t *block = block_after(h, 0);
		_Atomic uint32_t *status = status_of(block);

		if (!(atomic_load_explicit(status, memory_order_acquire) & TP_STATUS_USER)) {
			ring_bell(h);
			if (poll(&poll_fd, 1, -1) < 0 && errno != EINTR)
				_exit(1);
			continue;
		}
		hear_block(h, span_of(block, RAW_RING_BLOCK));
		shared->packet = 0;
		shared->block = (shared->block + 1) % RAW_RING_BLOCKS;
		atomic_store_explicit(status, TP_STATUS_KERNEL, memory_order_release);
		ring_bell(h);
	}
}

/* Returns when the process has lost its rights: nothing is sent before that. */
static int start(struct raw_hearing *h, struct why *why)
{
	struct pollfd bell = {.fd = h->bell, .events = POLLIN};
	pid_t parent = getpid();
	uint64_t count;

	atomic_store(&h->shared->is_jailed, 0);
	h->pid = fork();
	if (h->pid < 0)
		return why_errno(why, _("cannot start the process that reads answers"));
	if (h->pid == 0)
		hear(h, parent);
	while (!atomic_load(&h->shared->is_jailed)) {
		int status;

		if (waitpid(h->pid, &status, WNOHANG) == h->pid) {
			h->pid = 0;
			return why_set(why, EPERM,
				       _("the process that reads answers cannot be jailed"));
		}
		if (poll(&bell, 1, JAIL_MS) > 0 && read(h->bell, &count, sizeof(count)) < 0)
			continue; /* somebody else's ring */
	}
	return 0;
}

int raw_hear_start(struct raw_hearing **hearing, const struct raw_hear_query *query,
		   struct why *why)
{
	struct raw_hearing *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return why_set(why, ENOMEM, _("out of memory"));
	h->query = *query;
	h->shared = mmap(NULL, sizeof(*h->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	h->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (h->shared == MAP_FAILED || h->bell < 0)
		r = why_errno(why, _("cannot start the process that reads answers"));
	else
		r = start(h, why);
	if (r < 0) {
		raw_hear_stop(h);
		return r;
	}
	*hearing = h;
	return 0;
}

bool raw_hear_take(struct raw_hearing *h, struct raw_heard *heard)
{
	struct shared *s = h->shared;
	uint64_t tail = atomic_load_explicit(&s->tail, memory_order_relaxed);

	if (tail == atomic_load_explicit(&s->head, memory_order_acquire))
		return false;
	*heard = s->queue[tail % QUEUE];
	atomic_store_explicit(&s->tail, tail + 1, memory_order_release);
	return true;
}

static int revive(struct raw_hearing *h, uint64_t *deaths, struct why *why)
{
	int status;
	pid_t r = waitpid(h->pid, &status, WNOHANG);

	if (r != h->pid)
		return 0;
	h->pid = 0;
	if (WIFEXITED(status) || ++h->deaths > DEATHS_MAX)
		return why_set(why, EIO, _("the process that reads answers has ended"));
	++*deaths;
	return start(h, why);
}

int raw_hear_wait(struct raw_hearing *h, int64_t ns, uint64_t *deaths, struct why *why)
{
	struct pollfd bell = {.fd = h->bell, .events = POLLIN};
	struct timespec time = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
	struct shared *s = h->shared;
	uint64_t count;

	atomic_store(&s->is_awaited, 1);
	if (atomic_load(&s->head) != atomic_load(&s->tail))
		return 0;
	if (ppoll(&bell, 1, &time, NULL) > 0 && read(h->bell, &count, sizeof(count)) < 0 &&
	    errno != EAGAIN)
		return why_errno(why, _("cannot hear the process that reads answers"));
	return revive(h, deaths, why);
}

void raw_hear_stop(struct raw_hearing *h)
{
	if (!h)
		return;
	if (h->pid > 0 && kill(h->pid, SIGKILL) == 0)
		waitpid(h->pid, NULL, 0);
	if (h->bell >= 0)
		close(h->bell);
	if (h->shared && h->shared != MAP_FAILED)
		munmap(h->shared, sizeof(*h->shared));
	free(h);
}

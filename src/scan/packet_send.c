/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet_send: steps become packets. A probe of a neighbour whose link address is not known yet
 * waits in a short queue behind a question for it (ARP, NDP); who does not answer four such
 * questions is not there, and is asked nothing.
 *
 * When a probe left is remembered for the last of them only, by index: enough to measure the time
 * of a round trip, with no memory per target.
 */
#include "scan/packet.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <time.h>

#include "base/text.h"

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * NS_OF_S + t.tv_nsec;
}

int64_t packet_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* As the kernel stamps packets that come. */
static uint32_t now_us(void)
{
	return (uint32_t)(read_clock(CLOCK_REALTIME) / 1000);
}

/* Sends what the batch holds. -ENOBUFS: the rest has to wait. */
int packet_flush(struct packet *s, struct why *why)
{
	struct batch *b = &s->batch;

	while (b->sent < b->n) {
		int r = sendmmsg(s->sender, b->heads + b->sent, (unsigned)(b->n - b->sent), 0);

		if (r > 0) {
			b->sent += (size_t)r;
		} else if (errno == ENOBUFS || errno == EAGAIN) {
			s->session->counts.no_buffer++;
			return -ENOBUFS;
		} else if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV) {
			return why_errno(why, _("the interface no longer sends"));
		} else if (errno != EINTR) {
			s->session->counts.refused_here++;
			b->sent++;
		}
	}
	b->n = b->sent = 0;
	return 0;
}

static uint8_t *next_frame(struct packet *s)
{
	return s->batch.bytes[s->batch.n];
}

/* The frame that next_frame lent, n bytes long. mac: NULL where the link has no addresses. */
static void add_frame(struct packet *s, const struct raw_hop *hop, uint16_t protocol,
		      const uint8_t *mac, size_t n)
{
	struct batch *b = &s->batch;
	size_t i = b->n++;

	b->to[i] = (struct sockaddr_ll){.sll_family = AF_PACKET,
					.sll_protocol = htons(protocol),
					.sll_ifindex = hop->interface};
	if (mac) {
		b->to[i].sll_halen = RAW_MAC;
		memcpy(b->to[i].sll_addr, mac, RAW_MAC);
	}
	b->parts[i] = (struct iovec){b->bytes[i], n};
	b->heads[i].msg_hdr = (struct msghdr){.msg_name = &b->to[i],
					      .msg_namelen = sizeof(b->to[i]),
					      .msg_iov = &b->parts[i],
					      .msg_iovlen = 1};
}

/* RFC 826, RFC 4861: who has this address? Asked of all who share the link. */
void packet_ask(struct packet *s, const struct raw_hop *hop, const struct address *address)
{
	static const uint8_t everyone[RAW_MAC] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t group[RAW_MAC] = {0x33, 0x33, 0xff};

	if (address->family == ADDRESS_IPV4) {
		add_frame(s, hop, ETH_P_ARP, everyone,
			  raw_build_arp(next_frame(s), hop->own_mac, &hop->source, address));
		return;
	}
	memcpy(group + 3, address->bytes + 13,
	       3); /* RFC 2464 section 7, of RFC 4291 2.7.1's group */
	add_frame(s, hop, ETH_P_IPV6, group,
		  raw_build_solicit(next_frame(s), hop->own_mac, &hop->source, address));
}

static void send_here(struct packet *s, const struct raw_probe *probe, const uint8_t *bytes,
		      size_t n)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_scope_id = probe->address.interface};
	bool is_v6 = probe->address.family == ADDRESS_IPV6;

	memcpy(&v4.sin_addr, probe->address.bytes, 4);
	memcpy(&v6.sin6_addr, probe->address.bytes, 16);
	if (sendto(s->here[is_v6], bytes, n, 0, is_v6 ? (void *)&v6 : (void *)&v4,
		   is_v6 ? sizeof(v6) : sizeof(v4)) < 0)
		s->session->counts.refused_here++;
}

/* What stands between a probe and its way. */
enum ready { READY, READY_ASK, READY_WAIT, READY_NEVER };

static enum ready look_near(struct near *near, int64_t ms)
{
	if (near->state == NEAR_KNOWN)
		return READY;
	if (near->state == NEAR_ABSENT)
		return READY_NEVER;
	if (near->state == NEAR_ASKED && (uint32_t)ms - near->asked_ms < PACKET_ASK_MS)
		return READY_WAIT;
	if (near->n_asked == PACKET_ASK_TIMES) {
		near->state = NEAR_ABSENT;
		return READY_NEVER;
	}
	near->state = NEAR_ASKED;
	near->n_asked++;
	near->asked_ms = (uint32_t)ms;
	return READY_ASK;
}

/* Sends the probe of a step, or the question that has to come first. READY_WAIT and READY_ASK: the
 * step has to come again. */
static enum ready send_step(struct packet *s, uint64_t step, uint32_t us, int64_t ms)
{
	const struct target_plan *plan = s->session->plan;
	uint64_t index = target_index(plan, step);
	uint64_t host = index / plan->n_ports;
	const struct raw_hop *hop;
	struct raw_probe probe = {.transport = plan->transport, .index = (uint32_t)index};
	const uint8_t *mac = NULL;
	size_t n;

	if (engine_is_settled(s->session, index))
		return READY_NEVER;
	hop = raw_ways_find(&s->ways, host);
	if (!hop) {
		s->session->counts.refused_here++;
		return READY_NEVER;
	}
	target_at(plan, index, &probe.address, &probe.port);
	if (hop->has_mac && hop->gateway.family == ADDRESS_NONE) {
		enum ready ready = look_near(&s->nears[host], ms);

		if (ready == READY_ASK)
			packet_ask(s, hop, &probe.address);
		if (ready == READY_NEVER)
			engine_give_up(s->session, host);
		if (ready != READY)
			return ready;
		mac = s->nears[host].mac;
	} else if (hop->has_mac) {
		mac = hop->mac;
	}
	if (plan->transport == TRANSPORT_UDP && s->session->payloads) {
		const struct engine_payload *payload = &s->session->payloads[index % plan->n_ports];

		probe.payload = span_cut(span_of(payload->bytes, payload->n), RAW_PAYLOAD_MAX);
	}
	n = raw_build(next_frame(s), &s->self, &hop->source, &probe);
	if (hop->is_here)
		send_here(s, &probe, next_frame(s), n);
	else
		add_frame(s, hop, probe.address.family == ADDRESS_IPV6 ? ETH_P_IPV6 : ETH_P_IP, mac,
			  n);
	s->times[(uint32_t)index % PACKET_TIMES].index = (uint32_t)index;
	s->times[(uint32_t)index % PACKET_TIMES].us = us ? us : 1;
	s->session->counts.sent++;
	return READY;
}

/* The waiting steps, each once; at most room packets. Returns how many were used. */
static size_t send_waiting(struct packet *s, size_t room, uint32_t us, int64_t ms)
{
	size_t kept = 0;
	size_t used = 0;
	bool is_short = false;

	for (size_t i = 0; i < s->n_waiting; i++) {
		enum ready ready = READY_WAIT;

		if (used < room)
			ready = send_step(s, s->waiting[i], us, ms);
		else
			is_short = true;
		used += ready == READY || ready == READY_ASK;
		if (ready == READY_WAIT || ready == READY_ASK)
			s->waiting[kept++] = s->waiting[i];
	}
	s->n_waiting = kept;
	s->is_waiting_due = is_short;
	s->looked_ms = ms;
	return used;
}

/* Fills the batch with at most room packets. */
size_t packet_fill(struct packet *s, struct engine_slice *slice, size_t room, int64_t now)
{
	uint32_t us = now_us();
	int64_t ms = now / NS_OF_MS;
	size_t used = 0;

	if (s->n_waiting && (s->is_waiting_due || ms - s->looked_ms > PACKET_ASK_MS / 4))
		used = send_waiting(s, room, us, ms);
	for (unsigned looked = 0;
	     used < room && slice->next < slice->until && s->n_waiting < PACKET_WAITING &&
	     looked < PACKET_BATCH * PACKET_BATCH;
	     looked++) {
		uint64_t step = slice->next++;
		enum ready ready = send_step(s, step, us, ms);

		used += ready == READY || ready == READY_ASK;
		if (ready == READY_WAIT || ready == READY_ASK)
			s->waiting[s->n_waiting++] = step;
	}
	return used;
}

void packet_tell(struct packet *s, uint64_t next)
{
	struct engine_session *session = s->session;

	session->in_flight = s->n_waiting;
	session->lowest = next;
	for (size_t i = 0; i < s->n_waiting; i++)
		if (s->waiting[i] < session->lowest)
			session->lowest = s->waiting[i];
	session->counts.dropped += raw_dropped(s->receiver) + s->deaths;
	s->deaths = 0;
}

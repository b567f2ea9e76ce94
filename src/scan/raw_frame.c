/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_frame: builds probes and reads answers; see raw_frame.h.
 *
 * RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 768 (UDP), RFC 792 and RFC 4443 (ICMP),
 * RFC 826 (ARP), RFC 4861 (neighbours). Checksums of what came are not looked at: on virtual links
 * the kernel leaves them out, and the hash is a better witness.
 */
#include "scan/raw_frame.h"

#include <assert.h>

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMPV6 = 58,
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_IPV6 = 0x86dd,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_ACK = 0x10,
	TCP_SIZE = 24, /* with one option, the greatest segment */
	UDP_SIZE = 8,
	WINDOW = 1024,
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static size_t width(const struct address *a)
{
	return a->family == ADDRESS_IPV6 ? 16 : 4;
}

static uint64_t hash_of(const struct raw_self *self, const struct address *a, uint16_t port,
			enum transport transport)
{
	uint64_t words[2] = {0};

	memcpy(words, a->bytes, width(a));
	return raw_hash(&self->key, words[0], words[1], a->family == ADDRESS_IPV6,
			port | (uint32_t)(transport == TRANSPORT_UDP) << 16);
}

uint16_t raw_sum(uint32_t start, const uint8_t *p, size_t n)
{
	uint64_t sum = start;

	for (; n >= 2; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	if (n)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Of the pseudo header: RFC 9293 3.1, RFC 8200 8.1. */
static uint32_t sum_ends(const struct address *a, const struct address *b, uint32_t protocol,
			 size_t n)
{
	return (uint32_t)raw_sum(0, a->bytes, width(a)) + raw_sum(0, b->bytes, width(b)) +
	       protocol + (uint32_t)n;
}

static uint16_t udp_slot(const struct raw_self *self, const struct address *a, uint16_t port)
{
	return (uint16_t)(hash_of(self, a, port, TRANSPORT_UDP) % RAW_UDP_PORTS);
}

uint16_t raw_own_port(const struct raw_self *self, const struct raw_probe *probe)
{
	if (probe->transport == TRANSPORT_TCP)
		return self->tcp_port;
	return (uint16_t)(self->udp_port + udp_slot(self, &probe->address, probe->port));
}

/* Returns its length. id: identification of IPv4. */
static size_t put_ip(uint8_t *p, const struct address *from, const struct address *to,
		     uint8_t protocol, size_t n, uint16_t id, uint8_t hops)
{
	if (to->family == ADDRESS_IPV4) {
		memset(p, 0, 20);
		p[0] = 0x45;
		put16(p + 2, (uint32_t)n + 20);
		put16(p + 4, id);
		p[6] = 0x40; /* not to be parted */
		p[8] = hops;
		p[9] = protocol;
		memcpy(p + 12, from->bytes, 4);
		memcpy(p + 16, to->bytes, 4);
		put16(p + 10, (uint16_t)~raw_sum(0, p, 20));
		return 20;
	}
	memset(p, 0, 8);
	p[0] = 0x60;
	put16(p + 4, (uint32_t)n);
	p[6] = protocol;
	p[7] = hops;
	memcpy(p + 8, from->bytes, 16);
	memcpy(p + 24, to->bytes, 16);
	return 40;
}

size_t raw_build(uint8_t out[RAW_FRAME_MAX], const struct raw_self *self,
		 const struct address *source, const struct raw_probe *probe)
{
	bool is_tcp = probe->transport == TRANSPORT_TCP;
	size_t n = is_tcp ? TCP_SIZE : UDP_SIZE + probe->payload.n;
	uint64_t hash = hash_of(self, &probe->address, probe->port, probe->transport);
	uint8_t protocol = is_tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
	size_t at =
		put_ip(out, source, &probe->address, protocol, n, (uint16_t)(hash >> 32), RAW_TTL);
	uint8_t *p = out + at;
	uint16_t sum;

	assert(source->family == probe->address.family && probe->payload.n <= RAW_PAYLOAD_MAX);
	memset(p, 0, is_tcp ? TCP_SIZE : UDP_SIZE);
	put16(p, raw_own_port(self, probe));
	put16(p + 2, probe->port);
	if (is_tcp) {
		put32(p + 4, (uint32_t)hash ^ probe->index);
		p[12] = TCP_SIZE / 4 << 4;
		p[13] = TCP_SYN;
		put16(p + 14, WINDOW);
		put32(p + 20, 0x020405b4); /* MSS 1460 */
	} else {
		put16(p + 4, (uint32_t)n);
		if (probe->payload.n)
			memcpy(p + UDP_SIZE, probe->payload.p, probe->payload.n);
	}
	sum = (uint16_t)~raw_sum(sum_ends(source, &probe->address, protocol, n), p, n);
	if (!is_tcp && sum == 0)
		sum = 0xffff; /* 0 would say that there is none */
	put16(p + (is_tcp ? 16 : 6), sum);
	return at + n;
}

struct packet {
	struct address from, to;
	uint8_t protocol, ttl;
	uint16_t id;
	struct span rest;
};

/* Of IPv6 only packets whose first header is the transport's: answers to ours have no others. */
static bool take_ip(struct span *s, struct packet *packet)
{
	struct span head;
	struct span more;

	if (s->n < 1)
		return false;
	if (s->p[0] >> 4 == 4) {
		size_t n = (size_t)(s->p[0] & 15) * 4;

		if (n < 20 || !take_span(s, n, &head) || ((head.p[6] & 0x1f) | head.p[7]))
			return false; /* but the first fragment */
		packet->id = (uint16_t)(head.p[4] << 8 | head.p[5]);
		packet->protocol = head.p[9];
		packet->ttl = head.p[8];
		packet->from = address_ipv4(head.p + 12);
		packet->to = address_ipv4(head.p + 16);
		size_t total = (size_t)head.p[2] << 8 | head.p[3];

		more = span_cut(*s, total > n ? total - n : 0); /* padding is cut off */
	} else {
		if (s->p[0] >> 4 != 6 || !take_span(s, 40, &head))
			return false;
		packet->id = 0;
		packet->protocol = head.p[6];
		packet->ttl = head.p[7];
		packet->from = address_ipv6(head.p + 8);
		packet->to = address_ipv6(head.p + 24);
		more = span_cut(*s, (size_t)head.p[4] << 8 | head.p[5]);
	}
	packet->rest = more;
	return true;
}

static bool read_tcp(const struct raw_self *self, const struct packet *packet,
		     struct raw_reply *reply)
{
	struct span s = packet->rest;
	uint32_t seq;
	uint32_t ack;
	uint8_t offset;
	uint8_t flags;

	if (!take_u16be(&s, &reply->port) || !take_u16be(&s, &reply->own_port) ||
	    !take_u32be(&s, &seq) || !take_u32be(&s, &ack) || !take_u8(&s, &offset) ||
	    !take_u8(&s, &flags) || reply->own_port != self->tcp_port || !(flags & TCP_ACK))
		return false;
	if (flags & TCP_RST)
		reply->kind = RAW_RST;
	else if (flags & TCP_SYN)
		reply->kind = RAW_SYN_ACK;
	else
		return false;
	reply->transport = TRANSPORT_TCP;
	reply->index =
		(ack - 1) ^ (uint32_t)hash_of(self, &packet->from, reply->port, TRANSPORT_TCP);
	return true;
}

static bool is_own_udp(const struct raw_self *self, uint16_t port)
{
	return port >= self->udp_port && port - self->udp_port < RAW_UDP_PORTS;
}

static bool read_udp(const struct raw_self *self, const struct packet *packet,
		     struct raw_reply *reply)
{
	struct span s = packet->rest;
	uint16_t n;
	uint16_t sum;

	if (!take_u16be(&s, &reply->port) || !take_u16be(&s, &reply->own_port) ||
	    !take_u16be(&s, &n) || !take_u16be(&s, &sum) || n < UDP_SIZE ||
	    !is_own_udp(self, reply->own_port))
		return false;
	reply->kind = RAW_UDP;
	reply->transport = TRANSPORT_UDP;
	reply->bytes = span_cut(s, (size_t)n - UDP_SIZE);
	return true;
}

bool raw_udp_fits(const struct raw_self *self, const struct raw_reply *reply, uint16_t port)
{
	return reply->own_port == self->udp_port + udp_slot(self, &reply->from, port);
}

/* An error quotes the probe: its IP header and at least eight bytes more. */
static bool read_error(const struct raw_self *self, const struct packet *packet,
		       struct raw_reply *reply)
{
	bool is_v6 = packet->from.family == ADDRESS_IPV6;
	struct span s = packet->rest;
	struct packet quoted;
	struct span head;
	uint32_t word;

	if (!take_span(&s, 8, &head))
		return false;
	/* unreachable, too big, time exceeded, parameter: of IPv4 3, 11, 12; of IPv6 1 to 4 */
	if (is_v6 ? head.p[0] < 1 || head.p[0] > 4
		  : head.p[0] != 3 && head.p[0] != 11 && head.p[0] != 12)
		return false;
	if (!take_ip(&s, &quoted) || quoted.from.family != packet->from.family)
		return false;
	s = quoted.rest;
	if (!take_u16be(&s, &reply->own_port) || !take_u16be(&s, &reply->port) ||
	    !take_u32be(&s, &word))
		return false;
	reply->kind = RAW_ERROR;
	reply->reporter = packet->from;
	reply->from = quoted.to;
	reply->icmp_type = head.p[0];
	reply->icmp_code = head.p[1];
	if (quoted.protocol == PROTOCOL_TCP) {
		reply->transport = TRANSPORT_TCP;
		reply->index =
			word ^ (uint32_t)hash_of(self, &reply->from, reply->port, TRANSPORT_TCP);
		return reply->own_port == self->tcp_port;
	}
	reply->transport = TRANSPORT_UDP;
	if (quoted.protocol != PROTOCOL_UDP || !is_own_udp(self, reply->own_port) ||
	    !raw_udp_fits(self, reply, reply->port))
		return false;
	return is_v6 ||
	       quoted.id ==
		       (uint16_t)(hash_of(self, &reply->from, reply->port, TRANSPORT_UDP) >> 32);
}

/* RFC 4861 4.4: an advertisement with the option that holds the target's link address. */
static bool read_advertisement(const struct packet *packet, struct raw_reply *reply)
{
	struct span s = packet->rest;
	struct span head;
	struct span option;

	if (packet->ttl != 255 || !take_span(&s, 24, &head) || head.p[0] != 136 || head.p[1] != 0)
		return false;
	reply->from = address_ipv6(head.p + 8);
	while (s.n >= 8 && s.p[1] && take_span(&s, (size_t)s.p[1] * 8, &option))
		if (option.p[0] == 2) {
			reply->kind = RAW_NEAR;
			reply->bytes = span_of(option.p + 2, 6);
			return true;
		}
	return false;
}

static bool read_arp(struct span s, struct raw_reply *reply)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 2}; /* Ethernet, IPv4, reply */

	if (s.n < 28 || memcmp(s.p, head, sizeof(head)) != 0)
		return false;
	reply->kind = RAW_NEAR;
	reply->bytes = span_of(s.p + 8, 6);
	reply->from = address_ipv4(s.p + 14);
	return true;
}

bool raw_read(const struct raw_self *self, uint16_t protocol, struct span s,
	      struct raw_reply *reply)
{
	struct packet packet = {0};
	bool is_v6 = protocol == TYPE_IPV6;

	memset(reply, 0, sizeof(*reply));
	if (protocol == TYPE_ARP)
		return read_arp(s, reply);
	if ((protocol != TYPE_IPV4 && !is_v6) || !take_ip(&s, &packet) ||
	    (packet.from.family == ADDRESS_IPV6) != is_v6)
		return false;
	reply->from = packet.from;
	reply->ttl = packet.ttl;
	if (packet.protocol == PROTOCOL_TCP)
		return read_tcp(self, &packet, reply);
	if (packet.protocol == PROTOCOL_UDP)
		return read_udp(self, &packet, reply);
	if (packet.protocol == PROTOCOL_ICMPV6 && is_v6 && read_advertisement(&packet, reply))
		return true;
	return packet.protocol == (is_v6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP) &&
	       read_error(self, &packet, reply);
}

size_t raw_build_arp(uint8_t out[RAW_FRAME_MAX], const uint8_t *mac, const struct address *source,
		     const struct address *target)
{
	static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};

	memcpy(out, head, sizeof(head));
	memcpy(out + 8, mac, 6);
	memcpy(out + 14, source->bytes, 4);
	memset(out + 18, 0, 6);
	memcpy(out + 24, target->bytes, 4);
	return 28;
}

size_t raw_build_solicit(uint8_t out[RAW_FRAME_MAX], const uint8_t *mac,
			 const struct address *source, const struct address *target)
{
	static const uint8_t group[13] = {0xff, 2, [11] = 1, [12] = 0xff};
	struct address to = *target;
	uint8_t *p = out + 40;

	memcpy(to.bytes, group, sizeof(group)); /* the last three bytes stay: RFC 4291 2.7.1 */
	put_ip(out, source, &to, PROTOCOL_ICMPV6, 32, 0, 255);
	memset(p, 0, 32);
	p[0] = 135;
	memcpy(p + 8, target->bytes, 16);
	p[24] = 1; /* our link address */
	p[25] = 1;
	memcpy(p + 26, mac, 6);
	put16(p + 2, (uint16_t)~raw_sum(sum_ends(source, &to, PROTOCOL_ICMPV6, 32), p, 32));
	return 40 + 32;
}

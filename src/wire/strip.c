/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strip: a packet without its wrappings: link layer, VLAN tags, IP and its extension headers, GRE,
 * IP in IP, down to the ports and what is behind them.
 *
 * Each layer takes its header off the span and says what comes next; at most WIRE_LAYERS of them.
 * Lengths that a header states only ever shorten the span (an Ethernet frame is padded). Fragments
 * are not put together: the first has the ports and is read, later ones are counted.
 */
#include "wire/wire.h"

enum layer { ETHERNET, ETHERTYPE, IPV4, IPV6, TRANSPORT, DONE };

/* IEEE 802 numbers; GRE has the same for what it carries */
enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100,
	TYPE_ETHERNET = 0x6558, /* transparent bridging, inside of GRE */
};

/* IANA protocol numbers */
enum {
	IP_HOPS = 0,
	IP_IPV4 = 4,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_DCCP = 33,
	IP_IPV6 = 41,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_GRE = 47,
	IP_AUTHENTICATION = 51,
	IP_OPTIONS = 60,
	IP_SCTP = 132,
	IP_MOBILITY = 135,
	IP_UDPLITE = 136,
	IP_HIP = 139,
	IP_SHIM6 = 140,
};

enum { MACS = 12 };

struct peel {
	struct span s;
	uint32_t n_missing; /* of the innermost IP packet, behind the end of s */
	enum layer next;
	uint16_t type;    /* for ETHERTYPE */
	uint8_t protocol; /* for TRANSPORT */
	struct wire_packet *packet;
};

static enum wire_fate ethernet(struct peel *p)
{
	struct span macs;

	if (!take_span(&p->s, MACS, &macs) || !take_u16be(&p->s, &p->type))
		return WIRE_CUT;
	p->next = ETHERTYPE;
	return WIRE_READ;
}

static enum wire_fate ethertype(struct peel *p)
{
	uint16_t tag;

	switch (p->type) {
	case TYPE_IPV4: p->next = IPV4; return WIRE_READ;
	case TYPE_IPV6: p->next = IPV6; return WIRE_READ;
	case TYPE_ETHERNET: p->next = ETHERNET; return WIRE_READ;
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_OLD:
		if (!take_u16be(&p->s, &tag) || !take_u16be(&p->s, &p->type))
			return WIRE_CUT;
		p->packet->vlan = tag & 0xfff; /* IEEE 802.1Q: 12 bits */
		return WIRE_READ;
	default: return WIRE_NOT_IP;
	}
}

/* Keeps what belongs to the IP packet of so many bytes behind its header. */
static void bound(struct peel *p, size_t n)
{
	p->n_missing = n > p->s.n ? (uint32_t)(n - p->s.n) : 0;
	p->s = span_cut(p->s, n);
}

/* RFC 791 3.1 */
static enum wire_fate ipv4(struct peel *p)
{
	struct span head = p->s;
	struct span rest;
	uint16_t length;
	uint16_t fragment;
	size_t n;

	if (head.n < 1)
		return WIRE_CUT;
	n = (size_t)(head.p[0] & 15) * 4;
	if (head.p[0] >> 4 != 4 || n < 20)
		return WIRE_MALFORMED;
	if (!take_span(&p->s, n, &head))
		return WIRE_CUT;
	rest = span_skip(head, 2);
	if (!take_u16be(&rest, &length))
		return WIRE_CUT;
	rest = span_skip(head, 6);
	if (!take_u16be(&rest, &fragment))
		return WIRE_CUT;
	if (length && length < n)
		return WIRE_MALFORMED;
	if (length) /* 0: the network card was left to cut it (segmentation offload) */
		bound(p, length - n);
	p->packet->source = address_ipv4(head.p + 12);
	p->packet->destination = address_ipv4(head.p + 16);
	p->protocol = head.p[9];
	p->next = TRANSPORT;
	if (fragment & 0x1fff)
		return WIRE_FRAGMENT;
	p->packet->is_first_fragment = fragment & 0x2000;
	return WIRE_READ;
}

/* RFC 8200 4 (and 4.4 for the authentication header of RFC 4302, which counts words) */
static enum wire_fate extensions(struct peel *p)
{
	struct span head;

	for (unsigned i = 0; i < WIRE_LAYERS; i++) {
		size_t n;

		switch (p->protocol) {
		case IP_HOPS:
		case IP_ROUTING:
		case IP_OPTIONS:
		case IP_MOBILITY:
		case IP_HIP:
		case IP_SHIM6:
		case IP_FRAGMENT:
		case IP_AUTHENTICATION: break;
		default: return WIRE_READ;
		}
		if (p->s.n < 8)
			return WIRE_CUT;
		n = p->protocol == IP_FRAGMENT         ? 8
		    : p->protocol == IP_AUTHENTICATION ? ((size_t)p->s.p[1] + 2) * 4
						       : ((size_t)p->s.p[1] + 1) * 8;
		if (!take_span(&p->s, n, &head))
			return WIRE_CUT;
		if (p->protocol == IP_FRAGMENT) {
			unsigned where = head.p[2] * 256u + head.p[3];

			if (where >> 3)
				return WIRE_FRAGMENT;
			p->packet->is_first_fragment = where & 1;
		}
		p->protocol = head.p[0];
	}
	return WIRE_MALFORMED;
}

/* RFC 8200 3 */
static enum wire_fate ipv6(struct peel *p)
{
	struct span head;
	struct span rest;
	uint16_t length;

	if (p->s.n && p->s.p[0] >> 4 != 6)
		return WIRE_MALFORMED;
	if (!take_span(&p->s, 40, &head))
		return WIRE_CUT;
	rest = span_skip(head, 4);
	if (!take_u16be(&rest, &length))
		return WIRE_CUT;
	if (length)
		bound(p, length);
	p->packet->source = address_ipv6(head.p + 8);
	p->packet->destination = address_ipv6(head.p + 24);
	p->protocol = head.p[6];
	p->next = TRANSPORT;
	return extensions(p);
}

/* RFC 2784 2, RFC 2890 2; version 1 is PPTP's and holds no IP that could be read here */
static enum wire_fate gre(struct peel *p)
{
	enum { HAS_CHECKSUM = 0x8000, HAS_ROUTING = 0x4000, HAS_KEY = 0x2000, HAS_NUMBER = 0x1000 };
	uint16_t flags;
	struct span options;

	if (!take_u16be(&p->s, &flags) || !take_u16be(&p->s, &p->type))
		return WIRE_CUT;
	if ((flags & 7) || (flags & HAS_ROUTING))
		return WIRE_PORTLESS;

	size_t n = (flags & HAS_CHECKSUM ? 4 : 0) + (flags & HAS_KEY ? 4 : 0) +
		   (flags & HAS_NUMBER ? 4 : 0);

	if (!take_span(&p->s, n, &options))
		return WIRE_CUT;
	p->packet->tunnel = WIRE_TUNNEL_GRE;
	p->next = ETHERTYPE;
	return WIRE_READ;
}

/* RFC 9293 3.1 */
static enum wire_fate tcp(struct peel *p)
{
	struct span head = p->s;
	struct span rest;
	size_t n;

	if (head.n < 20)
		return WIRE_CUT;
	n = (size_t)(head.p[12] >> 4) * 4;
	if (n < 20)
		return WIRE_MALFORMED;
	rest = span_skip(head, 4);
	if (!take_u32be(&rest, &p->packet->sequence))
		return WIRE_CUT;
	p->packet->flags = head.p[13];
	if (!take_span(&p->s, n, &head))
		return p->n_missing ? WIRE_CUT : WIRE_MALFORMED;
	return WIRE_READ;
}

/* RFC 768; a length of 0 is a jumbogram's (RFC 2675 4) */
static enum wire_fate udp(struct peel *p, bool is_lite)
{
	struct span head;
	struct span rest;
	uint16_t length;

	if (!take_span(&p->s, 8, &head))
		return p->n_missing || p->packet->is_first_fragment ? WIRE_CUT : WIRE_MALFORMED;
	rest = span_skip(head, 4);
	if (!take_u16be(&rest, &length))
		return WIRE_CUT;
	if (is_lite || length == 0)
		return WIRE_READ;
	if (length < 8)
		return WIRE_MALFORMED;
	if (length - 8u <= p->s.n) {
		p->s = span_cut(p->s, length - 8u);
		p->n_missing = 0;
	} else {
		p->n_missing = (uint32_t)(length - 8u - p->s.n);
	}
	return WIRE_READ;
}

static enum wire_fate transport(struct peel *p)
{
	struct wire_packet *packet = p->packet;
	struct span ports = p->s;
	enum wire_fate fate = WIRE_READ;

	p->next = DONE;
	switch (p->protocol) {
	case IP_IPV4:
	case IP_IPV6:
		packet->tunnel = WIRE_TUNNEL_IN_IP;
		packet->is_first_fragment = false;
		p->next = p->protocol == IP_IPV4 ? IPV4 : IPV6;
		return WIRE_READ;
	case IP_GRE: packet->is_first_fragment = false; return gre(p);
	case IP_TCP: packet->transport = TRANSPORT_TCP; break;
	case IP_UDP: packet->transport = TRANSPORT_UDP; break;
	case IP_UDPLITE: packet->transport = TRANSPORT_UDPLITE; break;
	case IP_SCTP: packet->transport = TRANSPORT_SCTP; break;
	case IP_DCCP: packet->transport = TRANSPORT_DCCP; break;
	default: return WIRE_PORTLESS;
	}
	if (!take_u16be(&ports, &packet->source_port) ||
	    !take_u16be(&ports, &packet->destination_port))
		return WIRE_CUT;
	if (p->protocol == IP_TCP)
		fate = tcp(p);
	else if (p->protocol == IP_UDP || p->protocol == IP_UDPLITE)
		fate = udp(p, p->protocol == IP_UDPLITE);
	packet->payload = p->s;
	packet->n_missing = p->n_missing;
	return fate;
}

/* Fills what the link layer says of the next one. */
static enum wire_fate link_layer(enum wire_link link, struct peel *p)
{
	struct span head;

	switch (link) {
	case WIRE_ETHERNET: p->next = ETHERNET; return WIRE_READ;
	case WIRE_SLL: /* LINKTYPE_LINUX_SLL: 14 bytes, then the type */
		if (!take_span(&p->s, 14, &head) || !take_u16be(&p->s, &p->type))
			return WIRE_CUT;
		p->next = ETHERTYPE;
		return WIRE_READ;
	case WIRE_SLL2: /* LINKTYPE_LINUX_SLL2: the type, then 18 bytes */
		if (!take_u16be(&p->s, &p->type) || !take_span(&p->s, 18, &head))
			return WIRE_CUT;
		p->next = ETHERTYPE;
		return WIRE_READ;
	case WIRE_NULL: /* the family, whose numbers differ by system: the IP version tells it too
			 */
	case WIRE_LOOP:
		if (!take_span(&p->s, 4, &head))
			return WIRE_CUT;
		break;
	default: break;
	}
	if (p->s.n == 0)
		return WIRE_CUT;
	p->next = p->s.p[0] >> 4 == 6 ? IPV6 : IPV4;
	if (p->s.p[0] >> 4 != 4 && p->s.p[0] >> 4 != 6)
		return WIRE_NOT_IP;
	return WIRE_READ;
}

enum wire_fate wire_strip(enum wire_link link, struct span bytes, struct wire_packet *packet)
{
	struct peel p = {.s = bytes, .packet = packet};
	enum wire_fate fate;

	*packet = (struct wire_packet){0};
	fate = link_layer(link, &p);
	for (unsigned i = 0; fate == WIRE_READ && p.next != DONE; i++) {
		if (i == WIRE_LAYERS)
			return WIRE_MALFORMED;
		switch (p.next) {
		case ETHERNET: fate = ethernet(&p); break;
		case ETHERTYPE: fate = ethertype(&p); break;
		case IPV4: fate = ipv4(&p); break;
		case IPV6: fate = ipv6(&p); break;
		default: fate = transport(&p); break;
		}
	}
	return fate;
}

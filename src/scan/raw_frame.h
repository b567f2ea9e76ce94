/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_frame: probes as IP packets, and what came back, read. No socket, no clock. Private to scan.
 *
 * A TCP probe carries index XOR hash(key, address, ports) as its sequence number. An answer
 * acknowledges that number plus one, so the index comes back; who asks the plan whether that index
 * is the answer's (address, port) knows whether it is ours: a forger has one chance in 2^32. A UDP
 * probe leaves from the one of 64 own ports that the hash of its target names, and has the hash in
 * the identification field too, which an ICMP error of IPv4 quotes.
 *
 * Packets begin with the IP header: link headers are the kernel's work (SOCK_DGRAM of packet(7)).
 */
#ifndef PERIPLUS_SCAN_RAW_FRAME_H
#define PERIPLUS_SCAN_RAW_FRAME_H

#include "base/address.h"
#include "base/port.h"
#include "scan/raw_key.h"

enum {
	RAW_UDP_PORTS = 64,
	RAW_PAYLOAD_MAX = 1200, /* below the least MTU of IPv6 with its headers */
	RAW_FRAME_MAX = 40 + 8 + RAW_PAYLOAD_MAX,
	RAW_TTL = 64,
};

struct raw_self {
	struct raw_key key;
	uint16_t tcp_port;
	uint16_t udp_port; /* first of RAW_UDP_PORTS */
};

struct raw_probe {
	struct address address;
	uint16_t port;
	enum transport transport; /* TCP or UDP */
	uint32_t index;           /* comes back with a TCP answer; UDP forgets it */
	struct span payload;      /* UDP; at most RAW_PAYLOAD_MAX */
};

/* Writes the packet from source (of the probe's family) and returns its length. */
size_t raw_build(uint8_t out[RAW_FRAME_MAX], const struct raw_self *self,
		 const struct address *source, const struct raw_probe *probe);
uint16_t raw_own_port(const struct raw_self *self, const struct raw_probe *probe);
/* The one's complement sum of RFC 1071, folded, in host order. */
uint16_t raw_sum(uint32_t start, const uint8_t *p, size_t n);

/* SYN_ACK, RST: of a probe of ours, if the plan agrees. UDP: a datagram to one of our ports.
 * ERROR: ICMP says that a probe of ours did not arrive. NEAR: a neighbour says its link address. */
enum raw_kind { RAW_NOTHING, RAW_SYN_ACK, RAW_RST, RAW_UDP, RAW_ERROR, RAW_NEAR };

struct raw_reply {
	enum raw_kind kind;
	struct address from;     /* of an ERROR: whom the probe was for */
	struct address reporter; /* of an ERROR */
	uint16_t port;           /* of `from`; a UDP answer may have another than was asked */
	uint16_t own_port;
	enum transport transport;
	uint32_t index; /* TCP; to be checked against the plan */
	uint8_t icmp_type, icmp_code;
	uint8_t ttl;
	struct span bytes; /* UDP; NEAR: the link address */
};

/* Reads a packet that begins at its IP header (or an ARP one: protocol is the Ethernet type, host
 * order). False when it is nothing of ours. */
bool raw_read(const struct raw_self *self, uint16_t protocol, struct span packet,
	      struct raw_reply *reply) must_check;
/* True when the datagram came to the port that a probe to (from, port) would have left from. */
bool raw_udp_fits(const struct raw_self *self, const struct raw_reply *reply, uint16_t port);

/* RFC 826: who has target? Asked by source. RFC 4861 4.3: the same for IPv6, to its group.
 * mac: of the asking interface, 6 bytes. Both return the length. */
size_t raw_build_arp(uint8_t out[RAW_FRAME_MAX], const uint8_t *mac, const struct address *source,
		     const struct address *target);
size_t raw_build_solicit(uint8_t out[RAW_FRAME_MAX], const uint8_t *mac,
			 const struct address *source, const struct address *target);

#endif

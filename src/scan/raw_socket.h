/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_socket: the sockets of the packet engine. What is opened here needs CAP_NET_RAW; using it
 * does not. Private to scan.
 */
#ifndef PERIPLUS_SCAN_RAW_SOCKET_H
#define PERIPLUS_SCAN_RAW_SOCKET_H

#include "scan/raw_frame.h"

enum {
	RAW_RING_BLOCK = 64 << 10,
	RAW_RING_BLOCKS = 256,
	RAW_RING_SIZE = RAW_RING_BLOCK * RAW_RING_BLOCKS,
	RAW_SNAP = 256, /* an answer is judged by its heads */
};

/* Own ports, taken from the kernel so that nobody else gets their answers, and held while the scan
 * lasts. TCP is bound and does not listen: the kernel itself answers a SYN-ACK with RST. UDP is
 * bound and takes nothing: else the kernel would tell every server that answers that nobody is
 * there. */
struct raw_ports {
	int tcp;
	int udp[RAW_UDP_PORTS];
};

/* Chooses and takes the ports, and the key. */
int raw_ports_init(struct raw_ports *ports, struct raw_self *self, bool is_udp,
		   struct why *why) must_check;
void raw_ports_done(struct raw_ports *ports);

/* Sends packets that begin at the IP header, to a sockaddr_ll with link address; past the queueing
 * discipline, which would only part us from the word that the card is full. */
int raw_sender(struct why *why) must_check;
/* Sends whole IPv4 or IPv6 packets through this machine's own stack. */
int raw_sender_here(enum address_family family, struct why *why) must_check;
/* Hears what may answer a probe of ours, on one interface or on all (0), into a ring of TPACKET_V3
 * blocks at *ring (RAW_RING_SIZE bytes, shared with children). has_near: and neighbours' answers.
 */
int raw_receiver(const struct raw_self *self, int interface, bool has_near, void **ring,
		 struct why *why) must_check;
/* Packets that found no room since this was asked last. */
uint32_t raw_dropped(int fd);

#endif

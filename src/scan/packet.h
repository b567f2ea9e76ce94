/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet: what the files of the packet engine share; the xdp engine is built on it. Private to
 * scan.
 */
#ifndef PERIPLUS_SCAN_PACKET_H
#define PERIPLUS_SCAN_PACKET_H

#include <linux/if_packet.h>
#include <sys/socket.h>

#include "scan/engine.h"
#include "scan/raw_hear.h"
#include "scan/raw_socket.h"

enum {
	PACKET_BATCH = 64,
	PACKET_TIMES = 1 << 14,
	PACKET_WAITING = 4096, /* probes behind a question for a link address */
	PACKET_ASK_MS = 300,
	PACKET_ASK_TIMES = 4, /* where one in 25 is lost: a host in 400,000 */
};
#define NS_OF_S  1000000000ll
#define NS_OF_MS 1000000ll

/* A neighbour whose link address is needed. */
enum near_state { NEAR_UNKNOWN, NEAR_ASKED, NEAR_KNOWN, NEAR_ABSENT };

struct near {
	uint8_t mac[RAW_MAC];
	uint8_t state;
	uint8_t n_asked;
	uint32_t asked_ms;
};

/* Frames on their way into the kernel. */
struct batch {
	size_t n, sent;
	struct mmsghdr heads[PACKET_BATCH];
	struct iovec parts[PACKET_BATCH];
	struct sockaddr_ll to[PACKET_BATCH];
	uint8_t bytes[PACKET_BATCH][RAW_FRAME_MAX];
};

struct packet {
	struct engine_session *session;
	struct arena arena;
	struct raw_self self;
	struct raw_ports ports;
	struct raw_ways ways;
	struct raw_hearing *hearing;
	bool *may_answer_elsewhere;
	int sender, receiver;
	int here[2]; /* senders to this machine itself: IPv4, IPv6 */
	void *ring;
	struct near *nears; /* by host; NULL: no target is a neighbour on an Ethernet */
	uint64_t waiting[PACKET_WAITING]; /* steps */
	size_t n_waiting;
	bool is_waiting_due;
	int64_t looked_ms; /* at the waiting ones */
	int64_t due_ns;    /* when the next probe may leave */
	uint64_t deaths;
	struct {
		uint32_t index, us;
	} times[PACKET_TIMES];
	struct batch batch;
};

/* packet_open.c. On success the own ports are taken, gateways are known and answers are heard. */
int packet_new(struct packet **packet, struct engine_session *session, struct why *why) must_check;
struct packet *packet_free(struct packet *packet); /* takes NULL; returns NULL */

/* packet_take.c: marks what has been heard so far. */
void packet_take(struct packet *packet);

/* packet_send.c. Fills the batch with at most room probes (or questions for link addresses), of the
 * waiting steps first; returns how many. */
size_t packet_fill(struct packet *packet, struct engine_slice *slice, size_t room, int64_t now_ns);
/* Sends the batch. -ENOBUFS: the rest has to wait; else 0, or an error that ends the scan. */
int packet_flush(struct packet *packet, struct why *why) must_check;
/* Adds a question for the link address to the batch. */
void packet_ask(struct packet *packet, const struct raw_hop *hop, const struct address *address);
int64_t packet_now_ns(void);
/* What the session is told at the end of a slice. */
void packet_tell(struct packet *packet, uint64_t next);

#endif

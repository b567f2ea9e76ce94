/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: traffic seen passing. Packets go in, as a capture holds them; out come conversations, each
 * with what its bytes say.
 *
 * A flow is one pair of addresses and ports; it lives while it is heard of, and the first bytes of
 * both its sides are kept and put in order. What is learned of it is added to a conversation: one
 * client's flows to one port of one server. Everything is bounded (enum wire_limit) and what did
 * not fit is counted; memory is taken as it is needed and is under 64 MB however long it goes on.
 *
 * It opens nothing, knows no file format and not the map. The capture is read by a process without
 * rights (periplus-pcap), whose reports come as records: as foreign to the reader as the packets.
 */
#ifndef PERIPLUS_WIRE_WIRE_H
#define PERIPLUS_WIRE_WIRE_H

#include "base/address.h"
#include "base/port.h"
#include "base/why.h"
#include "proto/proto.h"

enum wire_limit {
	WIRE_FLOWS = 16384,	   /* at once; the one longest unheard of is closed for a new one */
	WIRE_CONVERSATIONS = 8192, /* in all; more are counted */
	WIRE_PREFIX = 4096,	   /* bytes of a side that are looked at */
	WIRE_BLOCKS = 4096,	   /* pieces of memory for those bytes */
	WIRE_LINES = 64,	   /* messages of a conversation that are told */
	WIRE_LINES_ALL = 20000,
	WIRE_LAYERS = 32, /* headers within headers */
};

enum wire_link { WIRE_ETHERNET, WIRE_SLL, WIRE_SLL2, WIRE_NULL, WIRE_LOOP, WIRE_IP, N_WIRE_LINKS };

/* What became of a packet. name, word for JSON, sentence */
#define WIRE_FATES(F)                                                                              \
	F(READ, "read", N_("packets of conversations"))                                            \
	F(FRAGMENT, "fragment", N_("later fragments, which are not put together"))             \
	F(PORTLESS, "portless", N_("packets without ports (ICMP, ESP and the like)"))      \
	F(NOT_IP, "not_ip", N_("packets that are not IP"))                                                      \
	F(CUT, "cut", N_("packets cut by the capture before their ports"))                              \
	F(MALFORMED, "malformed", N_("packets that contradict themselves"))
#define F(name, word, sentence) WIRE_##name,
enum wire_fate { WIRE_FATES(F) N_WIRE_FATES };
#undef F

/* What the packets of a flow travelled in. */
#define WIRE_TUNNELS(T) T(BARE, "none") T(GRE, "gre") T(IN_IP, "ip")
#define T(name, word) WIRE_TUNNEL_##name,
enum wire_tunnel { WIRE_TUNNELS(T) N_WIRE_TUNNELS };
#undef T

const char *wire_fate_word(enum wire_fate fate);
const char *wire_fate_sentence(enum wire_fate fate); /* N_() */
const char *wire_tunnel_word(enum wire_tunnel tunnel);

enum { WIRE_FIN = 1, WIRE_SYN = 2, WIRE_RST = 4, WIRE_ACK = 16 }; /* RFC 9293 3.1 */

/* A packet without its wrappings; payload is borrowed from the packet. */
struct wire_packet {
	struct address source, destination;
	uint16_t source_port, destination_port;
	enum transport transport;
	enum wire_tunnel tunnel;
	uint16_t vlan; /* innermost tag's number; 0: none */
	bool is_first_fragment; /* more follow */
	uint8_t flags; /* TCP */
	uint32_t sequence;
	struct span payload;
	uint32_t n_missing; /* bytes of the payload that the capture has cut off */
};

/* Pure. WIRE_READ: *packet is filled. */
enum wire_fate wire_strip(enum wire_link link, struct span bytes, struct wire_packet *packet);

struct wire_fact {
	char name[24];
	char value[PROTO_TEXT];
	uint8_t side; /* enum proto_side: whose bytes prove it */
};

/* What the bytes of a conversation say. */
struct wire_found {
	const struct proto *proto; /* never NULL */
	enum proto_match match;	   /* YES: proved; MAYBE: fits */
	bool by_server, by_client; /* whose bytes fit it */
	char product[PROTO_TEXT];
	char version[PROTO_TEXT];
	uint32_t n_facts;
	struct wire_fact facts[PROTO_EXTRAS];
};

/* [0] is what the server said, [1] the client: enum proto_side. */
struct wire_conversation {
	struct address server, client;
	uint16_t server_port, client_port; /* client_port: of the first flow */
	enum transport transport;
	enum wire_tunnel tunnel;
	uint16_t vlan;
	bool is_start_seen;  /* the TCP handshake of some flow is in the capture */
	bool is_one_way_out; /* the server's address is a group: multicast or broadcast */
	uint32_t n_flows;
	uint64_t packets[2], bytes[2]; /* payload bytes as sent, also those not captured */
	int64_t first_us, last_us;     /* of the capture's clock, Unix microseconds */
	uint32_t n_cut;		       /* packets whose payload the capture has cut */
	uint32_t n_fragmented;
	uint32_t n_conflicts; /* segments that say other bytes for what was said already */
	uint32_t n_lines;
	struct wire_found *found; /* NULL: nothing */
};

/* One message, in words. */
struct wire_line {
	uint32_t index; /* of the conversation */
	uint8_t side;
	int64_t at_us;	/* since the conversation began */
	uint32_t n;	/* bytes */
	char text[240];
};

struct wire_counts {
	uint64_t packets;
	uint64_t fates[N_WIRE_FATES];
	uint64_t n_flows;
	uint64_t n_unkept; /* flows of conversations beyond WIRE_CONVERSATIONS */
	uint64_t n_closed_early; /* flows closed for want of room: more may have been said */
	uint32_t n_conversations;
	int64_t first_us, last_us;
};

struct wire;

/* NULL when memory is out. is_told: keep messages, for wire_line. */
struct wire *wire_new(bool is_told);
struct wire *wire_free(struct wire *wire);
void wire_put(struct wire *wire, enum wire_link link, struct span bytes, uint32_t length,
	      int64_t at_us);
/* Closes all flows. */
void wire_end(struct wire *wire);
const struct wire_counts *wire_counts(const struct wire *wire);
/* In the order of their first packets' flows as these were closed; NULL at the end. */
const struct wire_conversation *wire_at(const struct wire *wire, size_t index);
const struct wire_line *wire_line_at(const struct wire *wire, size_t index);

/* How a capture's reading ended. name, word */
#define WIRE_ENDS(E)                                                                               \
	E(WHOLE, "whole") E(BROKEN, "broken") E(STOPPED, "stopped") E(UNKNOWN_LINK, "unknown-link")
#define E(name, word) WIRE_END_##name,
enum wire_ending { WIRE_ENDS(E) N_WIRE_ENDS };
#undef E
const char *wire_ending_word(enum wire_ending ending);

struct wire_summary {
	struct wire_counts counts;
	enum wire_ending ending;
	int32_t link;	/* as the file numbers it */
	char why[160];	/* BROKEN: of the library that reads the file */
};

/* Records on a pipe. */
enum wire_kind { WIRE_IS_CONVERSATION = 1, WIRE_IS_LINE, WIRE_IS_SUMMARY };

struct wire_record {
	enum wire_kind kind;
	union {
		struct {
			struct wire_conversation conversation; /* found points to `found` or is NULL */
			struct wire_found found;
		};
		struct wire_line line;
		struct wire_summary summary;
	};
};

/* Writes a record to a pipe. 0 or a negative errno. */
int wire_write(int fd, const struct wire_record *record) must_check;
/* Reads and checks the next one: terminated texts, counts and words within bounds, pointers from
 * numbers. 1; 0 at the end; a negative errno, -EBADMSG for what is no record. */
int wire_read(int fd, struct wire_record *record) must_check;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* wire: packets, flows and records at their limits; test/pcap.t has whole captures. */
#include "wire/wire.h"

#include <errno.h>
#include <unistd.h>

#include "test/tap.h"

static void put_be(uint8_t *p, uint32_t value, size_t n)
{
	while (n--) {
		p[n] = (uint8_t)value;
		value >>= 8;
	}
}

/* IPv4 and TCP or UDP around a payload; returns the length. */
static size_t make(uint8_t *p, uint32_t from, uint32_t to, bool is_tcp, uint16_t sport,
		   uint16_t dport, uint32_t sequence, uint8_t flags, struct span payload)
{
	size_t n = 20 + (is_tcp ? 20 : 8);

	memset(p, 0, n);
	p[0] = 0x45;
	p[9] = is_tcp ? 6 : 17;
	put_be(p + 2, (uint32_t)(n + payload.n), 2);
	put_be(p + 12, from, 4);
	put_be(p + 16, to, 4);
	put_be(p + 20, sport, 2);
	put_be(p + 22, dport, 2);
	if (is_tcp) {
		put_be(p + 24, sequence, 4);
		p[32] = 5 << 4;
		p[33] = flags;
	} else {
		put_be(p + 24, (uint32_t)(8 + payload.n), 2);
	}
	if (payload.n)
		memcpy(p + n, payload.p, payload.n);
	return n + payload.n;
}

static void say(struct wire *w, uint32_t from, uint32_t to, uint16_t sport, uint16_t dport,
		uint32_t sequence, uint8_t flags, struct span payload)
{
	static uint8_t p[70000];
	size_t n = make(p, from, to, true, sport, dport, sequence, flags, payload);

	wire_put(w, WIRE_IP, span_of(p, n), (uint32_t)n, 0);
}

static void datagram(struct wire *w, uint32_t from, uint16_t sport, uint16_t dport,
		     struct span payload)
{
	uint8_t p[2048];
	size_t n = make(p, from, 0x0a000001, false, sport, dport, 0, 0, payload);

	wire_put(w, WIRE_IP, span_of(p, n), (uint32_t)n, 0);
}

static void stripping(void)
{
	uint8_t p[256];
	struct wire_packet packet;
	size_t n = make(p, 1, 2, true, 3, 4, 5, WIRE_SYN, SPAN_LIT("x"));
	size_t n_wrong = 0;

	ok(wire_strip(WIRE_IP, span_of(p, n), &packet) == WIRE_READ, "a packet is read");
	ok(packet.source_port == 3 && packet.destination_port == 4 && packet.sequence == 5 &&
		   packet.flags == WIRE_SYN && packet.payload.n == 1,
	   "with its ports, number, flags and payload");
	for (size_t cut = 0; cut < 40; cut++) {
		/* as long as the cut, so that the sanitizer sees a read past it */
		uint8_t *exact = malloc(cut + !cut);

		memcpy(exact, p, cut);
		n_wrong += wire_strip(WIRE_IP, span_of(exact, cut), &packet) != WIRE_CUT;
		free(exact);
	}
	ok(n_wrong == 0, "cut before its payload it is said to be cut");
	ok(wire_strip(WIRE_IP, span_of(p, 40), &packet) == WIRE_READ && packet.payload.n == 0 &&
		   packet.n_missing == 1,
	   "cut in its payload it is read, and the rest is missing");
	p[32] = 4 << 4;
	ok(wire_strip(WIRE_IP, span_of(p, n), &packet) == WIRE_MALFORMED,
	   "a TCP header shorter than a TCP header");
	p[0] = 0x44;
	ok(wire_strip(WIRE_IP, span_of(p, n), &packet) == WIRE_MALFORMED,
	   "an IP header shorter than an IP header");
	p[0] = 0x95;
	ok(wire_strip(WIRE_IP, span_of(p, n), &packet) == WIRE_NOT_IP, "another version of IP");
}

static void reopening(void)
{
	struct wire *w = wire_new(false);

	say(w, 1, 2, 4000, 22, 100, WIRE_SYN, SPAN_LIT(""));
	say(w, 1, 2, 4000, 22, 100, WIRE_SYN, SPAN_LIT(""));
	say(w, 1, 2, 4000, 22, 900, WIRE_SYN, SPAN_LIT(""));
	wire_end(w);
	ok(wire_at(w, 0) && wire_at(w, 0)->n_flows == 2 && !wire_at(w, 1),
	   "a repeated SYN is the same flow, one with another number a new one");
	wire_free(w);
}

static void holes(void)
{
	struct wire *w = wire_new(false);

	say(w, 1, 2, 4000, 22, 100, WIRE_SYN, SPAN_LIT(""));
	say(w, 2, 1, 22, 4000, 500, WIRE_SYN | WIRE_ACK, SPAN_LIT(""));
	say(w, 2, 1, 22, 4000, 505, WIRE_ACK, SPAN_LIT("-2.0-OpenSSH_9.2\r\n"));
	wire_end(w);
	ok(wire_at(w, 0) && !wire_at(w, 0)->found, "what comes behind a hole proves nothing");
	wire_free(w);
}

static void huge(void)
{
	static uint8_t bytes[60000];
	struct wire *w = wire_new(false);

	memset(bytes, 'x', sizeof(bytes));
	say(w, 1, 2, 4000, 22, 100, WIRE_SYN, SPAN_LIT(""));
	say(w, 1, 2, 4000, 22, 101, WIRE_ACK, span_of(bytes, sizeof(bytes)));
	say(w, 1, 2, 4000, 22, 0xfffffff0, WIRE_ACK, span_of(bytes, sizeof(bytes)));
	wire_end(w);
	ok(wire_at(w, 0) && wire_at(w, 0)->bytes[PROTO_CLIENT] == 2 * sizeof(bytes),
	   "segments longer than what is kept, and before the first byte");
	wire_free(w);
}

static void limits(void)
{
	struct wire *w = wire_new(true);
	const struct wire_counts *counts = wire_counts(w);
	size_t n = 0;

	for (uint32_t i = 0; i < 40000; i++)
		datagram(w, 0x0b000000 + i, 4000, 9999, SPAN_LIT("hello"));
	wire_end(w);
	while (wire_at(w, n))
		n++;
	ok(n == WIRE_CONVERSATIONS, "%zu conversations are kept", n);
	ok(counts->n_flows == 40000 && counts->n_unkept == 40000 - n, "and the others are counted");
	ok(counts->n_closed_early > 0, "flows were closed for want of room");
	ok(counts->fates[WIRE_READ] == 40000, "every packet is accounted for");
	wire_free(w);
}

static void records(void)
{
	struct wire *w = wire_new(true);
	struct wire_record record = {.kind = WIRE_IS_CONVERSATION};
	struct wire_record back;
	int ends[2] = {-1, -1};
	uint8_t bytes[8192];
	ssize_t n;
	size_t n_taken = 0;

	datagram(w, 0x0b000001, 3232, 3232,
		 span_of("\1\0\x10\0\x0a\1\1\1\xef\1\1\1\xe8\0\0\5", 16));
	wire_end(w);
	record.conversation = *wire_at(w, 0);
	if (!ok(record.conversation.found && pipe(ends) == 0, "a conversation is found"))
		return;
	ok(wire_write(ends[1], &record) == 0 && wire_read(ends[0], &back) == 1 &&
		   back.conversation.found == &back.found &&
		   back.found.proto == record.conversation.found->proto,
	   "it goes through a pipe");
	if (wire_write(ends[1], &record) < 0)
		return;
	n = read(ends[0], bytes, sizeof(bytes));
	/* every byte in turn as a stranger would have it */
	for (ssize_t i = 0; i < n; i += 3) {
		uint8_t old = bytes[i];

		bytes[i] = 0xfd;
		if (write(ends[1], bytes, (size_t)n) == n) {
			int r = wire_read(ends[0], &back);

			n_taken += r == 1 && (unsigned)back.conversation.transport >= N_TRANSPORTS;
		}
		bytes[i] = old;
		close(ends[0]);
		close(ends[1]);
		if (pipe(ends) < 0)
			return;
	}
	ok(n > 0 && n_taken == 0, "a record with a wrong byte never brings a wrong word");
	close(ends[1]);
	ok(wire_read(ends[0], &back) == 0, "a closed pipe is the end");
	close(ends[0]);
	wire_free(w);
}

int main(void)
{
	stripping();
	reopening();
	holes();
	huge();
	limits();
	records();
	return done();
}

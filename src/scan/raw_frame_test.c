/* SPDX-License-Identifier: Apache-2.0 */
/* raw_frame: the cases, as answers made from the probes themselves. */
#include "scan/raw_frame.h"

#include "test/tap.h"

enum { IPV4 = 0x0800, IPV6 = 0x86dd, ARP = 0x0806 };

static const struct raw_self self = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}, 40000, 50000};

static struct address address(const char *text)
{
	struct address a = {0};

	if (!address_parse(span_str(text), &a))
		abort();
	return a;
}

struct frame {
	uint8_t bytes[RAW_FRAME_MAX * 2];
	size_t n, head; /* length, and of the IP header */
	uint16_t type;
};

static struct frame probe_of(const char *to, uint16_t port, enum transport transport,
			     uint32_t index)
{
	struct raw_probe probe = {.address = address(to),
				  .port = port,
				  .transport = transport,
				  .index = index,
				  .payload = transport == TRANSPORT_UDP ? SPAN_LIT("hello")
									: (struct span){0}};
	bool is_v6 = probe.address.family == ADDRESS_IPV6;
	struct address from = address(is_v6 ? "fd00::1" : "10.0.0.1");
	struct frame f = {.head = is_v6 ? 40 : 20, .type = is_v6 ? IPV6 : IPV4};

	f.n = raw_build(f.bytes, &self, &from, &probe);
	return f;
}

static void swap(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

/* The probe as its target would answer it: ends swapped, flags, and the number acknowledged. */
static struct frame answer_to(struct frame f, uint8_t flags, uint32_t more)
{
	uint8_t *tcp = f.bytes + f.head;
	uint32_t n;

	if (f.type == IPV6)
		swap(f.bytes + 8, f.bytes + 24, 16);
	else
		swap(f.bytes + 12, f.bytes + 16, 4);
	swap(tcp, tcp + 2, 2);
	n = ((uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7]) +
	    more;
	tcp[8] = (uint8_t)(n >> 24);
	tcp[9] = (uint8_t)(n >> 16);
	tcp[10] = (uint8_t)(n >> 8);
	tcp[11] = (uint8_t)n;
	tcp[13] = flags;
	return f;
}

/* An ICMP error from reporter that quotes the first n bytes of the probe. */
static struct frame error_about(const struct frame *probe, uint8_t type, uint8_t code, size_t n)
{
	struct frame f = {.head = probe->head, .type = probe->type};
	uint8_t *icmp = f.bytes + f.head;

	memcpy(f.bytes, probe->bytes, f.head);
	if (f.type == IPV6) {
		swap(f.bytes + 8, f.bytes + 24, 16);
		f.bytes[6] = 58;
		f.bytes[4] = (uint8_t)((8 + n) >> 8);
		f.bytes[5] = (uint8_t)(8 + n);
	} else {
		swap(f.bytes + 12, f.bytes + 16, 4);
		f.bytes[9] = 1;
		f.bytes[2] = (uint8_t)((28 + n) >> 8);
		f.bytes[3] = (uint8_t)(28 + n);
	}
	icmp[0] = type;
	icmp[1] = code;
	memcpy(icmp + 8, probe->bytes, n);
	f.n = f.head + 8 + n;
	return f;
}

static bool reads(const struct frame *f, struct raw_reply *reply)
{
	return raw_read(&self, f->type, span_of(f->bytes, f->n), reply);
}

static void test_sums(const char *to, enum transport transport)
{
	struct frame f = probe_of(to, 69, transport, 7);
	uint8_t pseudo[40] = {0};
	size_t n = f.n - f.head;
	bool is_v6 = f.type == IPV6;
	size_t at = is_v6 ? 32 : 8;

	memcpy(pseudo, f.bytes + (is_v6 ? 8 : 12), at);
	pseudo[at] = (uint8_t)(n >> 8);
	pseudo[at + 1] = (uint8_t)n;
	pseudo[at + 3] = transport == TRANSPORT_UDP ? 17 : 6;
	ok(raw_sum(raw_sum(0, pseudo, at + 4), f.bytes + f.head, n) == 0xffff,
	   "the transport's sum is right: %s %s", to, transport_word(transport));
	if (!is_v6)
		ok(raw_sum(0, f.bytes, 20) == 0xffff, "and the header's");
}

static void test_tcp(const char *to)
{
	struct frame probe = probe_of(to, 443, TRANSPORT_TCP, 123456789);
	struct frame f = answer_to(probe, 0x12, 1);
	struct address from = address(to);
	struct raw_reply r;

	ok(reads(&f, &r) && r.kind == RAW_SYN_ACK && r.index == 123456789 && r.port == 443 &&
		   address_eq(&r.from, &from),
	   "%s: a SYN-ACK brings the index back", to);
	f = answer_to(probe, 0x14, 1);
	ok(reads(&f, &r) && r.kind == RAW_RST && r.index == 123456789, "a RST too");
	f = answer_to(probe, 0x14, 0);
	ok(reads(&f, &r) && r.index != 123456789, "one that acknowledges nothing of ours does not");
	f = answer_to(probe, 0x04, 1);
	ok(!reads(&f, &r), "a RST without acknowledgement proves nothing");
	f = answer_to(probe, 0x10, 1);
	ok(!reads(&f, &r), "nor does a bare acknowledgement");
	f = answer_to(probe, 0x12, 1);
	f.bytes[f.head] ^= 1;
	ok(reads(&f, &r) && r.index != 123456789, "another port of the host is not this target");
	f = answer_to(probe, 0x12, 1);
	f.bytes[f.head - (f.type == IPV6 ? 17 : 5)] ^= 1;
	ok(reads(&f, &r) && r.index != 123456789, "nor is another host");
	f = answer_to(probe, 0x12, 1);
	f.bytes[f.head + 3] ^= 1;
	ok(!reads(&f, &r), "what goes to another port of ours is not looked at");
	ok(!reads(&probe, &r), "our own probe is no answer");
	f = answer_to(probe, 0x12, 1);
	for (f.n = 0; f.n < f.head + 14; f.n++)
		if (reads(&f, &r))
			break;
	ok(f.n == f.head + 14, "cut short it is nothing");
}

static void test_errors(const char *to)
{
	struct frame probe = probe_of(to, 443, TRANSPORT_TCP, 77);
	struct frame datagram = probe_of(to, 161, TRANSPORT_UDP, 0);
	bool is_v6 = probe.type == IPV6;
	struct frame f = error_about(&probe, is_v6 ? 1 : 3, is_v6 ? 4 : 3, probe.head + 8);
	struct raw_reply r;

	ok(reads(&f, &r) && r.kind == RAW_ERROR && r.index == 77 && r.port == 443 &&
		   address_eq(&r.from, &r.reporter),
	   "%s: an ICMP error tells whom the probe was for", to);
	f = error_about(&datagram, is_v6 ? 1 : 3, is_v6 ? 4 : 3, datagram.head + 8);
	ok(reads(&f, &r) && r.kind == RAW_ERROR && r.transport == TRANSPORT_UDP && r.port == 161,
	   "of UDP too");
	f.bytes[f.head + 8 + datagram.head + 3] ^= 1;
	ok(!reads(&f, &r) || r.own_port - self.udp_port != (uint16_t)r.port,
	   "a quoted datagram has to fit the port that it left from");
	f = error_about(&datagram, 8, 0, datagram.head + 8);
	ok(!reads(&f, &r), "an echo is no error");
	f = error_about(&datagram, is_v6 ? 1 : 3, 3, datagram.head + 7);
	ok(!reads(&f, &r), "a quotation without ports proves nothing");
}

static void test_udp(const char *to)
{
	struct frame probe = probe_of(to, 69, TRANSPORT_UDP, 0);
	struct raw_reply r;
	struct frame f = probe;

	if (f.type == IPV6)
		swap(f.bytes + 8, f.bytes + 24, 16);
	else
		swap(f.bytes + 12, f.bytes + 16, 4);
	swap(f.bytes + f.head, f.bytes + f.head + 2, 2);
	ok(reads(&f, &r) && r.kind == RAW_UDP && r.port == 69 && span_is(r.bytes, "hello") &&
		   raw_udp_fits(&self, &r, 69),
	   "%s: a datagram comes to the port that its probe left from", to);
	f.bytes[f.head] = 0x99;
	ok(reads(&f, &r) && r.port != 69 && raw_udp_fits(&self, &r, 69),
	   "from another port it still does");
	f.bytes[f.head + 2] = 0;
	ok(!reads(&f, &r), "what goes elsewhere is not looked at");
}

/* RFC 826 and RFC 4861 4.3, 4.4. */
static void test_near(void)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct address v4[2] = {address("10.0.0.1"), address("10.0.0.2")};
	struct address v6[2] = {address("fd00::1"), address("fd00::2")};
	struct frame f = {.type = ARP};
	struct raw_reply r;

	f.n = raw_build_arp(f.bytes, mac, &v4[0], &v4[1]);
	ok(f.n == 28 && !reads(&f, &r), "a question for a neighbour is no answer");
	f.bytes[7] = 2;
	swap(f.bytes + 8, f.bytes + 18, 10);
	memcpy(f.bytes + 8, mac, 6);
	ok(reads(&f, &r) && r.kind == RAW_NEAR && address_eq(&r.from, &v4[1]) &&
		   span_eq(r.bytes, span_of(mac, 6)),
	   "a neighbour says where it is");
	f.type = IPV6;
	f.n = raw_build_solicit(f.bytes, mac, &v6[0], &v6[1]);
	ok(f.n == 72 && !reads(&f, &r), "the same of IPv6");
	f.bytes[40] = 136;
	f.bytes[64] = 2;
	ok(reads(&f, &r) && r.kind == RAW_NEAR && address_eq(&r.from, &v6[1]) &&
		   span_eq(r.bytes, span_of(mac, 6)),
	   "and an advertisement says where");
	f.bytes[7] = 64;
	ok(!reads(&f, &r), "but not from beyond a router");
}

/* Those that the authors publish (vectors.h): key 00 01 ... 0f, message 00 01 02 ... of 8 and 24
 * bytes. */
static void test_vectors(void)
{
	const struct raw_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	const __u64 words[] = {0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110};

	ok(raw_hash_words(&key, words, 1) == 0x93f5f5799a932462, "SipHash-2-4 of one word");
	ok(raw_hash_words(&key, words, 3) == 0xb8ad50c6f649af94, "and of three");
}

int main(void)
{
	static const char *const to[] = {"198.18.7.9", "fd12::7:9"};

	test_vectors();
	ok(raw_hash(&self.key, 1, 2, 1, 3) != raw_hash(&self.key, 1, 2, 1, 4) &&
		   raw_hash(&self.key, 1, 2, 1, 3) != raw_hash(&self.key, 1, 3, 1, 3) &&
		   raw_hash(&self.key, 1, 2, 1, 3) != raw_hash(&self.key, 2, 2, 1, 3) &&
		   raw_hash(&self.key, 1, 0, 0, 3) != raw_hash(&self.key, 1, 0, 0, 4) &&
		   raw_hash(&self.key, 1, 0, 0, 3) != raw_hash(&self.key, 2, 0, 0, 3) &&
		   raw_hash(&self.key, 1, 0, 0, 3) != raw_hash(&self.key, 1, 0, 1, 3),
	   "every word counts");
	for (size_t i = 0; i < 2; i++) {
		test_sums(to[i], TRANSPORT_TCP);
		test_sums(to[i], TRANSPORT_UDP);
		test_tcp(to[i]);
		test_errors(to[i]);
		test_udp(to[i]);
	}
	test_near();
	return done();
}

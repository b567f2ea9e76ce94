/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sweep: probes sent, and answers taken, inside the kernel.
 *
 * `probe` is run by BPF_PROG_RUN on live frames: each run takes the next step, mixes it to an index
 * (mix.h), writes the whole frame (its page was used before) and sends it. Its pace is kept by
 * waiting in the run: at the rates for which this is made, a few microseconds at most.
 *
 * `hear` is the interface's XDP program: an answer whose acknowledgement gives the index of its own
 * address and port is ours; it is marked in a bitmap, an open port is told through a ring and gets
 * our RST at once, so that nothing half open stays there. Everything else passes on untouched.
 *
 * No table grows with what is sent. Formats: raw_frame.c, which builds the same packets.
 */
#include "scan/bpf/sweep.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PROTOCOL_ICMP   1
#define PROTOCOL_TCP    6
#define PROTOCOL_UDP    17
#define PROTOCOL_ICMPV6 58
#define SYN             0x02
#define RST             0x04
#define ACK             0x10
#define SKIP_MOST       64 /* answered steps that one frame may pass over */
#define WAIT_MOST       8192
#define LATE_NS         1000000
#define SPARSE_NS       1000ull
#define CLOCK_EVERY     16

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep_range);
} ranges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep_port);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep_payload);
} payloads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} answered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} dirty SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SWEEP_TIMES);
	__type(key, __u32);
	__type(value, struct sweep_time);
} times SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const volatile struct sweep_query query;
const volatile struct sweep_hop hops[SWEEP_HOPS];
struct sweep_state state;

/* The compiler takes a constant that is not read as volatile for the zero it sees; it must not see
 * where the bytes come from. */
#define GIVEN(type, name, from)                                                                    \
	const type *name = (const type *)(from);                                                   \
	asm volatile("" : "+r"(name))

struct target {
	__u64 host;
	__u32 row; /* of ports */
	__u32 is_v6;
	__u32 hop;
	__u8 address[16];
	struct sweep_port port;
};

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

static __always_inline __u64 half(const __u8 *p)
{
	__u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Sums are of words as they lie in memory: RFC 1071's sum has no byte order until it is stored. */
static __always_inline __u64 sum8(const __u8 *p)
{
	__u64 v = half(p);

	return (v & 0xffffffff) + (v >> 32);
}

static __always_inline __u64 sum_address(const __u8 *p, __u32 is_v6)
{
	return is_v6 ? sum8(p) + sum8(p + 8) : half(p) & 0xffffffff;
}

static __always_inline __u64 hash_of(const __u8 *address, __u32 is_v6, __u16 port)
{
	struct raw_key key = {query.key.a, query.key.b};
	__u64 low = half(address);
	__u64 high = is_v6 ? half(address + 8) : 0;

	if (!is_v6)
		low &= 0xffffffff;
	return raw_hash(&key, low, high, is_v6 != 0, port | (__u32)query.is_udp << 16);
}

struct search {
	__u64 host;
	__u32 low, high;
};

static long halve(__u32 i, struct search *s)
{
	__u32 middle = (s->low + s->high) / 2;
	const struct sweep_range *row = bpf_map_lookup_elem(&ranges, &middle);

	if (s->high - s->low <= 1)
		return 1;
	if (row && row->before <= s->host)
		s->low = middle;
	else
		s->high = middle;
	return 0;
}

static __always_inline const struct sweep_range *range_of(__u64 host)
{
	struct search search = {host, 0, query.n_ranges};

	if (search.high > 1)
		bpf_loop(32, halve, &search, 0);
	return bpf_map_lookup_elem(&ranges, &search.low);
}

static __always_inline int target_of(__u64 index, struct target *t)
{
	const struct sweep_range *range;
	const struct sweep_port *port;
	__u64 low;

	/* an index has 32 bits, and so the processor's short division does */
	t->host = (__u32)index / query.n_ports;
	t->row = (__u32)index - (__u32)t->host * query.n_ports;
	range = range_of(t->host);
	port = bpf_map_lookup_elem(&ports, &t->row);
	if (!range || !port)
		return 0;
	t->port = *port;
	t->is_v6 = range->is_v6;
	t->hop = range->hop;
	__builtin_memcpy(t->address, range->first, 16);
	if (t->is_v6) {
		low = bpf_cpu_to_be64(bpf_be64_to_cpu(half(t->address + 8)) + t->host -
				      range->before);
		__builtin_memcpy(t->address + 8, &low, 8);
	} else {
		__u32 v4;

		__builtin_memcpy(&v4, t->address, 4);
		v4 = bpf_htonl(bpf_ntohl(v4) + (__u32)(t->host - range->before));
		__builtin_memcpy(t->address, &v4, 4);
	}
	return 1;
}

static __always_inline int is_answered(__u64 index)
{
	__u32 word = (__u32)(index / 64);
	__u64 *bits = bpf_map_lookup_elem(&answered, &word);

	return !bits || (*bits >> (index % 64) & 1);
}

static __always_inline void put16(__u8 *p, __u16 v)
{
	p[0] = (__u8)(v >> 8);
	p[1] = (__u8)v;
}

static __always_inline void copy4(__u8 *to, __u32 v)
{
	__builtin_memcpy(to, &v, 4);
}

static long walk(__u32 i, __u64 *x)
{
	GIVEN(struct mix, mix, &query.mix);
	*x = mix_pass(mix, *x);
	return *x < query.n;
}

struct chosen {
	__u64 index;
	__u32 is_found;
};

static long choose(__u32 i, struct chosen *chosen)
{
	__u64 x = state.next;

	if (x >= state.until)
		return 1;
	state.next = x + 1;
	x = x * query.n_shards + query.shard - 1;
	walk(0, &x);
	if (x >= query.n)
		bpf_loop(MIX_WALK, walk, &x, 0);
	if (x >= query.n || is_answered(x))
		return 0;
	chosen->index = x;
	chosen->is_found = 1;
	return 1;
}

/* The next step that is still unanswered; 0: none, or too many in one go. */
static __always_inline int next_index(__u64 *index)
{
	struct chosen chosen = {0};

	if (!choose(0, &chosen))
		bpf_loop(SKIP_MOST, choose, &chosen, 0);
	*index = chosen.index;
	return chosen.is_found;
}

static long is_due(__u32 i, __u64 *due)
{
	return bpf_ktime_get_ns() >= *due;
}

/* Frames leave in bunches anyway: at more than a million a second not each needs a look at the clock,
 * which costs as much as half of the frame's making. */
static __always_inline void wait_turn(void)
{
	__u64 due = state.due >> 10;

	if (state.interval >= SPARSE_NS << 10 || state.sent % CLOCK_EVERY == 0) {
		__u64 now = bpf_ktime_get_ns();

		if (now > due + LATE_NS) /* not made up for */
			state.due = now << 10;
		else if (now < due)
			bpf_loop(WAIT_MOST, is_due, &due, 0);
	}
	state.due += state.interval;
}

static __always_inline void keep_time(__u64 index)
{
	__u32 slot = (__u32)(index / SWEEP_SAMPLE) % SWEEP_TIMES;
	struct sweep_time *time;

	if (index % SWEEP_SAMPLE)
		return;
	time = bpf_map_lookup_elem(&times, &slot);
	if (time) {
		time->index = (__u32)index;
		time->us = (__u32)(bpf_ktime_get_ns() / 1000) | 1;
	}
}

/* The transport's header at p (room for 24 bytes is there), with its sum. */
static __always_inline void put_transport(__u8 *p, const struct target *t, __u64 index, __u64 hash,
					  const __u8 *source)
{
	__u64 sum = sum_address(source, t->is_v6) + sum_address(t->address, t->is_v6);
	__u32 words[6] = {0};
	__u16 from = query.own_port;
	__u16 check;

	if (query.is_udp) {
		from += hash % SWEEP_UDP_PORTS;
		words[0] = bpf_htonl((__u32)from << 16 | t->port.port);
		words[1] = bpf_htonl((SWEEP_UDP + t->port.n) << 16);
		sum += bpf_htons(PROTOCOL_UDP) + bpf_htons(SWEEP_UDP + t->port.n);
		sum += (__u64)words[0] + words[1] + bpf_htons(t->port.sum);
		check = (__u16)~fold(sum);
		copy4(p, words[0]);
		copy4(p + 4, words[1] | (__u32)(check ? check : 0xffff) << 16);
		return;
	}
	words[0] = bpf_htonl((__u32)from << 16 | t->port.port);
	words[1] = bpf_htonl((__u32)hash ^ (__u32)index);
	words[3] = bpf_htonl((__u32)(SWEEP_TCP / 4) << 28 | SYN << 16 | 1024);
	words[5] = bpf_htonl(0x020405b4);
	sum += bpf_htons(PROTOCOL_TCP) + bpf_htons(SWEEP_TCP);
	sum += (__u64)words[0] + words[1] + words[3] + words[5];
	words[4] = (__u32)(__u16)~fold(sum);
	__builtin_memcpy(p, words, sizeof(words));
}

/* Gives the frame a length; 0: it cannot. */
static __always_inline int resize(struct xdp_md *ctx, __u32 n)
{
	return n == query.frame || bpf_xdp_adjust_tail(ctx, (int)n - (int)query.frame) == 0;
}

static __always_inline int put_payload(struct xdp_md *ctx, const struct target *t, __u32 at)
{
	const struct sweep_payload *payload;
	__u32 row = t->row;
	__u32 n = t->port.n;

	if (!query.is_udp || n == 0)
		return 1;
	payload = bpf_map_lookup_elem(&payloads, &row);
	if (!payload || n > SWEEP_PAYLOAD)
		return 0;
	return bpf_xdp_store_bytes(ctx, at, (void *)payload->bytes, n) == 0;
}

SEC("xdp")
int probe(struct xdp_md *ctx)
{
	struct target t;
	__u8 source[16];
	__u64 index;
	__u64 hash;
	__u32 head;
	__u32 n;
	__u8 *p;

	if (!next_index(&index) || !target_of(index, &t) || t.hop >= SWEEP_HOPS)
		return XDP_DROP;
	GIVEN(struct sweep_hop, hop, &hops[t.hop]);
	head = t.is_v6 ? SWEEP_HEAD_IPV6 : SWEEP_HEAD_IPV4;
	n = query.is_udp ? SWEEP_UDP + t.port.n : SWEEP_TCP;
	if (!resize(ctx, head + n))
		return XDP_DROP;
	p = (void *)(long)ctx->data;
	if (p + SWEEP_HEAD_IPV4 + SWEEP_UDP > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(p, hop->link, 12);
	put16(p + 12, t.is_v6 ? ETH_P_IPV6 : ETH_P_IP);
	__builtin_memcpy(source, hop->source, 16);
	hash = hash_of(t.address, t.is_v6, t.port.port);
	wait_turn();
	if (t.is_v6) {
		__u8 *ip = p + 14;

		if (p + SWEEP_HEAD_IPV6 + SWEEP_UDP > (__u8 *)(long)ctx->data_end)
			return XDP_DROP;
		copy4(ip, bpf_htonl(0x60000000));
		put16(ip + 4, (__u16)n);
		ip[6] = query.is_udp ? PROTOCOL_UDP : PROTOCOL_TCP;
		ip[7] = 64;
		__builtin_memcpy(ip + 8, source, 16);
		__builtin_memcpy(ip + 24, t.address, 16);
		if (query.is_udp || p + SWEEP_HEAD_IPV6 + SWEEP_TCP <= (__u8 *)(long)ctx->data_end)
			put_transport(p + SWEEP_HEAD_IPV6, &t, index, hash, source);
	} else {
		__u8 *ip = p + 14;
		__u32 words[5];

		words[0] = bpf_htonl(0x45000000 | (20 + n));
		words[1] = bpf_htonl((__u32)(__u16)(hash >> 32) << 16 | 0x4000);
		words[2] =
			bpf_htonl(64u << 24 | (query.is_udp ? PROTOCOL_UDP : PROTOCOL_TCP) << 16);
		__builtin_memcpy(&words[3], source, 4);
		__builtin_memcpy(&words[4], t.address, 4);
		words[2] |= (__u32)(__u16)~fold((__u64)words[0] + words[1] + words[2] + words[3] +
						words[4])
			    << 16;
		__builtin_memcpy(ip, words, sizeof(words));
		if (query.is_udp || p + SWEEP_HEAD_IPV4 + SWEEP_TCP <= (__u8 *)(long)ctx->data_end)
			put_transport(p + SWEEP_HEAD_IPV4, &t, index, hash, source);
	}
	if (!put_payload(ctx, &t, head + SWEEP_UDP))
		return XDP_DROP;
	keep_time(index);
	state.sent++;
	return XDP_TX;
}

/* --- answers -----------------------------------------------------------------------------------
 */

static __always_inline void measure(__u64 index)
{
	__u32 slot = (__u32)(index / SWEEP_SAMPLE) % SWEEP_TIMES;
	struct sweep_time *time;
	__u32 us;

	if (index % SWEEP_SAMPLE)
		return;
	time = bpf_map_lookup_elem(&times, &slot);
	if (!time || time->index != (__u32)index || !time->us)
		return;
	us = (__u32)(bpf_ktime_get_ns() / 1000) - time->us;
	time->us = 0;
	__sync_fetch_and_add(&state.rtt_n, 1);
	__sync_fetch_and_add(&state.rtt_sum, us);
	if (us > state.rtt_most)
		state.rtt_most = us;
}

/* Marks it; 1: for the first time. */
static __always_inline int mark(__u64 index)
{
	__u32 word = (__u32)(index / 64);
	__u32 block = word / SWEEP_DIRTY_WORDS;
	__u64 bit = 1ull << (index % 64);
	__u64 *bits = bpf_map_lookup_elem(&answered, &word);
	__u64 *is_dirty = bpf_map_lookup_elem(&dirty, &block);

	if (!bits || !is_dirty || (__sync_fetch_and_or(bits, bit) & bit))
		return 0;
	*is_dirty = 1;
	measure(index);
	return 1;
}

static __always_inline int same_target(__u64 index, const __u8 *address, __u32 is_v6, __u16 port)
{
	struct target t;

	if (index >= query.n || !target_of(index, &t) || t.port.port != port || t.is_v6 != is_v6)
		return 0;
	if (!is_v6)
		return (half(t.address) & 0xffffffff) == (half(address) & 0xffffffff);
	return half(t.address) == half(address) && half(t.address + 8) == half(address + 8);
}

static __always_inline void swap(__u8 *a, __u8 *b, int n)
{
	for (int i = 0; i < n; i++) {
		__u8 c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

/* Turns the SYN-ACK at p, whose transport's header begins at tcp, into our RST (RFC 9293 3.5.2):
 * its sequence number is what the SYN-ACK acknowledged. */
static __always_inline int answer_rst(struct xdp_md *ctx, __u32 head, __u32 is_v6)
{
	long extra = (long)(ctx->data_end - ctx->data) - (long)(head + 20);
	__u64 sum;
	__u8 *tcp;
	__u8 *p;

	if (extra < 0 || (extra && bpf_xdp_adjust_tail(ctx, (int)-extra)))
		return XDP_PASS; /* the kernel's own RST does as well */
	p = (void *)(long)ctx->data;
	if (p + SWEEP_HEAD_IPV6 + 20 > (__u8 *)(long)ctx->data_end &&
	    (is_v6 || p + SWEEP_HEAD_IPV4 + 20 > (__u8 *)(long)ctx->data_end))
		return XDP_DROP;
	swap(p, p + 6, 6);
	if (is_v6) {
		if (p + SWEEP_HEAD_IPV6 + 20 > (__u8 *)(long)ctx->data_end)
			return XDP_DROP;
		swap(p + 22, p + 38, 16);
		put16(p + 18, 20);
		p[21] = 64;
		tcp = p + SWEEP_HEAD_IPV6;
		sum = sum_address(p + 22, 1) + sum_address(p + 38, 1);
	} else {
		if (p + SWEEP_HEAD_IPV4 + 20 > (__u8 *)(long)ctx->data_end)
			return XDP_DROP;
		__u16 check;

		swap(p + 26, p + 30, 4);
		put16(p + 16, 40);
		p[22] = 64;
		put16(p + 24, 0);
		check = (__u16)~fold(sum8(p + 14) + sum8(p + 22) + (half(p + 26) >> 32));
		__builtin_memcpy(p + 24, &check, 2);
		tcp = p + SWEEP_HEAD_IPV4;
		sum = sum_address(p + 26, 0) + sum_address(p + 30, 0);
	}
	swap(tcp, tcp + 2, 2);
	__builtin_memcpy(tcp + 4, tcp + 8, 4);
	copy4(tcp + 8, 0);
	copy4(tcp + 12, bpf_htonl(5u << 28 | RST << 16));
	copy4(tcp + 16, 0);
	sum += sum8(tcp) + sum8(tcp + 8) + bpf_htons(PROTOCOL_TCP) + bpf_htons(20);
	sum = (__u16)~fold(sum);
	__builtin_memcpy(tcp + 16, &sum, 2);
	/* not XDP_TX: a veth leaves such frames lying until the next one when its peer has no XDP */
	return (int)bpf_redirect(ctx->ingress_ifindex, 0);
}

static __always_inline __u16 get16(const __u8 *p)
{
	return (__u16)((__u16)p[0] << 8 | p[1]);
}

/* What finds no room in the ring is not marked either: it will be asked again. */
static __always_inline void hear_open(__u64 index)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&state.events_lost, 1);
		return;
	}
	*event = index;
	if (mark(index))
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	else
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
}

static __always_inline int hear_tcp(struct xdp_md *ctx, const __u8 *tcp, const __u8 *from,
				    __u32 head, __u32 is_v6)
{
	__u16 port = get16(tcp);
	__u8 flags = tcp[13];
	__u32 ack;
	__u64 index;

	if (get16(tcp + 2) != query.own_port || !(flags & ACK) || !(flags & (SYN | RST)))
		return XDP_PASS;
	__builtin_memcpy(&ack, tcp + 8, 4);
	index = (__u32)(bpf_ntohl(ack) - 1) ^ (__u32)hash_of(from, is_v6, port);
	if (!same_target(index, from, is_v6, port)) {
		__sync_fetch_and_add(&state.foreign, 1);
		return XDP_PASS;
	}
	if (flags & RST) {
		mark(index);
		return XDP_DROP;
	}
	hear_open(index);
	return answer_rst(ctx, head, is_v6);
}

SEC("xdp")
int hear(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end;
	__u8 *p = (void *)(long)ctx->data;
	__u8 from[16] = {0};
	__u16 type;

	if (p + SWEEP_HEAD_IPV4 + 20 > end)
		return XDP_PASS;
	type = get16(p + 12);
	if (type == ETH_P_IP && p[14] == 0x45 && p[23] == PROTOCOL_TCP && !query.is_udp &&
	    !(get16(p + 20) & 0x3fff)) {
		__builtin_memcpy(from, p + 26, 4);
		return hear_tcp(ctx, p + SWEEP_HEAD_IPV4, from, SWEEP_HEAD_IPV4, 0);
	}
	if (type == ETH_P_IPV6 && p[20] == PROTOCOL_TCP && !query.is_udp &&
	    p + SWEEP_HEAD_IPV6 + 20 <= end) {
		__builtin_memcpy(from, p + 22, 16);
		return hear_tcp(ctx, p + SWEEP_HEAD_IPV6, from, SWEEP_HEAD_IPV6, 1);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";

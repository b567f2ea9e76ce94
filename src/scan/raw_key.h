/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * raw_key: the keyed number that a raw probe carries, so that its answer proves itself.
 *
 * SipHash-2-4 (Aumasson, Bernstein 2012) over (address, ports). Shared by the
 * sender in this process and the one inside the kernel (bpf/sweep.bpf.c).
 */
#ifndef PERIPLUS_SCAN_RAW_KEY_H
#define PERIPLUS_SCAN_RAW_KEY_H

#include <linux/types.h>

struct raw_key {
	__u64 a, b;
};

#define RAW_ROTATE(x, n) (((x) << (n)) | ((x) >> (64 - (n))))
#define RAW_ROUND(v0, v1, v2, v3)                                                                  \
	do {                                                                                       \
		v0 += v1;                                                                          \
		v2 += v3;                                                                          \
		v1 = RAW_ROTATE(v1, 13) ^ v0;                                                      \
		v3 = RAW_ROTATE(v3, 16) ^ v2;                                                      \
		v0 = RAW_ROTATE(v0, 32);                                                           \
		v2 += v1;                                                                          \
		v0 += v3;                                                                          \
		v1 = RAW_ROTATE(v1, 17) ^ v2;                                                      \
		v3 = RAW_ROTATE(v3, 21) ^ v0;                                                      \
		v2 = RAW_ROTATE(v2, 32);                                                           \
	} while (0)

/* Of n whole words; their length in bytes closes the message, as the paper says. n is a constant of
 * the caller, so that nothing of it is left but the rounds. */
static inline __attribute__((always_inline)) __u64
raw_hash_words(const struct raw_key *key, const __u64 *words, unsigned n)
{
	__u64 v0 = key->a ^ 0x736f6d6570736575ull;
	__u64 v1 = key->b ^ 0x646f72616e646f6dull;
	__u64 v2 = key->a ^ 0x6c7967656e657261ull;
	__u64 v3 = key->b ^ 0x7465646279746573ull;

#pragma GCC unroll 4
	for (unsigned i = 0; i <= n; i++) {
		__u64 word = i < n ? words[i] : (__u64)(n * 8) << 56;

		v3 ^= word;
		RAW_ROUND(v0, v1, v2, v3);
		RAW_ROUND(v0, v1, v2, v3);
		v0 ^= word;
	}
	v2 ^= 0xff;
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

/* Of an address, as its bytes lie in memory (IPv4: low, 32 bits), and port: of 16 bits, with what
 * else is to count above. An IPv4 target is one word. */
static inline __attribute__((always_inline)) __u64 raw_hash(const struct raw_key *key, __u64 low,
							    __u64 high, int is_v6, __u32 port)
{
	if (is_v6) {
		const __u64 words[3] = {low, high, port};

		return raw_hash_words(key, words, 3);
	}
	const __u64 word = low | (__u64)port << 32;

	return raw_hash_words(key, &word, 1);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * raw_key: the keyed number that a raw probe carries, so that its answer proves itself.
 *
 * SipHash-2-4 (Aumasson, Bernstein 2012) over (address, ports), three words long. Shared by the
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

/* Words are those of the message; its length (24 bytes) closes it, as the paper says. */
static inline __attribute__((always_inline)) __u64 raw_hash(const struct raw_key *key, __u64 m0,
							    __u64 m1, __u64 m2)
{
	const __u64 words[4] = {m0, m1, m2, (__u64)24 << 56};
	__u64 v0 = key->a ^ 0x736f6d6570736575ull;
	__u64 v1 = key->b ^ 0x646f72616e646f6dull;
	__u64 v2 = key->a ^ 0x6c7967656e657261ull;
	__u64 v3 = key->b ^ 0x7465646279746573ull;

#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		v3 ^= words[i];
		RAW_ROUND(v0, v1, v2, v3);
		RAW_ROUND(v0, v1, v2, v3);
		v0 ^= words[i];
	}
	v2 ^= 0xff;
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	RAW_ROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

#endif

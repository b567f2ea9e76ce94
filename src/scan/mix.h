/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mix: the order in which targets are visited: a permutation of 0 .. n-1 chosen by a seed.
 *
 * A Feistel network over the smallest power of two that holds n: the halves (their widths differ by
 * at most one bit) are mixed into each other in turn, which is a bijection whatever the mixing
 * function is; a result beyond n is mixed again until it falls below (cycle walking), which keeps
 * the bijection and takes less than two steps on average. So the order needs no memory, a position
 * is one integer, and a shard is a stride. It spreads the load; it is no cipher.
 *
 * Plain integers and no calls, so that a BPF program can include it.
 */
#ifndef PERIPLUS_SCAN_MIX_H
#define PERIPLUS_SCAN_MIX_H

#include <stdint.h>

/* A walk of more steps does not happen but by a chance of 2^-64 a position; a program that may not
 * loop without end stops there and leaves the position to the next round. */
enum { MIX_ROUNDS = 4, MIX_WALK = 64 };

struct mix {
	uint64_t n; /* at most 2^40 */
	uint32_t left_bits, right_bits;
	uint32_t keys[MIX_ROUNDS];
};

/* The finishing steps of MurmurHash3 (public domain): every bit of x reaches every bit. */
static inline uint32_t mix_bits(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	return x ^ (x >> 16);
}

/* One pass over the power of two. */
static inline uint64_t mix_pass(const struct mix *m, uint64_t x)
{
	uint32_t left_mask = (uint32_t)((1ull << m->left_bits) - 1);
	uint32_t right_mask = (uint32_t)((1ull << m->right_bits) - 1);
	uint32_t right = (uint32_t)x & right_mask;
	uint32_t left = (uint32_t)(x >> m->right_bits) & left_mask;

	for (int i = 0; i < MIX_ROUNDS; i += 2) {
		right ^= mix_bits(left ^ m->keys[i]) & right_mask;
		left ^= mix_bits(right ^ m->keys[i + 1]) & left_mask;
	}
	return (uint64_t)left << m->right_bits | right;
}

/* The index at a position; both below n. */
static inline uint64_t mix_at(const struct mix *m, uint64_t position)
{
	uint64_t x = mix_pass(m, position);

	while (x >= m->n)
		x = mix_pass(m, x);
	return x;
}

static inline void mix_init(struct mix *m, uint64_t n, uint64_t seed)
{
	uint32_t bits = 0;

	while (bits < 40 && 1ull << bits < n)
		bits++;
	m->n = n;
	m->left_bits = bits / 2;
	m->right_bits = bits - bits / 2;
	for (int i = 0; i < MIX_ROUNDS; i++) {
		seed += 0x9e3779b97f4a7c15ull;
		m->keys[i] = mix_bits((uint32_t)seed) ^ mix_bits((uint32_t)(seed >> 32) + 1);
	}
}

#endif

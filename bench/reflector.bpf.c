/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reflector: an XDP program that answers every SYN of IPv4 with RST, and of port 8080 on addresses
 * that end in .0 to .11 with SYN-ACK, so that a bench measures the scanner and not the target's
 * stack. Sums are left out, as often on virtual links.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

static __always_inline void swap(__u8 *a, __u8 *b, int n)
{
	for (int i = 0; i < n; i++) {
		__u8 c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

SEC("xdp")
int reflect(struct xdp_md *ctx)
{
	__u8 *p = (void *)(long)ctx->data;
	__u32 ack;

	if (p + 54 > (__u8 *)(long)ctx->data_end || p[12] != 8 || p[13] || p[14] != 0x45 || p[23] != 6)
		return XDP_PASS;
	if (p[47] != 2)
		return XDP_DROP;
	swap(p, p + 6, 6);
	swap(p + 26, p + 30, 4);
	swap(p + 34, p + 36, 2);
	__builtin_memcpy(&ack, p + 38, 4);
	ack = __builtin_bswap32(__builtin_bswap32(ack) + 1);
	__builtin_memset(p + 38, 0, 4);
	__builtin_memcpy(p + 42, &ack, 4);
	p[47] = p[34] == 0x1f && p[35] == 0x90 && p[29] < 12 ? 0x12 : 0x14;
	return (int)bpf_redirect(ctx->ingress_ifindex, 0); /* XDP_TX lies until the peer has XDP, too */
}

char _license[] SEC("license") = "Dual BSD/GPL";

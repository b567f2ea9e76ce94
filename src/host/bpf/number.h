/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * number: which files are sockets on one number, from the kernel's own tables. For look.bpf.c.
 *
 * TCP has a bucket for every number in use, with a bucket for each of its addresses (since 6.7), on
 * which everything hangs that is bound there: listeners, their connections, connections that go out
 * from it. UDP has a chain of sockets for a few numbers. Both are walked as they are, without a lock:
 * a socket that leaves while we stand on it may lead us elsewhere, which its number or its chain
 * betrays. Then, or when those that wait here are not those that sock_diag listed, nothing is known,
 * and every file is looked at instead.
 *
 * Of each file one bit is kept, so others may share it: they are looked at, and not wanted. There are no
 * nested loops, which would be looked at again and again when the program is loaded.
 *
 * The pass may end before the last process when every file was found once and has no second reference
 * at that moment, while it still stands where it was found: then nobody else can hold it, be it in a
 * table, on its way between processes or with io_uring. A table that processes share has one
 * reference for all of them, so the pass goes on to its end when one is met.
 */
#ifndef PERIPLUS_HOST_BPF_NUMBER_H
#define PERIPLUS_HOST_BPF_NUMBER_H

#define TCP_TIME_WAIT 6
#define FILE_WORDS 64 /* of 64 bits; a power of two */
#define STEPS_MAX 65536
#define HELD_MAX 16 /* a power of two */

static struct {
	__u64 files[FILE_WORDS]; /* bits, by address */
	void *net;
	void *bucket, *address, *node; /* where the walk stands: number, address, socket */
	struct {
		void *file;
		void **slot;
	} held[HELD_MAX]; /* the first rows that were found */
	__u64 inodes; /* sum of those that wait */
	__u32 n_waiting, n_files;
	__u32 mask, chain; /* of the table, and the chain of the number in it */
	__u8 is_udp, is_done, is_known, is_lost;
	__u8 is_shared, is_over;
} number;

static __always_inline __u32 file_hash(void *file)
{
	return (__u32)((__u64)file >> 6) * 0x9e3779b9u >> 20;
}

static __always_inline int number_has(void *file)
{
	__u32 hash = file_hash(file);

	return number.files[hash / 64 & (FILE_WORDS - 1)] >> (hash & 63) & 1;
}

static __always_inline void add(void *sk, __u8 state)
{
	void *file = JUMP(FOLLOW(sk, sk_socket), socket_file);
	__u32 hash = file_hash(file);

	if (!file) /* nobody's: not accepted yet, or the kernel's own */
		return;
	number.n_files++;
	number.files[hash / 64 & (FILE_WORDS - 1)] |= 1ull << (hash & 63);
	if (state == (number.is_udp ? TCP_CLOSE : TCP_LISTEN)) {
		number.n_waiting++;
		number.inodes += COPY(__u64, JUMP(file, file_inode), inode_number);
	}
}

/* Whether something that hangs on our chain belongs there. */
static __always_inline int is_of_chain(void *net, __u16 port)
{
	return ((port + READ(__u32, net, net_mix)) & number.mask) == number.chain;
}

static __always_inline void step_socket(void)
{
	void *sk = cast(number.node - (number.is_udp ? layout.sk_node : layout.sk_bind_node),
			layout.type_sock);
	__u16 family = READ(__u16, sk, sk_family);
	__u8 state = READ(__u8, sk, sk_state);
	__u16 port = READ(__u16, sk, sk_num);
	void *net = FOLLOW(sk, sk_net);

	number.node = copy_pointer(number.node, 0);
	if ((family != AF_INET && family != AF_INET6) || !is_of_chain(net, port) ||
	    (!number.is_udp && port != query.first))
		number.is_lost = 1;
	else if (port == query.first && net == number.net && state != TCP_TIME_WAIT)
		add(sk, state);
}

static __always_inline void step_address(void)
{
	void *address = cast(number.address - layout.bind2_node, layout.type_bind2);

	if (READ(__u16, address, bind2_port) != query.first)
		number.is_lost = 1;
	number.node = FOLLOW(address, bind2_owners);
	number.address = copy_pointer(number.address, 0);
}

static __always_inline void step_bucket(void)
{
	void *bucket = cast(number.bucket - layout.bind_node, layout.type_bind);
	void *net = FOLLOW(bucket, bind_net);
	__u16 port = READ(__u16, bucket, bind_port);

	if (!is_of_chain(net, port))
		number.is_lost = 1;
	if (net == number.net && port == query.first)
		number.address = FOLLOW(bucket, bind_addresses);
	number.bucket = copy_pointer(number.bucket, 0);
}

static __always_inline void begin_chain(__u32 mask)
{
	number.mask = mask;
	number.chain = (query.first + COPY(__u32, number.net, net_mix)) & mask;
}

static __always_inline void begin_tcp(void)
{
	void *tables = JUMP(number.net, net_tcp);

	begin_chain(COPY(__u32, tables, tcp_size) - 1);
	number.bucket = JUMP(JUMP(tables, tcp_buckets) +
				     (unsigned long)number.chain * layout.tcp_chain_size,
			     tcp_chain);
	number.is_lost = !tables;
}

static __always_inline void begin_udp(void)
{
	void *table = JUMP(number.net, net_udp);

	begin_chain(COPY(__u32, table, udp_mask));
	number.node = copy_pointer(JUMP(table, udp_chains) +
					   (unsigned long)number.chain * layout.udp_chain_size,
				   0);
	number.is_lost |= !table;
	number.is_udp = 1;
}

static long number_step(__u32 i, void *unused)
{
	if ((__u64)number.node & 1) /* the end of a chain that ends in a number */
		number.node = NULL;
	if (number.is_lost)
		return 1;
	if (number.node)
		step_socket();
	else if (number.address)
		step_address();
	else if (number.bucket)
		step_bucket();
	else if (!number.is_udp && query.has_udp)
		begin_udp();
	else
		number.is_done = 1;
	return number.is_done != 0;
}

/* Of the reader's own network namespace. */
static __always_inline void number_find(void)
{
	void *reader = (void *)bpf_get_current_task();

	number.net = JUMP(JUMP(reader, task_nsproxy), nsproxy_net);
	if (COPY(__u32, number.net, net_number) != query.netns)
		return;
	if (query.has_tcp)
		begin_tcp();
	bpf_loop(STEPS_MAX, number_step, NULL, 0);
	number.is_known = number.is_done && number.n_waiting == query.n_waiting &&
			  number.inodes == query.inodes;
	counts.by_number = number.is_known;
}

static __always_inline void number_hold(__u32 row, void *file, void **slot)
{
	number.held[row & (HELD_MAX - 1)].file = file;
	number.held[row & (HELD_MAX - 1)].slot = slot;
}

static long check_held(__u32 i, void *unused)
{
	void *file = number.held[i & (HELD_MAX - 1)].file;

	if (copy_pointer(number.held[i & (HELD_MAX - 1)].slot, 0) != file ||
	    COPY(__u64, file, file_references) + layout.first_reference != 1)
		number.is_over = 0;
	return 0;
}

/* After a process was walked: whether nobody else can hold what is asked for. */
static __always_inline int number_is_over(void)
{
	if (!number.is_known || number.is_shared || counts.n_sockets != number.n_files ||
	    number.n_files > HELD_MAX)
		return 0;
	number.is_over = 1;
	bpf_loop(number.n_files, check_held, NULL, 0);
	return number.is_over;
}

#endif

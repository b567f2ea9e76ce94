/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep: see sweep.h. The plan goes into maps that both sides see, the answers come back as a
 * bitmap (with a coarser one of which parts of it have changed) and, open ports, as a ring of
 * indices.
 */
#include "scan/sweep.h"

#include <errno.h>
#include <fcntl.h>

#include "base/scope.h"
#include "base/text.h"

#ifdef PERIPLUS_BPF
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "scan/bpf/sweep.h"

#include <sweep.skel.h>

enum {
	RING_LEAST = 64 << 10,
	RING_MOST = 32 << 20,
	RECORD = 16,           /* in the ring: its header, and an index */
	FRAMES_PER_FLUSH = 64, /* a quarter of what veth queues */
	FLUSH_NS = 1000000,
	LIVE_FRAMES = 1 << 1, /* BPF_F_TEST_XDP_LIVE_FRAMES */
	WORDS_MOST = 1 << 26,
};

struct table {
	void *p;
	size_t size;
};

struct sweep {
	struct sweep_bpf *skel;
	int link;
	int nowhere, nowhere_link; /* -1: not attached there */
	int interface;
	uint32_t frame;
	uint32_t n_words;
	struct table ranges, ports, payloads, answered, dirty, consumer, producer;
	size_t page, ring;
	struct sweep_state told; /* what the session knows already */
	uint64_t *passed_over;   /* targets that are not asked for their host's sake; NULL: none */
};

/* --- the plan for the kernel -------------------------------------------------------------------
 */

static int map_table(struct table *table, int fd, size_t size, int protection, size_t at)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	table->size = (size + page - 1) / page * page;
	table->p = mmap(NULL, table->size, protection, MAP_SHARED, fd, (off_t)at);
	if (table->p == MAP_FAILED) {
		table->p = NULL;
		return -errno;
	}
	return 0;
}

static void unmap_table(struct table *table)
{
	if (table->p)
		munmap(table->p, table->size);
}

/* Calls for every run of hosts that is one range and one hop; returns how many there are. row may
 * be NULL. */
static uint32_t fill_ranges(const struct target_plan *plan, const struct raw_ways *ways,
			    struct sweep_range *rows)
{
	uint32_t n = 0;
	size_t segment = 0;

	for (size_t i = 0; i < plan->hosts.n; i++) {
		const struct target_range *range = &plan->hosts.rows[i];

		for (uint64_t done = 0, part; done < range->n; done += part, n++) {
			uint64_t host = range->before + done;
			struct address first = target_plus(&range->first, done);

			while (segment + 1 < ways->n_segments &&
			       ways->segments[segment + 1].host <= host)
				segment++;
			part = range->n - done;
			if (segment + 1 < ways->n_segments &&
			    ways->segments[segment + 1].host - host < part)
				part = ways->segments[segment + 1].host - host;
			if (!rows)
				continue;
			rows[n] =
				(struct sweep_range){.before = host,
						     .n = part,
						     .is_v6 = first.family == ADDRESS_IPV6,
						     .hop = (uint32_t)ways->segments[segment].hop};
			memcpy(rows[n].first, first.bytes, 16);
		}
	}
	return n;
}

static struct sweep_port port_of(const struct engine_session *session, uint32_t row)
{
	struct sweep_port port = {.port = session->plan->ports[row]};

	if (session->plan->transport == TRANSPORT_UDP && session->payloads) {
		const struct engine_payload *payload = &session->payloads[row];

		port.n = (uint16_t)(payload->n < SWEEP_PAYLOAD ? payload->n : SWEEP_PAYLOAD);
		port.sum = raw_sum(0, payload->bytes, port.n);
	}
	return port;
}

static uint32_t longest_frame(const struct engine_session *session)
{
	const struct target_ranges *hosts = &session->plan->hosts;
	uint32_t head = hosts->rows[hosts->n - 1].first.family == ADDRESS_IPV6 ? SWEEP_HEAD_IPV6
									       : SWEEP_HEAD_IPV4;
	uint32_t n = SWEEP_TCP;

	for (uint32_t i = 0; i < session->plan->n_ports; i++)
		if ((uint32_t)SWEEP_UDP + port_of(session, i).n > n)
			n = SWEEP_UDP + port_of(session, i).n;
	return head + n;
}

static void fill_query(struct sweep *sweep, const struct engine_session *session,
		       const struct raw_self *self, uint32_t n_ranges)
{
	const struct target_plan *plan = session->plan;
	bool is_udp = plan->transport == TRANSPORT_UDP;

	sweep->skel->rodata->query = (struct sweep_query){
		.key = self->key,
		.mix = plan->mix,
		.n = plan->n,
		.n_ports = plan->n_ports,
		.n_ranges = n_ranges,
		.shard = plan->shard,
		.n_shards = plan->n_shards,
		.own_port = is_udp ? self->udp_port : self->tcp_port,
		.is_udp = is_udp,
		.frame = sweep->frame,
	};
}

static void fill_hops(struct sweep *sweep, const struct raw_ways *ways)
{
	for (size_t i = 0; i < ways->n_hops; i++) {
		struct sweep_hop *to = &sweep->skel->rodata->hops[i];

		memcpy(to->link, ways->hops[i].mac, RAW_MAC);
		memcpy(to->link + RAW_MAC, ways->hops[i].own_mac, RAW_MAC);
		memcpy(to->source, ways->hops[i].source.bytes, 16);
	}
}

static int map_tables(struct sweep *sweep, const struct engine_session *session, uint32_t n_ranges)
{
	struct sweep_bpf *skel = sweep->skel;
	const int both = PROT_READ | PROT_WRITE;
	uint32_t n_ports = session->plan->n_ports;
	bool is_udp = session->plan->transport == TRANSPORT_UDP;
	int r = map_table(&sweep->ranges, skel->maps.ranges.map_fd,
			  n_ranges * sizeof(struct sweep_range), both, 0);

	if (r == 0)
		r = map_table(&sweep->ports, skel->maps.ports.map_fd,
			      n_ports * sizeof(struct sweep_port), both, 0);
	if (r == 0 && is_udp)
		r = map_table(&sweep->payloads, skel->maps.payloads.map_fd,
			      n_ports * sizeof(struct sweep_payload), both, 0);
	if (r == 0)
		r = map_table(&sweep->answered, skel->maps.answered.map_fd, sweep->n_words * 8ul,
			      both, 0);
	if (r == 0)
		r = map_table(&sweep->dirty, skel->maps.dirty.map_fd,
			      (sweep->n_words / SWEEP_DIRTY_WORDS + 1) * 8ul, both, 0);
	if (r == 0)
		r = map_table(&sweep->consumer, skel->maps.events.map_fd, sweep->page, both, 0);
	if (r == 0)
		r = map_table(&sweep->producer, skel->maps.events.map_fd,
			      sweep->page + 2 * sweep->ring, PROT_READ, sweep->page);
	return r;
}

static void fill_tables(struct sweep *sweep, const struct engine_session *session,
			const struct raw_ways *ways)
{
	struct sweep_payload *payloads = sweep->payloads.p;
	struct sweep_port *ports = sweep->ports.p;

	fill_ranges(session->plan, ways, sweep->ranges.p);
	for (uint32_t i = 0; i < session->plan->n_ports; i++) {
		ports[i] = port_of(session, i);
		if (payloads && ports[i].n)
			memcpy(payloads[i].bytes, session->payloads[i].bytes, ports[i].n);
	}
	memcpy(sweep->answered.p, session->seen.answered, sweep->n_words * 8ul);
	if (sweep->passed_over)
		for (uint32_t i = 0; i < sweep->n_words; i++)
			((uint64_t *)sweep->answered.p)[i] |= sweep->passed_over[i];
}

/* Targets of hosts that are not there: the program takes them for answered. */
static int pass_over(struct sweep *sweep, const struct engine_session *session)
{
	if (!session->absent)
		return 0;
	sweep->passed_over = calloc(sweep->n_words, sizeof(*sweep->passed_over));
	if (!sweep->passed_over)
		return -ENOMEM;
	for (uint64_t i = 0; i < session->plan->n; i++)
		if (engine_is_settled(session, i) && !engine_is_answered(&session->seen, i))
			sweep->passed_over[i / 64] |= 1ull << (i % 64);
	return 0;
}

static int load(struct sweep *sweep, const struct engine_session *session,
		const struct raw_ways *ways, const struct raw_self *self, struct why *why)
{
	uint32_t n_ranges = fill_ranges(session->plan, ways, NULL);
	uint32_t n_payloads =
		session->plan->transport == TRANSPORT_UDP ? session->plan->n_ports : 1;
	struct sweep_bpf *skel = sweep->skel = sweep_bpf__open();
	int r;

	if (!skel)
		return why_set(why, ENOMEM, _("out of memory"));
	fill_query(sweep, session, self, n_ranges);
	fill_hops(sweep, ways);
	skel->maps.ranges.max_entries = n_ranges;
	skel->maps.ports.max_entries = session->plan->n_ports;
	skel->maps.payloads.max_entries = n_payloads;
	skel->maps.answered.max_entries = sweep->n_words;
	skel->maps.dirty.max_entries = sweep->n_words / SWEEP_DIRTY_WORDS + 1;
	skel->maps.events.max_entries = (uint32_t)sweep->ring;
	r = sweep_bpf__load(skel);
	if (r == -EPERM)
		return why_set(why, EPERM,
			       _("the xdp engine needs root, or CAP_BPF and CAP_NET_ADMIN"));
	if (r < 0)
		return why_set(why, EOPNOTSUPP,
			       _("the kernel refuses the program that sends probes: %s"),
			       strerror(-r));
	r = pass_over(sweep, session);
	if (r == 0)
		r = map_tables(sweep, session, n_ranges);
	if (r < 0)
		return why_set(why, -r, _("cannot map the tables of the program: %s"),
			       strerror(-r));
	fill_tables(sweep, session, ways);
	return 0;
}

/* The link ends with our last descriptor, however we end. */
static int attach(struct sweep *sweep, const char *name, struct why *why)
{
	union bpf_attr attr = {.link_create = {.prog_fd = (uint32_t)sweep->skel->progs.hear.prog_fd,
					       .target_ifindex = (uint32_t)sweep->interface,
					       .attach_type = BPF_XDP,
					       .flags = XDP_FLAGS_DRV_MODE}};

	sweep->link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (sweep->link >= 0)
		return 0;
	if (errno == EBUSY)
		return why_set(why, EOPNOTSUPP, _("interface '%s' has another XDP program"), name);
	if (errno == EPERM)
		return why_set(why, EPERM,
			       _("the xdp engine needs root, or CAP_BPF and CAP_NET_ADMIN"));
	return why_set(why, EOPNOTSUPP, _("interface '%s' does not take an XDP program: %s"), name,
		       strerror(errno));
}

/* The kernel makes a way of its own for a program that it runs often (kernel/bpf/dispatcher.c), and
 * waits tens of milliseconds for all processors before a run and after it, but for a program that is
 * also attached somewhere. So `probe` is attached where no packet comes: to the loopback of a network
 * namespace that nobody else ever sees, and that ends with our descriptor. Without the rights for that
 * runs cost more, and do the same. Returns false when this process could not come back. */
static bool attach_nowhere(struct sweep *sweep)
{
	enum { LOOPBACK = 1 };
	union bpf_attr attr = {
		.link_create = {.prog_fd = (uint32_t)sweep->skel->progs.probe.prog_fd,
				.target_ifindex = LOOPBACK,
				.attach_type = BPF_XDP,
				.flags = XDP_FLAGS_SKB_MODE}};
	auto_close int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (here < 0 || unshare(CLONE_NEWNET) < 0)
		return true;
	sweep->nowhere = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (sweep->nowhere >= 0)
		sweep->nowhere_link =
			(int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	return setns(here, CLONE_NEWNET) == 0;
}

/* One Ethernet, and gateways: whose link addresses are known before the first probe. */
static int check_ways(const struct raw_ways *ways, const char *name, struct why *why)
{
	int r;

	for (size_t i = 0; i < ways->n_segments; i++)
		if (ways->segments[i].hop == RAW_NO_WAY)
			return why_set(why, EOPNOTSUPP, _("some targets have no route"));
	for (size_t i = 0; i < ways->n_hops; i++) {
		const struct raw_hop *hop = &ways->hops[i];

		if (hop->is_here)
			return why_set(why, EOPNOTSUPP, _("some targets are this machine itself"));
		if (hop->interface != ways->hops[0].interface)
			return why_set(
				why, EOPNOTSUPP,
				_("the targets are reached through more than one interface"));
		if (!hop->has_mac)
			return why_set(why, EOPNOTSUPP, _("interface '%s' is no Ethernet"), name);
		if (hop->gateway.family == ADDRESS_NONE)
			return why_set(why, EOPNOTSUPP,
				       _("some targets are neighbours on '%s', each with a link "
					 "address of its own"),
				       name);
	}
	r = link_sends_frames(ways->hops[0].interface);
	if (r < 0)
		return why_set(why, EOPNOTSUPP,
			       _("this kernel does not say what '%s' can do with XDP (Linux 6.3)"),
			       name);
	if (r == 0)
		return why_set(why, EOPNOTSUPP,
			       _("the driver of '%s' takes no frames from XDP (a veth does so when "
				 "its other end has GRO or XDP)"),
			       name);
	return 0;
}

static int start(struct sweep *sweep, const struct engine_session *session,
		 const struct raw_ways *ways, const struct raw_self *self, struct why *why)
{
	char name[IF_NAMESIZE] = "";
	int r;

	if (ways->n_hops == 0 || !if_indextoname((unsigned)ways->hops[0].interface, name))
		return why_set(why, EOPNOTSUPP, _("there is no route to the targets"));
	r = check_ways(ways, name, why);
	if (r < 0)
		return r;
	if ((session->plan->n + 63) / 64 > WORDS_MOST)
		return why_set(why, EOPNOTSUPP, _("too many targets for the tables of the kernel"));
	sweep->interface = ways->hops[0].interface;
	sweep->n_words = (uint32_t)((session->plan->n + 63) / 64);
	sweep->frame = longest_frame(session);
	sweep->page = (size_t)sysconf(_SC_PAGESIZE);
	sweep->ring = RING_LEAST;
	while (sweep->ring < RING_MOST && sweep->ring / RECORD < session->plan->n)
		sweep->ring *= 2;
	r = load(sweep, session, ways, self, why);
	if (r == 0)
		r = attach(sweep, name, why);
	if (r == 0 && !attach_nowhere(sweep))
		r = why_errno(why, _("cannot come back from a network namespace"));
	return r;
}

int sweep_new(struct sweep **sweep, const struct engine_session *session,
	      const struct raw_ways *ways, const struct raw_self *self, struct why *why)
{
	struct sweep *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return why_set(why, ENOMEM, _("out of memory"));
	made->link = made->nowhere = made->nowhere_link = -1;
	r = start(made, session, ways, self, why);
	if (r < 0)
		sweep_free(made);
	else
		*sweep = made;
	return r;
}

struct sweep *sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return NULL;
	if (sweep->link >= 0)
		close(sweep->link);
	if (sweep->nowhere_link >= 0)
		close(sweep->nowhere_link);
	if (sweep->nowhere >= 0)
		close(sweep->nowhere);
	unmap_table(&sweep->ranges);
	unmap_table(&sweep->ports);
	unmap_table(&sweep->payloads);
	unmap_table(&sweep->answered);
	unmap_table(&sweep->dirty);
	unmap_table(&sweep->consumer);
	unmap_table(&sweep->producer);
	if (sweep->skel)
		sweep_bpf__destroy(sweep->skel);
	free(sweep->passed_over);
	free(sweep);
	return NULL;
}

/* --- running -----------------------------------------------------------------------------------
 */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t); /* the clock of bpf_ktime_get_ns */
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int sweep_run(struct sweep *sweep, uint64_t *next, uint64_t until, uint32_t n,
	      uint64_t interval_1024, struct why *why)
{
	struct sweep_state *state = &sweep->skel->bss->state;
	uint8_t frame[2048] = {0};
	struct xdp_md context = {.data_end = sweep->frame,
				 .ingress_ifindex = (uint32_t)sweep->interface};
	uint64_t per_flush = interval_1024 ? FLUSH_NS * 1024ull / interval_1024 : FRAMES_PER_FLUSH;
	union bpf_attr attr = {
		.test = {.prog_fd = (uint32_t)sweep->skel->progs.probe.prog_fd,
			 .data_in = (uintptr_t)frame,
			 .data_size_in = sweep->frame,
			 .ctx_in = (uintptr_t)&context,
			 .ctx_size_in = sizeof(context),
			 .repeat = n,
			 .flags = LIVE_FRAMES,
			 .batch_size = (uint32_t)(per_flush < 1                  ? 1
						  : per_flush > FRAMES_PER_FLUSH ? FRAMES_PER_FLUSH
										 : per_flush)}};
	long r;

	state->next = *next;
	state->until = until;
	state->interval = interval_1024;
	if (state->due < now_ns() << 10)
		state->due = now_ns() << 10;
	r = syscall(SYS_bpf, BPF_PROG_RUN, &attr, sizeof(attr));
	*next = state->next;
	if (r < 0 && errno != EINTR)
		return why_errno(why, _("the kernel refuses to send probes by XDP"));
	return 0;
}

static void take_open(struct engine_session *session, uint64_t index)
{
	uint64_t bit = 1ull << (index % 64);

	if (index >= session->plan->n || (session->seen.open[index / 64] & bit))
		return;
	if (session->seen.answered[index / 64] & bit) { /* its bit was seen before its record */
		session->seen.answered[index / 64] &= ~bit;
		session->counts.answered--;
	}
	engine_answer(session, index, ENGINE_OPEN);
}

/* kernel/bpf/ringbuf.c: a record is eight bytes of header (length, with two flags), then data
 * padded to eight. */
static void take_ring(struct sweep *sweep, struct engine_session *session)
{
	enum { BUSY = 1u << 31, DISCARDED = 1u << 30 };
	const uint8_t *data = (const uint8_t *)sweep->producer.p + sweep->page;
	const unsigned long *produced = sweep->producer.p;
	unsigned long *consumed = sweep->consumer.p;
	unsigned long at = __atomic_load_n(consumed, __ATOMIC_ACQUIRE);

	while (at < __atomic_load_n(produced, __ATOMIC_ACQUIRE)) {
		const uint8_t *record = data + at % sweep->ring;
		uint32_t head =
			__atomic_load_n((const uint32_t *)(const void *)record, __ATOMIC_ACQUIRE);
		uint64_t index;

		if (head & BUSY)
			break;
		memcpy(&index, record + 8, sizeof(index));
		at += RECORD;
		__atomic_store_n(consumed, at, __ATOMIC_RELEASE);
		if (!(head & DISCARDED))
			take_open(session, index);
	}
}

static void take_block(struct sweep *sweep, struct engine_session *session, uint32_t block)
{
	const uint64_t *words = sweep->answered.p;

	for (uint32_t i = block * SWEEP_DIRTY_WORDS;
	     i < (block + 1) * SWEEP_DIRTY_WORDS && i < sweep->n_words; i++) {
		uint64_t fresh =
			__atomic_load_n(&words[i], __ATOMIC_RELAXED) & ~session->seen.answered[i];

		if (sweep->passed_over)
			fresh &= ~sweep->passed_over[i];
		session->seen.answered[i] |= fresh;
		session->counts.answered += (uint64_t)__builtin_popcountll(fresh);
	}
}

void sweep_take(struct sweep *sweep, struct engine_session *session)
{
	const struct sweep_state *state = &sweep->skel->bss->state;
	struct sweep_state now = *state;
	uint64_t *dirty = sweep->dirty.p;
	uint64_t n_rtt = now.rtt_n - sweep->told.rtt_n;

	take_ring(sweep, session);
	for (uint32_t i = 0; i < sweep->n_words / SWEEP_DIRTY_WORDS + 1; i++)
		if (__atomic_exchange_n(&dirty[i], 0, __ATOMIC_ACQ_REL))
			take_block(sweep, session, i);
	session->counts.sent += now.sent - sweep->told.sent;
	session->counts.dropped += now.events_lost - sweep->told.events_lost;
	if (n_rtt) {
		engine_measure(session, (uint32_t)((now.rtt_sum - sweep->told.rtt_sum) / n_rtt));
		if (now.rtt_most > session->rtt.most)
			session->rtt.most = (uint32_t)now.rtt_most;
	}
	sweep->told = now;
}

#else

int sweep_new(struct sweep **sweep, const struct engine_session *session,
	      const struct raw_ways *ways, const struct raw_self *self, struct why *why)
{
	(void)sweep, (void)session, (void)ways, (void)self;
	return why_set(why, EOPNOTSUPP, _("this build has no BPF programs"));
}

struct sweep *sweep_free(struct sweep *sweep)
{
	return sweep;
}

int sweep_run(struct sweep *sweep, uint64_t *next, uint64_t until, uint32_t n,
	      uint64_t interval_1024, struct why *why)
{
	(void)sweep, (void)next, (void)until, (void)n, (void)interval_1024;
	return why_set(why, EOPNOTSUPP, _("this build has no BPF programs"));
}

void sweep_take(struct sweep *sweep, struct engine_session *session)
{
	(void)sweep, (void)session;
}

#endif

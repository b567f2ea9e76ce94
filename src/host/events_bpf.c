/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events_bpf: loads watch.bpf.c, attaches it and reads its ring.
 *
 * The tracepoint sees the whole machine and is filtered by network namespace. The hooks behind
 * bind(2) are attached by links to the root of cgroup v2 as far as we see it: beside those of
 * others, and gone when our last descriptor is, however we end.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/bpf.h"
#include "host/events.h"
#include "host/namespaces.h"

#ifdef PERIPLUS_BPF
#include <linux/bpf.h>

#include "host/bpf/watch.h"

#include <watch.skel.h>

enum { RING_SIZE = 4 << 20, RECORD_HEADER = 8, NETNS_COOKIE = 71 /* SO_NETNS_COOKIE, 5.14 */ };

struct events_bpf {
	struct watch_bpf *skel;
	int binds[2]; /* links to the control group, or -1 */
	size_t page;
	unsigned long *consumer; /* page that we write */
	const unsigned long *producer; /* page that the kernel writes; data behind it, twice in a row */
	uint64_t n_lost; /* told already */
};

static bool fill_query(struct watch_query *query)
{
	socklen_t size = sizeof(query->netns_cookie);
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat st;

	query->netns = (__u32)namespace_own();
	if (fd < 0 || stat("/proc/self/ns/pid", &st) < 0 ||
	    getsockopt(fd, SOL_SOCKET, NETNS_COOKIE, &query->netns_cookie, &size) < 0)
		return false;
	query->pid_namespace = (__u32)st.st_ino;
	return query->netns != 0;
}

static int open_cgroup_root(void)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
		struct statfs fs;

		if (statfs(roots[i], &fs) == 0 && (uint32_t)fs.f_type == CGROUP2_SUPER_MAGIC)
			return open(roots[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return -1;
}

static int link_bind(int program, int cgroup, enum bpf_attach_type type)
{
	union bpf_attr attr = {.link_create = {.prog_fd = (__u32)program,
					       .target_fd = (__u32)cgroup,
					       .attach_type = type}};

	return (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

static bool attach_binds(struct events_bpf *events)
{
	auto_close int cgroup = open_cgroup_root();

	if (cgroup < 0)
		return false;
	events->binds[0] = link_bind(events->skel->progs.periplus_bound4.prog_fd, cgroup,
				     BPF_CGROUP_INET4_POST_BIND);
	events->binds[1] = link_bind(events->skel->progs.periplus_bound6.prog_fd, cgroup,
				     BPF_CGROUP_INET6_POST_BIND);
	return events->binds[0] >= 0 && events->binds[1] >= 0;
}

static int map_ring(struct events_bpf *events)
{
	int fd = events->skel->maps.events.map_fd;
	void *consumer = mmap(NULL, events->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *producer;

	if (consumer == MAP_FAILED)
		return -errno;
	events->consumer = consumer;
	producer = mmap(NULL, events->page + 2 * (size_t)RING_SIZE, PROT_READ, MAP_SHARED, fd,
			(off_t)events->page);
	if (producer == MAP_FAILED)
		return -errno;
	events->producer = producer;
	return 0;
}

static int start(struct events_bpf *events, bool *sees_udp, struct why *why)
{
	struct watch_bpf *skel = events->skel = watch_bpf__open();
	struct watch_query query = {0};
	int r;

	if (!skel)
		return why_set(why, ENOMEM, _("out of memory"));
	if (!fill_query(&query))
		return why_set(why, ENOSYS, _("this kernel does not tell network namespaces apart"));
	skel->rodata->query = query;
	skel->maps.events.max_entries = RING_SIZE;
	r = watch_bpf__load(skel);
	if (r < 0)
		return why_set(why, -r, _("the kernel refuses the BPF watcher: %s"), strerror(-r));
	r = map_ring(events);
	if (r < 0)
		return why_set(why, -r, _("cannot map the ring of the BPF watcher: %s"), strerror(-r));
	*sees_udp = attach_binds(events);
	r = watch_bpf__state_changed__attach(skel);
	if (r < 0)
		return why_set(why, -r, _("cannot attach the BPF watcher: %s"), strerror(-r));
	return 0;
}

int events_bpf_new(struct events_bpf **events, bool *sees_udp, struct why *why)
{
	struct events_bpf *made = calloc(1, sizeof(*made));
	int r;

	if (!made)
		return why_set(why, ENOMEM, _("out of memory"));
	made->binds[0] = made->binds[1] = -1;
	made->page = (size_t)sysconf(_SC_PAGESIZE);
	if (bpf_is_allowed())
		r = start(made, sees_udp, why);
	else
		r = why_set(why, EPERM, _("this process lacks CAP_BPF and CAP_PERFMON"));
	if (r < 0) {
		events_bpf_free(made);
		return r;
	}
	*events = made;
	return 0;
}

struct events_bpf *events_bpf_free(struct events_bpf *events)
{
	if (!events)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(events->binds); i++)
		if (events->binds[i] >= 0)
			close(events->binds[i]);
	if (events->consumer)
		munmap(events->consumer, events->page);
	if (events->producer)
		munmap((void *)(uintptr_t)events->producer, events->page + 2 * (size_t)RING_SIZE);
	if (events->skel)
		watch_bpf__destroy(events->skel);
	free(events);
	return NULL;
}

int events_bpf_fd(const struct events_bpf *events)
{
	return events->skel->maps.events.map_fd;
}

static bool transport_by(uint16_t number, enum transport *transport)
{
	for (int t = TRANSPORT_ANY + 1; t < N_TRANSPORTS; t++)
		if (transport_number((enum transport)t) == number) {
			*transport = (enum transport)t;
			return true;
		}
	return false;
}

static void hand_over(const struct watch_event *e, host_event_fn *each, void *arg)
{
	struct host_event event = {
		.is_closed = e->kind == WATCH_CLOSED,
		.local = e->family == AF_INET6 ? address_ipv6(e->local) : address_ipv4(e->local),
		.port = e->port,
		.cookie = e->cookie,
		.pid = e->pid,
		.uid = e->uid,
		.name = span_of(e->name, strnlen(e->name, sizeof(e->name))),
	};

	event.local.interface = e->interface;
	if (transport_by(e->protocol, &event.transport))
		each(arg, &event);
}

/* kernel/bpf/ringbuf.c: a record is eight bytes of header (length with two flags, and a number of
 * the kernel's), then the data, padded to eight. */
void events_bpf_read(struct events_bpf *events, host_event_fn *each, void *arg, uint64_t *n_lost)
{
	const uint8_t *data = (const uint8_t *)events->producer + events->page;
	unsigned long at = __atomic_load_n(events->consumer, __ATOMIC_ACQUIRE);
	unsigned long end = __atomic_load_n(events->producer, __ATOMIC_ACQUIRE);
	uint64_t lost;

	while (at < end) {
		const uint8_t *record = data + (at & (RING_SIZE - 1));
		uint32_t length = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		uint32_t n = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		struct watch_event event;

		if (length & BPF_RINGBUF_BUSY_BIT || n > RING_SIZE)
			break; /* being written: it will be told when it is ready */
		if (!(length & BPF_RINGBUF_DISCARD_BIT) && n == sizeof(event)) {
			memcpy(&event, record + RECORD_HEADER, sizeof(event));
			hand_over(&event, each, arg);
		}
		at += ((unsigned long)n + RECORD_HEADER + 7) / 8 * 8;
		__atomic_store_n(events->consumer, at, __ATOMIC_RELEASE);
	}
	lost = __atomic_load_n(&events->skel->bss->n_lost, __ATOMIC_RELAXED);
	*n_lost += lost - events->n_lost;
	events->n_lost = lost;
}

#else

int events_bpf_new(struct events_bpf **events, bool *sees_udp, struct why *why)
{
	(void)events;
	(void)sees_udp;
	return why_set(why, ENOSYS, _("this build has no BPF watcher"));
}

struct events_bpf *events_bpf_free(struct events_bpf *events)
{
	(void)events;
	return NULL;
}

int events_bpf_fd(const struct events_bpf *events)
{
	(void)events;
	return -1;
}

void events_bpf_read(struct events_bpf *events, host_event_fn *each, void *arg, uint64_t *n_lost)
{
	(void)events;
	(void)each;
	(void)arg;
	(void)n_lost;
}

#endif

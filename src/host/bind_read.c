/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_read: the one bind that is tried, and the kernel's rules about it.
 *
 * The programs at the hooks of our control group are asked of bpf(2) (BPF_PROG_QUERY); without the
 * right to ask, their number is unknown. SocketBindDeny= of systemd is such a program; those of
 * `periplus watch` (watch.bpf.c) stand at the root of all groups and refuse nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/scope.h"
#include "host/bind.h"
#include "host/proc.h"
#include "host/unit.h"

enum { TEXT_SIZE = 16 << 10, PROGRAMS_MAX = 64, PATH_SIZE = 4096 };

static struct span read_text(struct arena *arena, const char *path)
{
	uint8_t text[TEXT_SIZE];
	ssize_t n = proc_read(-1, path, text, sizeof(text));

	return arena_copy(arena, span_trim(span_of(text, n > 0 ? (size_t)n : 0)));
}

void host_port_rules(struct port_set *kept, uint16_t *unprivileged_first)
{
	struct arena arena = {0};
	struct span start = read_text(&arena, "/proc/sys/net/ipv4/ip_unprivileged_port_start");
	uint64_t value;

	if (!port_set_parse(read_text(&arena, "/proc/sys/net/ipv4/ip_local_reserved_ports"), kept))
		*kept = (struct port_set){0};
	*unprivileged_first = span_u64(start, PORT_MAX, &value) ? (uint16_t)value : 1024;
	arena_done(&arena);
}

/* The value of "Key:\tvalue" in /proc/self/status. */
static struct span status_value(struct span status, const char *key)
{
	struct span line;

	while (take_line(&status, &line))
		if (span_starts(line, key) && line.n > strlen(key) && line.p[strlen(key)] == ':')
			return span_trim(span_skip(line, strlen(key) + 1));
	return span_of(NULL, 0);
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static struct span program_name(struct arena *arena, uint32_t id)
{
	union bpf_attr attr = {.prog_id = id};
	struct bpf_prog_info info = {0};
	auto_close int fd = (int)bpf(BPF_PROG_GET_FD_BY_ID, &attr);

	if (fd < 0)
		return arena_print(arena, "%u", id);
	attr = (union bpf_attr){.info.bpf_fd = (uint32_t)fd, .info.info_len = sizeof(info),
				.info.info = (uintptr_t)&info};
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0 || !info.name[0])
		return arena_print(arena, "%u", id);
	info.name[sizeof(info.name) - 1] = 0;
	return arena_copy(arena, span_str(info.name));
}

/* Where cgroup v2 is mounted (proc_pid_mountinfo(5)): the field before " - cgroup2". */
static struct span cgroup_mount(struct arena *arena)
{
	struct span text = read_text(arena, "/proc/self/mountinfo");
	struct span line;

	while (take_line(&text, &line)) {
		ptrdiff_t mark = span_find(line, SPAN_LIT(" - cgroup2 "));
		struct span word = {0};
		bool is_there = true;

		for (int i = 0; i < 5; i++)
			is_there = is_there && take_word(&line, &word);
		if (mark >= 0 && is_there)
			return word;
	}
	return span_of(NULL, 0);
}

static int open_cgroup(struct arena *arena)
{
	struct span mount = cgroup_mount(arena);
	struct cgroup_facts facts = {0};
	char path[PATH_SIZE];

	cgroup_read(read_text(arena, "/proc/self/cgroup"), &facts);
	if (!mount.n || !facts.path.n ||
	    snprintf(path, sizeof(path), "%.*s%.*s", SPAN_ARG(mount), SPAN_ARG(facts.path)) >=
		    (int)sizeof(path))
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void read_programs(struct arena *arena, struct bind_facts *facts)
{
	static const enum bpf_attach_type hooks[] = {
		BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_BIND, BPF_CGROUP_INET4_POST_BIND,
		BPF_CGROUP_INET6_POST_BIND};
	auto_close int cgroup = open_cgroup(arena);

	facts->n_programs = cgroup < 0 ? N_PROGRAMS_UNKNOWN : 0;
	for (size_t i = 0; i < ARRAY_LEN(hooks) && cgroup >= 0; i++) {
		uint32_t ids[PROGRAMS_MAX] = {0};
		union bpf_attr attr = {.query = {.target_fd = (uint32_t)cgroup,
						 .attach_type = hooks[i],
						 .query_flags = BPF_F_QUERY_EFFECTIVE,
						 .prog_ids = (uintptr_t)ids,
						 .prog_cnt = PROGRAMS_MAX}};

		if (bpf(BPF_PROG_QUERY, &attr) < 0) {
			facts->n_programs = N_PROGRAMS_UNKNOWN;
			return;
		}
		for (uint32_t k = 0; k < attr.query.prog_cnt && k < PROGRAMS_MAX; k++) {
			struct span name = program_name(arena, ids[k]);

			if (span_starts(name, "periplus_bound"))
				continue;
			facts->n_programs++;
			if (!span_list_has(facts->programs, ',', name))
				facts->programs = arena_print(
					arena, "%.*s%s%.*s", SPAN_ARG(facts->programs),
					facts->programs.n ? "," : "", SPAN_ARG(name));
		}
	}
}

static uint64_t number(struct span text, uint64_t otherwise)
{
	uint64_t value;

	return span_u64(text, UINT32_MAX, &value) ? value : otherwise;
}

static bool has_capability(struct span status, unsigned capability)
{
	struct span text = status_value(status, "CapEff");
	uint64_t set = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		set = set << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return set >> capability & 1;
}

void bind_read(struct arena *arena, struct bind_facts *facts)
{
	struct port_set *kept = arena_get(arena, sizeof(*kept));
	struct span status = read_text(arena, "/proc/self/status");
	struct span range = read_text(arena, "/proc/sys/net/ipv4/ip_local_port_range");
	struct span first = {0};
	struct span last = {0};

	if (take_word(&range, &first) && take_word(&range, &last)) {
		facts->ephemeral_first = (uint16_t)number(first, 0);
		facts->ephemeral_last = (uint16_t)number(last, 0);
	}
	host_port_rules(kept, &facts->unprivileged_first);
	facts->is_reserved = port_set_has(kept, facts->port);
	facts->is_privileged = has_capability(status, CAP_NET_BIND_SERVICE);
	facts->seccomp = (unsigned)number(status_value(status, "Seccomp"), 0);
	facts->is_selinux_enforcing = span_is(read_text(arena, "/sys/fs/selinux/enforce"), "1");
	if (facts->is_selinux_enforcing)
		facts->selinux_context = read_text(arena, "/proc/self/attr/current");
	facts->modules = read_text(arena, "/sys/kernel/security/lsm");
	read_programs(arena, facts);
}

/* Every address of both families where there is IPv6, else of IPv4. Returns errno or 0. */
static int try_bind(uint16_t port, enum transport transport, struct bind_report *report)
{
	int type = (transport == TRANSPORT_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
	auto_close int fd = socket(AF_INET6, type, 0);
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};

	report->is_tried = true;
	if (fd >= 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)) == 0) {
		report->tried = address_ipv6(six.sin6_addr.s6_addr);
		report->is_dual_stack = true;
		if (bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0)
			return 0;
		if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT)
			return errno;
	}

	auto_close int v4 = socket(AF_INET, type, 0);

	report->tried = address_ipv4((const uint8_t *)&four.sin_addr);
	report->is_dual_stack = false;
	if (v4 < 0)
		return errno;
	return bind(v4, (struct sockaddr *)&four, sizeof(four)) == 0 ? 0 : errno;
}

/* A local socket whose name the kernel chooses (unix(7), autobind): refused by filters alone. */
static int try_without_number(void)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	if (fd < 0)
		return errno;
	return bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) == 0 ? 0 : errno;
}

static bool waits_everywhere(const struct sighting *const *seen, size_t n, enum transport transport)
{
	for (size_t i = 0; i < n; i++)
		if ((seen[i]->state == SOCKET_LISTEN || seen[i]->state == SOCKET_BOUND) &&
		    transport_registered(seen[i]->transport) == transport &&
		    !seen[i]->is_elsewhere && address_is_any(&seen[i]->local))
			return true;
	return false;
}

void host_try_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		   size_t n_seen, bool is_complete, struct arena *arena, struct bind_report *report)
{
	struct bind_finding *findings = arena_get_array(arena, BIND_FINDINGS_MAX, sizeof(*findings));
	struct bind_facts facts = {.port = port, .transport = transport, .seen = seen,
				   .n_seen = n_seen, .is_complete = is_complete};

	*report = (struct bind_report){.port = port, .transport = transport, .findings = findings};
	bind_read(arena, &facts);
	if (!waits_everywhere(seen, n_seen, transport)) {
		report->error = try_bind(port, transport, report);
		if (report->error == EPERM || report->error == EACCES)
			facts.error_without_number = try_without_number();
	} else {
		report->error = EADDRINUSE; /* as any bind would say */
	}
	facts.is_tried = report->is_tried;
	facts.error = report->error;
	report->n_findings = bind_causes(&facts, arena, findings, BIND_FINDINGS_MAX);
}

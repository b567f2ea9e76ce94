/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_read: the kernel's rules about binding.
 *
 * The programs at the hooks of our control group are asked of bpf(2) (BPF_PROG_QUERY); without the
 * right to ask, their number is unknown. SocketBindDeny= of systemd is such a program; those of
 * `periplus watch` (watch.bpf.c) stand at the root of all groups and refuse nothing.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/syscall.h>

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

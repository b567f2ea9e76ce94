/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail_calls: a seccomp filter of allowed system calls, see jail.h.
 *
 * The filter is a list, read from the top: a call of another architecture ends the process, memory
 * that could be executed and sockets other than IPv4 and IPv6 are refused, a call of the list goes
 * on, and any other fails with EPERM. It fails instead of killing, because a libc of another day
 * may use a call that we do not know for something it can do without.
 */
#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>

#include "base/scope.h"
#include "base/text.h"

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__linux__) && defined(__x86_64__)
enum { ARCHITECTURE = (int)AUDIT_ARCH_X86_64 };
#define HAS_FILTER
#elif defined(__linux__) && defined(__aarch64__)
enum { ARCHITECTURE = (int)AUDIT_ARCH_AARCH64 };
#define HAS_FILTER
#endif

#ifdef HAS_FILTER

/* What reading, thinking and answering on open descriptors takes. */
static const int parses[] = {
	__NR_read,        __NR_readv,         __NR_write,           __NR_writev,
	__NR_close,       __NR_lseek,         __NR_fstat,           __NR_munmap,
	__NR_mremap,      __NR_brk,           __NR_madvise,         __NR_exit,
	__NR_exit_group,  __NR_rt_sigreturn,  __NR_rt_sigaction,    __NR_rt_sigprocmask,
	__NR_sigaltstack, __NR_setitimer,     __NR_restart_syscall, __NR_futex,
	__NR_sched_yield, __NR_clock_gettime, __NR_gettimeofday,    __NR_clock_nanosleep,
	__NR_nanosleep,   __NR_getrandom,     __NR_getpid,          __NR_gettid,
	__NR_ppoll,
#ifdef __NR_poll
	__NR_poll,
#endif
#ifdef __NR_alarm
	__NR_alarm,
#endif
#ifdef __NR_time
	__NR_time,
#endif
};

/* What a conversation takes besides; socket has a rule of its own. */
static const int talks[] = {
	__NR_connect,    __NR_bind,        __NR_shutdown,    __NR_sendto,
	__NR_sendmsg,    __NR_recvfrom,    __NR_recvmsg,     __NR_setsockopt,
	__NR_getsockopt, __NR_getsockname, __NR_getpeername, __NR_fcntl,
};

/* What answering on a socket that listens takes besides. */
static const int serves[] = {
	__NR_accept4,    __NR_epoll_create1, __NR_epoll_ctl,  __NR_epoll_pwait,
	__NR_eventfd2,   __NR_signalfd4,     __NR_shutdown,   __NR_sendto,
	__NR_sendmsg,    __NR_recvfrom,      __NR_recvmsg,    __NR_setsockopt,
	__NR_getsockopt, __NR_getsockname,   __NR_getpeername, __NR_fcntl,
	__NR_sendfile,
#ifdef __NR_epoll_wait
	__NR_epoll_wait,
#endif
};

/* What looking at this host takes besides; those with a condition have rules of their own. */
static const int looks[] = {
	__NR_readlinkat, __NR_newfstatat,   __NR_statx,           __NR_statfs,
	__NR_fstatfs,    __NR_getdents64,   __NR_faccessat,       __NR_faccessat2,
	__NR_pread64,    __NR_getuid,       __NR_geteuid,         __NR_getgid,
	__NR_getegid,    __NR_capget,       __NR_sysinfo,         __NR_uname,
	__NR_bpf,        __NR_rseq,         __NR_set_robust_list, __NR_sched_getaffinity,
#ifdef __NR_readlink
	__NR_readlink,
#endif
#ifdef __NR_access
	__NR_access,
#endif
#ifdef __NR_stat
	__NR_stat,       __NR_lstat,
#endif
};

enum { PROGRAM = 256 };

struct program {
	struct sock_filter lines[PROGRAM];
	unsigned short n;
};

static void add(struct program *p, struct sock_filter line)
{
	if (p->n < PROGRAM)
		p->lines[p->n++] = line;
}

static void load(struct program *p, size_t offset)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void leave(struct program *p, unsigned result)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

/* Behind it comes what is done when the word equals the value; `over` lines are skipped else. */
static void when(struct program *p, unsigned value, uint8_t over)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, over));
}

/* The low half of an argument; both architectures are little endian. */
static size_t argument(size_t i)
{
	return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);
}

/* mmap and mprotect, but for code. */
static void allow_memory(struct program *p, int call)
{
	when(p, (unsigned)call, 4);
	load(p, argument(2));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
	leave(p, SECCOMP_RET_ERRNO | EPERM);
	leave(p, SECCOMP_RET_ALLOW);
}

/* A call whose first argument is one of two. */
static void allow_first(struct program *p, int call, unsigned one, unsigned other)
{
	when(p, (unsigned)call, 5);
	load(p, argument(0));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 2, 0));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 1, 0));
	leave(p, SECCOMP_RET_ERRNO | EPERM);
	leave(p, SECCOMP_RET_ALLOW);
}

static void allow(struct program *p, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		when(p, (unsigned)calls[i], 1);
		leave(p, SECCOMP_RET_ALLOW);
	}
}

/* A call of which one argument has any of those bits, or none of them. */
static void allow_bits(struct program *p, int call, size_t i, unsigned bits, bool has_any)
{
	when(p, (unsigned)call, 4);
	load(p, argument(i));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, has_any, !has_any));
	leave(p, SECCOMP_RET_ERRNO | EPERM);
	leave(p, SECCOMP_RET_ALLOW);
	load(p, offsetof(struct seccomp_data, nr));
}

/* Threads and no processes; what clone3 is asked for cannot be read, and libc does without it. */
static void allow_looks(struct program *p)
{
	allow(p, looks, ARRAY_LEN(looks));
	allow_bits(p, __NR_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, false);
	allow_bits(p, __NR_clone, 0, CLONE_THREAD, true);
	allow_bits(p, __NR_kill, 1, ~0u, false); /* whether somebody is there */
	allow_first(p, __NR_socket, AF_NETLINK, AF_NETLINK);
	load(p, offsetof(struct seccomp_data, nr));
	when(p, __NR_clone3, 1);
	leave(p, SECCOMP_RET_ERRNO | ENOSYS);
}

int jail_calls(enum jail_kind kind, bool *has, struct why *why)
{
	struct program p = {.n = 0};
	struct sock_fprog all = {.filter = p.lines};

	*has = false;
	if (kind == JAIL_ANY_CALL)
		return 0;
	load(&p, offsetof(struct seccomp_data, arch));
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	leave(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	allow(&p, parses, ARRAY_LEN(parses));
	if (kind == JAIL_TALKS) {
		allow(&p, talks, ARRAY_LEN(talks));
		allow_first(&p, __NR_socket, AF_INET, AF_INET6);
		load(&p, offsetof(struct seccomp_data, nr));
	}
	if (kind == JAIL_SERVES || kind == JAIL_LOOKS)
		allow(&p, serves, ARRAY_LEN(serves));
	if (kind == JAIL_LOOKS)
		allow_looks(&p);
	/* to itself: abort */
	allow_first(&p, __NR_tgkill, (unsigned)getpid(), (unsigned)getpid());
	load(&p, offsetof(struct seccomp_data, nr));
	allow_memory(&p, __NR_mmap);
	load(&p, offsetof(struct seccomp_data, nr));
	allow_memory(&p, __NR_mprotect);
	leave(&p, SECCOMP_RET_ERRNO | EPERM);
	all.len = p.n;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) < 0) {
		if (errno == EINVAL || errno == ENOSYS)
			return 0; /* a kernel without filters */
		return why_errno(why, _("cannot close the system calls to this process"));
	}
	*has = true;
	return 0;
}

#else

int jail_calls(enum jail_kind kind, bool *has, struct why *why)
{
	(void)kind;
	(void)why;
	*has = false;
	return 0;
}

#endif

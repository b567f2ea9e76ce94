/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refuse: runs a command to which bind(2) is refused, for tests.
 *
 * refuse seccomp COMMAND...      a filter answers EPERM to bind
 * refuse cgroup DIR COMMAND...   of two BPF programs at the bind hooks of a new control group one says
 *                                yes, the other no; DIR is where cgroup v2 is mounted; prints
 *                                nothing, ends 99 when the kernel or its rights do not have it
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CANNOT = 99 };

static void cannot(const char *what)
{
	fprintf(stderr, "refuse: %s: %s\n", what, strerror(errno));
	exit(CANNOT);
}

static void filter_bind(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		cannot("seccomp");
}

/* r0 = answer; exit: everybody may bind (1) or nobody (0). */
static void attach(int cgroup, enum bpf_attach_type hook, const char *name, int answer)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = answer},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr;
	int program;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = hook;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(code[0]);
	attr.license = (uintptr_t) "GPL";
	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (program < 0)
		cannot("BPF_PROG_LOAD");
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = hook;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0)
		cannot("BPF_PROG_ATTACH");
}

/* The group lives as long as the command. */
static int run_in_group(const char *mount, char **argv)
{
	char dir[512];
	char procs[600];
	pid_t child;
	int status = CANNOT;
	int cgroup;

	struct timespec now;

	/* control groups are of the whole machine, numbers of processes of a namespace */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(dir, sizeof(dir), "%s/periplus-test-%d-%ld", mount, (int)getpid(), now.tv_nsec);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", dir);
	if (mkdir(dir, 0755) < 0)
		cannot(dir);
	child = fork();
	if (child == 0) {
		FILE *f = fopen(procs, "w");

		if (!f || fprintf(f, "%d", (int)getpid()) < 0 || fclose(f) != 0)
			cannot(procs);
		cgroup = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		attach(cgroup, BPF_CGROUP_INET4_BIND, "refuse_bind", 0);
		attach(cgroup, BPF_CGROUP_INET6_BIND, "refuse_bind", 0);
		attach(cgroup, BPF_CGROUP_INET4_BIND, "allow_bind", 1);
		attach(cgroup, BPF_CGROUP_INET6_BIND, "allow_bind", 1);
		execvp(argv[0], argv);
		cannot(argv[0]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		cannot("fork");
	rmdir(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : CANNOT;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "seccomp")) {
		filter_bind();
		execvp(argv[2], argv + 2);
		cannot(argv[2]);
	}
	if (argc > 3 && !strcmp(argv[1], "cgroup"))
		return run_in_group(argv[2], argv + 3);
	fprintf(stderr, "refuse: seccomp COMMAND... | cgroup DIR COMMAND...\n");
	return 64;
}

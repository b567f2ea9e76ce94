/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail: a child process without rights, for parsing what strangers sent.
 *
 * jail_start is called in the child, right after fork. It keeps the descriptors it is told of and
 * closes all others, becomes nobody when it was root, refuses new privileges, loses the file system
 * (Landlock, where the kernel has it), and may neither fork, write files, dump core nor use more
 * than a stated memory. A filter (seccomp) leaves it only the system calls of its kind of work; any
 * other fails with EPERM. It dies with its parent. What a system does not have is left out and said
 * in jail_has; what it has and refuses is an error: a jail that cannot be closed is not used.
 */
#ifndef PERIPLUS_BASE_JAIL_H
#define PERIPLUS_BASE_JAIL_H

#include <sys/types.h>

#include "base/span.h"
#include "base/why.h"

/* PARSES: reads and writes what is open, takes memory, waits. TALKS: may open sockets of IPv4 and
 * IPv6 besides. SERVES: may accept on a socket that it was given, and open none. LOOKS: serves, reads
 * files, asks the kernel by netlink and bpf(2), and has threads; it opens nothing to write and starts
 * nothing. None may make memory that can be executed: load libraries before. */
enum jail_kind { JAIL_ANY_CALL, JAIL_PARSES, JAIL_TALKS, JAIL_SERVES, JAIL_LOOKS };

struct jail {
	const int *keep; /* descriptors that stay open, besides 0, 1 and 2 */
	size_t n_keep;
	size_t memory; /* bytes of address space; 0: as before */
	pid_t parent;  /* of the process that forked: the child dies with it */
	enum jail_kind kind;
};

/* What a jail_start has really closed. */
struct jail_has {
	bool user;       /* it was root and is nobody now, or was no root at all */
	bool filesystem; /* Landlock refuses every path */
	bool calls;      /* only the system calls of its kind are left */
};

/* jail_calls.c: of all walls the last alone, for a process that stays what it is: closes all calls but
 * those of the kind, for good. *has tells whether this system has such a wall. PR_SET_NO_NEW_PRIVS must
 * be set before. 0, or a negative errno with why. */
int jail_calls(enum jail_kind kind, bool *has, struct why *why) must_check;

/* 0, or a negative errno with why; then the child must leave by _exit. */
int jail_start(const struct jail *jail, struct jail_has *has, struct why *why) must_check;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop: a process held by a descriptor (pidfd_open(2)), so that a signal reaches it or nobody.
 *
 * The descriptor is opened first and the start is compared afterwards: when they agree, the
 * descriptor is of the process that was seen, whatever becomes of its number later. A process that
 * has replaced its program (execve) since is no longer what was agreed to, and is left alone.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "host/host.h"
#include "host/proc.h"

enum { TEXT_SIZE = 4096, PATH_SIZE = 64 };

static bool read_start(uint32_t pid, uint64_t *ticks)
{
	uint8_t text[TEXT_SIZE];
	char path[PATH_SIZE];
	struct stat_facts facts;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	n = proc_read(-1, path, text, sizeof(text));
	if (n <= 0 || !stat_read(span_of(text, (size_t)n), &facts))
		return false;
	*ticks = facts.start_ticks;
	return true;
}

static void read_executable(uint32_t pid, uint64_t *device, uint64_t *inode)
{
	char path[PATH_SIZE];
	struct stat info;

	*device = *inode = 0;
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	if (stat(path, &info) == 0) {
		*device = info.st_dev;
		*inode = info.st_ino;
	}
}

/* The same executable as was seen; true when that may not be read, then and now. */
static bool runs(const struct process *process)
{
	uint8_t bytes[TEXT_SIZE];
	char path[PATH_SIZE];
	struct span now;

	snprintf(path, sizeof(path), "/proc/%u/exe", process->pid);
	now = proc_link(-1, path, bytes, sizeof(bytes));
	if (span_ends(now, " (deleted)"))
		now.n -= sizeof(" (deleted)") - 1;
	return !now.n || !process->executable.n || span_eq(now, process->executable);
}

int host_hold(const struct process *process, struct held_process *held, struct why *why)
{
	uint64_t ticks;

	*held = (struct held_process){.pid = process->pid, .start_ticks = process->start_ticks};
	held->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (held->pidfd < 0)
		return why_errno(why, _("cannot hold process %u"), process->pid);
	read_executable(process->pid, &held->exe_device, &held->exe_inode);
	/* Still alive after all was read: so it was read of this process. */
	if (!read_start(process->pid, &ticks) || ticks != process->start_ticks ||
	    host_wait_end(held, 0)) {
		host_let_go(held);
		return why_set(why, ESRCH, _("process %u has ended"), process->pid);
	}
	if (!runs(process)) {
		host_let_go(held);
		return why_set(why, ESTALE, _("process %u runs another program now: look again"),
			       process->pid);
	}
	return 0;
}

void host_let_go(struct held_process *held)
{
	if (held->pidfd >= 0)
		close(held->pidfd);
	held->pidfd = -1;
}

int host_signal(const struct held_process *held, int number, struct why *why)
{
	uint64_t device;
	uint64_t inode;
	uint64_t ticks;

	read_executable(held->pid, &device, &inode);
	if (host_wait_end(held, 0) || !read_start(held->pid, &ticks) || ticks != held->start_ticks)
		return why_set(why, ESRCH, _("process %u has ended by itself"), held->pid);
	if (device != held->exe_device || inode != held->exe_inode)
		return why_set(why, ESTALE,
			       _("process %u runs another program now, so it is left alone: look again"),
			       held->pid);
	if (syscall(SYS_pidfd_send_signal, held->pidfd, number, NULL, 0) < 0)
		return why_errno(why, _("cannot end process %u"), held->pid);
	return 0;
}

bool host_wait_end(const struct held_process *held, int timeout_ms)
{
	struct pollfd ended = {.fd = held->pidfd, .events = POLLIN};

	return poll(&ended, 1, timeout_ms) > 0;
}

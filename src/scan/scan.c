/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: starts workers and takes their reports; see scan.h.
 *
 * One worker at a time talks to all targets. When it dies, the target that it was parsing has
 * failed, and the others that are not done are given to the next worker. A worker that dies without
 * naming anybody, or says nothing for longer than a conversation may last, has failed for all:
 * twice, and the rest is reported as failed.
 */
#include "scan/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/worker.h"

enum { NAMELESS_MAX = 2, SILENCE_MS = 10000, EXIT_NO_JAIL = 2, GRACE_MS = 1000 };

struct scan {
	const struct scan_query *query;
	struct scan_sink *sink;
	bool *done;
	size_t n_done;
	volatile int32_t *parsing; /* shared with the worker */
	struct record *record;
	pid_t pid;
	int fd;
};

static int put(struct scan *scan, size_t index, const struct scan_result *result)
{
	if (scan->done[index])
		return 0;
	scan->done[index] = true;
	scan->n_done++;
	return scan->sink->put(scan->sink, index, result);
}

static int put_failed(struct scan *scan, size_t index)
{
	struct scan_result *result = &scan->record->result;

	*result = (struct scan_result){.state = SCAN_FAILED};
	return put(scan, index, result);
}

static int start_worker(struct scan *scan, struct why *why)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return why_errno(why, _("cannot make a pipe"));
	*scan->parsing = NO_TARGET;
	scan->pid = fork();
	if (scan->pid == 0)
		worker_run(scan->query, scan->done, ends[1], scan->parsing, parent);
	close(ends[1]);
	scan->fd = ends[0];
	if (scan->pid < 0) {
		close(scan->fd);
		return why_errno(why, _("cannot start a worker"));
	}
	return 0;
}

/* 1: a whole record; 0: the worker has ended or gone silent; else a negative errno. */
static int take_record(struct scan *scan)
{
	size_t n = 0;

	while (n < sizeof(*scan->record)) {
		struct pollfd wait = {scan->fd, POLLIN, 0};
		int r = poll(&wait, 1, SILENCE_MS + (int)scan->query->timeout_ms);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r < 0 ? -errno : 0;

		ssize_t got = read(scan->fd, (char *)scan->record + n, sizeof(*scan->record) - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return 0;
		n += (size_t)got;
	}
	return record_check(scan->record, scan->query->n_targets) ? 1 : 0;
}

/* Its exit status; -1 when a signal ended it. */
static int end_worker(struct scan *scan)
{
	int status = 0;

	close(scan->fd);
	for (int i = 0; i < GRACE_MS; i++) {
		if (waitpid(scan->pid, &status, WNOHANG) == scan->pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		poll(NULL, 0, 1);
	}
	kill(scan->pid, SIGKILL);
	while (waitpid(scan->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Records until the worker ends. */
static int take_records(struct scan *scan)
{
	int r;

	while (scan->n_done < scan->query->n_targets && (r = take_record(scan)) != 0) {
		if (r < 0)
			return r;
		r = put(scan, scan->record->index, &scan->record->result);
		if (r)
			return r;
	}
	return 0;
}

static int run(struct scan *scan, struct why *why)
{
	unsigned n_nameless = 0;

	while (scan->n_done < scan->query->n_targets && n_nameless < NAMELESS_MAX) {
		int r = start_worker(scan, why);

		if (r < 0)
			return r;
		r = take_records(scan);

		int status = end_worker(scan);
		int32_t parsing = *scan->parsing;

		if (status == EXIT_NO_JAIL && scan->n_done == 0)
			return why_set(
				why, EPERM,
				_("cannot start a worker without rights, and none other parses"));
		if (r)
			return r < 0 ? why_set(why, -r, _("lost the worker")) : r;
		if (scan->n_done == scan->query->n_targets)
			break;
		if (parsing < 0 || (size_t)parsing >= scan->query->n_targets || scan->done[parsing])
			n_nameless++;
		else if ((r = put_failed(scan, (size_t)parsing)) != 0)
			return r;
	}
	for (size_t i = 0; i < scan->query->n_targets; i++) {
		int r = scan->done[i] ? 0 : put_failed(scan, i);

		if (r)
			return r;
	}
	return 0;
}

int scan_identify(const struct scan_query *query, struct scan_sink *sink, struct why *why)
{
	struct scan_query own = *query;
	struct scan scan = {.query = &own, .sink = sink};
	auto_free bool *done = calloc(query->n_targets + 1, sizeof(*done));
	auto_free struct record *record = calloc(1, sizeof(*record));
	void *page;
	int r;

	if (own.timeout_ms == 0)
		own.timeout_ms = SCAN_TIMEOUT_MS;
	if (own.n_targets > SCAN_TARGETS_MAX || own.timeout_ms > SCAN_TIMEOUT_MOST_MS)
		return why_set(why, EINVAL, _("more than %d targets, or more than %d seconds"),
			       SCAN_TARGETS_MAX, SCAN_TIMEOUT_MOST_MS / 1000);
	page = mmap(NULL, sizeof(int32_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	if (!done || !record || page == MAP_FAILED)
		return why_set(why, ENOMEM, _("out of memory"));
	scan.done = done;
	scan.record = record;
	scan.parsing = page;
	r = run(&scan, why);
	munmap(page, sizeof(int32_t));
	return r;
}

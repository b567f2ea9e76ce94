/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk: who holds the sockets, by reading the links in every /proc/PID/fd.
 *
 * A socket may have many owners, so every descriptor of every process is looked at, whatever was
 * asked: there is no early end. Several threads share the processes out when there are enough of
 * them. Only processes that hold a wanted socket are read further.
 *
 * A process may be born, and get a descriptor from a parent that ends before we come to it. So
 * when sockets are left without owner, processes that were not there at first are walked too, and
 * the threads of those whose first thread has ended (their table hangs on the others).
 *
 * Not found: descriptors in flight between processes (SCM_RIGHTS), registered with io_uring only,
 * and in the table of a thread that has its own (unshare CLONE_FILES).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/proc.h"

enum {
	MAX_THREADS = 4,
	PIDS_PER_THREAD = 160, /* below that a thread costs more than it saves */
	PIDS_AT_ONCE = 8,
	ENTRIES_SIZE = 32 << 10,
	LINK_SIZE = 32,
	MAX_ROUNDS = 3,
	STACK_SIZE = 256 << 10,
};

struct pids { /* or other small numbers */
	uint32_t *p;
	size_t n, capacity;
};

struct walk {
	struct survey *survey;
	int proc;
	struct pids pids;
	atomic_size_t next;
	atomic_size_t n_denied, n_vanished, n_failed;
};

struct worker {
	struct walk *walk;
	pthread_t thread;
	struct owner_table owners;
	struct pids hollow; /* had no descriptor: perhaps the first thread has ended */
	struct pids lost;   /* sockets (by index) whose holder ended while it was read */
	uint8_t *entries;
	int error;
};

/* As the kernel writes it: getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int add_pid(struct pids *pids, uint32_t pid)
{
	if (pids->n == pids->capacity) {
		size_t capacity = pids->capacity ? pids->capacity * 2 : 256;
		uint32_t *more = reallocarray(pids->p, capacity, sizeof(*more));

		if (!more)
			return -ENOMEM;
		pids->p = more;
		pids->capacity = capacity;
	}
	pids->p[pids->n++] = pid;
	return 0;
}

/* Digits up to the NUL; false for any other name. */
static bool read_number(const char *s, uint64_t *value)
{
	uint64_t v = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		v = v * 10 + (uint64_t)(*s - '0'); /* the kernel's own number: it fits */
	*value = v;
	return *s == '\0';
}

int proc_each_number(int dir, uint8_t *entries, size_t size, proc_number_fn *fn, void *arg)
{
	for (;;) {
		long got = syscall(SYS_getdents64, dir, entries, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		for (long at = 0; at < got;) {
			const struct entry *entry = (const void *)(entries + at);
			uint64_t number;
			int r;

			at += entry->length;
			if (!read_number(entry->name, &number))
				continue;
			r = fn(arg, dir, entry->name, number);
			if (r < 0)
				return r;
		}
	}
}

struct held {
	struct worker *worker;
	size_t n_links;
};

static int look_at_link(void *arg, int dir, const char *name, uint64_t fd)
{
	static const char start[] = "socket:[";
	enum { START = sizeof(start) - 1 };
	struct held *held = arg;
	char link[LINK_SIZE];
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);
	uint64_t inode = 0;
	uint32_t socket;

	held->n_links++;
	if (n < 0)
		return errno == ENOENT ? 0 : -errno; /* closed meanwhile */
	if (n <= START || memcmp(link, start, START) != 0)
		return 0;
	for (ssize_t i = START; i < n && link[i] >= '0' && link[i] <= '9'; i++)
		inode = inode * 10 + (uint64_t)(link[i] - '0');
	socket = socket_table_find_inode(&held->worker->walk->survey->sockets, inode);
	if (socket == NOT_FOUND)
		return 0;
	return owner_table_add(&held->worker->owners,
			       (struct owner_row){.socket = socket, .fd = (uint32_t)fd});
}

static void count_failure(struct walk *walk, int error)
{
	if (error == -EACCES || error == -EPERM)
		walk->n_denied++;
	else if (error == -ENOENT || error == -ESRCH)
		walk->n_vanished++;
	else
		walk->n_failed++;
}

/* One table of descriptors: path is "PID/fd" or "PID/task/TID/fd". */
static void visit(struct worker *worker, const char *path, uint32_t pid)
{
	struct walk *walk = worker->walk;
	struct held held = {.worker = worker};
	size_t first = worker->owners.n;
	const struct process *process;
	auto_close int dir = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0) {
		count_failure(walk, -errno);
		return;
	}
	r = proc_each_number(dir, worker->entries, ENTRIES_SIZE, look_at_link, &held);
	if (r == -ENOMEM)
		worker->error = r;
	else if (r < 0)
		count_failure(walk, r);
	else if (held.n_links == 0 && add_pid(&worker->hollow, pid) < 0)
		worker->error = -ENOMEM;
	if (worker->owners.n == first)
		return;
	process = process_read(walk->survey, dir, pid);
	if (!process) {
		for (size_t i = first; i < worker->owners.n; i++)
			if (add_pid(&worker->lost, worker->owners.rows[i].socket) < 0)
				worker->error = -ENOMEM;
		worker->owners.n = first; /* ended: it holds nothing any more */
		walk->n_vanished++;
		return;
	}
	for (size_t i = first; i < worker->owners.n; i++)
		worker->owners.rows[i].process = process;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct walk *walk = worker->walk;
	char path[32];

	worker->entries = malloc(ENTRIES_SIZE);
	if (!worker->entries) {
		worker->error = -ENOMEM;
		return NULL;
	}
	for (;;) {
		size_t first = atomic_fetch_add(&walk->next, PIDS_AT_ONCE);

		if (first >= walk->pids.n || worker->error)
			break;
		for (size_t i = first; i < walk->pids.n && i < first + PIDS_AT_ONCE; i++) {
			snprintf(path, sizeof(path), "%u/fd", walk->pids.p[i]);
			visit(worker, path, walk->pids.p[i]);
		}
	}
	return NULL;
}

static size_t count_threads(size_t n_pids)
{
	cpu_set_t set;
	size_t n = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;

	if (n > MAX_THREADS)
		n = MAX_THREADS;
	if (n > 1 + n_pids / PIDS_PER_THREAD)
		n = 1 + n_pids / PIDS_PER_THREAD;
	return n ? n : 1;
}

/* Takes over what a worker found; hollow processes are kept in `hollow`. */
static int gather(struct walk *walk, struct worker *worker, struct pids *hollow)
{
	int r = worker->error;

	if (r == 0)
		r = owner_table_append(&walk->survey->owners, worker->owners.rows,
				       worker->owners.n);
	for (size_t i = 0; i < worker->hollow.n && r == 0; i++)
		r = add_pid(hollow, worker->hollow.p[i]);
	for (size_t i = 0; i < worker->lost.n; i++)
		walk->survey->sockets.rows[worker->lost.p[i]].has_lost = true;
	free(worker->owners.rows);
	free(worker->hollow.p);
	free(worker->lost.p);
	free(worker->entries);
	return r;
}

static int walk_pids(struct walk *walk, struct pids *hollow)
{
	struct worker workers[MAX_THREADS] = {{.walk = walk}};
	size_t n = count_threads(walk->pids.n);
	size_t n_started = 0;
	pthread_attr_t attributes;
	int result = 0;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	walk->next = 0;
	for (size_t i = 0; i < n; i++)
		workers[i].walk = walk;
	while (n_started + 1 < n && pthread_create(&workers[n_started + 1].thread, &attributes,
						   work, &workers[n_started + 1]) == 0)
		n_started++;
	pthread_attr_destroy(&attributes);
	work(&workers[0]);
	for (size_t i = 0; i < n; i++) {
		int r;

		if (i > 0 && i <= n_started)
			pthread_join(workers[i].thread, NULL);
		r = gather(walk, &workers[i], hollow);
		if (r < 0)
			result = r;
	}
	return result;
}

static int keep_pid(void *arg, int dir, const char *name, uint64_t pid)
{
	(void)dir;
	(void)name;
	return add_pid(arg, (uint32_t)pid);
}

static int list_pids(int proc, struct pids *pids)
{
	auto_free uint8_t *entries = malloc(ENTRIES_SIZE);

	pids->n = 0;
	if (!entries)
		return -ENOMEM;
	if (lseek(proc, 0, SEEK_SET) < 0)
		return -errno;
	return proc_each_number(proc, entries, ENTRIES_SIZE, keep_pid, pids);
}

/* Leaves only numbers that are not in `known`; /proc lists both in rising order. */
static void leave_new(struct pids *pids, const struct pids *known)
{
	size_t kept = 0;
	size_t k = 0;

	for (size_t i = 0; i < pids->n; i++) {
		while (k < known->n && known->p[k] < pids->p[i])
			k++;
		if (k == known->n || known->p[k] != pids->p[i])
			pids->p[kept++] = pids->p[i];
	}
	pids->n = kept;
}

static bool has_ownerless(const struct survey *survey)
{
	const struct socket_table *sockets = &survey->sockets;
	auto_free bool *is_owned = calloc(sockets->n + 1, sizeof(*is_owned));

	if (!is_owned)
		return true;
	for (size_t i = 0; i < survey->owners.n; i++)
		is_owned[survey->owners.rows[i].socket] = true;
	for (size_t i = 0; i < sockets->n; i++)
		if (!is_owned[i] && sockets->rows[i].inode && !sockets->rows[i].is_dropped)
			return true;
	return false;
}

struct tasks {
	struct worker *worker;
	uint32_t pid;
};

static int visit_task(void *arg, int dir, const char *name, uint64_t number)
{
	struct tasks *tasks = arg;
	char path[64];

	(void)dir;
	(void)name;
	if (number == tasks->pid)
		return 0;
	snprintf(path, sizeof(path), "%u/task/%u/fd", tasks->pid, (uint32_t)number);
	visit(tasks->worker, path, tasks->pid);
	return 1;
}

/* Processes without descriptors: kernel threads have one task and end here at once. */
static int walk_tasks(struct walk *walk, const struct pids *hollow)
{
	auto_free uint8_t *entries = malloc(ENTRIES_SIZE);
	struct worker worker = {.walk = walk, .entries = malloc(ENTRIES_SIZE)};
	struct pids none = {0};
	int r;

	for (size_t i = 0; entries && worker.entries && i < hollow->n; i++) {
		struct tasks tasks = {.worker = &worker, .pid = hollow->p[i]};
		char path[32];

		snprintf(path, sizeof(path), "%u/task", hollow->p[i]);

		auto_close int dir = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0)
			(void)!proc_each_number(dir, entries, ENTRIES_SIZE, visit_task, &tasks);
	}
	if (!entries || !worker.entries)
		worker.error = -ENOMEM;
	r = gather(walk, &worker, &none);
	free(none.p);
	return r;
}

static int look_again(struct walk *walk, struct pids *hollow)
{
	struct pids known = walk->pids;
	int r = hollow->n ? walk_tasks(walk, hollow) : 0;

	walk->pids = (struct pids){0};
	for (int i = 0; i < MAX_ROUNDS && r == 0 && has_ownerless(walk->survey); i++) {
		struct pids all = {0};

		r = list_pids(walk->proc, &all);
		walk->pids.n = 0;
		for (size_t k = 0; k < all.n && r == 0; k++)
			r = add_pid(&walk->pids, all.p[k]);
		leave_new(&walk->pids, &known);
		free(known.p);
		known = all;
		if (r < 0 || walk->pids.n == 0)
			break;
		r = walk_pids(walk, hollow);
	}
	free(known.p);
	return r;
}

static int fill(struct survey *survey, struct why *why)
{
	auto_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk walk = {.survey = survey, .proc = proc};
	struct pids hollow = {0};
	int r;

	if (proc < 0)
		return why_errno(why, _("cannot open '%s'"), "/proc");
	if (survey->sockets.n == 0)
		return 0;
	r = socket_table_index(&survey->sockets);
	if (r == 0)
		r = list_pids(proc, &walk.pids);
	if (r == 0)
		r = walk_pids(&walk, &hollow);
	if (r == 0 && has_ownerless(survey))
		r = look_again(&walk, &hollow);
	free(walk.pids.p);
	free(hollow.p);
	survey->n_denied = walk.n_denied;
	survey->n_vanished = walk.n_vanished;
	survey->n_failed += walk.n_failed;
	if (r < 0) {
		errno = -r;
		return why_errno(why, _("cannot read '%s'"), "/proc");
	}
	return 0;
}

const struct owner_source owner_source_walk = {.name = "walk", .fill = fill};

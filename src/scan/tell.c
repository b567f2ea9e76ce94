/* SPDX-License-Identifier: Apache-2.0 */
/* tell: batches of open ports, each identified by a child. See tell.h. */
#include "scan/tell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"

enum { BATCH_PAYS = 256, BATCH_WAIT_MS = 500, BATCH_MOST = 4096 };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int tell_add(struct tell *tell, uint64_t index, bool must_prove)
{
	if (tell->n == tell->capacity) {
		size_t capacity = tell->capacity ? 2 * tell->capacity : 64;
		struct tell_item *items = reallocarray(tell->items, capacity, sizeof(*items));

		if (!items)
			return -ENOMEM;
		tell->items = items;
		tell->capacity = capacity;
	}
	if (tell->n == tell->first + tell->n_batch)
		tell->waiting_since_ms = now_ms();
	tell->items[tell->n++] = (struct tell_item){.index = index, .must_prove = must_prove};
	return 0;
}

/* --- the child --- */

struct sender {
	struct scan_sink sink;
	int fd;
	struct record record;
};

static int32_t number_of(const struct proto *proto)
{
	for (size_t i = 0; proto && i < proto_count(); i++)
		if (proto_at(i) == proto)
			return (int32_t)i;
	return NO_PROTO;
}

static int send_record(struct scan_sink *sink, size_t index, const struct scan_result *result)
{
	struct sender *sender = (struct sender *)sink;
	const char *p = (const char *)&sender->record;
	size_t left = sizeof(sender->record);

	sender->record.magic = RECORD_MAGIC;
	sender->record.index = (uint32_t)index;
	sender->record.result = *result;
	sender->record.proto = number_of(result->proto);
	sender->record.spared = number_of(result->spared);
	while (left) {
		ssize_t n = write(sender->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPIPE; /* the parent has heard enough */
		p += n;
		left -= (size_t)n;
	}
	return 0;
}

_Noreturn static void run_child(const struct tell *tell, int fd)
{
	struct scan_target *targets = calloc(tell->n_batch, sizeof(*targets));
	struct sender *sender = calloc(1, sizeof(*sender));
	struct scan_query query = {.n_targets = tell->n_batch,
				   .timeout_ms = tell->timeout_ms,
				   .per_address = tell->per_address,
				   .per_network = tell->per_network};

	signal(SIGINT, SIG_IGN); /* the parent is told, and ends this one */
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (!targets || !sender)
		_exit(1);
	for (size_t i = 0; i < tell->n_batch; i++)
		tell->target(tell, &tell->items[tell->first + i], &targets[i]);
	query.targets = targets;
	sender->sink.put = send_record;
	sender->fd = fd;
	_exit(scan_identify(&query, &sender->sink, NULL) < 0);
}

/* --- the parent --- */

static int start_batch(struct tell *tell, struct why *why)
{
	int ends[2];

	if (!tell->record)
		tell->record = calloc(1, sizeof(*tell->record));
	if (!tell->record)
		return why_set(why, ENOMEM, _("out of memory"));
	if (pipe2(ends, O_CLOEXEC) < 0)
		return why_errno(why, _("cannot make a pipe"));
	tell->first += tell->n_batch;
	tell->n_batch = tell->n - tell->first < BATCH_MOST ? tell->n - tell->first : BATCH_MOST;
	tell->n_done = 0;
	tell->n_read = 0;
	tell->waiting_since_ms = now_ms();
	tell->pid = fork();
	if (tell->pid == 0)
		run_child(tell, ends[1]);
	close(ends[1]);
	tell->fd = ends[0];
	if (tell->pid < 0) {
		tell->pid = 0;
		close(tell->fd);
		return why_errno(why, _("cannot start a worker"));
	}
	return 0;
}

/* Gives what the batch has not told of: failed, or NULL when it was ended by us. */
static int end_batch(struct tell *tell, bool is_failed)
{
	struct scan_result failed = {.state = SCAN_FAILED};
	int r = 0;

	close(tell->fd);
	kill(tell->pid, SIGKILL); /* its workers end with it */
	while (waitpid(tell->pid, NULL, 0) < 0 && errno == EINTR)
		;
	tell->pid = 0;
	for (size_t i = tell->first; i < tell->first + tell->n_batch && r == 0; i++)
		if (!tell->items[i].is_done) {
			tell->items[i].is_done = true;
			r = tell->put(tell, &tell->items[i], is_failed ? &failed : NULL);
		}
	return r;
}

static int take_record(struct tell *tell)
{
	struct tell_item *item;

	tell->n_read = 0;
	if (!record_check(tell->record, tell->n_batch))
		return 0;
	item = &tell->items[tell->first + tell->record->index];
	if (item->is_done)
		return 0;
	item->is_done = true;
	tell->n_done++;
	return tell->put(tell, item, &tell->record->result);
}

/* What has come; 1 when the child has ended. */
static int take(struct tell *tell, int ms)
{
	for (;;) {
		struct pollfd wait = {tell->fd, POLLIN, 0};
		int r = poll(&wait, 1, ms);
		ssize_t n;

		if (r <= 0)
			return 0;
		ms = 0;
		n = read(tell->fd, (char *)tell->record + tell->n_read,
			 sizeof(*tell->record) - tell->n_read);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 1;
		tell->n_read += (size_t)n;
		if (tell->n_read < sizeof(*tell->record))
			continue;
		r = take_record(tell);
		if (r)
			return r < 0 ? r : -ECANCELED;
		if (tell->n_done == tell->n_batch)
			return 1;
	}
}

int tell_step(struct tell *tell, bool is_last, int ms, struct why *why)
{
	size_t n_waiting = tell->n - tell->first - tell->n_batch;
	int r;

	if (tell->pid) {
		r = take(tell, ms);
		if (r < 0)
			return r;
		return r == 1 ? end_batch(tell, true) : 0;
	}
	if (n_waiting == 0 || (!is_last && n_waiting < BATCH_PAYS &&
			       now_ms() - tell->waiting_since_ms < BATCH_WAIT_MS))
		return 0;
	return start_batch(tell, why);
}

bool tell_is_over(const struct tell *tell)
{
	return !tell->pid && tell->n == tell->first + tell->n_batch;
}

int tell_stop(struct tell *tell)
{
	int r = tell->pid ? end_batch(tell, false) : 0;

	for (size_t i = tell->first + tell->n_batch; i < tell->n && r == 0; i++)
		r = tell->put(tell, &tell->items[i], NULL);
	tell->first = tell->n;
	tell->n_batch = 0;
	return r;
}

void tell_done(struct tell *tell)
{
	if (tell->pid) {
		close(tell->fd);
		kill(tell->pid, SIGKILL);
		while (waitpid(tell->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(tell->items);
	free(tell->record);
	*tell = (struct tell){.fd = -1};
}

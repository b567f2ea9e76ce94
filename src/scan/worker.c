/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker: many conversations side by side in one process without rights, driven by poll.
 *
 * Looking at what a port says costs at most so much processor time, all steps together: a talk that
 * has used most of it ends with what it knows. A step that goes on and on is ended by the kernel: a
 * timer of processor time runs while foreign bytes are looked at, and its signal kills the worker.
 * The parent knows whose bytes they were.
 */
#include "scan/worker.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/jail.h"
#include "base/scope.h"
#include "scan/talk.h"
#include "scan/tls.h"

enum { SLOTS = SCAN_CONVERSATIONS, MEMORY = 256 << 20, FD_SPARE = 16 };

/* Of a port in all, and when its talk ends by itself; clocks tick every 10 ms or faster. */
#ifdef __SANITIZE_ADDRESS__
enum { SLOWER = 12 };
#else
enum { SLOWER = 1 };
#endif
enum { CPU_US = 50000 * SLOWER, ENOUGH_US = 30000 * SLOWER };

struct worker {
	struct talk_shop shop;
	volatile int32_t *parsing;
	const bool *done;
	int fd;
	struct talk *slots[SLOTS];
	uint8_t *heard[SLOTS];
	size_t n_slots; /* that may be used */
	size_t n_active;
	size_t next; /* targets before this one have been started */
	bool has_room; /* a conversation has ended since it was looked who may be next */
	bool *is_started;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Starts the timer, or with 0 stops it; returns what was left of it. */
static uint32_t set_timer(uint32_t us)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = us / 1000000, .tv_usec = us % 1000000}};
	struct itimerval left = {0};

	setitimer(ITIMER_VIRTUAL, &timer, &left);
	return (uint32_t)(left.it_value.tv_sec * 1000000 + left.it_value.tv_usec);
}

/* Around every step of a talk: who is to blame, and what may be left of its time. */
static void blame(struct worker *w, size_t index, const struct talk *talk)
{
	*w->parsing = (int32_t)index;
	set_timer(CPU_US - talk->result.cpu_us);
}

static void absolve(struct worker *w, struct talk *talk)
{
	uint32_t left = set_timer(0);

	/* the clock ticks: what is left may be told as more than there was */
	if (left < CPU_US - talk->result.cpu_us)
		talk->result.cpu_us = CPU_US - left;
	*w->parsing = NO_TARGET;
}

static void report(struct worker *w, const struct talk *talk)
{
	static const size_t size = sizeof(struct record);
	auto_free struct record *record = calloc(1, size);
	size_t n = 0;

	if (!record)
		_exit(1);
	record->magic = RECORD_MAGIC;
	record->index = (uint32_t)talk->index;
	record->proto = record_number(talk->result.proto);
	record->spared = record_number(talk->result.spared);
	record->result = talk->result;
	while (n < size) {
		ssize_t r = write(w->fd, (const char *)record + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			_exit(0); /* the parent has heard enough */
		n += (size_t)r;
	}
}

static bool same_network(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	       memcmp(a->bytes, b->bytes, a->family == ADDRESS_IPV6 ? 8 : 3) == 0;
}

static bool may_start(const struct worker *w, const struct scan_target *target)
{
	const struct scan_query *query = w->shop.query;
	unsigned n_address = 0;
	unsigned n_network = 0;

	for (size_t i = 0; i < w->n_slots && !target->is_here; i++) {
		if (!w->slots[i])
			continue;
		n_address += address_eq(&w->slots[i]->target->address, &target->address);
		n_network += same_network(&w->slots[i]->target->address, &target->address);
	}
	return n_address < (query->per_address ? query->per_address : SCAN_PER_ADDRESS) &&
	       n_network < (query->per_network ? query->per_network : SCAN_PER_NETWORK);
}

static void retire(struct worker *w, size_t slot)
{
	if (w->slots[slot]->phase != TALK_DONE)
		return;
	report(w, w->slots[slot]);
	free(w->slots[slot]);
	w->slots[slot] = NULL;
	w->n_active--;
	w->has_room = true;
}

static void start(struct worker *w, size_t slot, size_t index)
{
	w->is_started[index] = true;
	if (!w->heard[slot])
		w->heard[slot] = malloc(TALK_REPLY_MAX);
	w->slots[slot] = malloc(sizeof(struct talk));
	if (!w->heard[slot] || !w->slots[slot])
		_exit(1);
	w->n_active++;
	w->slots[slot]->result.cpu_us = 0;
	blame(w, index, w->slots[slot]);
	talk_start(w->slots[slot], &w->shop, index, w->heard[slot]);
	absolve(w, w->slots[slot]);
	retire(w, slot);
}

/* Fills free slots with targets whose address has room; true when targets are left. */
static bool start_more(struct worker *w)
{
	const struct scan_query *query = w->shop.query;
	size_t slot = 0;

	if (!w->has_room)
		return w->next < query->n_targets;
	w->has_room = false;
	while (w->next < query->n_targets && (w->is_started[w->next] || w->done[w->next]))
		w->next++;
	for (size_t i = w->next; i < query->n_targets; i++) {
		if (w->is_started[i] || w->done[i])
			continue;
		while (slot < w->n_slots && w->slots[slot])
			slot++;
		if (slot == w->n_slots)
			break;
		if (may_start(w, &query->targets[i]))
			start(w, slot, i);
	}
	while (w->next < query->n_targets && (w->is_started[w->next] || w->done[w->next]))
		w->next++;
	return w->next < query->n_targets;
}

static int wait_ms(const struct worker *w)
{
	int64_t soonest = INT64_MAX;
	int64_t left;

	for (size_t i = 0; i < w->n_slots; i++)
		if (w->slots[i] && talk_deadline(w->slots[i]) < soonest)
			soonest = talk_deadline(w->slots[i]);
	left = soonest - now_ms();
	return left < 0 ? 0 : left > 1000 ? 1000 : (int)left;
}

static void serve(struct worker *w)
{
	struct pollfd fds[SLOTS];
	int64_t now;

	for (size_t i = 0; i < w->n_slots; i++)
		fds[i] = w->slots[i] ? (struct pollfd){w->slots[i]->fd, w->slots[i]->events, 0}
				     : (struct pollfd){-1, 0, 0};
	if (poll(fds, (nfds_t)w->n_slots, wait_ms(w)) < 0 && errno != EINTR)
		_exit(1);
	now = now_ms();
	for (size_t i = 0; i < w->n_slots; i++) {
		if (!w->slots[i])
			continue;
		struct talk *talk = w->slots[i];
		bool is_late = now >= talk_deadline(talk);

		if (!fds[i].revents && !is_late)
			continue;
		blame(w, talk->index, talk);
		if (fds[i].revents)
			talk_ready(talk, fds[i].revents);
		else
			talk_late(talk);
		absolve(w, talk);
		if (talk->phase != TALK_DONE && talk->result.cpu_us >= ENOUGH_US)
			talk_enough(talk);
		retire(w, i);
	}
}

/* As many slots as there are descriptors for. */
static size_t count_slots(void)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) < 0 || most.rlim_cur < FD_SPARE + 1)
		return 1;
	return most.rlim_cur - FD_SPARE < SLOTS ? (size_t)most.rlim_cur - FD_SPARE : SLOTS;
}

void worker_run(const struct scan_query *query, const bool *done, int fd, volatile int32_t *parsing,
		pid_t parent)
{
	struct jail jail = {.keep = &fd,
			    .n_keep = 1,
			    .memory = MEMORY,
			    .parent = parent,
			    .kind = JAIL_TALKS};
	struct worker w = {.shop = {query, now_ms,
				    query->all_ms ? now_ms() + query->all_ms : INT64_MAX},
			   .parsing = parsing,
			   .done = done,
			   .fd = fd,
			   .n_slots = count_slots(),
			   .has_room = true};
	struct jail_has has;

	w.shop.tls = tls_load(); /* a jail has no files */
	signal(SIGVTALRM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (jail_start(&jail, &has, NULL) < 0)
		_exit(2);
	w.is_started = calloc(query->n_targets, sizeof(*w.is_started));
	if (!w.is_started)
		_exit(1);
	while (start_more(&w) || w.n_active)
		if (w.n_active)
			serve(&w);
	_exit(0);
}

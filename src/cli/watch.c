/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: tells when a listener opens, closes, changes its owner or widens, each judged.
 *
 * The kernel's events say where something happened; what happened is found by looking at those
 * ports again (track.c), so that judging stays the same. All of the host is looked at again when
 * events were lost, and once a minute for what has no event. Where the kernel does not tell of all
 * that opens, or an interval is asked for, looking at all of it every interval takes their place; it
 * is also how other network namespaces are watched, of which the kernel's events do not tell.
 *
 * A batch is what comes within the settling time: at least SETTLE_MS, and so much longer than the
 * last look took that looking needs a fifth of one processor at most.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/scope.h"
#include "cli/brief.h"

enum { INTERVAL, COUNT, ALL_NAMESPACES };
enum {
	INTERVAL_LEAST_MS = 20,
	INTERVAL_USUAL_MS = 1000,
	RESCAN_MS = 60000,
	SETTLE_MS = 20,
	SETTLE_LONGEST_MS = 2000,
	SETTLE_FACTOR = 4,
	SLICE_MS = 20,	      /* the ring is emptied as often */
	GRACE_MS = 1000,      /* a service that restarts */
	PORTS_AT_ONCE = 1024, /* further apart: all of them */
};

static const struct cli_option options[] = {
	[INTERVAL] = {"interval", 'i', "MS", N_("look every MS milliseconds, without events")},
	[COUNT] = {"count", 'n', "N", N_("end after N looks")},
	[ALL_NAMESPACES] = {"all-namespaces", 'N', NULL, N_("listeners of other network namespaces too")},
};

struct watcher {
	struct cli *cli;
	struct host_watch *events; /* NULL: none */
	struct track track;
	struct briefs briefs;
	struct arena arena;
	uint64_t every_ms;	/* between two looks at all */
	uint64_t next_ms;	/* the next of them is due */
	uint64_t gone_ms;	/* what is missing is told; 0: nothing is */
	uint64_t took_ms;	/* the last look */
	uint64_t n_looks, most; /* so far, at most */
	uint64_t n_lost, n_lost_told;
	uint16_t first, last; /* ports to look at: none when first > last */
};

static volatile sig_atomic_t is_ended;

static void end(int signal_number)
{
	(void)signal_number;
	is_ended = 1;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 + 1; /* 0 has a meaning */
}

static void touch(struct watcher *w, uint16_t port)
{
	if (port < w->first)
		w->first = port;
	if (port > w->last)
		w->last = port;
}

static void take(void *arg, const struct host_event *event)
{
	struct watcher *w = arg;

	if (brief_note(&w->briefs, &w->track, event))
		touch(w, event->port);
}

/* For at most that long, until events or a signal come. A signal that came before is not missed. */
static int wait_ms(struct watcher *w, uint64_t ms)
{
	const struct timespec limit = {.tv_sec = (time_t)(ms / 1000),
				       .tv_nsec = (long)(ms % 1000) * 1000000};
	sigset_t ends;
	sigset_t before;
	int r = 0;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	if (!is_ended && w->events)
		r = host_watch_next(w->events, (int)ms, &before, take, w, &w->n_lost);
	else if (!is_ended)
		ppoll(NULL, 0, &limit, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r == -EINTR ? 0 : r;
}

/* Lets a batch come together, and empties the ring meanwhile. */
static int settle(struct watcher *w)
{
	uint64_t ms = w->took_ms * SETTLE_FACTOR;
	uint64_t until;
	int r = 0;

	if (ms < SETTLE_MS)
		ms = SETTLE_MS;
	until = now_ms() + (ms < SETTLE_LONGEST_MS ? ms : SETTLE_LONGEST_MS);
	while (r == 0 && !is_ended && now_ms() < until) {
		const struct timespec slice = {.tv_nsec = SLICE_MS * 1000000L};

		nanosleep(&slice, NULL);
		r = wait_ms(w, 0);
	}
	return r;
}

static int look(struct watcher *w, bool is_whole)
{
	uint64_t start = now_ms();
	struct timespec at;
	int status;

	if (is_whole || w->last - w->first > PORTS_AT_ONCE || w->first == 0 ||
	    !track_has_room(&w->track)) {
		w->first = 0;
		w->last = PORT_MAX;
		is_whole = true;
	}
	clock_gettime(CLOCK_REALTIME, &at);
	w->cli->style.now = at.tv_sec;
	status = track_look(&w->track, w->first, w->last, start);
	w->first = PORT_MAX;
	w->last = 0;
	w->took_ms = now_ms() - start;
	if (is_whole)
		w->next_ms = now_ms() + w->every_ms;
	w->n_looks++;
	return status;
}

static void say_lost(struct watcher *w)
{
	if (!w->cli->is_quiet)
		cli_fail(0, _("%llu events were lost; all of this host is looked at again"),
			 (unsigned long long)(w->n_lost - w->n_lost_told));
	w->n_lost_told = w->n_lost;
}

/* Until something is due, or comes in; a batch is complete then. */
static int await(struct watcher *w)
{
	uint64_t now = now_ms();
	uint64_t due = w->next_ms;
	int r;

	if (w->gone_ms && w->gone_ms < due)
		due = w->gone_ms;
	if (w->briefs.n && now + SETTLE_MS < due)
		due = now + SETTLE_MS;
	r = wait_ms(w, due > now ? due - now : 0);
	if (r == 0 && (w->briefs.n || w->first <= w->last))
		r = settle(w);
	return r < 0 ? cli_fail(EXIT_BLIND, _("cannot read the kernel's events: %s"), strerror(-r)) : 0;
}

/* One round: waits, and looks where something happened. What is missing is told after the look: by
 * then all that came before `known` has been looked at, also what came back. */
static int follow(struct watcher *w)
{
	uint64_t known;
	int64_t gone;
	bool is_whole;
	int status;

	if (buf_flush(&w->cli->out) < 0) {
		is_ended = 1; /* nobody reads any more */
		return 0;
	}
	status = await(w);
	known = now_ms();
	if (status == 0)
		status = wait_ms(w, 0) < 0 ? EXIT_BLIND : 0;
	if (status || is_ended)
		return status;
	is_whole = known >= w->next_ms || w->n_lost > w->n_lost_told;
	if (w->n_lost > w->n_lost_told)
		say_lost(w);
	brief_range(&w->briefs, &w->first, &w->last);
	if (is_whole || w->first <= w->last)
		status = look(w, is_whole);
	if (status)
		return status;
	brief_settle(&w->briefs, &w->track);
	gone = track_expire(&w->track, w->track.grace_ms ? known : now_ms());
	w->gone_ms = gone < 0 ? 0 : known + (uint64_t)gone + 1;
	return 0;
}

static void say_method(const struct watcher *w, const char *why)
{
	const struct host_watch_facts *facts = w->events ? host_watch_facts(w->events) : NULL;

	if (!w->cli->style.is_verbose)
		return;
	if (facts && !facts->fallback && w->track.namespaces)
		cli_fail(0, _("watching by the kernel's events (%s), other network namespaces by a look "
			      "at all every %d ms"),
			 facts->method, (int)w->every_ms);
	else if (facts && !facts->fallback)
		cli_fail(0, _("watching by the kernel's events (%s); a look at all every %d s"),
			 facts->method, RESCAN_MS / 1000);
	else if (facts)
		cli_fail(0, _("watching by the kernel's events (%s) and a look at all every %d ms: %s"),
			 facts->method, (int)w->every_ms, facts->fallback);
	else
		cli_fail(0, _("watching by a look at all every %d ms: %s"), (int)w->every_ms, why);
}

static void say_counts(const struct watcher *w)
{
	const struct brief_counts *n = &w->briefs.counts;

	if (w->cli->style.is_verbose && w->events)
		cli_fail(0, _("%zu opened: %zu seen, %zu told by their event, %zu unseen, %zu no news; "
			      "%llu events lost"),
			 n->opened, n->seen, n->told, n->unseen, n->other, (unsigned long long)w->n_lost);
	else if (!w->cli->is_quiet && n->unseen)
		cli_fail(0, _("%zu listeners came and went unseen"), n->unseen);
}

static int options_read(struct cli *cli, uint64_t *interval, uint64_t *count)
{
	const char *wait = cli->values[INTERVAL];
	const char *looks = cli->values[COUNT];

	*interval = INTERVAL_USUAL_MS;
	*count = UINT64_MAX;
	if (wait && (!span_u64(span_str(wait), 86400000, interval) || *interval < INTERVAL_LEAST_MS))
		return cli_fail(EX_USAGE, _("--interval takes %d to 86400000 milliseconds, not '%s'"),
				INTERVAL_LEAST_MS, wait);
	if (looks && (!span_u64(span_str(looks), UINT64_MAX, count) || *count == 0))
		return cli_fail(EX_USAGE, _("--count takes a number from 1, not '%s'"), looks);
	return 0;
}

/* Events, where they are to be had; what they do not tell is looked for every interval. */
static void choose_method(struct watcher *w, struct why *why)
{
	const struct host_watch_facts *facts;

	if (w->cli->values[INTERVAL]) {
		why_set(why, 0, "%s", _("as asked"));
		return;
	}
	if (host_watch_new(&w->events, why) < 0)
		return;
	facts = host_watch_facts(w->events);
	w->track.grace_ms = GRACE_MS;
	if (facts->sees_all && !w->track.namespaces)
		w->every_ms = RESCAN_MS;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct watcher w = {.cli = cli, .first = PORT_MAX, .track.cli = cli,
			    .track.namespaces = cli->values[ALL_NAMESPACES]};
	struct sigaction action = {.sa_handler = end};
	struct why why = {0};
	int status = options_read(cli, &w.every_ms, &w.most);

	if (status)
		return status;
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus watch' takes no operand, got '%s'"), argv[0]);
	if (!cli->format->event)
		return cli_fail(EX_USAGE, _("'watch' has no --json: use --ndjson"));
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	w.briefs.rows = arena_get_array(&w.arena, BRIEFS, sizeof(*w.briefs.rows));
	choose_method(&w, &why); /* before the first look: nothing falls between */
	status = look(&w, true);
	if (status == 0) {
		gather_confess(cli, &w.track.last);
		say_method(&w, why.text);
	}
	while (status == 0 && !is_ended && w.n_looks < w.most)
		status = follow(&w);
	if (status == 0)
		track_expire(&w.track, now_ms() + GRACE_MS); /* what is missing is told, back or not */
	brief_end(&w.briefs);
	say_counts(&w);
	buf_flush(&cli->out);
	host_watch_free(w.events);
	track_done(&w.track);
	arena_done(&w.arena);
	return status ? status : is_ended ? 130 : EXIT_EXPECTED;
}

const struct command command_watch = {
	.name = "watch",
	.does = N_("tell when a listener opens, closes, widens or changes hands"),
	.args = "",
	.example = "sudo periplus watch --ndjson",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* rounds: see rounds.h. Times are of the monotonic clock. */
#include "scan/rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "base/scope.h"

enum {
	SLICE_MS = 50,
	LISTEN_MS = 20,
	WAIT_MS = 1600,       /* a SYN-ACK is resent after 1 s: RFC 6298 section 2 */
	WAIT_BLIND_MS = 2000, /* while no answer has told how far away they are */
	WAIT_UDP_MS = 700,
	WAIT_MOST_MS = 5000,
	WAIT_BETWEEN_MS = 100, /* and four round trips: before a round that may not be the last */
	SAMPLE = 200,   /* probes by which a rate is judged */
	PATIENT_SAMPLE = 20,
	START_PART = 8, /* of the rate allowed */
	START_LEAST = 500,
	NO_BUFFER_MOST = 2000,
	DRY_MISSED = 200, /* answers that were to be expected, and none came */
	PROHIBITED_MOST = 500,
	DROPPED_PART = 100, /* one in so many answers that this host itself has lost */
	REFUSED_MOST = 50, /* in a row by this host itself, for a second */
	DRY_LIKELIHOOD = 14, /* e to minus so many is the chance that it means nothing */
};

/* Of the share that answers to the slowest rate. */
#define PATIENT_SHARE 0.9
/* Seconds that are made up for. */
#define PATIENT_LATE 0.1

/* A further round would change the answer with at most this chance. */
#define CHANCE 0.01

#define SECOND_NS 1000000000ll
/* So long at the lowest rate. */
#define DRY_NS (5 * SECOND_NS)

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static bool is_udp(const struct rounds *r)
{
	return r->session->plan->transport == TRANSPORT_UDP;
}

/* What tells of loss: over UDP closed ports answer as often as their host likes, so only open ones,
 * but to who asks no more often. */
static uint64_t telling(const struct rounds *r)
{
	const struct engine_counts *c = &r->session->counts;

	return is_udp(r) && r->patient_pps <= 0 ? c->open + c->elsewhere : c->answered;
}

double rounds_loss(const uint64_t *answered, unsigned n)
{
	uint64_t before = 0;
	uint64_t again = 0;

	for (unsigned i = 0; i < n; i++) {
		before += i + 1 < n ? answered[i] : 0;
		again += i > 0 ? answered[i] : 0;
	}
	return before ? (double)again / (double)(before + again) : -1;
}

double rounds_missing(const uint64_t *answered, unsigned n)
{
	double loss = rounds_loss(answered, n);

	if (n < 2)
		return -1;
	if (loss < 0)
		return answered[n - 1] ? (double)answered[n - 1] : -1;
	if (loss > 0.9)
		loss = 0.9;
	/* of X that were missing before the last round, it found X (1 - loss) */
	return (double)answered[n - 1] * loss / (1 - loss);
}

uint64_t rounds_lost(const uint64_t *answered, unsigned n)
{
	uint64_t lost = 0;

	for (unsigned i = 1; i < n; i++)
		lost += answered[i] * i;
	return lost;
}

static bool has_all(const struct rounds *r)
{
	return r->n_before + r->session->counts.answered + r->n_given_up >=
	       r->session->plan->n_steps;
}

static void set_wait(struct rounds *r)
{
	const struct engine_rtt *rtt = &r->session->rtt;
	uint32_t ms = is_udp(r) ? WAIT_UDP_MS : WAIT_MS;

	if (rtt->n == 0)
		ms = WAIT_BLIND_MS;
	else
		ms += (is_udp(r) ? 8 : 4) * (rtt->smooth / 1000);
	r->session->wait_ms = ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS;
}

/* --- the rate --- */

static void start_window(struct rounds *r)
{
	r->window_ns = now_ns();
	r->window_sent = r->session->counts.sent;
	r->window_answered = telling(r);
	r->window_dropped = r->session->counts.dropped;
}

static uint64_t at_least(const struct rounds *r, uint64_t rate)
{
	uint64_t least = r->rate_pps < START_LEAST ? r->rate_pps : START_LEAST;

	return rate < least ? least : rate > r->rate_pps ? r->rate_pps : rate;
}

/* --- patience: a rate that may be below one a second --- */

static void be_patient(struct rounds *r, double pps)
{
	r->patience.pps = pps < (double)r->rate_pps ? pps : (double)r->rate_pps;
	r->rate_now = r->patience.pps < 1 ? 1 : (uint64_t)r->patience.pps;
}

/* Linux tells of six closed ports at once and then of one a second (icmp(7), icmp_ratelimit), other
 * systems of more: the rate is doubled now and then, and taken back where answers are missing that a
 * slower one had. What was missed meanwhile is asked for again in the next round. */
static void adapt_patiently(struct rounds *r)
{
	uint64_t sent = r->session->counts.sent - r->window_sent;
	uint64_t answered = telling(r) - r->window_answered;
	bool is_slowest = r->patience.pps <= r->patient_pps;
	double share;

	if (sent < PATIENT_SAMPLE || now_ns() - r->window_ns < SECOND_NS)
		return;
	share = (double)answered / (double)sent;
	if (is_slowest && share > r->best)
		r->best = share;
	if (!is_slowest && share < PATIENT_SHARE * r->best) {
		be_patient(r, r->patient_pps);
		r->patience.n_calm = 0;
		r->patience.n_wanted = r->patience.n_wanted * 2 + 1;
	} else if (r->best > 0 && r->patience.n_calm++ >= r->patience.n_wanted) {
		be_patient(r, r->patience.pps * 2);
	}
	start_window(r);
}

/* The step before which the next slice has to end: as many probes as there is credit for. */
static uint64_t patient_until(struct rounds *r)
{
	const struct target_plan *plan = r->session->plan;
	int64_t now = now_ns();
	uint64_t n;

	while (r->step < plan->n_steps &&
	       engine_is_settled(r->session, target_index(plan, r->step)))
		r->step++;
	r->patience.credit += r->patience.pps * (double)(now - r->patience.ns) / SECOND_NS;
	r->patience.ns = now;
	if (r->patience.credit > 1 + r->patience.pps * PATIENT_LATE)
		r->patience.credit = 1 + r->patience.pps * PATIENT_LATE;
	n = (uint64_t)r->patience.credit;
	return n < plan->n_steps - r->step ? r->step + n : plan->n_steps;
}

/* After a slice of the first round: whether the rate loses what a lower one would not. */
static void adapt(struct rounds *r)
{
	const struct engine_rtt *rtt = &r->session->rtt;
	uint64_t sent = r->session->counts.sent - r->window_sent;
	uint64_t answered = telling(r) - r->window_answered;
	int64_t least_ns = (int64_t)rtt->smooth * 4000;
	double share;

	if (sent < SAMPLE || now_ns() - r->window_ns < least_ns)
		return;
	share = (double)answered / (double)sent;
	if ((r->session->counts.dropped - r->window_dropped) * DROPPED_PART > answered) {
		r->rate_now = at_least(r, r->rate_now * 6 / 10);
		r->has_backed_off = true;
		start_window(r);
		return;
	}
	/* what an even chance would leave of the best share: four deviations below it */
	if (r->best > 0 && share < 0.75 * r->best &&
	    ((double)sent * r->best - (double)answered) *
			    ((double)sent * r->best - (double)answered) >
		    16 * (double)sent * r->best) {
		r->rate_now = at_least(r, r->rate_now * 6 / 10);
		r->has_backed_off = true;
	} else {
		r->good_sent += sent;
		r->good_answered += answered;
		r->best = (double)r->good_answered / (double)r->good_sent;
		r->rate_now =
			at_least(r, r->has_backed_off ? r->rate_now * 5 / 4 : r->rate_now * 2);
	}
	start_window(r);
}

/* --- doing no harm: reasons to end by itself --- */

static bool read_number(const char *path, uint64_t *value)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return n > 0 && span_u64(span_trim(span_of(text, (size_t)n)), UINT64_MAX, value);
}

static bool fills_conntrack(struct rounds *r)
{
	uint64_t count;
	uint64_t most;

	if (now_ns() - r->conntrack_ns < SECOND_NS)
		return false;
	r->conntrack_ns = now_ns();
	if (!read_number("/proc/sys/net/netfilter/nf_conntrack_count", &count) ||
	    !read_number("/proc/sys/net/netfilter/nf_conntrack_max", &most))
		return false;
	if (r->conntrack_first == UINT64_MAX)
		r->conntrack_first = count;
	return count > most / 10 * 9 && count > r->conntrack_first + most / 4;
}

/* Answers of the first round, by the order of its steps: neighbours, whom connect asks before all
 * steps, are not in it. */
static void note_silence(struct rounds *r, uint64_t step, uint64_t sent, uint64_t answered)
{
	if (r->round > 0) {
		r->dry.is_over = r->dry.is_over || answered;
		return;
	}
	if (answered || r->dry.sent == 0)
		r->dry.ns = now_ns();
	if (answered) {
		r->dry.sent = 0;
		r->dry.step = r->step;
		r->dry.heard += r->step > r->dry.first ? answered : 0;
	} else if (r->step > step) {
		r->dry.sent += sent;
	}
}

/* So many answers fall at random into the part of the round before the last of them with a chance of
 * (part / round) ^ answers; -ln x >= 1 - x. */
static bool has_fallen_silent(const struct rounds *r)
{
	double all = (double)(r->session->plan->n_steps - r->dry.first);
	double after = (double)(r->session->plan->n_steps - r->dry.step);

	return !is_udp(r) && !r->dry.is_over &&
	       (double)r->dry.heard * after > DRY_LIKELIHOOD * all;
}

/* What this host itself refuses: for all targets, or for some. */
static void note_unsent(struct rounds *r, uint64_t sent, uint64_t refused)
{
	if (sent > 0) {
		r->unsent.refused = 0;
		r->unsent.step = r->step;
		r->unsent.ns = now_ns();
	}
	r->unsent.refused += refused;
	r->unsent.in_round += refused;
}

static bool does_harm(struct rounds *r)
{
	const struct engine_counts *c = &r->session->counts;

	if (r->unsent.refused > REFUSED_MOST && now_ns() - r->unsent.ns > SECOND_NS)
		r->end = SCAN_END_UNSENT;
	else if (fills_conntrack(r))
		r->end = SCAN_END_CONNTRACK;
	else if (c->no_buffer > NO_BUFFER_MOST && c->no_buffer > c->sent)
		r->end = SCAN_END_BUFFERS;
	else if (r->is_polite && c->prohibited > PROHIBITED_MOST && c->prohibited > c->answered)
		r->end = SCAN_END_PROHIBITED;
	else if (r->round == 0 && !is_udp(r) && (double)r->dry.sent * r->best > DRY_MISSED &&
		 now_ns() - r->dry.ns > DRY_NS && r->rate_now <= START_LEAST)
		r->end = SCAN_END_COLLAPSE;
	return r->end != SCAN_END_DONE;
}

/* --- the work --- */

/* What a kill must not lose. Whatever is in flight is sent again. */
static void note_progress(struct rounds *r, uint64_t answered)
{
	uint64_t step = r->session->in_flight && r->session->lowest < r->step ? r->session->lowest
									      : r->step;

	r->seen->head->cursor = r->round * r->session->plan->n_steps + step;
	r->seen->head->sent = r->sent_before + r->session->counts.sent;
	r->seen->head->answered[r->round] += answered;
}

static int work(struct rounds *r, struct engine_slice *slice, struct why *why)
{
	const struct engine_counts before = r->session->counts;
	const struct engine_counts *c = &r->session->counts;
	uint64_t told = telling(r);
	uint64_t step = r->step;
	int status;

	set_wait(r);
	status = r->engine->work(r->session, slice, why);
	if (status == -ENETDOWN || status == -ENXIO || status == -ENODEV)
		r->end = SCAN_END_UNSENT; /* what is known by now is worth telling */
	else if (status < 0)
		return status;
	r->step = slice->next;
	if (c->sent != before.sent)
		r->sent_ns = now_ns();
	note_progress(r, telling(r) - told);
	note_silence(r, step, c->sent - before.sent, c->answered - before.answered);
	note_unsent(r, c->sent - before.sent, c->refused_here - before.refused_here);
	if (*r->session->stop)
		r->end = SCAN_END_STOPPED;
	else if (r->end == SCAN_END_DONE)
		does_harm(r);
	return r->pause ? r->pause(r) : 0;
}

static uint32_t slice_ms(const struct rounds *r)
{
	bool is_settled = r->rate_now == r->rate_pps || r->round > 0;
	uint32_t ms = is_settled ? r->engine->slice_ms : r->engine->learn_ms;

	return ms ? ms : SLICE_MS;
}

static int send_round(struct rounds *r, struct why *why)
{
	uint64_t n = r->session->plan->n_steps;

	start_window(r);
	r->patience.ns = now_ns();
	while (r->step < n && r->end == SCAN_END_DONE && !has_all(r)) {
		uint64_t until = r->patient_pps > 0 ? patient_until(r) : n;
		uint64_t sent = r->session->counts.sent;
		struct engine_slice slice = {
			.next = r->step,
			.until = until,
			.rate_pps = r->rate_now,
			.ms = slice_ms(r),
		};
		int status = work(r, &slice, why);

		if (status)
			return status;
		r->patience.credit -= (double)(r->session->counts.sent - sent);
		if (r->round == 0 && r->patient_pps > 0)
			adapt_patiently(r);
		else if (r->round == 0)
			adapt(r);
	}
	return 0;
}

/* Between rounds an answer on its way is worth a few round trips; what comes later is taken all the
 * same. A UDP server may think for longer, and connect keeps to the session's own wait. */
static uint32_t wait_between_ms(const struct rounds *r)
{
	const struct engine_rtt *rtt = &r->session->rtt;
	uint32_t ms = WAIT_BETWEEN_MS + 4 * (rtt->smooth / 1000);

	if (is_udp(r) || rtt->n == 0 || ms > r->session->wait_ms)
		return r->session->wait_ms;
	return ms;
}

/* Until all have answered, or the last probe was waited for: for so long by raw engines. */
static int listen_round(struct rounds *r, bool is_last, struct why *why)
{
	while (r->end == SCAN_END_DONE && !has_all(r)) {
		struct engine_slice slice = {.next = r->session->plan->n_steps,
					     .until = r->session->plan->n_steps,
					     .rate_pps = r->rate_now,
					     .ms = LISTEN_MS};
		uint32_t ms;
		int status = work(r, &slice, why);

		if (status)
			return status;
		ms = is_last ? r->session->wait_ms : wait_between_ms(r);
		if (r->session->in_flight == 0 &&
		    (!r->engine->is_raw || now_ns() - r->sent_ns >= (int64_t)ms * 1000000))
			break;
	}
	return 0;
}

/* Whether another round can change the answer. */
static bool is_enough(struct rounds *r)
{
	const uint64_t *answered = r->seen->head->answered;
	double missing = rounds_missing(answered, r->round + 1);

	if (has_all(r)) {
		r->missing = 0;
		r->has_loss = true;
		return true;
	}
	r->has_loss = missing >= 0;
	r->missing = missing < 0 ? 0 : missing;
	if (r->round + 1 == SEEN_ROUNDS)
		return true;
	return r->round > 0 && r->missing < CHANCE;
}

/* A scan that ended by itself goes on where it still heard, or could still send. */
static void note_end(struct rounds *r)
{
	struct seen_head *head = r->seen->head;
	const struct engine_counts *c = &r->session->counts;

	if (r->end == SCAN_END_DONE && c->sent == 0 && c->refused_here > 0)
		r->end = SCAN_END_UNSENT;
	else if (r->end == SCAN_END_DONE && !has_all(r) && has_fallen_silent(r))
		r->end = SCAN_END_COLLAPSE;
	if (r->end == SCAN_END_COLLAPSE)
		head->cursor = r->dry.step;
	else if (r->end == SCAN_END_UNSENT)
		head->cursor = r->round * r->session->plan->n_steps + r->unsent.step;
	else
		head->is_done = r->end == SCAN_END_DONE;
}

int rounds_run(struct rounds *r, struct why *why)
{
	struct seen_head *head = r->seen->head;
	uint64_t n = r->session->plan->n_steps;

	r->round = (unsigned)(head->cursor / n);
	r->step = head->cursor % n;
	if (r->round == SEEN_ROUNDS) {
		r->round--;
		r->step = n;
	}
	r->conntrack_first = UINT64_MAX;
	r->rate_now = at_least(r, r->rate_pps / START_PART);
	if (r->patient_pps > 0)
		be_patient(r, r->patient_pps);
	r->patience.n_wanted = 2;
	r->sent_ns = r->unsent.ns = now_ns();
	r->dry.first = r->dry.step = r->unsent.step = r->step;
	if (*r->session->stop)
		r->end = SCAN_END_STOPPED; /* while hosts were looked for: who is there is not known */
	if (r->end != SCAN_END_DONE || head->is_done) {
		is_enough(r);
		return 0;
	}
	for (;;) {
		int status = send_round(r, why);
		bool is_last;

		if (status == 0)
			status = listen_round(r, false, why);
		if (status == 0 && is_enough(r)) /* as far as is heard: now to the end */
			status = listen_round(r, true, why);
		is_last = is_enough(r) || r->end != SCAN_END_DONE;
		if (status)
			return status;
		if (is_last)
			break;
		r->round++;
		r->step = 0;
		r->unsent.step = r->unsent.in_round = 0;
		if (r->patient_pps > 0)
			be_patient(r, r->patient_pps);
		head->cursor = r->round * n;
	}
	note_end(r);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: runs a plan: the rounds send, what answers goes to the teller, what it says to the
 * listener. See search.h.
 */
#include "scan/search_private.h"

#include <errno.h>
#include <time.h>

#include "base/text.h"
#include "scan/payload.h"

/* Outside of the own networks: the order is a permutation, so every host gets an equal share of the
 * packets, and every network the share of its hosts. */
enum { PER_HOST_OUTSIDE = 100, PER_NETWORK_OUTSIDE = 250 };
enum { SHOW_EVERY_MS = 100, TELL_WAIT_MS = 50 };
/* While there is something to send, telling may take so much of a slice; it looks at the clock after
 * so many. */
enum { TELL_MOST_MS = 4, TELL_AT_ONCE = 32 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Below one a second to a host, by chance sometimes two: what Linux tells of is then never more than
 * it has saved up for. */
static double patient_pps(const struct scan_search *search)
{
	return 0.75 * (double)search->plan.n_hosts;
}

uint64_t scan_search_rate(const struct scan_search *search, uint64_t rate_pps)
{
	uint64_t rate = rate_pps ? rate_pps : SCAN_RATE;
	const struct scan_plan *plan = &search->facts;
	uint64_t hosts = plan->n_hosts < SCAN_RATE_MOST ? plan->n_hosts : SCAN_RATE_MOST;

	if (search->is_patient && patient_pps(search) < (double)rate)
		rate = (uint64_t)patient_pps(search); /* it is more where hosts allow it */
	if (rate == 0)
		rate = 1;
	if (plan->n_outside == 0)
		return rate;
	if (hosts * PER_HOST_OUTSIDE < rate)
		rate = hosts * PER_HOST_OUTSIDE;
	if ((uint64_t)plan->n_networks_outside * PER_NETWORK_OUTSIDE < rate)
		rate = (uint64_t)plan->n_networks_outside * PER_NETWORK_OUTSIDE;
	return rate;
}

/* At most. */
static uint64_t rate_most(struct scan_search *search, uint64_t rate_pps)
{
	bool is_patient = search->is_patient;
	uint64_t rate;

	search->is_patient = false;
	rate = scan_search_rate(search, rate_pps);
	search->is_patient = is_patient;
	return rate;
}

static void make_target(struct scan_search *search, uint64_t index, struct scan_target *target)
{
	*target = (struct scan_target){.transport = search->plan.transport};
	target_at(&search->plan, index, &target->address, &target->port);
	target->is_here = scan_scope_ask(&search->scope, &target->address) == SCAN_HERE;
	if (search->listener->expect)
		search->listener->expect(search->listener, target);
}

static int put_found(struct scan_search *search, uint64_t index, const struct scan_result *result)
{
	struct scan_found found = {.result = result};

	make_target(search, index, &found.target);
	search->n_told++;
	search->n_failed += result && result->state == SCAN_FAILED;
	return search->listener->found(search->listener, &found);
}

/* An open port is identified before it is told of, or told of as it is; but what must prove itself is
 * asked in any case. */
static void keep_open(struct scan_search *search, uint64_t index, bool must_prove)
{
	uint64_t *fresh;

	if (must_prove || search->way->is_identifying) {
		if (tell_add(&search->tell, index, must_prove) < 0)
			search->is_out_of_memory = true;
		return;
	}
	fresh = arena_push(&search->arena, &search->fresh, &search->n_fresh,
			   &search->fresh_capacity, sizeof(*fresh));
	*fresh = index;
}

/* The engine has heard of a target. Nothing more is done with it here, where the engine waits. */
static void take_answer(struct engine_session *session, uint64_t index, enum engine_answer answer)
{
	if (answer != ENGINE_CLOSED)
		keep_open(session->listener, index, answer == ENGINE_ELSEWHERE);
}

static void target_of(const struct tell *tell, const struct tell_item *item,
		      struct scan_target *target)
{
	make_target(tell->owner, item->index, target);
}

/* What identification says: a port that has to prove itself is open only now. */
static int put_told(struct tell *tell, const struct tell_item *item,
		    const struct scan_result *result)
{
	struct scan_search *search = tell->owner;

	if (item->must_prove) {
		bool is_proved = result && result->proto && result->match == PROTO_YES;
		uint64_t bit = 1ull << (item->index % 64);

		if (!is_proved || engine_is_answered(&search->seen.bits, item->index))
			return 0;
		search->seen.bits.answered[item->index / 64] |= bit;
		search->seen.bits.open[item->index / 64] |= bit;
		search->session.counts.answered++;
	}
	return put_found(search, item->index, result);
}

/* What is told of as it is; all of it, or as much as a slice has time for. */
static int tell_fresh(struct scan_search *search, bool is_hurried)
{
	double end = is_hurried ? now() + TELL_MOST_MS / 1e3 : 0;

	while (search->first_fresh < search->n_fresh) {
		int r = put_found(search, search->fresh[search->first_fresh++], NULL);

		if (r)
			return r;
		if (is_hurried && search->first_fresh % TELL_AT_ONCE == 0 && now() >= end)
			return 0;
	}
	search->first_fresh = search->n_fresh = 0;
	return 0;
}

static int rest(struct scan_search *search)
{
	if (search->n_rested == search->n_told || !search->listener->rest)
		return 0;
	search->n_rested = search->n_told;
	return search->listener->rest(search->listener);
}

/* Steps of this round that are behind; a raw engine's wait for a neighbour's link address. */
static uint64_t steps_done(const struct scan_search *search)
{
	uint64_t waiting = search->engine->is_raw ? search->session.in_flight : 0;

	return search->rounds.step > waiting ? search->rounds.step - waiting : 0;
}

/* Of this round: what has answered is passed over. */
static double seconds_left(const struct scan_search *search)
{
	const struct rounds *r = &search->rounds;
	uint64_t answered = r->n_before + search->session.counts.answered + r->n_given_up;
	double left = (double)(search->plan.n_steps - steps_done(search));
	double rate = r->patient_pps > 0 ? r->patience.pps : (double)r->rate_now;

	if (r->round > 0)
		left *= 1 - (double)answered / (double)search->plan.n_steps;
	return rate > 0 && left > 0 ? left / rate : 0;
}

static void show(struct scan_search *search, bool is_telling)
{
	const struct rounds *r = &search->rounds;
	struct scan_progress progress = {
		.seconds = now() - search->begin,
		.share = (double)steps_done(search) / (double)search->plan.n_steps,
		.round = r->round + 1,
		.sent = r->sent_before + search->session.counts.sent,
		.answered = r->n_before + search->session.counts.answered,
		.open = search->open_before + search->session.counts.open,
		.n_targets = search->plan.n_steps,
		.n_told = search->n_told,
		.rate_pps = r->rate_now,
		.loss = rounds_loss(search->seen.head->answered, r->round + 1),
		.seconds_left = seconds_left(search),
		.is_telling = is_telling,
	};

	if (!search->listener->progress || now() - search->shown < SHOW_EVERY_MS / 1e3)
		return;
	search->shown = now();
	search->listener->progress(search->listener, &progress);
}

static int pause_round(struct rounds *rounds)
{
	struct scan_search *search = rounds->owner;
	int r;

	if (search->is_out_of_memory)
		return -ENOMEM;
	r = tell_fresh(search, rounds->step < search->plan.n_steps);
	if (r == 0)
		r = tell_step(&search->tell, false, 0, NULL);
	if (r == 0)
		r = rest(search);
	if (r == 0)
		show(search, false);
	return r;
}

/* After the last round: until all that is open has been told. */
static int tell_rest(struct scan_search *search, struct why *why)
{
	int r = rest(search);

	while (r == 0 && !*search->way->stop && !tell_is_over(&search->tell)) {
		r = tell_step(&search->tell, true, TELL_WAIT_MS, why);
		if (r == 0)
			r = rest(search);
		show(search, true);
	}
	return r == 0 ? tell_stop(&search->tell) : r;
}

static const struct engine_payload *make_payloads(struct scan_search *search)
{
	struct engine_payload *payloads =
		arena_get_array(&search->arena, search->plan.n_ports, sizeof(*payloads));

	for (uint32_t i = 0; i < search->plan.n_ports; i++) {
		struct scan_target target = {.port = search->plan.ports[i],
					     .transport = TRANSPORT_UDP};

		if (search->listener->expect)
			search->listener->expect(search->listener, &target);
		payload_make(&search->arena, &target, &payloads[i]);
	}
	return payloads;
}

static int open_engine(struct scan_search *search, struct why *why)
{
	const char *name = search->way->engine;
	struct why own = {0};
	int r = -EOPNOTSUPP;

	if (name) {
		search->engine = engine_find(span_str(name));
		if (!search->engine)
			return why_set(why, EINVAL, _("'%s' is no engine of this program"), name);
		return search->engine->open(&search->session, why);
	}
	for (size_t i = 0; i < engine_count(); i++) {
		search->engine = engine_at(i);
		if (search->engine->is_only_named)
			continue;
		r = search->engine->open(&search->session, &own);
		if (r == 0)
			return 0;
		if (r != -EOPNOTSUPP && r != -EPERM && r != -EACCES)
			break;
		if (search->listener->remark && own.text[0])
			search->listener->remark(search->listener, own.text);
	}
	return why_set(why, -r, "%s", own.text);
}

/* A resumed scan tells again of what the runs before it found. */
static int recall_found(struct scan_search *search)
{
	for (uint64_t i = 0; i < search->plan.n; i++)
		if (search->seen.bits.open[i / 64] >> (i % 64) & 1)
			keep_open(search, i, false);
	return search->is_out_of_memory ? -ENOMEM : 0;
}

static void sum_up(struct scan_search *search, struct scan_summary *summary)
{
	const struct rounds *r = &search->rounds;
	const struct engine_counts *counts = &search->session.counts;
	uint64_t answered = seen_count(search->seen.bits.answered, search->plan.n);
	uint64_t open = seen_count(search->seen.bits.open, search->plan.n);
	bool is_open_telling = search->plan.transport == TRANSPORT_UDP && !search->is_patient;
	uint64_t telling = is_open_telling ? open : answered;

	*summary = (struct scan_summary){
		.targets = search->plan.n_steps,
		.sent = r->sent_before + counts->sent,
		.answered = answered,
		.open = open,
		.closed = answered - open,
		.silent = search->plan.n_steps - answered,
		.lost = rounds_lost(search->seen.head->answered, SEEN_ROUNDS),
		.unreachable = counts->unreachable,
		.prohibited = counts->prohibited,
		.unsent = answered < search->plan.n_steps ? r->unsent.in_round : 0,
		.seconds = now() - search->begin,
		.rounds = r->round + 1,
		.n_answered = seen_count_groups(search->seen.bits.answered, search->plan.n,
						search->plan.n_ports),
		.n_absent = search_count_absent(search),
		.n_failed = search->n_failed,
		.engine = search->engine->name,
		.end = r->end,
	};
	summary->has_recall = r->end == SCAN_END_DONE && r->has_loss;
	if (summary->has_recall)
		summary->recall = telling ? (double)telling / ((double)telling + r->missing) : 1;
}

static int run(struct scan_search *search, struct why *why)
{
	struct rounds *rounds = &search->rounds;
	int r = recall_found(search);

	if (r == 0)
		r = rounds_run(rounds, why);
	search->engine->close(&search->session);
	if (r == 0)
		r = tell_fresh(search, false);
	if (r == 0 && rounds->end == SCAN_END_DONE)
		r = tell_rest(search, why);
	else if (r == 0)
		r = tell_stop(&search->tell);
	if (r == 0 && *search->way->stop)
		rounds->end = SCAN_END_STOPPED;
	return r;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Who orders a higher rate on his own networks has them talked to more as well: in proportion, and
 * twice as much, since a conversation with a port that says nothing sends four packets a second. */
static void set_conversations(struct scan_search *search)
{
	enum { MOST = SCAN_CONVERSATIONS };
	uint64_t times = 2 * search->rounds.rate_pps / SCAN_RATE;

	if (search->facts.n_outside || times < 4)
		return;
	if (times > MOST)
		times = MOST;
	search->tell.per_address = least((uint32_t)(SCAN_PER_ADDRESS * times), MOST);
	search->tell.per_network = least((uint32_t)(SCAN_PER_NETWORK * times), MOST);
}

int scan_search_run(struct scan_search *search, const struct scan_way *way,
		    struct scan_listener *listener, struct scan_summary *summary, struct why *why)
{
	int r;

	search->way = way;
	search->listener = listener;
	search->begin = now();
	search->session = (struct engine_session){
		.plan = &search->plan,
		.seen = search->seen.bits,
		.stop = way->stop,
		.tell = take_answer,
		.listener = search,
	};
	search->open_before = seen_count(search->seen.bits.open, search->plan.n);
	if (search->plan.transport == TRANSPORT_UDP) {
		search->session.payloads = make_payloads(search);
		search->session.seen.elsewhere =
			arena_get_array(&search->arena, (search->plan.n + 63) / 64, 8);
	}
	search->tell = (struct tell){.timeout_ms = way->timeout_ms,
				     .target = target_of,
				     .put = put_told,
				     .owner = search};
	search->rounds = (struct rounds){
		.session = &search->session,
		.seen = &search->seen,
		.rate_pps = rate_most(search, way->rate_pps),
		.patient_pps = search->is_patient ? patient_pps(search) : 0,
		.is_polite = search->facts.n_outside > 0,
		.pause = pause_round,
		.owner = search,
		.n_before = search->facts.n_done,
		.sent_before = search->seen.head->sent,
	};
	set_conversations(search);
	r = search_find_absent(search, why);
	if (r == 0)
		r = open_engine(search, why);
	if (r < 0)
		return r;
	search_remark_neighbours(search);
	search->rounds.engine = search->engine;
	r = listener->opened ? listener->opened(listener, why) : 0;
	if (r == 0)
		r = run(search, why);
	else
		search->engine->close(&search->session);
	if (r == 0)
		sum_up(search, summary);
	tell_done(&search->tell);
	if (r == -ENOMEM)
		return why_set(why, ENOMEM, _("out of memory"));
	return r;
}

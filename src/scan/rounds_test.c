/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rounds over a network that loses packets by a formula: what is enough, what is sent, what is
 * said of it; and the file by which a scan is resumed. The engine here carries packets nowhere.
 */
#include "scan/rounds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "test/tap.h"

static volatile sig_atomic_t stop;

/* Loses `loss` of each 1000 probes; each fifth target is silent whatever comes. */
struct lossy {
	uint32_t loss;
	uint32_t random;
	uint64_t die_after; /* probes; 0: never */
	bool has_died;
	uint64_t most_pps; /* what is sent faster is lost; 0: nothing is */
	bool is_forbidding, has_no_room, is_dropping, is_refusing;
	uint64_t silent_from, dead_from; /* after so many probes nothing answers; nothing is sent */
};

static uint32_t next_random(struct lossy *lossy)
{
	lossy->random = lossy->random * 1664525u + 1013904223u;
	return lossy->random >> 8;
}

static int lossy_work(struct engine_session *session, struct engine_slice *slice, struct why *why)
{
	struct lossy *lossy = session->state;
	unsigned n = 0;

	(void)why;
	engine_measure(session, 1);
	for (; slice->next < slice->until && n < 500; slice->next++) {
		uint64_t index = target_index(session->plan, slice->next);

		if (engine_is_answered(&session->seen, index))
			continue;
		if (lossy->die_after && session->counts.sent == lossy->die_after) {
			lossy->has_died = true;
			return -EIO;
		}
		n++;
		if (lossy->has_no_room) {
			session->counts.no_buffer++;
			continue;
		}
		if (lossy->is_refusing) {
			session->counts.refused_here++;
			continue;
		}
		if (lossy->dead_from && session->counts.sent >= lossy->dead_from)
			return -ENXIO;
		session->counts.sent++;
		if (lossy->silent_from && session->counts.sent > lossy->silent_from)
			continue;
		if (lossy->is_forbidding)
			session->counts.prohibited++;
		if (lossy->is_forbidding || (lossy->most_pps && slice->rate_pps > lossy->most_pps))
			continue;
		if (lossy->is_dropping && slice->rate_pps > 400000) {
			session->counts.dropped++;
			continue;
		}
		if (index % 5 != 0 && next_random(lossy) % 1000 >= lossy->loss)
			engine_answer(session, index, index % 7 ? ENGINE_CLOSED : ENGINE_OPEN);
	}
	return 0;
}

static const struct engine lossy_engine = {.name = "lossy", .work = lossy_work};

static void make_plan(struct arena *arena, struct target_plan *plan, uint32_t n_ports)
{
	*plan = (struct target_plan){.n_ports = n_ports, .transport = TRANSPORT_TCP, .seed = 11};
	plan->ports = arena_get_array(arena, n_ports, sizeof(*plan->ports));
	for (uint32_t i = 0; i < n_ports; i++)
		plan->ports[i] = (uint16_t)(i + 1);
	if (target_parse(arena, SPAN_LIT("192.0.2.1-10"), &plan->hosts, NULL) < 0 ||
	    target_plan(arena, plan, NULL) < 0)
		abort();
}

static int run(struct target_plan *plan, struct seen *seen, struct lossy *lossy,
	       struct rounds *rounds, struct engine_session *session)
{
	*session = (struct engine_session){
		.plan = plan, .seen = seen->bits, .stop = &stop, .state = lossy};
	*rounds = (struct rounds){.session = session,
				  .engine = &lossy_engine,
				  .seen = seen,
				  .rate_pps = 1000000,
				  .n_before = seen_count(seen->bits.answered, plan->n)};
	return rounds_run(rounds, NULL);
}

static void test_loss(void)
{
	static const struct {
		uint32_t loss;
		unsigned rounds_least, rounds_most;
	} cases[] = {{0, 2, 2}, {20, 3, 4}, {100, 3, 5}, {300, 5, 5}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena = {0};
		struct target_plan plan;
		struct seen seen;
		struct lossy lossy = {.loss = cases[i].loss, .random = 5};
		struct engine_session session;
		struct rounds rounds;
		uint64_t answer;
		uint64_t answered;
		uint64_t found;

		make_plan(&arena, &plan, 2000);
		answer = plan.n - (plan.n + 4) / 5;
		if (seen_open(&seen, NULL, &plan, NULL) < 0)
			abort();
		ok(run(&plan, &seen, &lossy, &rounds, &session) == 0 && rounds.has_loss,
		   "%u of 1000 lost: the loss is measured", cases[i].loss);
		answered = seen_count(seen.bits.answered, plan.n);
		found = answered + (uint64_t)(rounds.missing + 0.5);
		ok(rounds.round + 1 >= cases[i].rounds_least &&
			   rounds.round + 1 <= cases[i].rounds_most,
		   "it took %u rounds", rounds.round + 1);
		ok(cases[i].loss > 100 || answered == answer, "all that answer are found");
		ok(found + answer / 100 >= answer && found <= answer + answer / 100,
		   "what is missing is told to one in a hundred (%llu and %.1f of %llu)",
		   (unsigned long long)answered, rounds.missing, (unsigned long long)answer);
		/* the silent fifth is asked in every round, the others only until they answer */
		ok(session.counts.sent - (plan.n / 5) * (rounds.round + 1) <=
			   answer + answer * cases[i].loss / 500,
		   "only the unanswered are sent to again");
		seen_close(&seen);
		arena_done(&arena);
	}
}

static uint64_t n_sent; /* by the last of these */

static enum scan_end end_of(struct lossy lossy, bool is_polite, struct rounds *rounds)
{
	struct arena arena = {0};
	struct target_plan plan;
	struct seen seen;
	struct engine_session session = {.stop = &stop, .state = &lossy};

	make_plan(&arena, &plan, 2000);
	session.plan = &plan;
	if (seen_open(&seen, NULL, &plan, NULL) < 0)
		abort();
	session.seen = seen.bits;
	*rounds = (struct rounds){.session = &session,
				  .engine = &lossy_engine,
				  .seen = &seen,
				  .rate_pps = 1000000,
				  .is_polite = is_polite};
	if (rounds_run(rounds, NULL) < 0)
		abort();
	rounds->n_before = seen_count(seen.bits.answered, plan.n) * 5 / 4 == plan.n;
	n_sent = session.counts.sent;
	rounds->sent_before = seen.head->cursor; /* where a resumed scan would begin */
	seen_close(&seen);
	arena_done(&arena);
	return rounds->end;
}

static void test_restraint(void)
{
	struct rounds rounds;

	ok(end_of((struct lossy){.random = 5, .is_forbidding = true}, true, &rounds) ==
		   SCAN_END_PROHIBITED,
	   "where networks forbid it, the scan ends");
	ok(end_of((struct lossy){.random = 5, .is_forbidding = true}, false, &rounds) ==
		   SCAN_END_DONE,
	   "but on one's own networks");
	ok(end_of((struct lossy){.random = 5, .has_no_room = true}, false, &rounds) ==
		   SCAN_END_BUFFERS,
	   "and where this machine cannot send so much");
	ok(end_of((struct lossy){.random = 5, .most_pps = 400000}, false, &rounds) ==
		   SCAN_END_DONE && rounds.has_backed_off,
	   "a rate at which answers are missing is taken back");
	ok(rounds.n_before == 1, "and nothing is missing in the end");
	ok(end_of((struct lossy){.random = 5, .is_dropping = true}, false, &rounds) ==
			   SCAN_END_DONE &&
		   rounds.has_backed_off && rounds.n_before == 1,
	   "so is one at which this machine loses answers");
	ok(end_of((struct lossy){.random = 5, .is_refusing = true}, false, &rounds) ==
			   SCAN_END_UNSENT &&
		   n_sent == 0,
	   "where this machine sends nothing, no port is silent");
	ok(end_of((struct lossy){.random = 5, .dead_from = 9000}, false, &rounds) ==
			   SCAN_END_UNSENT &&
		   rounds.sent_before <= 9000,
	   "an interface that is gone ends it, and it goes on there");
	ok(end_of((struct lossy){.random = 5, .silent_from = 18000}, false, &rounds) ==
			   SCAN_END_COLLAPSE &&
		   rounds.sent_before >= 18000 - 500 && rounds.sent_before <= 18000 + 500,
	   "nobody answers any more: that is not silence of ports, and it goes on there (%llu)",
	   (unsigned long long)rounds.sent_before);
	ok(end_of((struct lossy){.random = 5, .silent_from = 19990}, false, &rounds) ==
		   SCAN_END_DONE,
	   "ten that are silent at the end are a matter of chance");
}

static void test_missing(void)
{
	const uint64_t even[] = {1000, 100, 10};
	const uint64_t none[] = {1000, 0};
	const uint64_t silent[] = {0, 0};

	ok(rounds_missing(even, 1) < 0, "one round tells nothing of loss");
	ok(rounds_missing(even, 3) > 0.5 && rounds_missing(even, 3) < 2,
	   "a tenth of a tenth of a tenth is missing");
	ok(rounds_missing(none, 2) == 0, "nothing new in the second round: nothing is missing");
	ok(rounds_missing(silent, 2) < 0, "when nothing answers, loss cannot be told");
	ok(rounds_lost(even, 3) == 120, "probes lost: one for the second round, two for the third");
}

/* Whether another process is refused the file. */
static bool is_busy_for_others(const char *path, const struct target_plan *plan)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct why why = {0};
		struct seen seen;

		_exit(seen_open(&seen, path, plan, &why) == -EBUSY);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static void test_resume(const char *path)
{
	struct arena arena = {0};
	struct target_plan plan;
	struct target_plan other;
	struct seen seen;
	struct engine_session session;
	struct rounds rounds;
	struct why why = {0};
	pid_t child;
	uint64_t seed = 0;
	uint64_t sent = 0;
	unsigned n_deaths = 0;

	make_plan(&arena, &plan, 2000);
	ok(seen_seed(path, &seed, &why) == 0, "a new file has a seed at random");
	for (int i = 0; i < 100; i++) {
		struct lossy lossy = {.die_after = 1234, .random = 5};
		int r;

		if (seen_open(&seen, path, &plan, &why) < 0)
			abort();
		r = run(&plan, &seen, &lossy, &rounds, &session);
		sent += session.counts.sent;
		n_deaths += lossy.has_died;
		seen_close(&seen);
		if (r == 0)
			break;
	}
	ok(n_deaths > 10, "the scan died %u times", n_deaths);
	if (seen_open(&seen, path, &plan, &why) < 0)
		abort();
	ok(seen.head->is_done && seen_count(seen.bits.answered, plan.n) == plan.n - plan.n / 5,
	   "and all that answer have answered");
	ok(sent <= plan.n + plan.n / 5 * 2 + (uint64_t)n_deaths * 500,
	   "what was sent twice is at most what was in flight");
	ok(is_busy_for_others(path, &plan), "two scans do not share a file");
	child = fork(); /* holds every descriptor that this one has */
	if (child == 0)
		for (;;)
			pause();
	seen_close(&seen);
	ok(child > 0 && !is_busy_for_others(path, &plan), "but a child that is left over holds none");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ok(seen_seed(path, &seed, &why) == 0 && seed == plan.seed, "the seed stands in the file");
	make_plan(&arena, &other, 1999);
	ok(seen_open(&seen, path, &other, &why) == -EINVAL && why.text[0],
	   "a file of other ports is refused");
	if (truncate(path, 0) < 0 || truncate(path, 300) < 0)
		abort();
	ok(seen_open(&seen, path, &plan, &why) == 0 && seen.head->cursor == 0,
	   "what a run has left that was killed at its start is begun anew");
	seen_close(&seen);
	ok(seen_open(&seen, "/dev/null", &plan, &why) == -EINVAL, "a device is no file");
	arena_done(&arena);
}

static void test_groups(void)
{
	static const uint64_t words[3] = {1ull << 63 | 1, 0, 1ull << 1};

	ok(seen_count(words, 130) == 3, "three bits");
	ok(seen_count_groups(words, 130, 10) == 3, "in three groups of ten");
	ok(seen_count_groups(words, 130, 64) == 2, "in two of 64");
	ok(seen_count_groups(words, 129, 64) == 1, "what is beyond the end does not count");
	ok(seen_count_groups(words, 130, 130) == 1, "in one of all");
	ok(seen_count_groups(words, 130, 1) == 3, "in three of one");
}

int main(void)
{
	test_groups();
	char directory[] = "/tmp/periplus-rounds.XXXXXX";
	char path[64];

	if (!mkdtemp(directory))
		abort();
	snprintf(path, sizeof(path), "%s/state", directory);
	test_restraint();
	test_missing();
	test_loss();
	test_resume(path);
	unlink(path);
	rmdir(directory);
	return done();
}

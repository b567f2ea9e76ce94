/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engines: one engine at work, without the rounds: sends every step at a given rate, listens until
 * nothing has come for a while, and does so again for what has not answered, up to three times.
 *
 *   test-engines ENGINE tcp|udp PORTS RATE TARGET...
 *
 * Prints "open ADDRESS PORT", "closed N", "elsewhere ADDRESS PORT", "silent N" and "sent N".
 * With WORKER=status the rights of its child processes come first; with WORKER=kill
 * they are killed when half of the steps are sent. Exit status 77 when the engine refuses, with why
 * on stderr.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/scope.h"
#include "scan/engine.h"

enum { ROUNDS = 3, LISTEN_MS = 50, QUIET = 30 /* slices */ };

static void tell(struct engine_session *session, uint64_t index, enum engine_answer answer)
{
	struct address address;
	char text[ADDRESS_TEXT];
	uint16_t port;

	if (answer == ENGINE_CLOSED)
		return;
	target_at(session->plan, index, &address, &port);
	printf("%s %s %u\n", answer == ENGINE_OPEN ? "open" : "elsewhere",
	       address_text(&address, text), port);
}

static int usage(const char *what)
{
	fprintf(stderr, "test-engines: %s\n", what);
	return 64;
}

/* "80,1000-1010", in rising order */
static bool read_ports(struct span list, struct target_plan *plan)
{
	struct span item;

	while (take_until(&list, ',', &item)) {
		struct port_query query;

		if (port_query_parse(item, &query, NULL) < 0)
			return false;
		for (uint32_t port = query.first; port <= query.last; port++)
			plan->ports[plan->n_ports++] = (uint16_t)port;
	}
	return true;
}

/* Calls for every child process. */
static void each_child(void (*each)(pid_t pid))
{
	char path[64];
	char line[256] = "";
	char *rest = line;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		for (long pid = strtol(rest, &rest, 10); pid > 0; pid = strtol(rest, &rest, 10))
			each((pid_t)pid);
	if (f)
		fclose(f);
}

static void kill_child(pid_t pid)
{
	kill(pid, SIGKILL);
}

static void print_rights(pid_t pid)
{
	char path[64];
	char line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Uid:", 4) == 0 || strncmp(line, "CapPrm:", 7) == 0 ||
		    strncmp(line, "NoNewPrivs:", 11) == 0 || strncmp(line, "Seccomp:", 8) == 0)
			printf("worker %s", line);
	if (f)
		fclose(f);
}

/* One round; a negative errno with why when the engine fails. */
static int round_of(const struct engine *engine, struct engine_session *session, uint64_t rate,
		    bool kills, struct why *why)
{
	struct engine_slice slice = {.until = session->plan->n_steps, .rate_pps = rate};
	uint64_t heard = 0;
	int r = 0;

	while (r == 0 && (slice.next < session->plan->n_steps || session->in_flight)) {
		slice.ms = LISTEN_MS;
		if (kills && slice.next >= session->plan->n_steps / 2) {
			each_child(kill_child);
			kills = false;
		}
		r = engine->work(session, &slice, why);
	}
	for (int quiet = 0; r == 0 && quiet < QUIET; quiet++) {
		if (session->counts.answered >= session->plan->n_steps)
			break;
		slice.until = slice.next;
		r = engine->work(session, &slice, why);
		if (session->counts.answered != heard)
			quiet = 0;
		heard = session->counts.answered;
	}
	return r;
}

static int scan(const struct engine *engine, const struct target_plan *plan, uint64_t rate)
{
	static const uint8_t read_motd[] = "\0\1motd\0octet"; /* RFC 1350: RRQ */
	const char *worker = getenv("WORKER");
	size_t words = (plan->n + 63) / 64;
	auto_free uint64_t *answered = calloc(words, 8);
	auto_free uint64_t *open = calloc(words, 8);
	auto_free struct engine_payload *payloads = calloc(plan->n_ports, sizeof(*payloads));
	struct engine_session session = {.plan = plan,
					 .seen = {answered, open},
					 .payloads = payloads,
					 .wait_ms = 1000,
					 .tell = tell};
	struct why why = {""};
	int r;

	if (!answered || !open || !payloads)
		return 70;
	for (uint32_t i = 0; i < plan->n_ports; i++)
		payloads[i] = plan->ports[i] == 69
				      ? (struct engine_payload){read_motd, sizeof(read_motd), true}
				      : (struct engine_payload){(const uint8_t *)"hello", 5, false};
	r = engine->open(&session, &why);
	if (r < 0) {
		fprintf(stderr, "%s\n", why.text);
		return 77;
	}
	if (worker && strcmp(worker, "status") == 0)
		each_child(print_rights);
	for (int i = 0; r == 0 && i < ROUNDS && session.counts.answered < plan->n; i++)
		r = round_of(engine, &session, rate,
			     i == 0 && worker && strcmp(worker, "kill") == 0, &why);
	engine->close(&session);
	if (r < 0)
		fprintf(stderr, "%s\n", why.text);
	printf("closed %llu\nsilent %llu\nsent %llu\n",
	       (unsigned long long)(session.counts.answered - session.counts.open),
	       (unsigned long long)(plan->n - session.counts.answered),
	       (unsigned long long)session.counts.sent);
	return r < 0;
}

int main(int argc, char **argv)
{
	struct target_plan plan = {.seed = 1, .shard = 1, .n_shards = 1};
	const struct engine *engine;
	struct arena arena = {0};
	struct why why = {""};
	uint64_t rate;
	int status;

	if (argc < 6)
		return usage("ENGINE tcp|udp PORTS RATE TARGET...");
	engine = engine_find(span_str(argv[1]));
	plan.ports = arena_get_array(&arena, N_PORTS, sizeof(*plan.ports));
	if (!engine || !transport_parse(span_str(argv[2]), &plan.transport) ||
	    !read_ports(span_str(argv[3]), &plan) ||
	    !span_u64(span_str(argv[4]), UINT32_MAX, &rate))
		return usage("no such engine, transport, port or rate");
	for (int i = 5; i < argc; i++)
		if (target_parse(&arena, span_str(argv[i]), &plan.hosts, &why) < 0)
			return usage(why.text);
	target_sort(&plan.hosts);
	if (target_plan(&arena, &plan, &why) < 0)
		return usage(why.text);
	status = scan(engine, &plan, rate);
	arena_done(&arena);
	return status;
}

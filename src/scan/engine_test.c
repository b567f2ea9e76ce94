/* SPDX-License-Identifier: Apache-2.0 */
/* The connect engine on loopback: open and closed told apart, the answered not asked again. */
#include "scan/engine.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "test/tap.h"

enum { N_OPEN = 5, PATIENCE = 600 };

static volatile sig_atomic_t stop;
static unsigned n_told[3];

static void tell(struct engine_session *session, uint64_t index, enum engine_answer answer)
{
	(void)session;
	(void)index;
	n_told[answer]++;
}

/* A port of its own on loopback. Not serving, it holds the number, and answers as a closed one. */
static int hold_port(int type, bool is_serving, uint16_t *port)
{
	const struct sockaddr_in nobody = {.sin_family = AF_INET,
					   .sin_port = htons(9),
					   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0 ||
	    (is_serving && type == SOCK_STREAM && listen(fd, 16) < 0) ||
	    (!is_serving && type == SOCK_DGRAM &&
	     connect(fd, (const struct sockaddr *)&nobody, sizeof(nobody)) < 0))
		abort();
	*port = ntohs(a.sin_port);
	return fd;
}

static int cmp_ports(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void make_plan(struct arena *arena, struct target_plan *plan, uint16_t *ports, uint32_t n,
		      enum transport transport)
{
	*plan = (struct target_plan){
		.transport = transport, .seed = 3, .ports = ports, .n_ports = n};
	qsort(ports, n, sizeof(*ports), cmp_ports);
	if (target_parse(arena, SPAN_LIT("127.0.0.1"), &plan->hosts, NULL) < 0 ||
	    target_plan(arena, plan, NULL) < 0)
		abort();
}

/* Until every step was sent and nothing is in flight. */
static void run(struct engine_session *session, const struct engine *engine)
{
	struct engine_slice slice = {
		.until = session->plan->n_steps, .rate_pps = 1000000, .ms = 100};

	for (int i = 0; i < PATIENCE; i++) {
		if (engine->work(session, &slice, NULL) < 0)
			abort();
		if (slice.next == slice.until && session->in_flight == 0)
			return;
	}
}

static void test_tcp(const struct engine *engine)
{
	struct arena arena = {0};
	struct target_plan plan;
	uint16_t ports[2 * N_OPEN];
	uint64_t bits[2] = {0};
	int fds[2 * N_OPEN];
	struct engine_session session = {.plan = &plan,
					 .seen = {&bits[0], &bits[1]},
					 .wait_ms = 60000,
					 .stop = &stop,
					 .tell = tell};

	for (int i = 0; i < 2 * N_OPEN; i++)
		fds[i] = hold_port(SOCK_STREAM, i < N_OPEN, &ports[i]);
	make_plan(&arena, &plan, ports, 2 * N_OPEN, TRANSPORT_TCP);
	ok(engine->open(&session, NULL) == 0, "opens without rights");
	run(&session, engine);
	ok(session.counts.open == N_OPEN && session.counts.answered == 2 * N_OPEN,
	   "those that listen are open, the others closed");
	ok(n_told[ENGINE_OPEN] == session.counts.open, "each open one is told once");
	ok(session.rtt.n > 0, "the time of answers is measured");
	run(&session, engine);
	ok(session.counts.sent == 2 * N_OPEN, "the answered are not asked again");
	engine->close(&session);
	ok(!session.state, "closes");
	for (int i = 0; i < 2 * N_OPEN; i++)
		close(fds[i]);
	arena_done(&arena);
}

/* A child answers the first datagram on each of two sockets: on one from the port asked, on the
 * other from a port of its own. */
static pid_t answer_both(const int fds[2], int other)
{
	pid_t pid = fork();

	for (int i = 0; pid == 0 && i < 2; i++) {
		struct sockaddr_in from;
		socklen_t n = sizeof(from);
		char byte;
		struct pollfd wait = {fds[i], POLLIN, 0};

		if (poll(&wait, 1, PATIENCE * 100) != 1 ||
		    recvfrom(fds[i], &byte, 1, 0, (struct sockaddr *)&from, &n) < 0 ||
		    sendto(i ? other : fds[i], "x", 1, 0, (struct sockaddr *)&from, n) < 0)
			_exit(1);
	}
	if (pid == 0)
		_exit(0);
	return pid;
}

static void test_udp(const struct engine *engine)
{
	static const uint8_t question[] = "?";
	struct arena arena = {0};
	struct target_plan plan;
	uint16_t ports[3];
	uint16_t asked[3];
	uint64_t bits[2] = {0};
	struct engine_payload payloads[3];
	int fds[3];
	uint16_t port;
	int other = hold_port(SOCK_DGRAM, true, &port);
	int status = -1;
	struct engine_session session = {.plan = &plan,
					 .seen = {&bits[0], &bits[1]},
					 .payloads = payloads,
					 .wait_ms = 60000,
					 .stop = &stop,
					 .tell = tell};

	for (int i = 0; i < 3; i++)
		fds[i] = hold_port(SOCK_DGRAM, i < 2, &ports[i]);
	memcpy(asked, ports, sizeof(asked));
	memset(n_told, 0, sizeof(n_told));
	make_plan(&arena, &plan, ports, 3, TRANSPORT_UDP);
	for (int i = 0; i < 3; i++)
		payloads[i] = (struct engine_payload){question, 1, ports[i] == asked[1]};
	pid_t pid = answer_both(fds, other);

	ok(engine->open(&session, NULL) == 0, "opens for UDP");
	run(&session, engine);
	waitpid(pid, &status, 0);
	ok(status == 0, "both servers were asked");
	ok(n_told[ENGINE_OPEN] == 1, "an answer from the port asked is open");
	ok(n_told[ENGINE_ELSEWHERE] == 1, "one from another port has yet to prove itself");
	ok(n_told[ENGINE_CLOSED] == 1, "port unreachable is closed");
	ok(session.counts.answered == 2, "what has to prove itself is not answered yet");
	engine->close(&session);
	close(fds[0]);
	close(fds[1]);
	close(fds[2]);
	close(other);
	arena_done(&arena);
}

int main(void)
{
	const struct engine *engine = engine_find(SPAN_LIT("connect"));

	ok(engine && engine_at(engine_count() - 1) == engine,
	   "connect is there, and the last resort");
	if (engine) {
		test_tcp(engine);
		test_udp(engine);
	}
	ok(!engine_find(SPAN_LIT("none")), "an engine that is not there is not found");
	return done();
}

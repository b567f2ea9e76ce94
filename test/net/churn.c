/* SPDX-License-Identifier: Apache-2.0 */
/*
 * churn: listeners that stay, beside others that open and close all the time.
 *
 * churn [-s STABLE] [-c CHURNING] [-j PROCESSES] [-l LIFE] [-r] [-f]
 *
 *   -s   so many listeners that stay (1000), on ports 10000 and up, shared out among -j processes
 *   -c   so many that come and go (1000), on ports 20000 and up, in CHURNERS processes
 *   -j   processes that hold the stable ones (20)
 *   -l   milliseconds that one of the others lives (50); the machine may make it longer
 *   -r   all of them on port 12000, by SO_REUSEPORT
 *   -f   each of the others is a process of its own, which ends when it closes
 *
 * When all stable ones listen, prints one line for each, "stable PID PORT", and for each process
 * that churns "churn PID FIRST LAST" (PID 0: ever others), then "ready". It waits for a line of
 * input: churning starts, and once every churner has opened its first, it prints "churning". It
 * ends with its input; the processes of its making end with it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	STABLE_PORT = 10000,
	SHARED_PORT = 12000,
	CHURN_PORT = 20000,
	CHURNERS = 4,
	BACKLOG = 8,
};

struct options {
	unsigned n_stable, n_churning, n_processes, life_ms;
	bool is_shared, is_forking;
};

static void fail(const char *what)
{
	fprintf(stderr, "churn: %s: %s\n", what, strerror(errno));
	_exit(1); /* without what is buffered: a child has its parent's lines there */
}

/* A listener, or -1. */
static int open_listener(unsigned port, bool is_shared)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int one = 1;

	if (fd < 0)
		return -1;
	if (is_shared)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0); /* it has ended already */
}

/* A child that says on `ready` when it is: the caller waits for its byte. */
static pid_t child(int ready[2])
{
	pid_t parent = getpid();
	pid_t pid;

	if (pipe(ready) < 0)
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		die_with(parent);
		close(ready[0]);
	} else {
		close(ready[1]);
	}
	return pid;
}

static void await(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1) {
		errno = ECHILD;
		fail("a child did not start");
	}
	close(fd);
}

static void tell(int fd)
{
	if (write(fd, "", 1) != 1)
		_exit(1);
	close(fd);
}

static void hold(const struct options *o, unsigned index, int ready)
{
	for (unsigned i = index; i < o->n_stable; i += o->n_processes)
		if (open_listener(o->is_shared ? SHARED_PORT : STABLE_PORT + i, o->is_shared) < 0)
			fail("a stable listener");
	tell(ready);
	for (;;)
		pause();
}

static void start_stable(const struct options *o)
{
	for (unsigned i = 0; i < o->n_processes; i++) {
		int ready[2];
		pid_t pid = child(ready);

		if (pid == 0)
			hold(o, i, ready[1]);
		await(ready[0]);
		for (unsigned k = i; k < o->n_stable; k += o->n_processes)
			printf("stable %d %u\n", (int)pid, o->is_shared ? SHARED_PORT : STABLE_PORT + k);
	}
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void sleep_us(int64_t us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

/* Opens and closes for ever, the oldest first: each lives about as long as asked, and a machine
 * that cannot keep up churns as fast as it can. */
static void churn(const struct options *o, unsigned first, unsigned n, int ready)
{
	int *fds = malloc(n * sizeof(*fds));
	int64_t step_us = (int64_t)o->life_ms * 1000 / n;
	int64_t due;

	if (!fds)
		fail("memory");
	for (unsigned i = 0; i < n; i++)
		fds[i] = open_listener(o->is_shared ? SHARED_PORT : first + i, o->is_shared);
	tell(ready);
	due = now_us();
	for (unsigned i = 0;; i = (i + 1) % n) {
		int64_t now = now_us();

		due += step_us;
		if (due > now)
			sleep_us(due - now < 1000 ? 1000 : due - now);
		else if (due + 100000 < now)
			due = now;
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = open_listener(o->is_shared ? SHARED_PORT : first + i, o->is_shared);
	}
}

/* The same with a process for each. */
static void churn_processes(const struct options *o, unsigned first, unsigned n, int ready)
{
	pid_t parent = getpid();
	unsigned n_running = 0;

	tell(ready);
	for (unsigned i = 0;; i = (i + 1) % n) {
		pid_t pid = n_running < n ? fork() : -1;

		if (pid == 0) {
			die_with(parent);
			open_listener(o->is_shared ? SHARED_PORT : first + i, o->is_shared);
			sleep_us((int64_t)o->life_ms * 1000);
			_exit(0);
		}
		if (pid > 0)
			n_running++;
		while (n_running && waitpid(-1, NULL, n_running < n ? WNOHANG : 0) > 0)
			n_running--;
	}
}

static void await_hangup(int fd)
{
	struct pollfd start = {.fd = fd};

	while (poll(&start, 1, -1) < 1)
		;
	close(fd);
}

/* Forked at once, so that their pids can be printed; they wait until `start` is hung up. */
static void start_churners(const struct options *o)
{
	unsigned each = o->n_churning / CHURNERS;
	int ready[CHURNERS][2];
	int start[2];

	if (pipe(start) < 0)
		fail("pipe");
	for (unsigned i = 0; i < CHURNERS && each; i++) {
		unsigned first = CHURN_PORT + i * each;
		pid_t pid = child(ready[i]);

		if (pid == 0) {
			close(start[1]);
			await_hangup(start[0]);
			setpriority(PRIO_PROCESS, 0, 5); /* the listing shall get its turn too */
			(o->is_forking ? churn_processes : churn)(o, first, each, ready[i][1]);
		}
		printf("churn %d %u %u\n", o->is_forking ? 0 : (int)pid,
		       o->is_shared ? SHARED_PORT : first,
		       o->is_shared ? SHARED_PORT : first + each - 1);
	}
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		exit(0);
	close(start[0]);
	close(start[1]);
	for (unsigned i = 0; i < CHURNERS && each; i++)
		await(ready[i][0]);
	puts("churning");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct options o = {.n_stable = 1000, .n_churning = 1000, .n_processes = 20, .life_ms = 50};
	struct rlimit limit;
	int option;

	while ((option = getopt(argc, argv, "s:c:j:l:rf")) > 0) {
		switch (option) {
		case 's': o.n_stable = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'c': o.n_churning = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'j': o.n_processes = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'l': o.life_ms = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'r': o.is_shared = true; break;
		case 'f': o.is_forking = true; break;
		default: return 64;
		}
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	start_stable(&o);
	start_churners(&o);
	while (getchar() != EOF)
		;
	return 0;
}

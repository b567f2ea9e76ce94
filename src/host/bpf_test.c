/* SPDX-License-Identifier: Apache-2.0 */
/* One number by the kernel's tables and by a look at every file: the same rows, in a network
 * namespace of its own. Needs the rights to make one and to load programs. */
#include "host/bpf.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/bpf_run.h"
#include "host/layout.h"
#include "host/namespaces.h"
#include "tap.h"

enum { PORT = 7000, ELSEWHERE = 7001, N_WAITING = 4, N_CONNECTED = 3, N_HOLDERS = 2, TRIES = 200 };

static bool enter_namespace(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;
	bool is_up;

	if (!bpf_is_allowed() || unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	is_up = ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
	close(fd);
	return is_up;
}

/* On 127.0.0.`last`, or on all addresses of IPv6. */
static int open_socket(int family, int type, uint8_t last, uint16_t port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(family, type, 0);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		 family == AF_INET ? sizeof(v4) : sizeof(v6)) < 0)
		return -1;
	return fd;
}

static int open_listener(int family, uint16_t port)
{
	int fd = open_socket(family, SOCK_STREAM, 1, port);

	return fd >= 0 && listen(fd, 8) == 0 ? fd : -1;
}

/* From that socket to a listener of ours; returns the accepted end. */
static int join(int from, int listener, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (connect(from, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	return accept(listener, NULL, NULL);
}

static uint64_t inode_of(int fd)
{
	struct stat st = {0};

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static int by_holder(const void *a, const void *b)
{
	const struct look_socket *x = a;
	const struct look_socket *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->process != y->process ? (x->process > y->process) - (x->process < y->process)
					: (x->fd > y->fd) - (x->fd < y->fd);
}

/* Rows in order, each with the pid in place of the index. */
struct seen {
	struct look_socket rows[64];
	size_t n;
	bool is_by_number, is_early;
};

static void keep_rows(const struct bpf_look *from, struct seen *seen)
{
	struct bpf_look look = *from;

	seen->n = look.n_sockets < 64 ? look.n_sockets : 64;
	seen->is_by_number = look.is_by_number;
	seen->is_early = look.is_early;
	for (size_t i = 0; i < seen->n; i++) {
		seen->rows[i] = look.sockets[i];
		seen->rows[i].process = look.processes[seen->rows[i].process].pid;
	}
	bpf_look_done(&look);
	qsort(seen->rows, seen->n, sizeof(seen->rows[0]), by_holder);
}

static void look_once(const struct look_query *query, struct seen *seen)
{
	struct bpf_look look;
	struct why why = {0};

	*seen = (struct seen){0};
	if (bpf_look_run(query, &look, &why) < 0)
		note("%s", why.text);
	else
		keep_rows(&look, seen);
}

/* By the build for kernels without bpf_rdonly_cast, which runs on newer ones too. */
static void look_by_copies(const struct look_query *query, struct seen *seen)
{
	struct look_query sized = *query;
	struct look_layout layout;
	struct bpf_look look;
	struct why why = {0};

	*seen = (struct seen){0};
	sized.max_sockets = sized.max_processes = 64;
	if (layout_find(&layout, &why) < 0 || bpf_run_copy(&sized, &layout, &look, &why) < 0)
		note("%s", why.text);
	else
		keep_rows(&look, seen);
}

/* Others of this machine may close a socket of the same chain while it is walked: then it is asked
 * again. */
static void look_by_number(const struct look_query *query, struct seen *seen)
{
	for (int i = 0; i < TRIES; i++) {
		look_once(query, seen);
		if (seen->is_by_number)
			break;
	}
}

static bool is_same(const struct seen *a, const struct seen *b)
{
	return a->n == b->n && memcmp(a->rows, b->rows, a->n * sizeof(a->rows[0])) == 0;
}

static void test_same(struct look_query query)
{
	static struct seen quick, whole;

	query.by_number = false;
	look_once(&query, &whole);
	query.by_number = true;
	look_by_number(&query, &quick);
	ok(quick.is_by_number && !whole.is_by_number,
	   "the kernel's tables are asked when that is wanted");
	is_int((int64_t)quick.n, (N_WAITING + N_CONNECTED) * N_HOLDERS,
	       "they tell who waits and who is connected, with every holder");
	ok(is_same(&quick, &whole), "a look at every file tells the same");
	ok(!quick.is_early, "where files have several holders, the pass goes to its end");

	look_by_copies(&query, &quick);
	ok(is_same(&quick, &whole), "the build for older kernels tells the same");
	query.inodes++;
	look_once(&query, &quick);
	ok(!quick.is_by_number && quick.n == whole.n,
	   "when another socket was listed, every file is looked at");
	query = (struct look_query){.netns = query.netns,
				    .first = PORT + 9,
				    .last = PORT + 9,
				    .peers = 1,
				    .by_number = 1,
				    .has_tcp = 1,
				    .has_udp = 1,
				    .max_sockets = 16,
				    .max_processes = 16};
	look_by_number(&query, &quick);
	ok(quick.is_by_number && quick.n == 0 && quick.is_early,
	   "a number that nobody has, has nobody");
}

/* The last two of those that wait. */
static void test_udp(struct look_query query, const int waiting[N_WAITING])
{
	static struct seen seen;

	query.has_tcp = 0;
	query.n_waiting = 2;
	query.inodes = inode_of(waiting[2]) + inode_of(waiting[3]);
	look_by_number(&query, &seen);
	ok(seen.is_by_number && seen.n >= 2 * N_HOLDERS, "of UDP alone the tables tell too");
}

/* Everything has one holder now. */
static void test_early(const struct look_query *query, int listener)
{
	static struct seen seen;
	int pair[2];
	char byte = 0;
	struct iovec piece = {&byte, 1};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &piece,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	pid_t child;

	for (int i = 0; i < TRIES; i++) { /* whoever reads our /proc meanwhile has references too */
		look_by_number(query, &seen);
		if (seen.is_early)
			break;
	}
	ok(seen.is_early && seen.n == N_WAITING + N_CONNECTED,
	   "where each file has one holder, the pass ends when all are found");

	memcpy(CMSG_DATA(&control.header), &listener, sizeof(listener));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && sendmsg(pair[0], &message, 0) == 1) {
		look_by_number(query, &seen);
		ok(!seen.is_early && seen.n == N_WAITING + N_CONNECTED,
		   "but not while a descriptor is on its way to somebody");
		close(pair[0]);
		close(pair[1]);
	} else {
		skip(1, "no descriptor can be sent here");
	}
	child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		pause();
		_exit(0);
	}
	look_by_number(query, &seen);
	ok(!seen.is_early && seen.n == (N_WAITING + N_CONNECTED) * N_HOLDERS,
	   "nor when another process shares the table");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

int main(void)
{
	struct look_query query = {.first = PORT,
				   .last = PORT,
				   .peers = 1,
				   .by_number = 1,
				   .has_tcp = 1,
				   .has_udp = 1,
				   .n_waiting = N_WAITING,
				   .max_sockets = 4,
				   .max_processes = 4};
	struct why why = {0};
	struct look_layout layout;
	pid_t child;

	if (layout_find(&layout, &why) < 0 || !layout.has_tables) {
		skip(11, "this kernel's tables of numbers are not known");
		return done();
	}
	if (!enter_namespace()) {
		skip(11, "no right to make a namespace or to load programs");
		return done();
	}
	int waiting[N_WAITING] = {open_listener(AF_INET, PORT), open_listener(AF_INET6, PORT),
				  open_socket(AF_INET, SOCK_DGRAM, 1, PORT),
				  open_socket(AF_INET6, SOCK_DGRAM, 1, PORT)};
	int elsewhere = open_listener(AF_INET, ELSEWHERE);
	int passing = socket(AF_INET, SOCK_STREAM, 0);
	int closed = join(passing, waiting[0], PORT);
	/* two that were accepted, and one that goes out from the number, by another address */
	bool is_open = join(socket(AF_INET, SOCK_STREAM, 0), waiting[0], PORT) >= 0 &&
		       join(socket(AF_INET, SOCK_STREAM, 0), waiting[0], PORT) >= 0 &&
		       join(open_socket(AF_INET, SOCK_STREAM, 2, PORT), elsewhere, ELSEWHERE) >= 0;

	/* of one, TIME_WAIT stays behind */
	close(closed);
	close(passing);
	query.netns = (uint32_t)namespace_own();
	for (int i = 0; i < N_WAITING; i++)
		query.inodes += inode_of(waiting[i]);
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	if (is_open) {
		test_same(query);
		test_udp(query, waiting);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (is_open)
		test_early(&query, waiting[0]);
	else
		skip(11, "sockets cannot be opened here");
	return done();
}

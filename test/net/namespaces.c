/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces: many network namespaces with one listener each, on the same port in all of them.
 *
 * namespaces hold LIVED [NAMED]   so many with a process in each, and so many that only have a name
 *                                 in /run/netns, whose listeners this process holds from outside.
 *                                 Prints "netns INODE PID" for each, then "ready", and ends with
 *                                 its input.
 * namespaces vanish               a few that are made and removed all the time: prints "ready" and
 *                                 ends with its input, then prints how many it removed.
 * namespaces list N               lists every namespace, again and again in one process, until N
 *                                 were removed meanwhile, ten times at least. Prints "listings L removed N failed F
 *                                 descriptors BEFORE AFTER".
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"

enum { PORT = 7000, POOL = 8, PATIENCE_S = 300, LEAST_LISTINGS = 10 };

static void fail(const char *what)
{
	fprintf(stderr, "namespaces: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void listen_here(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 4) < 0)
		fail("listen");
}

static unsigned long own_namespace(void)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) < 0)
		fail("/proc/self/ns/net");
	return st.st_ino;
}

/* A process in a namespace of its own that listens; returns when it does. */
static pid_t start_holder(unsigned long *inode)
{
	pid_t parent = getpid();
	pid_t pid;
	int ready[2];

	if (pipe(ready) < 0)
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		if (unshare(CLONE_NEWNET) < 0)
			fail("unshare");
		listen_here();
		*inode = own_namespace();
		if (write(ready[1], inode, sizeof(*inode)) != sizeof(*inode))
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], inode, sizeof(*inode)) != sizeof(*inode))
		fail("a process did not start");
	close(ready[0]);
	return pid;
}

/* Nobody lives in it: a name holds it, and this process its socket. */
static unsigned long make_named(unsigned number, int home)
{
	unsigned long inode;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/test%u", number);
	fd = open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 || close(fd) < 0 || unshare(CLONE_NEWNET) < 0 ||
	    mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0)
		fail(path);
	listen_here();
	inode = own_namespace();
	if (setns(home, CLONE_NEWNET) < 0)
		fail("setns");
	return inode;
}

static void await_end(void)
{
	while (getchar() != EOF)
		;
}

static int hold(unsigned n_lived, unsigned n_named)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned long inode;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	for (unsigned i = 0; i < n_lived; i++) {
		pid_t pid = start_holder(&inode);

		printf("netns %lu %d\n", inode, (int)pid);
	}
	for (unsigned i = 0; i < n_named; i++)
		printf("netns %lu %d\n", make_named(i, home), (int)getpid());
	puts("ready");
	fflush(stdout);
	await_end();
	return 0;
}

/* Makes and removes until `end` is readable or hung up; counts into *n_removed. */
static void vanish(int end, unsigned *n_removed)
{
	pid_t pool[POOL] = {0};
	struct pollfd over = {.fd = end, .events = POLLIN};

	for (unsigned i = 0; poll(&over, 1, 0) == 0; i = (i + 1) % POOL) {
		unsigned long inode;

		if (pool[i]) {
			kill(pool[i], SIGKILL);
			waitpid(pool[i], NULL, 0);
			__atomic_add_fetch(n_removed, 1, __ATOMIC_RELAXED);
		}
		pool[i] = start_holder(&inode);
	}
}

static int put(struct sink *sink, const struct sighting *sighting)
{
	(void)sink;
	(void)sighting;
	return 0;
}

static unsigned count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static bool look(void)
{
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing;
	struct sink sink = {put};
	struct arena arena = {0};
	int r;

	query.namespaces = true;
	query.is_plain = true;
	alarm(PATIENCE_S); /* only a hang takes as long */
	r = host_each_listener(&query, &arena, &sink, &listing, NULL);
	alarm(0);
	arena_done(&arena);
	return r == 0;
}

static int list(unsigned wanted)
{
	unsigned *n_removed = mmap(NULL, sizeof(*n_removed), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned n_listings = 0;
	unsigned n_failed = 0;
	unsigned before;
	int end[2];
	pid_t pid;

	if (n_removed == MAP_FAILED || pipe(end) < 0)
		fail("memory");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		close(end[1]);
		vanish(end[0], n_removed);
		_exit(0);
	}
	close(end[0]);
	n_failed += !look(); /* what is opened once and kept is open now */
	before = count_descriptors();
	while (__atomic_load_n(n_removed, __ATOMIC_RELAXED) < wanted || n_listings < LEAST_LISTINGS) {
		n_failed += !look();
		n_listings++;
		if (waitpid(pid, NULL, WNOHANG) != 0)
			fail("the one who removes has ended");
	}
	printf("listings %u removed %u failed %u descriptors %u %u\n", n_listings,
	       __atomic_load_n(n_removed, __ATOMIC_RELAXED), n_failed, before,
	       count_descriptors());
	close(end[1]);
	waitpid(pid, NULL, 0);
	munmap(n_removed, sizeof(*n_removed));
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned n_removed = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (argc > 2 && strcmp(argv[1], "hold") == 0)
		return hold(n, argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0);
	if (argc > 2 && strcmp(argv[1], "list") == 0)
		return list(n);
	if (argc != 2 || strcmp(argv[1], "vanish") != 0)
		return 64;
	puts("ready");
	fflush(stdout);
	vanish(STDIN_FILENO, &n_removed);
	printf("%u\n", n_removed);
	return 0;
}

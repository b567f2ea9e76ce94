/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen: a program that holds sockets, for tests and measurements.
 *
 * listen [-c COMM] [-j N] [-d N] [-u UID] [-m] [-x] SOCKET...
 *
 *   SOCKET   TRANSPORT/ADDRESS/PORT[/OPTION,OPTION]   tcp udp udplite mptcp sctp
 *            options: v6only reuseport reuseaddr connected (a client of itself is accepted)
 *            waiting (a client of itself is not accepted)
 *            PORT 1000+50: fifty of them, shared out among the processes
 *            or the word packet: a socket that reads every interface (AF_PACKET)
 *   -c       the name of the process (any bytes)
 *   -j       so many processes
 *   -d       so many further descriptors in each of them
 *   -u       bind as this user
 *   -m       run on from a copy of itself in memory
 *   -x       remove its own file first
 *
 * LISTEN_SOCKET in the environment is one SOCKET; the arguments are then somebody else's, and stay
 * to be seen only. Prints one line, "ready", when all is open, and waits to be killed or for the end of its input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROTO_MPTCP = 262, PROTO_UDPLITE = 136, PROTO_SCTP = 132 };

struct options {
	const char *comm;
	unsigned n_processes, n_descriptors;
	unsigned uid;
	bool is_in_memory, is_removed;
};

static void fail(const char *what)
{
	fprintf(stderr, "listen: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool has(const char *options, const char *word)
{
	return options && strstr(options, word);
}

static int open_socket(const char *transport, int family)
{
	if (strcmp(transport, "udp") == 0)
		return socket(family, SOCK_DGRAM, 0);
	if (strcmp(transport, "udplite") == 0)
		return socket(family, SOCK_DGRAM, PROTO_UDPLITE);
	if (strcmp(transport, "mptcp") == 0)
		return socket(family, SOCK_STREAM, PROTO_MPTCP);
	if (strcmp(transport, "sctp") == 0)
		return socket(family, SOCK_STREAM, PROTO_SCTP);
	return socket(family, SOCK_STREAM, 0);
}

static void make(const char *transport, const char *address, unsigned port, const char *options)
{
	struct sockaddr_storage name = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&name;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&name;
	const int one = 1;
	const int zero = 0;
	socklen_t size = sizeof(*v6);
	int fd;

	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		name.ss_family = AF_INET;
		size = sizeof(*v4);
	} else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
		name.ss_family = AF_INET6;
	} else {
		fail(address);
	}
	v4->sin_port = htons((uint16_t)port); /* at the same place in both */
	fd = open_socket(transport, name.ss_family);
	if (fd < 0)
		fail(transport);
	if (name.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, has(options, "v6only") ? &one : &zero,
			   sizeof(one));
	if (has(options, "reuseport"))
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (has(options, "reuseaddr"))
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&name, size) < 0)
		fail("bind");
	if (strncmp(transport, "udp", 3) != 0 && listen(fd, 16) < 0)
		fail("listen");
	if (!has(options, "connected") && !has(options, "waiting"))
		return;

	int client = open_socket(transport, name.ss_family);

	if (client < 0 || connect(client, (struct sockaddr *)&name, size) < 0 ||
	    (!has(options, "waiting") && accept(fd, NULL, NULL) < 0))
		fail("connect");
}

/* SOCKET of process number `index` of n: of several ports, every n-th one. */
static void make_all(const char *argument, unsigned index, unsigned n)
{
	char *text = strdup(argument); /* the arguments stay as they are, for all to see */
	char *transport = strsep(&text, "/");
	char *address = strsep(&text, "/");
	char *port = strsep(&text, "/");
	char *plus;

	if (transport && strcmp(transport, "packet") == 0) {
		if (socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) < 0)
			fail("packet");
		return;
	}
	if (!transport || !address || !port) {
		errno = EINVAL;
		fail("SOCKET");
	}
	unsigned first = (unsigned)strtoul(port, &plus, 10);
	unsigned count = *plus == '+' ? (unsigned)strtoul(plus + 1, NULL, 10) : 1;

	if (count == 1 && index > 0)
		return;
	for (unsigned i = index; i < count; i += n)
		make(transport, address, first + i, text);
}

static void hold(const struct options *o, char **sockets, int n, unsigned index)
{
	for (unsigned i = 0; i < o->n_descriptors; i++)
		if (open("/dev/null", O_RDONLY) < 0)
			fail("/dev/null");
	if (o->uid && (setgid(o->uid) < 0 || setuid(o->uid) < 0))
		fail("setuid");
	for (int i = 0; i < n; i++)
		make_all(sockets[i], index, o->n_processes);
	if (o->comm)
		prctl(PR_SET_NAME, o->comm);
}

/* Starts this program again from a copy in memory. */
static void run_from_memory(char **argv)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create("hidden", MFD_CLOEXEC);
	struct stat st;

	setenv("LISTEN_IN_MEMORY", "1", 1);
	if (from < 0 || to < 0 || fstat(from, &st) < 0 ||
	    sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size)
		fail("memfd");
	fexecve(to, argv, environ);
	fail("fexecve");
}

static void remove_own_file(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		fail("/proc/self/exe");
	path[n] = '\0';
	if (unlink(path) < 0)
		fail(path);
}

static void start_children(const struct options *o, char **sockets, int n)
{
	for (unsigned i = 1; i < o->n_processes; i++) {
		int ready[2];
		char byte;

		if (pipe(ready) < 0)
			fail("pipe");
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(ready[0]);
			hold(o, sockets, n, i);
			close(ready[1]);
			for (;;)
				pause();
		}
		close(ready[1]);
		while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
			;
		close(ready[0]);
	}
}

int main(int argc, char **argv)
{
	struct options o = {.n_processes = 1};
	struct rlimit limit;
	char byte;
	int option;

	if (getenv("LISTEN_SOCKET")) {
		argv[0] = getenv("LISTEN_SOCKET"); /* the pointer: the bytes of the arguments stay */
		optind = 0;
		argc = 1;
	}
	while (argc > 1 && (option = getopt(argc, argv, "c:j:d:u:mx")) > 0) {
		switch (option) {
		case 'c': o.comm = optarg; break;
		case 'j': o.n_processes = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'd': o.n_descriptors = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'u': o.uid = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'm': o.is_in_memory = true; break;
		case 'x': o.is_removed = true; break;
		default: return 64;
		}
	}
	if (o.is_in_memory && !getenv("LISTEN_IN_MEMORY"))
		run_from_memory(argv);
	if (o.is_removed)
		remove_own_file();
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	start_children(&o, argv + optind, argc - optind);
	hold(&o, argv + optind, argc - optind, 0);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

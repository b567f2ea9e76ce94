/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: makes the loads of bench/host.sh in the network namespace it is started in.
 *
 *	load PROCESSES DESCRIPTORS TCP UDP [ESTABLISHED]
 *
 * So many processes, each with so many descriptors, share the listeners and the established
 * connections, which are pairs over loopback. Prints "ready" and waits for the
 * end of standard input; all processes end with it.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long number(int argc, char **argv, int i)
{
	return argc > i ? strtoul(argv[i], NULL, 10) : 0;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_socket(int type, uint32_t address, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port),
				.sin_addr.s_addr = htonl(address)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 4096) < 0)
		die("listen");
	return fd;
}

/* Listeners first..last of one kind: ports from 1024 on, further loopback addresses when they are
 * used up. */
static void listen_some(int type, unsigned long first, unsigned long last)
{
	for (unsigned long i = first; i < last; i++)
		open_socket(type, INADDR_LOOPBACK + (uint32_t)(i / 20000), (uint16_t)(10000 + i % 20000));
}

/* n sockets of connections over loopback, each process on an address of its own. */
static void connect_some(unsigned long process, unsigned long n)
{
	uint32_t address = INADDR_LOOPBACK + 100 + (uint32_t)process;
	int server = n ? open_socket(SOCK_STREAM, address, 9) : -1;

	for (unsigned long done = 0; done < n; done += 2) {
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9),
					.sin_addr.s_addr = htonl(address)};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
			die("connect");
		if (accept(server, NULL, NULL) < 0)
			die("accept");
	}
	if (n)
		close(server);
}

int main(int argc, char **argv)
{
	unsigned long processes = number(argc, argv, 1);
	unsigned long descriptors = number(argc, argv, 2);
	unsigned long tcp = number(argc, argv, 3);
	unsigned long udp = number(argc, argv, 4);
	unsigned long established = number(argc, argv, 5);
	struct rlimit limit = {1 << 20, 1 << 20};
	int ready[2];
	char c;

	setrlimit(RLIMIT_NOFILE, &limit);
	if (processes == 0 || pipe(ready) < 0)
		die("usage: load PROCESSES DESCRIPTORS TCP UDP [ESTABLISHED]");
	for (unsigned long i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		listen_some(SOCK_STREAM, tcp * i / processes, tcp * (i + 1) / processes);
		listen_some(SOCK_DGRAM, udp * i / processes, udp * (i + 1) / processes);
		connect_some(i, established * (i + 1) / processes - established * i / processes);
		for (unsigned long k = (tcp + udp) / processes + 5; k < descriptors; k++)
			open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	for (unsigned long i = 0; i < processes; i++)
		if (read(ready[0], &c, 1) != 1)
			die("a process failed");
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}

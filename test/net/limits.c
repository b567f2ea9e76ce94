/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits: a program that hides a listening socket from the tables of descriptors, for tests.
 *
 * limits flight|io_uring|thread|empty PORT
 *
 *   flight    the only descriptor is on its way between two sockets of its own (SCM_RIGHTS)
 *   io_uring  the only reference is a fixed file of an io_uring
 *   thread    the descriptor is in the table of a thread of its own (unshare CLONE_FILES)
 *   empty     the first thread has given all of its descriptors up, another keeps them
 *
 * Prints "ready PID" when it is so, or "cannot WHY" when this kernel refuses, and waits for the end
 * of its input, or to be killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint16_t port;

static void cannot(const char *what)
{
	printf("cannot %s: %s\n", what, strerror(errno));
	fflush(stdout);
	exit(1);
}

static int open_listener(void)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 4) < 0)
		cannot("listen");
	return fd;
}

static void ready(void)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "ready %d\n", (int)getpid());

	if (write(STDOUT_FILENO, text, (size_t)n) != n)
		exit(1);
}

static void wait_for_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	exit(0);
}

static void send_away(void)
{
	int fd = open_listener();
	int pair[2];
	char byte = 0;
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0 || sendmsg(pair[0], &message, 0) != 1)
		cannot("send a descriptor");
	close(fd);
	ready();
	wait_for_end();
}

static void fix_in_ring(void)
{
	struct io_uring_params params = {0};
	int fd = open_listener();
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);

	if (ring < 0)
		cannot("make an io_uring");
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) < 0)
		cannot("register a file");
	close(fd);
	ready();
	wait_for_end();
}

static void *listen_apart(void *arg)
{
	(void)arg;
	if (unshare(CLONE_FILES) < 0)
		cannot("unshare descriptors");
	open_listener();
	ready();
	wait_for_end();
	return NULL;
}

static void *keep_open(void *arg)
{
	open_listener();
	*(volatile int *)arg = 1;
	/* until the first thread has let go, its copy of the listener is one too */
	while (*(volatile int *)arg != 2)
		sched_yield();
	ready();
	wait_for_end();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	volatile int step = 0;

	if (argc != 3)
		return 64;
	port = (uint16_t)strtoul(argv[2], NULL, 10);
	if (strcmp(argv[1], "flight") == 0)
		send_away();
	if (strcmp(argv[1], "io_uring") == 0)
		fix_in_ring();
	if (strcmp(argv[1], "thread") == 0) {
		if (pthread_create(&thread, NULL, listen_apart, NULL) != 0)
			cannot("start a thread");
		pthread_join(thread, NULL);
	}
	if (strcmp(argv[1], "empty") == 0) {
		if (pthread_create(&thread, NULL, keep_open, (void *)(uintptr_t)&step) != 0)
			cannot("start a thread");
		while (step != 1)
			sched_yield();
		if (unshare(CLONE_FILES) < 0 || syscall(SYS_close_range, 0U, ~0U, 0U) < 0)
			cannot("give descriptors up");
		step = 2;
		pthread_join(thread, NULL);
	}
	return 64;
}

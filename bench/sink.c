/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink: takes every TCP connection to its ports, on all addresses, and closes it at once: servers
 * for the scans that are fast enough for a scan by connect.
 *
 *	sink PORT...
 *
 * Prints "ready" and runs until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 65535, EVENTS = 64, AT_ONCE = 256 };

static int listen_at(long port)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
	const int no = 0;

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0) {
		perror("listen");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	const struct linger reset = {1, 0}; /* nothing stays in TIME-WAIT */
	int epoll = epoll_create1(0);

	for (int i = 1; i < argc; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		event.data.fd = listen_at(strtol(argv[i], NULL, 10));
		epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++)
			for (int k = 0; k < AT_ONCE; k++) {
				int fd = accept4(events[i].data.fd, NULL, NULL, 0);

				if (fd < 0)
					break;
				setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
				close(fd);
			}
	}
}

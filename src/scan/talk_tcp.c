/* SPDX-License-Identifier: Apache-2.0 */
/* talk_tcp: connections, without blocking. The window is kept small: a peer that pours a megabyte
 * at us cannot push more than a few windows of it. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "scan/talk.h"

size_t talk_address(const struct scan_target *target, union talk_address *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;

	*address = (union talk_address){.room = {0}};
	if (target->address.family == ADDRESS_IPV6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(target->port);
		v6->sin6_scope_id = target->address.interface;
		memcpy(&v6->sin6_addr, target->address.bytes, 16);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(target->port);
	memcpy(&v4->sin_addr, target->address.bytes, 4);
	return sizeof(*v4);
}

static int open_tcp(struct talk *talk)
{
	const int window = TALK_REPLY_MAX;
	const int at_once = 1;
	union talk_address to;
	socklen_t n = (socklen_t)talk_address(talk->target, &to);

	talk->fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (talk->fd < 0)
		return -errno;
	setsockopt(talk->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	setsockopt(talk->fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	talk->events = POLLOUT;
	if (connect(talk->fd, &to.any, n) < 0 && errno != EINPROGRESS) {
		int error = errno;

		close(talk->fd);
		talk->fd = -1;
		return -error;
	}
	return 0;
}

static int opened(struct talk *talk)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -errno;
	/* A connection that was refused says so otherwise (RFC 9293 section 3.10.7.3): a reset came
	 * after the handshake, so the port is open, and the next read tells that it hung up. */
	return error == ECONNRESET || error == EPIPE ? 0 : -error;
}

static ssize_t say(struct talk *talk, const uint8_t *bytes, size_t n)
{
	ssize_t sent = send(talk->fd, bytes, n, MSG_NOSIGNAL);

	return sent < 0 ? -errno : sent;
}

static ssize_t hear(struct talk *talk, uint8_t *bytes, size_t n)
{
	ssize_t got;

	do
		got = recv(talk->fd, bytes, n, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? (errno == EWOULDBLOCK ? -EAGAIN : -errno) : got;
}

const struct talk_carrier talk_tcp = {.open = open_tcp, .opened = opened, .say = say, .hear = hear};

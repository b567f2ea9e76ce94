/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk_udp: one socket per question, connected, so that only the asked address can answer and the
 * kernel tells us of "port unreachable". One datagram is the answer; what comes later is not read.
 *
 * TFTP answers from a port of its own choice (RFC 1350 section 4): there the socket stays open to
 * the address, whatever the port, and hears of errors by IP_RECVERR.
 */
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "scan/talk.h"

static bool answers_elsewhere(const struct talk *talk)
{
	return talk->asking.proto && strcmp(talk->asking.proto->name, "tftp") == 0;
}

static int open_udp(struct talk *talk)
{
	const int yes = 1;
	union talk_address to;
	socklen_t n = (socklen_t)talk_address(talk->target, &to);
	bool is_v6 = to.any.sa_family == AF_INET6;

	talk->fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (talk->fd < 0)
		return -errno;
	if (answers_elsewhere(talk))
		setsockopt(talk->fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			   is_v6 ? IPV6_RECVERR : IP_RECVERR, &yes, sizeof(yes));
	else if (connect(talk->fd, &to.any, n) < 0) {
		int error = errno;

		close(talk->fd);
		talk->fd = -1;
		return -error;
	}
	talk->events = POLLOUT;
	return 0;
}

static int opened(struct talk *talk)
{
	(void)talk;
	return 0;
}

static ssize_t say(struct talk *talk, const uint8_t *bytes, size_t n)
{
	union talk_address to;
	socklen_t size = (socklen_t)talk_address(talk->target, &to);
	ssize_t sent;

	if (answers_elsewhere(talk))
		sent = sendto(talk->fd, bytes, n, MSG_NOSIGNAL, &to.any, size);
	else
		sent = send(talk->fd, bytes, n, MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

static bool is_from_target(const struct talk *talk, const union talk_address *from)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;

	if (talk->target->address.family == ADDRESS_IPV6)
		return from->any.sa_family == AF_INET6 &&
		       memcmp(&v6->sin6_addr, talk->target->address.bytes, 16) == 0;
	return from->any.sa_family == AF_INET &&
	       memcmp(&v4->sin_addr, talk->target->address.bytes, 4) == 0;
}

static ssize_t hear(struct talk *talk, uint8_t *bytes, size_t n)
{
	union talk_address from = {.room = {0}};
	socklen_t size = sizeof(from);
	ssize_t got;

	do
		got = recvfrom(talk->fd, bytes, n, 0, &from.any, &size);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	/* an empty datagram is no answer, a stranger's even less */
	if (got == 0 || (answers_elsewhere(talk) && !is_from_target(talk, &from)))
		return -EAGAIN;
	return got;
}

const struct talk_carrier talk_udp = {
	.open = open_udp, .opened = opened, .say = say, .hear = hear, .is_datagram = true};

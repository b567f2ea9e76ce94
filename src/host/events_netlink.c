/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events_netlink: closed sockets, by the multicast groups of NETLINK_SOCK_DIAG (SKNLGRP_*_DESTROY).
 *
 * Needs no right, knows no process, and tells nothing of what opens. Sockets that had a peer are
 * left out here: they were connections. UDP-Lite has no group.
 */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/scope.h"
#include "host/events.h"

enum { BUFFER_SIZE = 1 << 20, MESSAGE_MAX = 8 << 10, ATTR_PROTOCOL = 10, AT_ONCE = 4096 };

int events_netlink_open(bool tcp)
{
	const uint32_t udp_groups =
		1u << (SKNLGRP_INET_UDP_DESTROY - 1) | 1u << (SKNLGRP_INET6_UDP_DESTROY - 1);
	const uint32_t tcp_groups =
		1u << (SKNLGRP_INET_TCP_DESTROY - 1) | 1u << (SKNLGRP_INET6_TCP_DESTROY - 1);
	struct sockaddr_nl name = {.nl_family = AF_NETLINK,
				   .nl_groups = udp_groups | (tcp ? tcp_groups : 0)};
	const int size = BUFFER_SIZE;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* what it may have */
	if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
		int error = errno;

		close(fd);
		return -error;
	}
	return fd;
}

static bool take(struct span *s, void *p, size_t n)
{
	struct span piece;

	if (!take_span(s, n, &piece))
		return false;
	memcpy(p, piece.p, n);
	return true;
}

/* What stands behind the header, of a whole of that length, with the padding left out. */
static bool take_body(struct span *s, size_t whole, size_t header, struct span *body)
{
	if (whole < header || !take_span(s, whole - header, body))
		return false;
	*s = span_skip(*s, (4 - whole % 4) % 4);
	return true;
}

static enum transport transport_by(uint8_t number)
{
	for (int t = TRANSPORT_ANY + 1; t < N_TRANSPORTS; t++)
		if (transport_number((enum transport)t) == number)
			return (enum transport)t;
	return TRANSPORT_ANY;
}

/* False: not a message of that kind. *is_wanted: a socket that could have been a listener. */
static bool read_closed(struct span s, struct host_event *event, bool *is_wanted)
{
	struct inet_diag_msg m;
	struct nlattr attribute;
	struct span body;

	if (!take(&s, &m, sizeof(m)) || (m.idiag_family != AF_INET && m.idiag_family != AF_INET6))
		return false;
	*event = (struct host_event){
		.is_closed = true,
		.transport = TRANSPORT_TCP,
		.local = m.idiag_family == AF_INET6
				 ? address_ipv6((const uint8_t *)m.id.idiag_src)
				 : address_ipv4((const uint8_t *)m.id.idiag_src),
		.port = ntohs(m.id.idiag_sport),
		.cookie = (uint64_t)m.id.idiag_cookie[1] << 32 | m.id.idiag_cookie[0],
		.uid = m.idiag_uid,
	};
	event->local.interface = m.id.idiag_if;
	while (s.n) {
		if (!take(&s, &attribute, sizeof(attribute)) ||
		    !take_body(&s, attribute.nla_len, NLA_HDRLEN, &body))
			return false;
		if ((attribute.nla_type & NLA_TYPE_MASK) == ATTR_PROTOCOL && body.n)
			event->transport = transport_by(body.p[0]);
	}
	*is_wanted = m.id.idiag_dport == 0 && event->port && event->transport != TRANSPORT_ANY;
	return true;
}

bool events_netlink_parse(struct span bytes, host_event_fn *each, void *arg)
{
	struct nlmsghdr header;
	struct span body;

	while (bytes.n) {
		struct host_event event;
		bool is_wanted = false;

		if (!take(&bytes, &header, sizeof(header)) ||
		    !take_body(&bytes, header.nlmsg_len, NLMSG_HDRLEN, &body))
			return false;
		if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
			continue;
		if (!read_closed(body, &event, &is_wanted))
			return false;
		if (is_wanted)
			each(arg, &event);
	}
	return true;
}

int events_netlink_read(int fd, host_event_fn *each, void *arg, uint64_t *n_lost)
{
	for (int i = 0; i < AT_ONCE; i++) {
		struct sockaddr_nl sender = {0};
		uint8_t bytes[MESSAGE_MAX];
		struct iovec piece = {.iov_base = bytes, .iov_len = sizeof(bytes)};
		struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof(sender),
					 .msg_iov = &piece, .msg_iovlen = 1};
		ssize_t n = recvmsg(fd, &message, 0);

		if (n < 0 && errno == ENOBUFS) {
			++*n_lost; /* how many, the kernel does not say */
			continue;
		}
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (sender.nl_pid != 0)
			continue; /* others may write to us: not listened to */
		if (message.msg_flags & MSG_TRUNC ||
		    !events_netlink_parse(span_of(bytes, (size_t)n), each, arg))
			++*n_lost;
	}
	return 0;
}

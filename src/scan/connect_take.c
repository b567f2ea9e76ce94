/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect_take: what a socket says of its target: an answer, an error, and the ICMP message behind
 * that. What a datagram holds is not looked at: that is the worker's work.
 */
#include "scan/connect.h"

#include <errno.h>
#include <time.h> /* before errqueue.h, which needs it and does not say so */

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "base/scope.h"
#include "scan/place.h"

enum { RESENT_US = 900000 /* an answer so late may be one to the kernel's second SYN */ };

static void settle(struct engine_session *session, int32_t i, enum engine_answer answer)
{
	struct connect_state *state = session->state;
	int64_t us = (connect_now_ns() - state->slots[i].sent_ns) / 1000;

	if (us < RESENT_US)
		engine_measure(session, (uint32_t)us);
	engine_answer(session, state->slots[i].index, answer);
	connect_drop(session, i);
}

/* The ICMP message behind an error says more than its errno. */
struct reason {
	struct sock_extended_err error;
	union place from;
};

static bool read_reason(int fd, struct reason *reason)
{
	uint8_t room[512];
	struct msghdr message = {.msg_control = room, .msg_controllen = sizeof(room)};

	memset(reason, 0, sizeof(*reason));
	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		size_t n = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_len < CMSG_LEN(sizeof(reason->error)))
			continue;
		memcpy(&reason->error, CMSG_DATA(c), sizeof(reason->error));
		/* ip(7): the address of who sent it lies behind */
		n -= sizeof(reason->error);
		memcpy(&reason->from, CMSG_DATA(c) + sizeof(reason->error),
		       n < sizeof(reason->from) ? n : sizeof(reason->from));
		return reason->error.ee_origin == SO_EE_ORIGIN_ICMP ||
		       reason->error.ee_origin == SO_EE_ORIGIN_ICMP6;
	}
	return false;
}

static bool is_prohibited(const struct reason *reason)
{
	const struct sock_extended_err *e = &reason->error;

	/* RFC 1812 section 5.2.7.1: codes 9, 10 and 13; RFC 4443 section 3.1: code 1 */
	if (e->ee_origin == SO_EE_ORIGIN_ICMP && e->ee_type == ICMP_DEST_UNREACH)
		return e->ee_code == ICMP_NET_ANO || e->ee_code == ICMP_HOST_ANO ||
		       e->ee_code == ICMP_PKT_FILTERED;
	return e->ee_origin == SO_EE_ORIGIN_ICMP6 && e->ee_type == ICMP6_DST_UNREACH &&
	       e->ee_code == ICMP6_DST_UNREACH_ADMIN;
}

/* By this machine's own kernel, not by a router. */
static bool is_from_here(int fd, const struct reason *reason)
{
	socklen_t n = sizeof(union place);
	union place here;

	memset(&here, 0, sizeof(here));
	return getsockname(fd, &here.any, &n) == 0 && place_same_host(&here, &reason->from);
}

/* A socket that was connected to itself: the port it was given is the one that it asked. */
static bool is_own_echo(int fd)
{
	union place here;
	union place there;
	socklen_t n = sizeof(here);
	socklen_t m = sizeof(there);

	memset(&here, 0, sizeof(here));
	memset(&there, 0, sizeof(there));
	if (getsockname(fd, &here.any, &n) < 0 || getpeername(fd, &there.any, &m) < 0)
		return false;
	if (here.any.sa_family == AF_INET)
		return here.v4.sin_port == there.v4.sin_port &&
		       here.v4.sin_addr.s_addr == there.v4.sin_addr.s_addr;
	return here.v6.sin6_port == there.v6.sin6_port &&
	       memcmp(&here.v6.sin6_addr, &there.v6.sin6_addr, 16) == 0;
}

/* What an error proves of the target. */
void connect_take_error(struct engine_session *session, int32_t i, int error)
{
	struct connect_state *state = session->state;
	struct reason reason;

	switch (error) {
	case ECONNREFUSED: settle(session, i, ENGINE_CLOSED); return;
	case ECONNRESET: /* taken, and thrown out */
	case EPIPE: settle(session, i, ENGINE_OPEN); return;
	case EACCES:
	case EPERM: session->counts.refused_here++; break;
	default:
		if (read_reason(state->slots[i].fd, &reason) && is_prohibited(&reason)) {
			session->counts.prohibited++;
		} else if (error == EHOSTUNREACH || error == ENETUNREACH) {
			session->counts.unreachable++;
			if (state->slots[i].near &&
			    is_from_here(state->slots[i].fd, &reason))
				connect_near_failed(session, state->slots[i].near);
		}
	}
	connect_drop(session, i);
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t n = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 ? errno : error;
}

static void take_stream(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;
	int error = socket_error(state->slots[i].fd);

	if (error)
		connect_take_error(session, i, error);
	else
		settle(session, i, is_own_echo(state->slots[i].fd) ? ENGINE_CLOSED : ENGINE_OPEN);
}

static void take_datagram(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;
	struct connect_slot *slot = &state->slots[i];
	struct address asked;
	uint16_t port;
	union place to;
	union place from;
	socklen_t n = sizeof(from);
	uint8_t byte;
	int error;

	memset(&from, 0, sizeof(from));
	if (recvfrom(slot->fd, &byte, 1, MSG_TRUNC | MSG_DONTWAIT, &from.any, &n) < 0) {
		error = errno == EAGAIN ? socket_error(slot->fd) : errno;
		if (error && error != EINTR)
			connect_take_error(session, i, error);
		return;
	}
	if (!slot->is_free_of_port) {
		settle(session, i, ENGINE_OPEN);
		return;
	}
	target_at(session->plan, slot->index, &asked, &port);
	place_of(&asked, port, &to);
	if (place_same_host(&from, &to))
		settle(session, i, place_same_port(&from, &to) ? ENGINE_OPEN : ENGINE_ELSEWHERE);
}

void connect_take(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;

	if (state->slots[i].fd < 0)
		return;
	if (state->slots[i].is_datagram)
		take_datagram(session, i);
	else
		take_stream(session, i);
}

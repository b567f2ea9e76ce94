/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect: the engine without rights: one socket per probe, up to CONNECT_SLOTS at once, by epoll.
 *
 * Probes in flight stand in a queue in the order in which they were sent, so the head is always the
 * next to be given up. TCP is a connect that is closed as soon as it is answered; the kernel itself
 * resends a lost SYN after a second, which is why no probe is given up before the session says. UDP
 * is a connected socket, so that only the port asked can answer and port unreachable comes back as
 * an error; a protocol that answers from another port gets a socket that is not connected. What a
 * datagram holds is not looked at: that is the worker's work.
 *
 * When descriptors or local ports run out, the engine goes on with those in flight as its limit.
 */
#include <errno.h>
#include <time.h> /* before errqueue.h, which needs it and does not say so */

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/engine.h"

enum {
	CONNECT_SLOTS = 10000,
	EVENTS = 512,
	FD_SPARE = 64,
	FEWEST_SLOTS = 8,
	BURST_NS = 5000000,    /* what was not sent in time is made up for at most so far */
	RESENT_US = 900000,    /* an answer so late may be one to the kernel's second SYN */
	STARVED_NS = 20000000, /* wait when this machine has no room, then try again */
	STARVED_MAX = 500,     /* so often in a row: a target that cannot be asked from here */
};

#define SECOND_NS 1000000000ll

struct slot {
	uint64_t index, step;
	int64_t sent_ns;
	int32_t before, after; /* in the queue; -1: none */
	int fd;
	bool is_datagram, is_free_of_port;
};

struct connect_state {
	int epoll;
	size_t n_slots; /* that may be used; grows never, shrinks when descriptors run out */
	size_t n_used;
	int32_t head, tail, unused;
	int64_t next_ns; /* no probe before */
	unsigned starved;
	struct slot slots[CONNECT_SLOTS];
};

union place {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static socklen_t put_place(const struct address *a, uint16_t port, union place *place)
{
	memset(place, 0, sizeof(*place));
	if (a->family == ADDRESS_IPV6) {
		place->v6.sin6_family = AF_INET6;
		place->v6.sin6_port = htons(port);
		place->v6.sin6_scope_id = a->interface;
		memcpy(&place->v6.sin6_addr, a->bytes, 16);
		return sizeof(place->v6);
	}
	place->v4.sin_family = AF_INET;
	place->v4.sin_port = htons(port);
	memcpy(&place->v4.sin_addr, a->bytes, 4);
	return sizeof(place->v4);
}

/* --- the queue --- */

static int32_t slot_take(struct connect_state *state)
{
	int32_t i = state->unused;
	struct slot *slot = &state->slots[i];

	state->unused = slot->after;
	slot->after = -1;
	slot->before = state->tail;
	if (state->tail >= 0)
		state->slots[state->tail].after = i;
	else
		state->head = i;
	state->tail = i;
	state->n_used++;
	return i;
}

static void slot_drop(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;
	struct slot *slot = &state->slots[i];

	if (slot->before >= 0)
		state->slots[slot->before].after = slot->after;
	else
		state->head = slot->after;
	if (slot->after >= 0)
		state->slots[slot->after].before = slot->before;
	else
		state->tail = slot->before;
	close(slot->fd);
	slot->fd = -1;
	slot->after = state->unused;
	state->unused = i;
	state->n_used--;
}

static void settle(struct engine_session *session, int32_t i, enum engine_answer answer)
{
	struct connect_state *state = session->state;
	int64_t us = (now_ns() - state->slots[i].sent_ns) / 1000;

	if (us < RESENT_US)
		engine_measure(session, (uint32_t)us);
	engine_answer(session, state->slots[i].index, answer);
	slot_drop(session, i);
}

/* --- answers --- */

/* The ICMP message behind an error says more than its errno. */
static bool is_prohibited(int fd)
{
	uint8_t room[512];
	struct msghdr message = {.msg_control = room, .msg_controllen = sizeof(room)};

	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		struct sock_extended_err e;

		if (c->cmsg_len < CMSG_LEN(sizeof(e)))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		/* RFC 1812 section 5.2.7.1: codes 9, 10 and 13; RFC 4443 section 3.1: code 1 */
		if (e.ee_origin == SO_EE_ORIGIN_ICMP && e.ee_type == ICMP_DEST_UNREACH)
			return e.ee_code == ICMP_NET_ANO || e.ee_code == ICMP_HOST_ANO ||
			       e.ee_code == ICMP_PKT_FILTERED;
		if (e.ee_origin == SO_EE_ORIGIN_ICMP6 && e.ee_type == ICMP6_DST_UNREACH)
			return e.ee_code == ICMP6_DST_UNREACH_ADMIN;
	}
	return false;
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
static void take_error(struct engine_session *session, int32_t i, int error)
{
	struct connect_state *state = session->state;
	int fd = state->slots[i].fd;

	switch (error) {
	case ECONNREFUSED: settle(session, i, ENGINE_CLOSED); return;
	case ECONNRESET: /* taken, and thrown out */
	case EPIPE: settle(session, i, ENGINE_OPEN); return;
	case EACCES:
	case EPERM: session->counts.refused_here++; break;
	default:
		if (is_prohibited(fd))
			session->counts.prohibited++;
		else if (error == EHOSTUNREACH || error == ENETUNREACH)
			session->counts.unreachable++;
	}
	slot_drop(session, i);
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
		take_error(session, i, error);
	else
		settle(session, i, is_own_echo(state->slots[i].fd) ? ENGINE_CLOSED : ENGINE_OPEN);
}

static void take_datagram(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;
	struct slot *slot = &state->slots[i];
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
			take_error(session, i, error);
		return;
	}
	if (!slot->is_free_of_port) {
		settle(session, i, ENGINE_OPEN);
		return;
	}
	target_at(session->plan, slot->index, &asked, &port);
	put_place(&asked, port, &to);
	if (from.any.sa_family != to.any.sa_family)
		return;
	if (to.any.sa_family == AF_INET) {
		if (from.v4.sin_addr.s_addr == to.v4.sin_addr.s_addr)
			settle(session, i,
			       from.v4.sin_port == to.v4.sin_port ? ENGINE_OPEN : ENGINE_ELSEWHERE);
		return;
	}
	if (memcmp(&from.v6.sin6_addr, &to.v6.sin6_addr, 16) == 0)
		settle(session, i,
		       from.v6.sin6_port == to.v6.sin6_port ? ENGINE_OPEN : ENGINE_ELSEWHERE);
}

/* --- probes --- */

enum sent { SENT, SENT_SKIPPED, SENT_STARVED };

/* This machine has no room: wait, with what is in flight as the limit from now on. */
static enum sent starve(struct engine_session *session, int error)
{
	struct connect_state *state = session->state;

	if (error == EMFILE || error == ENFILE)
		state->n_slots = state->n_used > FEWEST_SLOTS ? state->n_used : FEWEST_SLOTS;
	else
		session->counts.no_buffer++;
	state->next_ns = now_ns() + STARVED_NS;
	if (++state->starved < STARVED_MAX)
		return SENT_STARVED;
	state->starved = 0;
	session->counts.refused_here++;
	return SENT_SKIPPED;
}

static bool is_want_of_room(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
	       error == EAGAIN || error == EADDRNOTAVAIL;
}

static int open_socket(const union place *to, bool is_datagram)
{
	const int yes = 1;
	bool is_v6 = to->any.sa_family == AF_INET6;
	int type = is_datagram ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(to->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0) /* so that the kernel keeps what ICMP said; without it we only know less */
		setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_RECVERR : IP_RECVERR,
			   &yes, sizeof(yes));
	return fd;
}

/* 0, or an errno; EINPROGRESS: on its way. */
static int launch(struct engine_session *session, int fd, const union place *to, socklen_t n,
		  uint16_t port, bool *is_free_of_port)
{
	const struct engine_payload *payload;
	ssize_t sent;

	if (session->plan->transport != TRANSPORT_UDP)
		return connect(fd, &to->any, n) < 0 ? errno : 0;
	payload = &session->payloads[session->plan->port_row[port] - 1];
	*is_free_of_port = payload->may_answer_elsewhere;
	if (*is_free_of_port) {
		sent = sendto(fd, payload->bytes, payload->n, MSG_NOSIGNAL, &to->any, n);
	} else {
		if (connect(fd, &to->any, n) < 0)
			return errno;
		sent = send(fd, payload->bytes, payload->n, MSG_NOSIGNAL);
	}
	return sent < 0 ? errno : EINPROGRESS;
}

static enum sent send_probe(struct engine_session *session, uint64_t index, uint64_t step)
{
	struct connect_state *state = session->state;
	bool is_datagram = session->plan->transport == TRANSPORT_UDP;
	struct epoll_event event = {.events = is_datagram ? EPOLLIN : EPOLLOUT};
	bool is_free_of_port = false;
	struct address address;
	union place to;
	uint16_t port;
	socklen_t n;
	int32_t i;
	int error;
	int fd;

	target_at(session->plan, index, &address, &port);
	n = put_place(&address, port, &to);
	fd = open_socket(&to, is_datagram);
	error = fd < 0 ? errno : launch(session, fd, &to, n, port, &is_free_of_port);
	if (is_want_of_room(error)) {
		if (fd >= 0)
			close(fd);
		return starve(session, error);
	}
	state->starved = 0;
	if (fd < 0) {
		session->counts.refused_here++;
		return SENT_SKIPPED;
	}
	session->counts.sent++;
	i = slot_take(state);
	state->slots[i].fd = fd;
	state->slots[i].index = index;
	state->slots[i].step = step;
	state->slots[i].sent_ns = now_ns();
	state->slots[i].is_datagram = is_datagram;
	state->slots[i].is_free_of_port = is_free_of_port;
	event.data.u32 = (uint32_t)i;
	if (error == 0)
		take_stream(session, i);
	else if (error != EINPROGRESS)
		take_error(session, i, error);
	else if (epoll_ctl(state->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		slot_drop(session, i);
		session->counts.no_buffer++;
	}
	return SENT;
}

/* Sends what the rate and the free slots allow; true when it may be called again at once. */
static bool send_some(struct engine_session *session, struct engine_slice *slice)
{
	struct connect_state *state = session->state;
	int64_t step_ns = SECOND_NS / (int64_t)(slice->rate_pps ? slice->rate_pps : 1);
	int64_t now = now_ns();

	if (state->next_ns < now - BURST_NS)
		state->next_ns = now - BURST_NS;
	for (int i = 0; i < EVENTS; i++) {
		uint64_t index;

		/* the answered cost no time */
		while (slice->next < slice->until &&
		       engine_is_answered(&session->seen, target_index(session->plan, slice->next)))
			slice->next++;
		if (slice->next == slice->until || state->n_used >= state->n_slots ||
		    state->next_ns > now)
			return false;
		index = target_index(session->plan, slice->next);
		switch (send_probe(session, index, slice->next)) {
		case SENT_STARVED: return false;
		case SENT: state->next_ns += step_ns; break;
		case SENT_SKIPPED: break;
		}
		slice->next++;
	}
	return true;
}

static void give_up_late(struct engine_session *session)
{
	struct connect_state *state = session->state;
	int64_t oldest = now_ns() - (int64_t)session->wait_ms * 1000000;

	while (state->head >= 0 && state->slots[state->head].sent_ns < oldest)
		slot_drop(session, state->head);
}

/* Milliseconds until something is to be done anyway, at most `left`. */
static int pause_ms(const struct engine_session *session, const struct engine_slice *slice,
		    int64_t left)
{
	const struct connect_state *state = session->state;
	int64_t now = now_ns();
	int64_t ns = left;

	if (slice->next < slice->until && state->n_used < state->n_slots &&
	    state->next_ns - now < ns)
		ns = state->next_ns - now;
	if (state->head >= 0) {
		int64_t late = state->slots[state->head].sent_ns +
			       (int64_t)session->wait_ms * 1000000 + 1 - now;

		ns = late < ns ? late : ns;
	}
	return ns <= 0 ? 0 : (int)((ns + 999999) / 1000000);
}

static void take_events(struct engine_session *session, int ms)
{
	struct connect_state *state = session->state;
	struct epoll_event events[EVENTS];
	int n = epoll_wait(state->epoll, events, EVENTS, ms);

	for (int i = 0; i < n; i++) {
		int32_t slot = (int32_t)events[i].data.u32;

		if (state->slots[slot].fd < 0)
			continue;
		if (state->slots[slot].is_datagram)
			take_datagram(session, slot);
		else
			take_stream(session, slot);
	}
}

static int work(struct engine_session *session, struct engine_slice *slice, struct why *why)
{
	struct connect_state *state = session->state;
	int64_t end = now_ns() + (int64_t)slice->ms * 1000000;
	int64_t left = (int64_t)slice->ms * 1000000;

	(void)why;
	while (left > 0 && !*session->stop) {
		bool is_more = send_some(session, slice);

		take_events(session, is_more ? 0 : pause_ms(session, slice, left));
		give_up_late(session);
		if (slice->next == slice->until && state->n_used == 0)
			break;
		left = end - now_ns();
	}
	session->in_flight = state->n_used;
	session->lowest = state->head >= 0 ? state->slots[state->head].step : slice->next;
	return 0;
}

/* As many as there are descriptors for, after having asked for all that we may have. */
static size_t count_slots(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return FEWEST_SLOTS;
	if (files.rlim_cur < CONNECT_SLOTS + FD_SPARE) {
		files.rlim_cur = files.rlim_max < CONNECT_SLOTS + FD_SPARE
					 ? files.rlim_max
					 : CONNECT_SLOTS + FD_SPARE;
		setrlimit(RLIMIT_NOFILE, &files); /* what was granted is asked for below */
		getrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur < FD_SPARE + FEWEST_SLOTS)
		return FEWEST_SLOTS;
	return files.rlim_cur - FD_SPARE < CONNECT_SLOTS ? (size_t)files.rlim_cur - FD_SPARE
							 : CONNECT_SLOTS;
}

static int open_engine(struct engine_session *session, struct why *why)
{
	struct connect_state *state = calloc(1, sizeof(*state));

	if (!state)
		return why_set(why, ENOMEM, _("out of memory"));
	state->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (state->epoll < 0) {
		free(state);
		return why_errno(why, _("cannot wait for answers"));
	}
	state->n_slots = count_slots();
	state->head = state->tail = -1;
	for (int32_t i = 0; i < CONNECT_SLOTS; i++) {
		state->slots[i].fd = -1;
		state->slots[i].after = i + 1 < CONNECT_SLOTS ? i + 1 : -1;
	}
	session->state = state;
	return 0;
}

static void close_engine(struct engine_session *session)
{
	struct connect_state *state = session->state;

	if (!state)
		return;
	while (state->head >= 0)
		slot_drop(session, state->head);
	close(state->epoll);
	free(state);
	session->state = NULL;
}

const struct engine engine_connect = {
	.name = "connect",
	.needs = N_("nothing: any user may connect"),
	.open = open_engine,
	.work = work,
	.close = close_engine,
};

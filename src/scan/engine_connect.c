/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connect: the engine without rights: one socket per probe, up to CONNECT_SLOTS at once, by epoll.
 *
 * Probes in flight stand in a queue in the order in which they were sent, so the head is always the
 * next to be given up. TCP is a connect that is closed as soon as it is answered; the kernel itself
 * resends a lost SYN after a second, which is why no probe is given up before the session says. UDP
 * is a connected socket, so that only the port asked can answer and port unreachable comes back as
 * an error; a protocol that answers from another port gets a socket that is not connected.
 * Neighbours get their first probes before all else.
 *
 * When descriptors or local ports run out, the engine goes on with those in flight as its limit.
 */
#include "scan/connect.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "scan/place.h"

enum {
	EVENTS = 512,
	FD_SPARE = 64,
	FEWEST_SLOTS = 8,
	BURST_NS = 5000000,    /* what was not sent in time is made up for at most so far */
	STARVED_NS = 20000000, /* wait when this machine has no room, then try again */
	STARVED_MAX = 500,     /* so often in a row: a target that cannot be asked from here */
};

#define SECOND_NS 1000000000ll

int64_t connect_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

/* --- the queue --- */

static int32_t slot_take(struct connect_state *state)
{
	int32_t i = state->unused;
	struct connect_slot *slot = &state->slots[i];

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

void connect_drop(struct engine_session *session, int32_t i)
{
	struct connect_state *state = session->state;
	struct connect_slot *slot = &state->slots[i];

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
	if (slot->near)
		state->near.n_used--;
	slot->near = 0;
	slot->after = state->unused;
	state->unused = i;
	state->n_used--;
}

/* --- probes --- */

enum sent { SENT, SENT_REFUSED, SENT_STARVED };

/* This machine has no room: wait, with what is in flight as the limit from now on. */
static enum sent starve(struct engine_session *session, int error)
{
	struct connect_state *state = session->state;

	if (error == EMFILE || error == ENFILE)
		state->n_slots = state->n_used > FEWEST_SLOTS ? state->n_used : FEWEST_SLOTS;
	else
		session->counts.no_buffer++;
	state->next_ns = connect_now_ns() + STARVED_NS;
	if (++state->starved < STARVED_MAX)
		return SENT_STARVED;
	state->starved = 0;
	session->counts.refused_here++;
	return SENT_REFUSED;
}

static bool is_want_of_room(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM ||
	       error == EAGAIN || error == EADDRNOTAVAIL;
}

/* Nothing has left: no interface, no route, own rules. */
static bool is_refused_here(int error)
{
	return error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
	       error == ENODEV || error == ENXIO || error == EACCES || error == EPERM ||
	       error == EINVAL;
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

/* near: as in the slot. */
static enum sent send_probe(struct engine_session *session, uint64_t index, uint64_t step,
			    uint32_t near)
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
	n = place_of(&address, port, &to);
	fd = open_socket(&to, is_datagram);
	error = fd < 0 ? errno : launch(session, fd, &to, n, port, &is_free_of_port);
	if (is_want_of_room(error)) {
		if (fd >= 0)
			close(fd);
		return starve(session, error);
	}
	state->starved = 0;
	if (fd < 0 || is_refused_here(error)) {
		if (fd >= 0)
			close(fd);
		session->counts.refused_here++;
		return SENT_REFUSED;
	}
	session->counts.sent++;
	i = slot_take(state);
	state->slots[i].fd = fd;
	state->slots[i].index = index;
	state->slots[i].step = step;
	state->slots[i].near = near;
	state->near.n_used += near != 0;
	state->slots[i].sent_ns = connect_now_ns();
	state->slots[i].is_datagram = is_datagram;
	state->slots[i].is_free_of_port = is_free_of_port;
	event.data.u32 = (uint32_t)i;
	if (error == 0)
		connect_take(session, i);
	else if (error != EINPROGRESS)
		connect_take_error(session, i, error);
	else if (epoll_ctl(state->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		connect_drop(session, i);
		session->counts.no_buffer++;
	}
	return SENT;
}

/* The next probe that may leave, apart from the rate; false: none. */
static bool choose(struct engine_session *session, struct engine_slice *slice, uint64_t *index,
		   uint32_t *near)
{
	struct connect_state *state = session->state;

	if (slice->next == slice->until || state->n_used >= state->n_slots)
		return false;
	if (!connect_near_is_over(&state->near))
		return connect_near_next(session, index, near);
	*near = 0;
	/* the answered cost no time */
	while (slice->next < slice->until &&
	       engine_is_settled(session, target_index(session->plan, slice->next)))
		slice->next++;
	if (slice->next == slice->until)
		return false;
	*index = target_index(session->plan, slice->next);
	return true;
}

enum next { NEXT_AT_ONCE, NEXT_BY_RATE, NEXT_AFTER_OTHERS };

/* Sends what the rate and the free slots allow; says when more may leave. */
static enum next send_some(struct engine_session *session, struct engine_slice *slice)
{
	struct connect_state *state = session->state;
	int64_t step_ns = SECOND_NS / (int64_t)(slice->rate_pps ? slice->rate_pps : 1);
	int64_t now = connect_now_ns();

	if (state->next_ns < now - BURST_NS)
		state->next_ns = now - BURST_NS;
	for (int i = 0; i < EVENTS; i++) {
		uint64_t index;
		uint32_t near;
		enum sent sent;

		if (state->next_ns > now)
			return NEXT_BY_RATE;
		if (!choose(session, slice, &index, &near))
			return NEXT_AFTER_OTHERS;
		sent = send_probe(session, index, slice->next, near);
		if (sent == SENT_STARVED && near)
			state->near.again[state->near.n_again++] = near - 1;
		if (sent == SENT_STARVED)
			return NEXT_BY_RATE;
		state->next_ns += step_ns; /* refused too: it may pass, and so it does not spin */
		if (!near)
			slice->next++;
	}
	return NEXT_AT_ONCE;
}

/* When it is given up. First probes to neighbours have the queue for themselves. */
static int64_t late_ns(const struct engine_session *session, const struct connect_slot *slot)
{
	uint32_t ms = session->wait_ms;

	if (slot->near && ms < connect_near_wait_ms())
		ms = connect_near_wait_ms();
	return slot->sent_ns + (int64_t)ms * 1000000;
}

static void give_up_late(struct engine_session *session)
{
	struct connect_state *state = session->state;
	int64_t now = connect_now_ns();

	while (state->head >= 0 && late_ns(session, &state->slots[state->head]) < now)
		connect_drop(session, state->head);
}

/* Milliseconds until something is to be done anyway, at most `left`. */
static int pause_ms(const struct engine_session *session, enum next next, int64_t left)
{
	const struct connect_state *state = session->state;
	int64_t now = connect_now_ns();
	int64_t ns = left;

	if (next == NEXT_AT_ONCE)
		return 0;
	if (next == NEXT_BY_RATE && state->next_ns - now < ns)
		ns = state->next_ns - now;
	if (state->head >= 0) {
		int64_t late = late_ns(session, &state->slots[state->head]) + 1 - now;

		ns = late < ns ? late : ns;
	}
	return ns <= 0 ? 0 : (int)((ns + 999999) / 1000000);
}

static void take_events(struct engine_session *session, int ms)
{
	struct connect_state *state = session->state;
	struct epoll_event events[EVENTS];
	int n = epoll_wait(state->epoll, events, EVENTS, ms);

	for (int i = 0; i < n; i++)
		connect_take(session, (int32_t)events[i].data.u32);
}

static int work(struct engine_session *session, struct engine_slice *slice, struct why *why)
{
	struct connect_state *state = session->state;
	int64_t end = connect_now_ns() + (int64_t)slice->ms * 1000000;
	int64_t left = (int64_t)slice->ms * 1000000;

	(void)why;
	while (left > 0 && !*session->stop) {
		enum next next = send_some(session, slice);

		take_events(session, pause_ms(session, next, left));
		give_up_late(session);
		if (slice->next == slice->until && state->n_used == 0)
			break;
		left = end - connect_now_ns();
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

static void close_engine(struct engine_session *session)
{
	struct connect_state *state = session->state;

	if (!state)
		return;
	while (state->head >= 0)
		connect_drop(session, state->head);
	close(state->epoll);
	connect_near_close(&state->near);
	free(state);
	session->state = NULL;
}

static int open_engine(struct engine_session *session, struct why *why)
{
	struct connect_state *state = calloc(1, sizeof(*state));
	int r;

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
	r = connect_near_open(session, why);
	if (r < 0)
		close_engine(session);
	return r;
}

const struct engine engine_connect = {
	.name = "connect",
	.needs = N_("nothing: any user may connect"),
	.open = open_engine,
	.work = work,
	.close = close_engine,
};

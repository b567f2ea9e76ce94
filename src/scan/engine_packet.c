/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_packet: probes as packets of our own (AF_PACKET), answers by a ring; see packet.h,
 * raw_*.h.
 *
 * The process that reads answers has no rights; this one reads none. Here is the pace of a slice.
 */
#include <errno.h>

#include "base/text.h"
#include "scan/packet.h"

enum {
	BURST_NS = 2 * NS_OF_MS, /* what a late wake-up may make up for */
	SPIN_NS = 30000,
	FULL_NS = NS_OF_MS,       /* a pause after ENOBUFS */
	BEHIND_NS = NS_OF_MS / 4, /* a pause for the process that reads answers */
};

static size_t allowed(struct packet *s, const struct engine_slice *slice, int64_t now)
{
	uint64_t n;

	if (raw_hear_is_behind(s->hearing)) {
		s->due_ns = now + BEHIND_NS;
		return 0;
	}
	if (s->due_ns < now - BURST_NS)
		s->due_ns = now - BURST_NS;
	if (s->due_ns > now)
		return 0;
	n = (uint64_t)(now - s->due_ns) * slice->rate_pps / NS_OF_S + 1;
	return n < PACKET_BATCH ? (size_t)n : PACKET_BATCH;
}

static int work(struct engine_session *session, struct engine_slice *slice, struct why *why)
{
	struct packet *s = session->state;
	int64_t end = packet_now_ns() + slice->ms * NS_OF_MS;
	bool is_sending = slice->next < slice->until;
	int r = 0;

	while (r == 0 && !(session->stop && *session->stop)) {
		int64_t now = packet_now_ns();
		bool has_work = slice->next < slice->until || s->n_waiting;
		int64_t rest;

		packet_take(s);
		if (now >= end || (is_sending && !has_work) ||
		    session->counts.answered >= s->session->plan->n_steps)
			break;
		rest = end - now;
		if (has_work && slice->rate_pps) {
			size_t room = allowed(s, slice, now);
			uint64_t before = slice->next;
			size_t used = 0;

			if (room && !s->batch.n)
				used = packet_fill(s, slice, room, now);
			s->due_ns += (int64_t)(used * NS_OF_S / slice->rate_pps);
			if (room)
				r = packet_flush(s, why);
			if (r == -ENOBUFS) {
				s->due_ns = now + FULL_NS;
				r = 0;
			} else if (slice->next != before) {
				continue;
			}
			if (s->due_ns - now < rest)
				rest = s->due_ns > now ? s->due_ns - now : NS_OF_MS;
		}
		if (r == 0 && rest > SPIN_NS)
			r = raw_hear_wait(s->hearing, rest, &s->deaths, why);
	}
	packet_take(s);
	packet_tell(s, slice->next);
	return r;
}

static int open_engine(struct engine_session *session, struct why *why)
{
	struct packet *s;
	int r = packet_new(&s, session, why);

	if (r == 0)
		session->state = s;
	return r;
}

static void close_engine(struct engine_session *session)
{
	session->state = packet_free(session->state);
}

const struct engine engine_packet = {
	.name = "packet",
	.needs = N_("root or CAP_NET_RAW"),
	.is_raw = true,
	.open = open_engine,
	.work = work,
	.close = close_engine,
};

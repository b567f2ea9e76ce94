/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine_xdp: probes made and sent inside the kernel, TCP's answers taken there (sweep.h). What the
 * kernel's program leaves alone (ICMP, UDP, odd headers) is heard by the packet engine's process
 * beside it, which also takes the own ports and finds the gateways.
 *
 * Starting a run may cost the kernel tens of milliseconds (sweep.c: attach_nowhere), so a slice is
 * one run where the rate pays for it, and a few short ones where it does not. Within a run the program itself keeps the pace.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "scan/packet.h"
#include "scan/sweep.h"

enum {
	SLICE_MS = 100,
	LEARN_MS = 20,
	SPACING_NS = 100000, /* what the program may wait between two frames */
	BURST_MS = 40,       /* slow rates: a run of so much, then a pause */
	RUN_MOST = 1 << 22,
	SKIPPED = 64, /* answered steps that a frame may pass over: as in sweep.bpf.c */
};

struct xdp {
	struct packet *packet;
	struct sweep *sweep;
	int64_t due_ns; /* when the next run may begin */
};

/* Frames for the next run: no more than the rate allows in ms, and than there is to send. */
static uint32_t frames(const struct engine_session *session, const struct engine_slice *slice,
		       uint64_t ms)
{
	uint64_t n = slice->rate_pps * ms / 1000 + 1;
	uint64_t left = session->plan->n_steps - session->counts.answered;
	uint64_t steps = slice->until - slice->next;

	if (steps < left)
		left = steps;
	left += steps / SKIPPED + 1; /* frames that only skip */
	if (left < n)
		n = left;
	return (uint32_t)(n < RUN_MOST ? n : RUN_MOST);
}

static int run(struct engine_session *session, struct engine_slice *slice, int64_t left_ns,
	       struct why *why)
{
	struct xdp *x = session->state;
	uint64_t interval = (uint64_t)NS_OF_S * 1024 / slice->rate_pps;
	bool is_slow = interval > SPACING_NS * 1024ull;
	uint64_t ms = is_slow ? BURST_MS : (uint64_t)(left_ns / NS_OF_MS) + 1;
	uint64_t sent = session->counts.sent;
	int64_t now = packet_now_ns();
	int r = sweep_run(x->sweep, &slice->next, slice->until, frames(session, slice, ms),
			  is_slow ? SPACING_NS * 1024ull : interval, why);

	sweep_take(x->sweep, session);
	sent = session->counts.sent - sent;
	x->due_ns = now + (int64_t)(sent * (uint64_t)NS_OF_S / slice->rate_pps);
	return r;
}

static bool has_all(const struct engine_session *session)
{
	return session->counts.answered >= session->plan->n_steps;
}

static int work(struct engine_session *session, struct engine_slice *slice, struct why *why)
{
	struct xdp *x = session->state;
	int64_t end = packet_now_ns() + slice->ms * NS_OF_MS;
	bool is_sending = slice->next < slice->until;
	int r = 0;

	while (r == 0 && !(session->stop && *session->stop) && !has_all(session)) {
		int64_t now = packet_now_ns();
		bool has_work = slice->next < slice->until && slice->rate_pps;
		int64_t until = end;

		if (now >= end || (is_sending && !has_work))
			break;
		if (has_work && now >= x->due_ns) {
			r = run(session, slice, end - now, why);
		} else {
			if (has_work && x->due_ns < until)
				until = x->due_ns;
			if (!has_work && until - now > 5 * NS_OF_MS)
				until = now + 5 * NS_OF_MS; /* the kernel's program wakes nobody */
			r = raw_hear_wait(x->packet->hearing, until - now, &x->packet->deaths, why);
			sweep_take(x->sweep, session);
		}
		packet_take(x->packet);
	}
	packet_tell(x->packet, slice->next);
	return r;
}

static void close_engine(struct engine_session *session)
{
	struct xdp *x = session->state;

	if (!x)
		return;
	sweep_free(x->sweep);
	packet_free(x->packet);
	free(x);
	session->state = NULL;
}

static int open_engine(struct engine_session *session, struct why *why)
{
	struct xdp *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return why_set(why, ENOMEM, _("out of memory"));
	session->state = x;
	r = packet_new(&x->packet, session, why);
	if (r == 0)
		r = sweep_new(&x->sweep, session, &x->packet->ways, &x->packet->self, why);
	if (r < 0)
		close_engine(session);
	return r;
}

const struct engine engine_xdp = {
	.name = "xdp",
	.needs =
		N_("root or CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW; Linux 6.3; a driver that sends "
		   "from XDP"),
	.is_raw = true,
	.is_only_named = true, /* a program on the interface, which some drivers restart for it */
	.slice_ms = SLICE_MS,
	.learn_ms = LEARN_MS, /* its answers are taken by the kernel, as they come */
	.open = open_engine,
	.work = work,
	.close = close_engine,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packet_take: records of the process that reads answers become answers of the session. No foreign
 * byte is read here, and every number is checked: that process has read foreign bytes.
 */
#include "scan/packet.h"

static void measure(struct packet *s, const struct raw_heard *heard)
{
	uint32_t slot = heard->number % PACKET_TIMES;

	if (s->times[slot].index == heard->number && s->times[slot].us) {
		int32_t us = (int32_t)(heard->us - s->times[slot].us);

		s->times[slot].us = 0;
		if (us >= 0)
			engine_measure(s->session, (uint32_t)us);
	}
}

static void take_one(struct packet *s, const struct raw_heard *heard)
{
	struct engine_session *session = s->session;

	if (heard->kind == RAW_HEARD_GATEWAY && heard->number < s->ways.n_hops) {
		memcpy(s->ways.hops[heard->number].mac, heard->mac, RAW_MAC);
		s->ways.hops[heard->number].is_known = true;
	}
	if (heard->kind == RAW_HEARD_NEAR && s->nears &&
	    heard->number < s->session->plan->n_hosts &&
	    s->nears[heard->number].state == NEAR_ASKED) {
		memcpy(s->nears[heard->number].mac, heard->mac, RAW_MAC);
		s->nears[heard->number].state = NEAR_KNOWN;
		s->is_waiting_due = true;
	}
	if (heard->kind >= RAW_HEARD_NEAR || heard->number >= s->session->plan->n)
		return;
	measure(s, heard);
	switch (heard->kind) {
	case RAW_HEARD_PROHIBITED: session->counts.prohibited++; break;
	case RAW_HEARD_UNREACHABLE: session->counts.unreachable++; break;
	case RAW_HEARD_OPEN: engine_answer(session, heard->number, ENGINE_OPEN); break;
	case RAW_HEARD_CLOSED: engine_answer(session, heard->number, ENGINE_CLOSED); break;
	default: engine_answer(session, heard->number, ENGINE_ELSEWHERE); break;
	}
}

void packet_take(struct packet *s)
{
	struct raw_heard heard;

	while (raw_hear_take(s->hearing, &heard))
		take_one(s, &heard);
}

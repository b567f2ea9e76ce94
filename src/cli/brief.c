/* SPDX-License-Identifier: Apache-2.0 */
/*
 * brief: a listener that closes before anybody could look is told by what its event carried: place,
 * pid and name. Not more than a few at a time: a flood of them is only counted. So are UDP sockets
 * on the ports that this host hands out by itself, most of which are clients.
 */
#include "cli/brief.h"

enum { TOLD_AT_ONCE = 64, LOOKS = 3 };

bool brief_note(struct briefs *briefs, const struct track *track, const struct host_event *event)
{
	if (!event->is_closed) {
		struct brief *brief = &briefs->rows[briefs->n];

		briefs->counts.opened++;
		if (briefs->n == BRIEFS) {
			briefs->counts.unseen++;
			return true;
		}
		briefs->n++;
		*brief = (struct brief){.event = *event};
		memcpy(brief->name, event->name.p, event->name.n < BRIEF_NAME ? event->name.n : BRIEF_NAME);
		brief->event.name.p = NULL; /* set anew when told: rows move */
		return false; /* when it is still there at the end of the batch */
	}
	for (size_t i = briefs->n; i > 0; i--) {
		struct brief *brief = &briefs->rows[i - 1];

		if (brief->event.cookie == event->cookie) {
			brief->is_closed = true;
			brief->event.port = event->port;
			return false;
		}
	}
	return track_has_cookie(track, event) || track_has_place(track, event, 0);
}

bool brief_range(const struct briefs *briefs, uint16_t *first, uint16_t *last)
{
	bool is_any = false;

	for (size_t i = 0; i < briefs->n; i++) {
		const struct brief *brief = &briefs->rows[i];

		if (brief->is_closed)
			continue;
		is_any = true;
		if (!brief->event.port) { /* not chosen when it was told */
			*first = 0;
			*last = PORT_MAX;
		}
		if (brief->event.port < *first)
			*first = brief->event.port;
		if (brief->event.port > *last)
			*last = brief->event.port;
	}
	return is_any;
}

static bool is_udp(const struct host_event *event)
{
	return event->transport == TRANSPORT_UDP || event->transport == TRANSPORT_UDPLITE;
}

static bool is_handed_out(const struct track *track, const struct host_event *event)
{
	const struct host_info *host = &track->last.host;

	return event->port >= host->ephemeral_first && event->port <= host->ephemeral_last;
}

/* Opened and closed, by the event alone; judged like all others. */
static void tell(struct track *track, struct brief *brief)
{
	const struct host_event *event = &brief->event;
	const struct process process = {.pid = event->pid, .uid = event->uid,
					.name = span_of(brief->name, strnlen(brief->name, BRIEF_NAME))};
	const struct owner owner = {.process = &process};
	const struct sighting sighting = {
		.transport = event->transport,
		.state = is_udp(event) ? SOCKET_BOUND : SOCKET_LISTEN,
		.local = event->local,
		.port = event->port,
		.cookie = event->cookie,
		.net_namespace = track->last.listing.net_namespace,
		.uid = event->uid,
		.hidden = event->pid ? HIDDEN_NONE : HIDDEN_EXITED,
		.owners = &owner,
		.n_owners = event->pid ? 1 : 0,
		.seen_by = "event",
	};
	struct surroundings around = {
		.ephemeral_first = track->last.host.ephemeral_first,
		.ephemeral_last = track->last.host.ephemeral_last,
		.viewer_uid = track->last.host.uid,
	};
	struct arena arena = {0};
	struct verdict verdict = {0};
	struct judged row = {.sighting = &sighting, .verdict = &verdict};

	verdict_judge(track->cli->map, NULL, &around, &sighting, &arena, &verdict);
	track_tell(track, "listener-opened", &row);
	track_tell(track, "listener-closed", &row);
	arena_done(&arena);
}

/* Counts what became of it; false: that is not known yet. */
static bool settle(struct briefs *briefs, struct track *track, struct brief *brief, size_t *n_told)
{
	struct brief_counts *counts = &briefs->counts;
	const struct host_event *event = &brief->event;

	if (track_has_cookie(track, event)) {
		counts->seen++;
	} else if (brief->is_closed) {
		if (track_has_place(track, event, event->pid)) {
			counts->other++;
		} else if (*n_told >= TOLD_AT_ONCE || !event->port ||
			   (is_udp(event) && is_handed_out(track, event))) {
			counts->unseen++;
		} else {
			tell(track, brief);
			counts->told++;
			++*n_told;
		}
	} else if (++brief->n_looks < LOOKS) {
		return false;
	} else if (is_udp(event)) {
		counts->other++;
	} else {
		counts->unseen++;
	}
	return true;
}

void brief_settle(struct briefs *briefs, struct track *track)
{
	size_t n_told = 0;
	size_t n = 0;

	for (size_t i = 0; i < briefs->n; i++)
		if (!settle(briefs, track, &briefs->rows[i], &n_told))
			briefs->rows[n++] = briefs->rows[i];
	briefs->n = n;
}

void brief_end(struct briefs *briefs)
{
	briefs->counts.unseen += briefs->n;
	briefs->n = 0;
}

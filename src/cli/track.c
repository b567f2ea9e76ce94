/* SPDX-License-Identifier: Apache-2.0 */
/*
 * track: compares a new look with what is known.
 *
 * A listener is known by (network namespace, transport, address, port, owner), never by its socket
 * alone, so that a restarted service on the same address with the same program is no change
 * (ux.md section 4). One that is missing is kept for the grace, since the events may be quicker
 * than a restart. A look may cover some ports only; the other rows stay as they are.
 *
 * Every look has an arena of its own, and rows remember which: an arena that no row needs is freed.
 */
#include "cli/track.h"

#include "base/scope.h"

/* Who holds it, as far as a restart does not change it. */
static struct span holder(const struct judged *row)
{
	const struct process *p = sighting_process(row->sighting);

	if (!p)
		return span_of(NULL, 0);
	if (p->unit.n)
		return p->unit;
	return p->script.n ? p->script : p->executable;
}

static bool same_place(const struct sighting *a, const struct sighting *b)
{
	return a->port == b->port && a->transport == b->transport && a->state == b->state &&
	       a->net_namespace == b->net_namespace && address_eq(&a->local, &b->local);
}

/* Whoever is hidden may be the other. */
static bool same_holder(const struct judged *a, const struct judged *b)
{
	return !holder(a).n || !holder(b).n || span_eq(holder(a), holder(b));
}

/* Rows first[0..n) of one port. */
struct piece {
	struct tracked *first;
	size_t n;
};

static struct piece piece_of(struct tracked *rows, size_t n, uint16_t port)
{
	size_t low = 0;
	size_t high = n;
	struct piece piece;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].row.sighting->port < port)
			low = middle + 1;
		else
			high = middle;
	}
	piece.first = rows + low;
	for (piece.n = 0; low + piece.n < n && rows[low + piece.n].row.sighting->port == port;)
		piece.n++;
	return piece;
}

/* Several may share one place: multicast, SO_REUSEPORT. */
static bool is_in(struct piece in, const struct judged *row)
{
	for (size_t i = 0; i < in.n; i++)
		if (same_place(in.first[i].row.sighting, row->sighting) &&
		    same_holder(&in.first[i].row, row))
			return true;
	return false;
}

/* Whether somebody has the place of this row in one look who has not in the other. */
static bool has_other(struct piece in, struct piece other, const struct judged *row)
{
	for (size_t i = 0; i < in.n; i++)
		if (same_place(in.first[i].row.sighting, row->sighting) &&
		    !is_in(other, &in.first[i].row))
			return true;
	return false;
}

/* The same owner on the same port at a narrower scope. */
static bool was_narrower(struct piece old, const struct judged *row)
{
	const struct sighting *now = row->sighting;

	for (size_t i = 0; i < old.n; i++) {
		const struct sighting *then = old.first[i].row.sighting;

		if (then->transport == now->transport &&
		    then->net_namespace == now->net_namespace &&
		    span_eq(holder(&old.first[i].row), holder(row)) &&
		    address_scope(&then->local) < address_scope(&now->local))
			return true;
	}
	return false;
}

void track_tell(struct track *track, const char *action, const struct judged *row)
{
	struct cli *cli = track->cli;
	struct event_report event = {.map = cli->map, .host = &track->last.host, .action = action,
				     .row = *row, .at = cli->style.now};

	cli->format->event(&cli->out, &cli->style, &event);
	track->n_told++;
}

static int by_port(const void *a, const void *b)
{
	const struct tracked *x = a;
	const struct tracked *y = b;

	return (int)x->row.sighting->port - (int)y->row.sighting->port;
}

/* Sockets without a port are seen by a look at all ports only. */
static bool is_covered(const struct tracked *row, uint16_t first, uint16_t last)
{
	const struct sighting *s = row->row.sighting;

	if (first == 0 && last == PORT_MAX)
		return true;
	return s->port >= first && s->port <= last && s->port &&
	       s->state != SOCKET_RAW && s->state != SOCKET_PACKET;
}

/* The rows of a look, by port. */
static struct tracked *rows_of(struct arena *arena, const struct gathered *seen, uint16_t first,
			       uint16_t last, uint8_t look, size_t *n)
{
	struct tracked *rows = arena_get_array(arena, seen->n_rows + 1, sizeof(*rows));

	*n = 0;
	for (size_t i = 0; i < seen->n_rows; i++) {
		rows[*n] = (struct tracked){.row = seen->rows[i], .look = look};
		*n += is_covered(&rows[*n], first, last);
	}
	qsort(rows, *n, sizeof(*rows), by_port);
	return rows;
}

static void tell_new(struct track *track, struct tracked *now, size_t n, const struct judged *row)
{
	uint16_t port = row->sighting->port;
	struct piece old = piece_of(track->rows, track->n, port);

	if (is_in(old, row))
		return;
	if (has_other(old, piece_of(now, n, port), row))
		track_tell(track, "owner-changed", row);
	else
		track_tell(track, was_narrower(old, row) ? "scope-widened" : "listener-opened", row);
}

/* Puts together what was seen now and what was not looked at or is missing. */
static void merge(struct track *track, struct tracked *now, size_t n_now, uint16_t first,
		  uint16_t last, uint64_t now_ms)
{
	struct arena *arena = &track->cli->arena;
	struct tracked *all = arena_get_array(arena, track->n + n_now + 1, sizeof(*all));
	size_t n = n_now;

	if (n_now)
		memcpy(all, now, n_now * sizeof(*all));
	for (size_t i = 0; track->rows && i < track->n; i++) {
		struct tracked *row = &track->rows[i];

		if (is_covered(row, first, last)) {
			uint16_t port = row->row.sighting->port;
			struct piece piece = piece_of(now, n_now, port);

			if (is_in(piece, &row->row) ||
			    has_other(piece, piece_of(track->rows, track->n, port), &row->row))
				continue;
			if (!row->gone_ms)
				row->gone_ms = now_ms;
		}
		all[n++] = *row;
	}
	qsort(all, n, sizeof(*all), by_port);
	track->rows = all;
	track->n = n;
}

/* Frees the looks that no row lies in. */
static void tidy(struct track *track)
{
	bool is_used[TRACK_LOOKS] = {[0] = false};

	is_used[track->last_look] = true;
	for (size_t i = 0; i < track->n; i++)
		is_used[track->rows[i].look] = true;
	for (size_t i = 0; i < TRACK_LOOKS; i++)
		if (!is_used[i])
			arena_done(&track->looks[i]);
}

static uint8_t free_look(const struct track *track)
{
	uint8_t i = 0;

	while (i < TRACK_LOOKS && track->looks[i].block)
		i++;
	return i;
}

bool track_has_room(const struct track *track)
{
	size_t n = 0;

	for (size_t i = 0; i < TRACK_LOOKS; i++)
		n += !track->looks[i].block;
	return n > TRACK_LOOKS / 2; /* the rest for looks at all ports */
}

int track_look(struct track *track, uint16_t first, uint16_t last, uint64_t now_ms)
{
	struct host_query query = {.first = first, .last = last, .namespaces = track->namespaces};
	struct cli *cli = track->cli;
	bool is_first = track->rows == NULL;
	struct gathered seen;
	uint8_t look = free_look(track);
	int status;

	if (look == TRACK_NO_LOOK) { /* all is held by what is missing: it has been for long enough */
		track_expire(track, now_ms + track->grace_ms);
		tidy(track);
		look = free_look(track);
	}
	if (look == TRACK_NO_LOOK)
		return cli_fail(EX_SOFTWARE, _("the memory of old looks is used up"));
	cli->arena = (struct arena){0};
	status = gather(cli, &query, &seen);
	if (status == 0) {
		size_t n = 0;
		struct tracked *now = rows_of(&cli->arena, &seen, first, last, look, &n);

		track->last = seen;
		for (size_t i = 0; i < n && !is_first; i++)
			tell_new(track, now, n, &now[i].row);
		merge(track, now, n, first, last, now_ms);
		track->last_look = look;
	}
	track->looks[look] = cli->arena;
	cli->arena = (struct arena){0};
	if (status == 0)
		tidy(track);
	return status;
}

int64_t track_expire(struct track *track, uint64_t now_ms)
{
	int64_t next = -1;
	size_t n = 0;

	for (size_t i = 0; track->rows && i < track->n; i++) {
		struct tracked *row = &track->rows[i];
		uint64_t away = now_ms > row->gone_ms ? now_ms - row->gone_ms : 0;

		if (row->gone_ms && row->gone_ms <= now_ms && away >= track->grace_ms) {
			track_tell(track, "listener-closed", &row->row);
			continue;
		}
		if (row->gone_ms && (next < 0 || (int64_t)(track->grace_ms - away) < next))
			next = (int64_t)(track->grace_ms - away);
		track->rows[n++] = *row;
	}
	track->n = n;
	return next;
}

bool track_has_place(const struct track *track, const struct host_event *event, uint32_t pid)
{
	struct piece piece = piece_of(track->rows, track->n, event->port);

	for (size_t i = 0; i < piece.n; i++) {
		const struct sighting *s = piece.first[i].row.sighting;
		const struct process *p = sighting_process(s);

		if (s->transport == event->transport && address_eq(&s->local, &event->local) &&
		    (!pid || (p && p->pid == pid)))
			return true;
	}
	return false;
}

bool track_has_cookie(const struct track *track, const struct host_event *event)
{
	struct piece piece = {.first = track->rows, .n = track->n};

	if (event->port) /* else it is not known */
		piece = piece_of(track->rows, track->n, event->port);
	for (size_t i = 0; i < piece.n; i++)
		if (piece.first[i].row.sighting->cookie == event->cookie)
			return true;
	return false;
}

void track_done(struct track *track)
{
	for (size_t i = 0; i < TRACK_LOOKS; i++)
		arena_done(&track->looks[i]);
}

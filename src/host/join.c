/* SPDX-License-Identifier: Apache-2.0 */
/* join: from the tables of a survey to sightings, in order of number, transport and address. */
#include "host/survey.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "base/text.h"

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_port(const void *x, const void *y)
{
	const struct socket_row *a = *(const struct socket_row *const *)x;
	const struct socket_row *b = *(const struct socket_row *const *)y;
	int r = order(a->port, b->port);

	if (r == 0)
		r = order(a->transport, b->transport);
	if (r == 0)
		r = order(a->state, b->state);
	if (r == 0)
		r = address_cmp(&a->local, &b->local);
	if (r == 0)
		r = order(a->net_namespace, b->net_namespace);
	if (r == 0)
		r = order(a->cookie, b->cookie);
	return r ? r : order(a->inode, b->inode);
}

static const struct owner *list_owners(struct survey *survey, const struct socket_row *row)
{
	struct owner *owners = arena_get_array(survey->arena, row->n_owners, sizeof(*owners));

	for (uint32_t i = 0; i < row->n_owners; i++) {
		const struct owner_row *from = &survey->owners.rows[row->first_owner + i];

		owners[i] = (struct owner){.process = from->process, .fd = from->fd};
	}
	return owners;
}

static const struct rival *describe_rival(struct survey *survey, const struct socket_row *row)
{
	struct rival *rival = arena_get(survey->arena, sizeof(*rival));

	*rival = (struct rival){.local = row->local, .uid = row->uid, .is_v6only = row->is_v6only};
	if (row->extra)
		rival->user = row->extra->user;
	if (survey->user_of)
		rival->user = survey->user_of(survey, row->uid);
	return rival;
}

static int push(struct survey *survey, const struct socket_row *row, struct sink *sink)
{
	struct sighting sighting = {
		.transport = row->transport,
		.state = row->state,
		.local = row->local,
		.remote = row->remote,
		.port = row->port,
		.remote_port = row->remote_port,
		.cookie = row->cookie,
		.inode = row->inode,
		.net_namespace = row->net_namespace,
		.uid = row->uid,
		.backlog = row->backlog,
		.queued = row->queued,
		.n_peers = row->n_peers,
		.is_v6only = row->is_v6only,
		.is_dual_stack = row->local.family == ADDRESS_IPV6 &&
				 address_is_any(&row->local) && !row->is_v6only,
		.is_elsewhere = row->is_elsewhere,
		.has_rival = row->has_rival,
		.hidden_from = row->hidden_from,
		.n_reuseport = row->n_reuseport,
		.hidden = row->n_owners ? HIDDEN_NONE : row->hidden,
		.n_owners = row->n_owners,
		.seen_by = survey->seen_by,
	};

	if (row->has_rival && row->rival)
		sighting.rival = describe_rival(survey, row->rival);
	if (row->n_owners)
		sighting.owners = list_owners(survey, row);
	if (row->extra) {
		sighting.user = row->extra->user;
		sighting.container = row->extra->container;
		sighting.socket_unit = row->extra->socket_unit;
		sighting.unit = row->extra->unit;
		sighting.cgroup = row->extra->cgroup;
	}
	if (survey->user_of)
		sighting.user = survey->user_of(survey, row->uid);
	return sink->put(sink, &sighting);
}

static void count(struct host_listing *listing, const struct socket_row *row)
{
	if (!socket_state_waits((enum socket_state)row->state))
		return;
	listing->n_sockets++;
	listing->n_elsewhere += row->is_elsewhere;
	listing->hidden_owners += !row->n_owners && reason_is_hidden(row->hidden);
}

int survey_push(struct survey *survey, struct sink *sink, struct why *why)
{
	auto_free struct socket_row **rows = calloc(survey->sockets.n + 1, sizeof(*rows));
	size_t n = 0;
	int r = rows ? group_relate(&survey->sockets) : -ENOMEM;

	if (r < 0)
		return why_set(why, -r, _("out of memory"));
	for (size_t i = 0; i < survey->sockets.n; i++)
		if (!survey->sockets.rows[i].is_dropped)
			rows[n++] = &survey->sockets.rows[i];
	if (n)
		qsort(rows, n, sizeof(struct socket_row *), by_port);
	for (size_t i = 0; i < n; i++)
		count(survey->listing, rows[i]);
	for (size_t i = 0; i < n && r == 0; i++)
		r = push(survey, rows[i], sink);
	return r;
}

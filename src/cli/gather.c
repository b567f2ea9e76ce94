/* SPDX-License-Identifier: Apache-2.0 */
/* gather: looks at this host, judges every socket, and says what could not be seen. */
#include <errno.h>

#include "cli/cli.h"

struct list {
	struct sink sink;
	struct cli *cli;
	struct gathered *all;
	size_t rows_capacity;
	size_t peers_capacity;
};

static int put(struct sink *sink, const struct sighting *sighting)
{
	struct list *list = (struct list *)sink;
	struct arena *arena = &list->cli->arena;
	struct gathered *all = list->all;
	struct sighting *kept = arena_get(arena, sizeof(*kept));

	*kept = *sighting;
	if (!socket_state_waits(kept->state)) {
		const struct sighting **peer = arena_push(arena, &all->peers, &all->n_peers,
							  &list->peers_capacity, sizeof(*peer));

		*peer = kept;
		return 0;
	}
	struct judged *row = arena_push(arena, &all->rows, &all->n_rows, &list->rows_capacity,
					sizeof(*row));

	row->sighting = kept;
	return 0;
}

int gather(struct cli *cli, const struct host_query *query, struct gathered *all)
{
	struct list list = {.sink = {put}, .cli = cli, .all = all};
	struct why why = {0};
	int r;

	*all = (struct gathered){0};
	cli_open_map(cli);
	host_describe(query, &cli->arena, &all->host);
	if (all->host.now) /* ages in a recording are those of its day */
		cli->style.now = all->host.now;
	r = host_each_listener(query, &cli->arena, &list.sink, &all->listing, &why);
	if (r < 0)
		return cli_fail(r == -EPERM || r == -EACCES ? EX_NOPERM
				: query->replay		    ? EX_UNAVAILABLE
							    : EXIT_BLIND,
				_("cannot list this host's sockets: %s"), why.text);

	all->can_ask_packages = !query->is_plain;
	all->explains = query->peers ? cli->format->explains_port : cli->format->explains_host;
	gather_judge(cli, all);
	return 0;
}

void gather_judge(struct cli *cli, struct gathered *all)
{
	struct verdict_memo memo = {0};
	const struct surroundings around = {
		.ephemeral_first = all->host.ephemeral_first,
		.ephemeral_last = all->host.ephemeral_last,
		.viewer_uid = all->host.uid,
		.can_ask_packages = all->can_ask_packages,
		.memo = &memo,
		.no_details = !all->explains,
	};

	all->worst = VERDICT_EXPECTED;
	for (size_t i = 0; i < all->n_rows; i++) {
		struct verdict *verdict = arena_get(&cli->arena, sizeof(*verdict));

		verdict_judge(cli->map, NULL, &around, all->rows[i].sighting, &cli->arena, verdict);
		all->rows[i].verdict = verdict;
		if (verdict->kind > all->worst)
			all->worst = verdict->kind;
	}
	judged_sort(all->rows, all->n_rows);
}

/* Whether every hidden program is so because it lives where our /proc does not reach. */
static bool all_live_elsewhere(const struct gathered *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n_rows; i++) {
		const struct sighting *s = all->rows[i].sighting;

		if (s->n_owners || s->hidden == HIDDEN_NONE || s->hidden == HIDDEN_KERNEL ||
		    s->hidden == HIDDEN_EXITED)
			continue;
		if (s->hidden != HIDDEN_PID_NAMESPACE)
			return false;
		n++;
	}
	return n > 0;
}

/* What would help; where nothing here does, who they are. */
static const char *remedy(const struct gathered *all)
{
	if (all->listing.remedy)
		return all->listing.remedy;
	if (all->listing.lacks_ptrace)
		return _("this root lacks CAP_SYS_PTRACE; grant it to see them");
	if (all_live_elsewhere(all) || (all->host.is_root && all->listing.is_contained))
		return _("they live in another pid namespace or outside of this container; ask there");
	if (all->host.is_root)
		return _("something refuses even root: a security module or a user namespace");
	return _("run it as root to see them, or have periplusd(8) switched on");
}

int gather_confess(const struct cli *cli, const struct gathered *all)
{
	const struct host_listing *listing = &all->listing;

	if (listing->is_complete)
		return EXIT_EXPECTED;
	if (cli->is_quiet)
		return EXIT_BLIND;
	if (listing->hidden_owners)
		cli_fail(0,
			 _("the programs of %zu of %zu sockets are hidden from you; users and "
			   "addresses are not; %s"),
			 listing->hidden_owners, listing->n_sockets, remedy(all));
	if (listing->is_torn)
		cli_fail(0, _("sockets came and went while looking, some may be missing; try again"));
	if (!listing->hidden_owners && !listing->is_torn)
		cli_fail(0, _("the listing is incomplete: %s"),
			 listing->lacks_ptrace
				 ? _("this root lacks CAP_SYS_PTRACE, so what others run is hidden")
			 : listing->fallback ? listing->fallback
					     : _("a part could not be read"));
	else if (listing->fallback)
		cli_fail(0, "%s", listing->fallback);
	return EXIT_BLIND;
}

int gather_status(const struct cli *cli, const struct gathered *all, enum fail_on usual)
{
	enum fail_on when = cli->fail_on == FAIL_DEFAULT ? usual : cli->fail_on;
	int blind = gather_confess(cli, all);

	if (when == FAIL_LOOK && all->worst >= VERDICT_LOOK)
		return (int)all->worst;
	if (when == FAIL_UNEXPECTED && all->worst == VERDICT_UNEXPECTED)
		return EXIT_UNEXPECTED;
	return blind;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port: what is on this port, and should it be?
 *
 * Operands are ports, ranges and lists (3000, :3000, 53/udp, 8000-8010, 22,80). A range in text
 * shows every port while there are at most SHOWN_WHOLE of them, and above that those where
 * something listens; machine formats always carry every port asked for. One number where nothing
 * waits is tried (see why.c): when it only looks free, the page of `why` follows.
 */
#include "base/scope.h"
#include "cli/probe.h"
#include "cli/try_bind.h"

enum { SHOWN_WHOLE = 16 };
enum { ALL_NAMESPACES, PROBE, REPLAY, TIMEOUT };

static const struct cli_option options[] = {
	[ALL_NAMESPACES] = {"all-namespaces", 'N', NULL, N_("other network namespaces too")},
	PROBE_OPTIONS(PROBE, TIMEOUT),
	[REPLAY] = {"replay", 0, "PATH", N_("read a recording instead of this machine")},
};

struct queries {
	struct port_query *items;
	size_t n;
	size_t capacity;
	size_t n_ports;
};

static int parse(struct cli *cli, int argc, char **argv, struct queries *queries)
{
	for (int i = 0; i < argc; i++) {
		struct span rest = span_str(argv[i]);
		struct span item;

		if (rest.n == 0 || rest.p[rest.n - 1] == ',')
			return cli_fail(EX_USAGE, _("'%s' is not a list of ports: write 22,80,8000-8010"),
					argv[i]);
		while (take_until(&rest, ',', &item)) {
			struct why why;
			struct port_query query;

			if (port_query_parse(item, &query, &why) < 0)
				return cli_fail(EX_USAGE, "%s", why.text);
			*(struct port_query *)arena_push(&cli->arena, &queries->items, &queries->n,
							 &queries->capacity, sizeof(query)) = query;
			queries->n_ports += (size_t)(query.last - query.first) + 1;
		}
	}
	return 0;
}

static bool is_asked(const struct port_query *query, const struct sighting *s)
{
	return s->port >= query->first && s->port <= query->last &&
	       (query->transport == TRANSPORT_ANY || s->transport == query->transport ||
		transport_registered(s->transport) == query->transport);
}

/* Room for the rows and peers of one port, used again for the next. */
struct room {
	struct judged *rows;
	const struct sighting **peers;
};

/* The rows and peers of one port, gathered from the whole; rows keep their order. */
static void fill(const struct room *room, const struct gathered *all, struct port_report *report)
{
	struct port_query query = {report->port, report->port, report->transport};

	for (size_t i = 0; i < all->n_rows; i++)
		if (is_asked(&query, all->rows[i].sighting))
			room->rows[report->n_rows++] = all->rows[i];
	for (size_t i = 0; i < all->n_peers; i++)
		if (is_asked(&query, all->peers[i]))
			room->peers[report->n_peers++] = all->peers[i];
	report->rows = room->rows;
	report->peers = room->peers;
}

static bool has_listener(const struct gathered *all, uint16_t port, enum transport transport)
{
	struct port_query query = {port, port, transport};

	for (size_t i = 0; i < all->n_rows; i++)
		if (is_asked(&query, all->rows[i].sighting))
			return true;
	return false;
}

static bool is_any_asked(const void *arg, const struct sighting *s)
{
	const struct queries *queries = arg;

	for (size_t i = 0; i < queries->n; i++)
		if (is_asked(&queries->items[i], s))
			return true;
	return false;
}

/* What lies between the ports asked for was looked at too, and must not weigh. */
static void weigh(const struct queries *queries, struct gathered *all)
{
	all->worst = VERDICT_EXPECTED;
	for (size_t i = 0; i < all->n_rows; i++)
		if (is_any_asked(queries, all->rows[i].sighting) &&
		    all->rows[i].verdict->kind > all->worst)
			all->worst = all->rows[i].verdict->kind;
}

static bool is_shown(const struct cli *cli, const struct queries *queries,
		     const struct gathered *all, uint16_t port, enum transport transport)
{
	return queries->n_ports <= SHOWN_WHOLE || cli->style.show_all ||
	       !span_is(span_str(cli->format->name), "text") || has_listener(all, port, transport);
}

/* Calls the format once per port; `first` and `last` frame the document. */
static void show(struct cli *cli, const struct queries *queries, const struct gathered *all)
{
	const struct room room = {arena_get_array(&cli->arena, all->n_rows, sizeof(*all->rows)),
				  arena_get_array(&cli->arena, all->n_peers, sizeof(*all->peers))};
	struct port_report held = {0};
	bool has_held = false;
	bool is_first = true;

	for (size_t i = 0; i < queries->n; i++) {
		const struct port_query *query = &queries->items[i];

		for (uint32_t port = query->first; port <= query->last; port++) {
			if (!is_shown(cli, queries, all, (uint16_t)port, query->transport))
				continue;
			if (has_held) {
				cli->format->port(&cli->out, &cli->style, &held, is_first, false);
				is_first = false;
			}
			held = (struct port_report){.map = cli->map, .port = (uint16_t)port,
						    .transport = query->transport, .host = &all->host,
						    .listing = &all->listing};
			fill(&room, all, &held);
			has_held = true;
		}
	}
	if (has_held)
		cli->format->port(&cli->out, &cli->style, &held, is_first, true);
	else
		buf_print(&cli->out, _("nothing listens on these %zu ports; --all shows each\n"),
			  queries->n_ports);
}

/* Text only: documents have one schema, whatever is found. */
static void explain(struct cli *cli, const struct queries *queries, const struct gathered *all)
{
	const struct port_query *query = queries->n == 1 ? queries->items : NULL;
	struct bind_report bind;
	struct gathered again;

	if (!query || query->first != query->last || query->first == 0 || all->n_rows ||
	    !span_is(span_str(cli->format->name), "text"))
		return;

	enum transport transport = query->transport == TRANSPORT_ANY ? TRANSPORT_TCP : query->transport;

	if ((transport != TRANSPORT_TCP && transport != TRANSPORT_UDP) ||
	    try_bind(cli, query->first, transport, NULL, &bind, &again) ||
	    !bind.error)
		return;

	struct why_report report = {.host = &again.host, .listing = &again.listing, .bind = &bind,
				    .rows = again.rows, .n_rows = again.n_rows};

	buf_byte(&cli->out, '\n');
	cli->format->why(&cli->out, &cli->style, &report);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = {.first = PORT_MAX, .last = 0, .peers = true};
	struct queries queries = {0};
	struct gathered all;
	uint32_t probe_ms = 0;
	int status;

	if (argc == 0)
		return cli_fail(EX_USAGE, _("which port? write 'periplus 3000' or 'periplus 53/udp'"));
	if (cli->values[PROBE] && cli->values[REPLAY])
		return cli_fail(EX_USAGE, _("--probe asks this machine, and --replay reads a recording: take one"));
	status = probe_time(cli->values[TIMEOUT], PROBE_MS, &probe_ms);
	if (status == 0)
		status = parse(cli, argc, argv, &queries);
	if (status)
		return status;
	for (size_t i = 0; i < queries.n; i++) {
		if (queries.items[i].first < query.first)
			query.first = queries.items[i].first;
		if (queries.items[i].last > query.last)
			query.last = queries.items[i].last;
	}
	if (queries.n == 1)
		query.transport = queries.items[0].transport;
	query.replay = cli->values[REPLAY];
	query.namespaces = cli->values[ALL_NAMESPACES];
	status = gather(cli, &query, &all);
	if (status == 0 && cli->values[PROBE])
		status = probe_listeners(cli, &all, probe_ms, is_any_asked, &queries);
	if (status)
		return status;
	weigh(&queries, &all);
	show(cli, &queries, &all);
	if (!query.replay)
		explain(cli, &queries, &all);
	return gather_status(cli, &all, FAIL_NEVER);
}

const struct command command_port = {
	.name = "port",
	.does = N_("what is on this port, and should it be?"),
	.args = "PORT[/TRANSPORT]...",
	.example = "periplus 3000",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

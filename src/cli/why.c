/* SPDX-License-Identifier: Apache-2.0 */
/* why: why can this number not be bound? One bind is tried and closed again; nothing listens. */
#include "base/scope.h"
#include "cli/cli.h"
#include "cli/try_bind.h"

enum { REPLAY };

static const struct cli_option options[] = {
	[REPLAY] = {"replay", 0, "PATH", N_("read a recording instead of this machine")},
};

int try_bind(struct cli *cli, uint16_t port, enum transport transport, const char *replay,
	     struct bind_report *bind, struct gathered *all)
{
	struct host_query query = {.first = port, .last = port, .transport = transport,
				   .peers = true, .holders = true, .namespaces = true,
				   .is_plain = true, .no_arguments = true, .replay = replay};
	int status = gather(cli, &query, all);
	const struct sighting **seen;
	size_t n = 0;

	if (status)
		return status;
	seen = arena_get_array(&cli->arena, all->n_rows + all->n_peers, sizeof(*seen));
	for (size_t i = 0; i < all->n_rows; i++)
		seen[n++] = all->rows[i].sighting;
	for (size_t i = 0; i < all->n_peers; i++)
		seen[n++] = all->peers[i];
	if (replay)
		host_explain_bind(port, transport, seen, n, &cli->arena, bind);
	else
		host_try_bind(port, transport, seen, n, all->listing.is_complete, &cli->arena, bind);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct port_query asked;
	struct why why;

	if (argc != 1)
		return cli_fail(EX_USAGE, _("which port? write 'periplus why 5037' or 'periplus why 53/udp'"));
	if (port_query_parse(span_str(argv[0]), &asked, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	if (asked.first != asked.last || asked.first == 0)
		return cli_fail(EX_USAGE, _("'%s' is not one port from 1 to 65535: one can be tried at a time"),
				argv[0]);
	asked.transport = asked.transport == TRANSPORT_ANY ? TRANSPORT_TCP : asked.transport;
	if (asked.transport != TRANSPORT_TCP && asked.transport != TRANSPORT_UDP)
		return cli_fail(EX_USAGE, _("only tcp and udp can be tried, not '%s'"),
				transport_word(asked.transport));

	struct bind_report bind;
	struct gathered all;
	int status = try_bind(cli, asked.first, asked.transport, cli->values[REPLAY], &bind, &all);

	if (status)
		return status;

	struct why_report report = {.host = &all.host, .listing = &all.listing, .bind = &bind,
				    .rows = all.rows, .n_rows = all.n_rows};

	cli->format->why(&cli->out, &cli->style, &report);
	return EXIT_EXPECTED;
}

const struct command command_why = {
	.name = "why",
	.does = N_("why can I not bind this port?"),
	.args = "PORT[/TRANSPORT]",
	.example = "periplus why 5037",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* host: what listens on this machine, and should it? What `periplus` alone does. */
#include <errno.h>
#include <time.h>

#include "base/scope.h"
#include "cli/probe.h"

enum { ALL_NAMESPACES, PROBE, READER, RECORD, REPLAY, TIMEOUT };

static const struct cli_option options[] = {
	[ALL_NAMESPACES] = {"all-namespaces", 'N', NULL, N_("listeners of other network namespaces too")},
	PROBE_OPTIONS(PROBE, TIMEOUT),
	[READER] = {"reader", 0, "NAME", N_("find owners by bpf or by walk, not by the quicker")},
	[RECORD] = {"record", 0, "DIR", N_("keep what was seen as a recording, in a new directory")},
	[REPLAY] = {"replay", 0, "PATH", N_("read a recording instead of this machine")},
};

/* 0, or an exit status after having printed why. */
static int record(struct cli *cli, const struct gathered *all, const char *directory)
{
	const struct sighting **sightings = arena_get_array(&cli->arena, all->n_rows + all->n_peers,
							    sizeof(*sightings));
	struct host_recording recording = {.host = &all->host, .listing = &all->listing,
					   .sightings = sightings};
	struct why why = {0};
	int r;

	for (size_t i = 0; i < all->n_rows; i++)
		sightings[recording.n++] = all->rows[i].sighting;
	for (size_t i = 0; i < all->n_peers; i++)
		sightings[recording.n++] = all->peers[i];
	r = host_record(directory, &recording, &why);
	return r < 0 ? cli_fail(r == -EACCES || r == -EPERM ? EX_NOPERM : EX_CANTCREAT, "%s", why.text)
		     : 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct gathered all;
	uint32_t probe_ms = 0;
	struct timespec start;
	struct timespec end;
	int status;

	(void)argv;
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus host' takes no operand; 'periplus PORT' asks for one"));
	status = probe_time(cli->values[TIMEOUT], PROBE_MS, &probe_ms);
	if (status)
		return status;
	if (cli->values[PROBE] && cli->values[REPLAY])
		return cli_fail(EX_USAGE, _("--probe asks this machine, and --replay reads a recording: take one"));
	query.namespaces = cli->values[ALL_NAMESPACES];
	query.reader = cli->values[READER];
	query.replay = cli->values[REPLAY];
	query.no_arguments = !cli->format->shows_arguments && !cli->values[RECORD];
	clock_gettime(CLOCK_MONOTONIC, &start);
	status = gather(cli, &query, &all);
	if (status == 0 && cli->values[PROBE])
		status = probe_listeners(cli, &all, probe_ms, NULL, NULL);
	if (status)
		return status;
	clock_gettime(CLOCK_MONOTONIC, &end);
	cli->style.took_ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
			     (double)(end.tv_nsec - start.tv_nsec) / 1e6;

	struct host_report report = {.map = cli->map, .host = &all.host, .listing = &all.listing,
				     .rows = all.rows, .n_rows = all.n_rows};

	if (cli->values[RECORD]) {
		status = record(cli, &all, cli->values[RECORD]);
		if (status)
			return status;
	}
	cli->format->host(&cli->out, &cli->style, &report);
	status = gather_status(cli, &all, FAIL_NEVER);
	return status;
}

const struct command command_host = {
	.name = "host",
	.does = N_("what listens on this machine, and should it?"),
	.args = "",
	.example = "sudo periplus",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: tells when a listener opens, closes, changes its owner or widens, each judged.
 *
 * Looks again every interval and compares: a listener is known by (network namespace, transport,
 * address, port, owner), never by its socket alone, so that a restarted service on the same
 * address with the same program is no change (ux.md section 4). Two arenas take turns, so memory
 * stays that of two listings.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/scope.h"
#include "cli/cli.h"

enum { INTERVAL, COUNT };
enum { INTERVAL_LEAST_MS = 20, INTERVAL_USUAL_MS = 1000 };

static const struct cli_option options[] = {
	[INTERVAL] = {"interval", 'i', "MS", N_("milliseconds between two looks (1000)")},
	[COUNT] = {"count", 'n', "N", N_("end after N looks")},
};

static volatile sig_atomic_t is_ended;

static void end(int signal_number)
{
	(void)signal_number;
	is_ended = 1;
}

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
	return a->port == b->port && a->transport == b->transport &&
	       a->net_namespace == b->net_namespace && address_eq(&a->local, &b->local);
}

/* Whoever is hidden may be the other. */
static bool same_holder(const struct judged *a, const struct judged *b)
{
	return !holder(a).n || !holder(b).n || span_eq(holder(a), holder(b));
}

/* Several may share one place: multicast, SO_REUSEPORT. */
static bool is_in(const struct gathered *in, const struct judged *row)
{
	for (size_t i = 0; i < in->n_rows; i++)
		if (same_place(in->rows[i].sighting, row->sighting) &&
		    same_holder(&in->rows[i], row))
			return true;
	return false;
}

/* Whether somebody has the place of this row in one look who has not in the other. */
static bool has_other(const struct gathered *in, const struct gathered *other,
		      const struct judged *row)
{
	for (size_t i = 0; i < in->n_rows; i++)
		if (same_place(in->rows[i].sighting, row->sighting) && !is_in(other, &in->rows[i]))
			return true;
	return false;
}

/* The same owner on the same port at a narrower scope. */
static bool was_narrower(const struct gathered *old, const struct judged *row)
{
	const struct sighting *now = row->sighting;

	for (size_t i = 0; i < old->n_rows; i++) {
		const struct sighting *then = old->rows[i].sighting;

		if (then->port == now->port && then->transport == now->transport &&
		    then->net_namespace == now->net_namespace &&
		    span_eq(holder(&old->rows[i]), holder(row)) &&
		    address_scope(&then->local) < address_scope(&now->local))
			return true;
	}
	return false;
}

static void tell(struct cli *cli, const struct gathered *all, const char *action,
		 const struct judged *row)
{
	struct event_report event = {.map = cli->map, .host = &all->host, .action = action,
				     .row = *row, .at = all->host.now};

	cli->format->event(&cli->out, &cli->style, &event);
}

static void compare(struct cli *cli, const struct gathered *old, const struct gathered *now)
{
	for (size_t i = 0; i < now->n_rows; i++) {
		const struct judged *row = &now->rows[i];

		if (is_in(old, row))
			continue;
		if (has_other(old, now, row))
			tell(cli, now, "owner-changed", row);
		else
			tell(cli, now, was_narrower(old, row) ? "scope-widened" : "listener-opened", row);
	}
	for (size_t i = 0; i < old->n_rows; i++)
		if (!is_in(now, &old->rows[i]) && !has_other(now, old, &old->rows[i]))
			tell(cli, now, "listener-closed", &old->rows[i]);
}

static void pause_ms(uint64_t ms)
{
	struct timespec wait = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	if (!is_ended)
		nanosleep(&wait, NULL);
}

static int options_read(struct cli *cli, uint64_t *interval, uint64_t *count)
{
	const char *wait = cli->values[INTERVAL];
	const char *looks = cli->values[COUNT];

	*interval = INTERVAL_USUAL_MS;
	*count = UINT64_MAX;
	if (wait && (!span_u64(span_str(wait), 86400000, interval) || *interval < INTERVAL_LEAST_MS))
		return cli_fail(EX_USAGE, _("--interval takes %d to 86400000 milliseconds, not '%s'"),
				INTERVAL_LEAST_MS, wait);
	if (looks && (!span_u64(span_str(looks), UINT64_MAX, count) || *count == 0))
		return cli_fail(EX_USAGE, _("--count takes a number from 1, not '%s'"), looks);
	return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_query query = HOST_QUERY_ALL;
	struct gathered turns[2] = {0};
	struct arena arenas[2] = {0};
	struct sigaction action = {.sa_handler = end};
	uint64_t interval;
	uint64_t count;
	int status = options_read(cli, &interval, &count);

	if (status)
		return status;
	if (argc > 0)
		return cli_fail(EX_USAGE, _("'periplus watch' takes no operand, got '%s'"), argv[0]);
	if (!cli->format->event)
		return cli_fail(EX_USAGE, _("'watch' has no --json: use --ndjson"));
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	for (uint64_t i = 0; i < count && !is_ended && !status; i++) {
		struct gathered *now = &turns[i & 1];
		struct timespec at;

		if (i)
			pause_ms(interval);
		arena_done(&arenas[i & 1]);
		cli->arena = arenas[i & 1];
		clock_gettime(CLOCK_REALTIME, &at);
		cli->style.now = at.tv_sec;
		status = gather(cli, &query, now);
		arenas[i & 1] = cli->arena;
		cli->arena = (struct arena){0};
		if (status == 0 && i == 0)
			gather_confess(cli, now);
		else if (status == 0)
			compare(cli, &turns[(i & 1) ^ 1], now);
		if (buf_flush(&cli->out) < 0)
			break;
	}
	arena_done(&arenas[0]);
	arena_done(&arenas[1]);
	return status ? status : is_ended ? 130 : EXIT_EXPECTED;
}

const struct command command_watch = {
	.name = "watch",
	.does = N_("tell when a listener opens, closes, widens or changes hands"),
	.args = "",
	.example = "sudo periplus watch --ndjson",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

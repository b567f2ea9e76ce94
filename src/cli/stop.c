/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stop: free a port properly: only what waits there is ended, and only what the plan has named.
 *
 * Processes are held by descriptor from the look on, before anybody is asked, so that the answer
 * cannot reach another. Without a terminal nothing is done without --yes.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/cli.h"
#include "cli/supervisor.h"
#include "cli/try_bind.h"

enum { DRY_RUN, KILL, YES };
enum { PATIENCE_MS = 5000, ANSWER_SIZE = 16, SELF_MAX = 64 };

static const struct cli_option options[] = {
	[DRY_RUN] = {"dry-run", 'n', NULL, N_("print the plan, do nothing")},
	[KILL] = {"kill", 0, NULL, N_("SIGKILL instead of SIGTERM; supervisors are asked all the same")},
	[YES] = {"yes", 'y', NULL, N_("do not ask")},
};

struct work {
	struct cli *cli;
	struct port_query asked;
	struct gathered all;
	const struct sighting **waiting;
	size_t n_waiting;
	struct stop_step steps[STOP_STEPS_MAX];
	struct held_process held[STOP_STEPS_MAX];
	size_t n_steps;
	struct stop_report report;
};

static bool is_asked(const struct port_query *asked, const struct sighting *s)
{
	return s->port == asked->first && s->state != SOCKET_RAW && s->state != SOCKET_PACKET &&
	       (asked->transport == TRANSPORT_ANY ||
		transport_registered(s->transport) == asked->transport);
}

static int look(struct work *work)
{
	struct host_query query = {.first = work->asked.first, .last = work->asked.first,
				   .transport = work->asked.transport, .peers = true};
	int status = gather(work->cli, &query, &work->all);

	if (status)
		return status;
	work->n_waiting = 0;
	work->waiting = arena_get_array(&work->cli->arena, work->all.n_rows, sizeof(*work->waiting));
	for (size_t i = 0; i < work->all.n_rows; i++)
		if (is_asked(&work->asked, work->all.rows[i].sighting))
			work->waiting[work->n_waiting++] = work->all.rows[i].sighting;
	return 0;
}

/* Ours and those above us: the shell, the terminal, the session. */
static size_t list_self(uint32_t self[SELF_MAX])
{
	uint32_t pid = (uint32_t)getpid();
	size_t n = 0;

	while (pid > 1 && n < SELF_MAX) {
		char path[64];
		struct span text;
		uint8_t bytes[1024];
		auto_fclose FILE *file = NULL;

		self[n++] = pid;
		snprintf(path, sizeof(path), "/proc/%u/stat", pid);
		file = fopen(path, "re");
		text = span_of(bytes, file ? fread(bytes, 1, sizeof(bytes), file) : 0);

		ptrdiff_t end = span_find_last(text, ')'); /* proc(5): behind the name stand state and parent */
		struct span state;
		struct span parent;
		uint64_t value;

		if (end < 0)
			break;
		text = span_skip(text, (size_t)end + 1);
		if (!take_word(&text, &state) || !take_word(&text, &parent) ||
		    !span_u64(parent, UINT32_MAX, &value))
			break;
		pid = (uint32_t)value;
	}
	return n;
}

static int hold_all(struct work *work)
{
	for (size_t i = 0; i < work->n_steps; i++) {
		struct why why = {0};

		if (work->steps[i].means == STOP_SIGNAL &&
		    host_hold(work->steps[i].process, &work->held[i], &why) < 0)
			return cli_fail(EX_TEMPFAIL, "%s", why.text);
	}
	return 0;
}

/* What was seen before anything is done: to look again later leaves it as it is. */
static void plan(struct work *work)
{
	work->report = (struct stop_report){.port = work->asked.first,
					    .transport = work->asked.transport,
					    .steps = work->steps,
					    .n_steps = work->n_steps,
					    .peers = work->all.peers,
					    .n_peers = work->all.n_peers,
					    .is_kill = work->cli->values[KILL],
					    .is_dry_run = work->cli->values[DRY_RUN]};
	if (!work->cli->format->stop)
		text_stop_plan(&work->cli->out, &work->cli->style, &work->report);
}

/* 0: go on; else the status to end with. */
static int agree(struct work *work)
{
	char answer[ANSWER_SIZE];

	if (work->cli->values[YES])
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_fail(EX_USAGE, _("there is no terminal to ask: add --yes to do this"));
	buf_str(&work->cli->out, _("Go on? [y/N] "));
	if (buf_flush(&work->cli->out) < 0)
		return EX_IOERR;
	if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
		return cli_fail(EX_TEMPFAIL, _("nothing was stopped"));
	return 0;
}

static int take(struct work *work, size_t i)
{
	const struct stop_step *step = &work->steps[i];
	struct why why = {0};
	int r;

	if (step->means != STOP_SIGNAL)
		return supervisor_stop(step);
	r = host_signal(&work->held[i], work->cli->values[KILL] ? SIGKILL : SIGTERM, &why);
	if (r == -ESRCH)
		return 0; /* what was wanted */
	if (r < 0)
		return cli_fail(r == -EPERM ? EX_NOPERM : EX_TEMPFAIL,
				r == -EPERM ? _("%s; run it as root, or as that user") : "%s", why.text);
	if (!host_wait_end(&work->held[i], PATIENCE_MS))
		return cli_fail(EXIT_TIMED_OUT,
				_("process %u has not ended in 5 seconds: wait, or add --kill"),
				work->held[i].pid);
	return 0;
}

/* What is there now, and what the kernel says of binding it. */
static int report_end(struct work *work)
{
	enum transport transport = work->asked.transport == TRANSPORT_ANY ? TRANSPORT_TCP
									  : work->asked.transport;
	struct bind_report bind;
	struct gathered now;
	int status = look(work);

	if (status)
		return status;
	if (work->n_waiting) {
		const struct process *p = sighting_process(work->waiting[0]);

		if (p)
			return cli_fail(EX_TEMPFAIL,
					_("stopped, but %.*s (pid %u) waits there now: it is not touched unasked"),
					SPAN_ARG(p->name), p->pid);
		return cli_fail(EX_TEMPFAIL, _("stopped, but something waits there now"));
	}
	if (transport == TRANSPORT_TCP || transport == TRANSPORT_UDP) {
		status = try_bind(work->cli, work->asked.first, transport, NULL, &bind, &now);
		if (status)
			return status;
		if (bind.error && !(bind.n_findings && bind.findings[0].cause == BIND_TIME_WAIT))
			return cli_fail(EX_TEMPFAIL, _("stopped, but %u cannot be bound: periplus why %u"),
					work->asked.first, work->asked.first);
		if (work->cli->format->stop)
			return EXIT_EXPECTED;
		if (bind.error)
			buf_print(&work->cli->out,
				  _("Stopped. %u/%s is free; its last connections keep it for a minute from "
				    "who does not set SO_REUSEADDR.\n"),
				  work->asked.first, transport_word(transport));
		else
			buf_print(&work->cli->out, _("Stopped. %u/%s is free on IPv4 and IPv6.\n"),
				  work->asked.first, transport_word(transport));
	} else if (!work->cli->format->stop) {
		buf_print(&work->cli->out, _("Stopped. Nothing waits at %u any more.\n"), work->asked.first);
	}
	return EXIT_EXPECTED;
}

static int carry_out(struct work *work)
{
	int status = agree(work);

	for (size_t i = 0; i < work->n_steps && !status; i++)
		status = take(work, i);
	return status ? status : report_end(work);
}

/* The plan, unless it is one to look at only, or cannot be carried out as a whole. */
static int follow(struct work *work)
{
	int status;

	for (size_t i = 0; i < work->n_steps; i++)
		if (work->steps[i].means == STOP_NONE) {
			work->report.result = STOP_REFUSED;
			return cli_fail(EX_NOPERM,
					_("not all of it can be stopped, so nothing is"));
		}
	if (work->cli->values[DRY_RUN])
		return EXIT_EXPECTED;
	status = carry_out(work);
	work->report.result = status == EXIT_EXPECTED ? STOP_STOPPED : STOP_FAILED;
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct work *work = arena_get(&cli->arena, sizeof(*work));
	uint32_t self[SELF_MAX];
	struct why why = {0};
	int status;

	work->cli = cli;
	for (size_t i = 0; i < STOP_STEPS_MAX; i++)
		work->held[i].pidfd = -1;
	if (argc != 1)
		return cli_fail(EX_USAGE, _("which port? write 'periplus stop 3000'"));
	if (port_query_parse(span_str(argv[0]), &work->asked, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	if (work->asked.first != work->asked.last || work->asked.first == 0)
		return cli_fail(EX_USAGE, _("'%s' is not one port from 1 to 65535"), argv[0]);
	if (!cli->format->stop && !span_is(span_str(cli->format->name), "text"))
		return cli_fail(EX_USAGE, _("'stop' has no --%s: its exit status tells"), cli->format->name);
	if (cli->format->stop && !cli->values[YES] && !cli->values[DRY_RUN])
		return cli_fail(EX_USAGE, _("--%s asks nobody: add --yes or --dry-run"),
				cli->format->name);
	status = look(work);
	if (status)
		return status;
	if (!work->n_waiting)
		return cli_fail(EX_UNAVAILABLE, _("nothing listens on %s; if it cannot be bound: periplus why %s"),
				argv[0], argv[0]);
	work->n_steps = host_plan_stop(work->waiting, work->n_waiting, self, list_self(self), work->steps);
	status = hold_all(work);
	if (!status) {
		plan(work);
		status = follow(work);
		work->report.exit_status = status;
		if (cli->format->stop)
			cli->format->stop(&cli->out, &cli->style, &work->report);
	}
	for (size_t i = 0; i < work->n_steps; i++)
		host_let_go(&work->held[i]);
	return status;
}

const struct command command_stop = {
	.name = "stop",
	.does = N_("free a port: end what listens there"),
	.args = "PORT[/TRANSPORT]",
	.example = "periplus stop 3000",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan: which ports of other hosts are open, what answers there, and should it?
 *
 * Gathers the order from the options, asks for consent, and turns what the scan room finds into
 * rows with a verdict. NDJSON rows are written as they come; the other formats are sorted at the
 * end, and a signal ends the scan with what is known. Nothing but progress goes to stderr while it
 * runs, and that only on a terminal.
 */
#include "cli/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/rights.h"
#include "base/scope.h"
#include "cli/probe.h"

enum {
	PORTS,
	TOP,
	UDP,
	PATIENT,
	RATE,
	ENGINE,
	DISCOVER,
	NO_IDENTIFY,
	TIMEOUT,
	SCOPE,
	ONLY_SCOPES,
	YES,
	AUTHORISED_BY,
	OPT_OUT,
	TARGETS,
	SHARD,
	RESUME,
	AGAINST,
	DRY_RUN,
	CSV,
	GREPPABLE,
	XML
};

static const struct cli_option options[] = {
	[PORTS] = {"ports", 'p', "LIST", N_("22,80,8000-8010,https, or all")},
	[TOP] = {"top", 0, "N", N_("the N ports with most in practice (1000)")},
	[UDP] = {"udp", 'u', NULL, N_("UDP instead of TCP")},
	[PATIENT] = {"patient", 0, NULL, N_("UDP: as slowly as hosts tell of closed ports")},
	[RATE] = {"rate", 0, "N", N_("at most N packets/s (500)")},
	[ENGINE] = {"engine", 0, "NAME", N_("xdp, packet or connect; else what is possible")},
	[DISCOVER] = {"discover", 0, NULL, N_("only hosts that answer an echo, ARP or NDP")},
	[NO_IDENTIFY] = {"no-identify", 0, NULL, N_("do not ask what answers")},
	[TIMEOUT] = {"timeout", 0, "SECONDS", N_("to identify a port (8)")},
	[SCOPE] = {"scope", 0, "NETWORKS", N_("others' networks that are yours to scan")},
	[ONLY_SCOPES] = {"only-scopes", 0, NULL, N_("nothing outside of what /etc/periplus/scopes lists")},
	[YES] = {"yes", 0, NULL, N_("yes to a large scan inside of the scope")},
	[AUTHORISED_BY] = {"authorised-by", 0, "TEXT", N_("who allows it; kept in the results")},
	[OPT_OUT] = {"opt-out", 0, "FILE", N_("hosts that are never asked")},
	[TARGETS] = {"targets", 0, "FILE", N_("targets from a file; - is standard input")},
	[SHARD] = {"shard", 0, "I/N", N_("the Ith of N parts of the plan")},
	[RESUME] = {"resume", 0, "FILE", N_("keep the state there, and go on from it")},
	[AGAINST] = {"against", 0, "FILE", N_("what listens inside: periplus --json of the host")},
	[DRY_RUN] = {"dry-run", 0, NULL, N_("only the plan, its packets and its time")},
	[CSV] = {"csv", 0, NULL, N_("comma-separated, with a header")},
	[GREPPABLE] = {"greppable", 0, NULL, N_("a line a host")},
	[XML] = {"xml", 0, "FILE", N_("as nmap's XML too; - is standard output")},
};

static const char opt_out_default[] = "/etc/periplus/opt-out";
static const char scopes_default[] = "/etc/periplus/scopes";

struct work {
	struct scan_listener listener; /* first: its functions get its address */
	struct cli *cli;
	struct scan_scope scope;
	struct scan_scope kept_to; /* --only-scopes */
	struct scan_order order;
	struct scan_ports ports;
	struct scan_way way;
	struct scan_consent consent;
	struct scan_rows rows;
	struct scan_line line; /* of the last of them */
	struct scan_target asked; /* the one before, with what is expected there */
	bool has_progress; /* a line of it stands on the terminal */
	const char *arguments;
	int64_t begin;
	int xml_fd; /* -1: none, or standard output */
};

static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
	stop_signal = number;
}

/* --- what the scan room tells --- */

static void clear_progress(struct work *work)
{
	if (work->has_progress)
		scan_progress_clear();
	work->has_progress = false;
}

/* Rows are written as they come. */
static bool is_streaming(const struct work *work)
{
	return work->cli->format->scan_row && !work->cli->values[CSV] &&
	       !work->cli->values[GREPPABLE];
}

static int found(struct scan_listener *listener, const struct scan_found *found)
{
	struct work *work = (struct work *)listener;
	struct cli *cli = work->cli;
	const struct scan_row *row = scan_rows_add(&work->rows, found);

	if (!is_streaming(work))
		return 0;
	clear_progress(work);
	cli->format->scan_row(&cli->out, &cli->style, cli->map, row, &work->line);
	return cli->out.error ? -EPIPE : 0;
}

static int rest(struct scan_listener *listener)
{
	struct work *work = (struct work *)listener;

	return buf_flush(&work->cli->out) < 0 ? -EPIPE : 0;
}

static void expect(struct scan_listener *listener, struct scan_target *target)
{
	struct work *work = (struct work *)listener;

	/* A scan of one port finds it on many hosts, one after the other. */
	if (work->asked.port != target->port || work->asked.transport != target->transport) {
		work->asked = (struct scan_target){.port = target->port, .transport = target->transport};
		expect_practice(work->cli->map, &work->asked);
	}
	memcpy(target->expected, work->asked.expected, sizeof(target->expected));
}

/* From here on no packet of a stranger meets a right of root. What is left makes and ends the
 * processes that parse, which are nobody. */
static int give_up_rights(struct scan_listener *listener, struct why *why)
{
	static const uint8_t kept[] = {CAP_KILL, CAP_SETGID, CAP_SETUID};

	(void)listener;
	return rights_keep(kept, ARRAY_LEN(kept), why);
}

static void remark(struct scan_listener *listener, const char *text)
{
	struct work *work = (struct work *)listener;

	if (!work->cli->style.is_verbose || work->cli->is_quiet)
		return;
	clear_progress(work);
	cli_fail(0, "%s", text);
}

static void progress(struct scan_listener *listener, const struct scan_progress *p)
{
	struct work *work = (struct work *)listener;

	scan_progress_show(p);
	work->has_progress = true;
}

/* --- the order --- */

static int take_shard(struct work *work, const char *text)
{
	struct span rest = span_str(text);
	struct span part;
	uint64_t i;
	uint64_t n;

	if (!take_until(&rest, '/', &part) || !span_u64(part, UINT32_MAX, &i) ||
	    !span_u64(rest, 65536, &n) || i == 0 || i > n)
		return cli_fail(EX_USAGE, _("--shard takes I/N with I from 1 to N, not '%s'"),
				text);
	work->order.shard = (uint32_t)i;
	work->order.n_shards = (uint32_t)n;
	return 0;
}

static int take_number(const char *option, const char *text, uint64_t most, uint64_t *value)
{
	if (!text)
		return 0;
	if (span_u64(span_str(text), most, value) && *value)
		return 0;
	return cli_fail(EX_USAGE, _("--%s takes a number from 1 to %" PRIu64 ", not '%s'"), option,
			most, text);
}

/* A wrong word there would be found when the plan is made, and looks like a wrong target. */
static int check_file(const char *path)
{
	if (!path || strcmp(path, "-") == 0 || access(path, R_OK) == 0)
		return 0;
	return cli_fail(EX_NOINPUT, _("cannot read '%s': %s"), path, strerror(errno));
}

static int check_files(const struct work *work, char **words)
{
	int status = check_file(work->cli->values[TARGETS]);

	for (; *words && status == 0; words++)
		if (**words == '@')
			status = check_file(*words + 1);
	return status ? status : check_file(work->cli->values[OPT_OUT]);
}

/* Standard output holds one of them. */
static int check_format(const struct cli *cli)
{
	const char *xml = cli->values[XML];
	unsigned n = (cli->values[CSV] != NULL) + (cli->values[GREPPABLE] != NULL) +
		     (xml && strcmp(xml, "-") == 0) +
		     (cli->format != format_find(SPAN_LIT("text")));

	if (n <= 1)
		return 0;
	return cli_fail(EX_USAGE, _("one format at a time; --xml FILE goes with each of them"));
}

static int take_scope(struct work *work)
{
	struct span rest = span_str(work->cli->values[SCOPE]);
	bool is_kept = work->cli->values[ONLY_SCOPES];
	bool has_file = access(scopes_default, F_OK) == 0;
	struct span item;
	struct why why = {0};

	if (is_kept && rest.n)
		return cli_fail(EX_USAGE, _("--only-scopes and --scope are two answers to one question"));
	if (scan_scope_init(&work->scope, &why) < 0)
		return cli_fail(EX_UNAVAILABLE, "%s", why.text);
	if (has_file && (scan_scope_read(&work->scope, scopes_default, &why) < 0 ||
			 (is_kept && scan_scope_read(&work->kept_to, scopes_default, &why) < 0)))
		return cli_fail(EX_CONFIG, "%s", why.text);
	work->order.kept_to = is_kept ? &work->kept_to : NULL;
	while (take_until(&rest, ',', &item))
		if (scan_scope_add(&work->scope, item, &why) < 0)
			return cli_fail(EX_USAGE, "%s", why.text);
	return 0;
}

static int take_options(struct work *work, int argc, char **argv)
{
	const char **values = work->cli->values;
	uint64_t top = SCAN_TOP;
	uint64_t seconds = 0;
	int status = 0;

	if (argc == 0 && !values[TARGETS])
		return cli_fail(EX_USAGE, _("scan what? write 'periplus scan 192.0.2.0/24'"));
	if (values[PORTS] && values[TOP])
		return cli_fail(EX_USAGE, _("-p and --top are two answers to one question"));
	if (values[PATIENT] && !values[UDP])
		return cli_fail(EX_USAGE, _("--patient is for --udp: closed TCP ports answer anyway"));
	status = check_format(work->cli);
	if (status == 0)
		status = check_files(work, argv);
	if (status == 0 && values[SHARD])
		status = take_shard(work, values[SHARD]);
	if (status == 0)
		status = take_number("top", values[TOP], PORT_MAX, &top);
	if (status == 0)
		status = take_number("rate", values[RATE], SCAN_RATE_MOST, &work->way.rate_pps);
	if (status == 0)
		status = take_number("timeout", values[TIMEOUT], SCAN_TIMEOUT_MOST_MS / 1000,
				     &seconds);
	if (status == 0)
		status = take_scope(work);
	work->order.transport = values[UDP] ? TRANSPORT_UDP : TRANSPORT_TCP;
	if (status == 0)
		status = scan_ports(work->cli, values[PORTS], top, work->order.transport,
				    &work->ports);
	if (status)
		return status;
	work->order.scope = &work->scope;
	work->order.is_patient = values[PATIENT] != NULL;
	work->order.words = argv;
	work->order.n_words = (size_t)argc;
	work->order.file = values[TARGETS];
	/* a dry run makes no file */
	if (values[RESUME] && (!values[DRY_RUN] || access(values[RESUME], F_OK) == 0))
		work->order.resume = values[RESUME];
	work->order.opt_out = values[OPT_OUT]                      ? values[OPT_OUT]
			      : access(opt_out_default, F_OK) == 0 ? opt_out_default
								   : NULL;
	work->order.ports = work->ports.numbers;
	work->order.n_ports = work->ports.n;
	work->way.engine = values[ENGINE];
	work->way.is_discovering = values[DISCOVER] != NULL;
	work->way.is_identifying = !values[NO_IDENTIFY];
	work->way.timeout_ms = (uint32_t)seconds * 1000;
	work->way.stop = &stop_signal;
	work->consent = (struct scan_consent){values[YES] != NULL, values[ONLY_SCOPES] != NULL,
					      values[AUTHORISED_BY], work->way.rate_pps};
	return 0;
}

/* --- showing --- */

static void show_plan(struct work *work, const struct scan_search *search)
{
	struct scan_plan_report report = {
		.plan = scan_search_plan(search),
		.transport = work->order.transport,
		.rate_pps = scan_search_rate(search, work->way.rate_pps),
		.is_part = work->order.n_shards > 1,
		.is_resumed = work->order.resume != NULL,
	};

	work->cli->format->scan_plan(&work->cli->out, &work->cli->style, &report);
}

/* Before the scan: it may be long, and it gives up the rights by which a file is opened. What the
 * file held stays there until there is something to write. */
static int open_xml(struct work *work, const char *path)
{
	work->xml_fd = -1;
	if (!path || strcmp(path, "-") == 0)
		return 0;
	work->xml_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (work->xml_fd < 0)
		return cli_fail(EX_CANTCREAT, _("cannot write '%s': %s"), path, strerror(errno));
	return 0;
}

static int write_xml(struct work *work, const struct scan_report *report, const char *path)
{
	struct buf b = {.fd = work->xml_fd};
	struct stat st;
	int r = 0;

	if (work->xml_fd < 0) {
		scan_xml(&work->cli->out, report);
		return 0;
	}
	if (fstat(work->xml_fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(work->xml_fd, 0) < 0)
		r = -errno;
	if (r == 0) {
		scan_xml(&b, report);
		r = buf_flush(&b);
		buf_done(&b);
	}
	if (close(work->xml_fd) < 0 && r == 0)
		r = -errno;
	work->xml_fd = -1;
	return r < 0 ? cli_fail(EX_IOERR, _("cannot write '%s': %s"), path, strerror(-r)) : 0;
}

static int show(struct work *work, const struct scan_search *search,
		const struct scan_summary *summary)
{
	struct cli *cli = work->cli;
	struct scan_report report = {
		.map = cli->map,
		.plan = scan_search_plan(search),
		.summary = summary,
		.transport = work->order.transport,
		.arguments = work->arguments,
		.authorised = work->consent.authorised,
		.begin = work->begin,
	};
	const char *xml = cli->values[XML];
	int status = 0;

	if (summary->end == SCAN_END_DONE && work->order.n_shards <= 1) /* all were asked */
		scan_rows_add_inside(&work->rows, report.plan, report.transport);
	if (xml || !is_streaming(work))
		scan_rows_sort(&work->rows);
	report.rows = work->rows.rows;
	report.n_rows = work->rows.n;
	if (xml)
		status = write_xml(work, &report, xml);
	if (cli->values[CSV])
		scan_csv(&cli->out, &report);
	else if (cli->values[GREPPABLE])
		scan_grep(&cli->out, &report);
	else if (!xml || strcmp(xml, "-") != 0)
		cli->format->scan(&cli->out, &cli->style, &report);
	return status;
}

static int finish(struct work *work, const struct scan_search *search,
		  const struct scan_summary *summary)
{
	int status = show(work, search, summary);
	enum fail_on when = work->cli->fail_on;

	if (status)
		return status;
	buf_flush(&work->cli->out); /* what is known comes first; an error is told by cli_finish */
	if (summary->end != SCAN_END_DONE && !work->cli->is_quiet)
		cli_fail(0, _("the scan is not complete: %s"), _(scan_end_sentence(summary->end)));
	if (summary->end == SCAN_END_DONE && summary->unsent && !work->cli->is_quiet)
		cli_fail(0,
			 _("%" PRIu64 " targets were not asked: this host has no route to them, or "
			   "its own firewall forbids it"),
			 summary->unsent);
	if (summary->n_failed && !work->cli->is_quiet)
		cli_fail(0, _("the parser failed over what %" PRIu64 " ports sent"),
			 summary->n_failed);
	if ((when == FAIL_LOOK && work->rows.worst >= VERDICT_LOOK) ||
	    (when == FAIL_UNEXPECTED && work->rows.worst == VERDICT_UNEXPECTED))
		return (int)work->rows.worst;
	return scan_is_complete(summary) ? EXIT_EXPECTED : EXIT_BLIND;
}

static int search_status(int r)
{
	switch (r) {
	case -EINVAL:
	case -E2BIG: return EX_USAGE;
	case -EPERM:
	case -EACCES: return EX_NOPERM;
	case -ENOENT: return EX_UNAVAILABLE;
	case -EIO: return EX_CANTCREAT; /* the file of --resume */
	case -EBUSY: return EX_TEMPFAIL;
	default: return EXIT_BLIND;
	}
}

static int scan(struct work *work, struct scan_search *search)
{
	const struct sigaction on_signal = {.sa_handler = note_signal};
	struct scan_summary summary;
	struct why why = {0};
	int status = scan_consent(scan_search_plan(search), &work->consent);
	int r;

	if (status == 0)
		status = open_xml(work, work->cli->values[XML]);
	if (status)
		return status;
	sigaction(SIGINT, &on_signal, NULL);
	sigaction(SIGTERM, &on_signal, NULL);
	sigaction(SIGHUP, &on_signal, NULL);
	work->listener = (struct scan_listener){.opened = give_up_rights,
						.found = found,
						.rest = rest,
						.expect = expect,
						.remark = remark};
	if (scan_progress_is_wanted(work->cli))
		work->listener.progress = progress;
	r = scan_search_run(search, &work->way, &work->listener, &summary, &why);
	clear_progress(work);
	if (r == -EPIPE)
		return EXIT_BLIND; /* the reader has seen enough */
	if (r < 0)
		return cli_fail(r == -EINVAL  ? EX_USAGE
				: r == -EPERM ? EX_NOPERM
					      : EXIT_BLIND,
				"%s", why.text);
	return finish(work, search, &summary);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct work *work = arena_get(&cli->arena, sizeof(*work));
	struct scan_search *search = NULL;
	struct why why = {0};
	int status;
	int r;

	cli_open_map(cli);
	work->cli = work->rows.cli = cli;
	work->line.text = BUF_INIT;
	work->arguments = cli_command_line(cli, argc, argv);
	work->begin = cli->style.now;
	status = take_options(work, argc, argv);
	if (status == 0 && cli->values[AGAINST])
		status = scan_inside_read(cli, cli->values[AGAINST], &work->rows.inside);
	if (status)
		return status;
	r = scan_search_new(&search, &work->order, &why);
	if (r == -EPERM)
		return cli_fail(EX_NOPERM, _("%s; if it is yours to scan, add its network to %s"), why.text,
				scopes_default);
	if (r < 0)
		return cli_fail(search_status(r), "%s", why.text);
	if (work->rows.inside.is_known && scan_search_plan(search)->n_hosts != 1)
		status = cli_fail(EX_USAGE, _("--against is of one host, and %" PRIu64 " are to be scanned"),
				  scan_search_plan(search)->n_hosts);
	else if (cli->values[DRY_RUN])
		show_plan(work, search);
	else
		status = scan(work, search);
	scan_search_free(search);
	buf_done(&work->line.text);
	return status;
}

const struct command command_scan = {
	.name = "scan",
	.does = N_("which ports of other hosts are open, and should they be?"),
	.args = "TARGET...",
	.example = "periplus scan 192.0.2.0/24 --top 100 --scope 192.0.2.0/24",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

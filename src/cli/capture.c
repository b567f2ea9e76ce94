/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture: identify --pcap: which conversations are in a capture, and should they be?
 *
 * The file is opened here, with the rights of who asks, and read by periplus-pcap, a program of its
 * own without any. What that program says is taken with the same caution as a stranger's bytes;
 * here it is joined with the map and judged.
 */
#include "cli/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "cli/probe.h"
#include "cli/libexec.h"

enum { NOT_STARTED = 127, NO_JAIL = 2, RECORDS_MAX = WIRE_CONVERSATIONS + WIRE_LINES_ALL + 1 };

struct capture {
	struct cli *cli;
	const char *name; /* for people */
	struct traffic_row *rows;
	size_t n_rows, rows_capacity;
	struct wire_line *lines;
	size_t n_lines, lines_capacity;
	struct wire_summary summary;
	bool has_summary;
};

/* The capture as a descriptor, or a negative exit status. */
static int open_capture(const char *path)
{
	struct stat st;
	int fd;

	if (span_is(span_str(path), "-")) {
		if (isatty(STDIN_FILENO))
			return -cli_fail(EX_USAGE,
					 _("standard input is a terminal; write for example "
					   "'tcpdump -w - | periplus identify --pcap -'"));
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return fd >= 0 ? fd : -cli_fail(EX_UNAVAILABLE, _("cannot read standard input"));
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -cli_fail(errno == EACCES ? EX_NOPERM : EX_UNAVAILABLE,
				 _("cannot read '%s': %s"), path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return -cli_fail(EX_UNAVAILABLE, _("'%s' is a directory, not a capture"), path);
	}
	return fd;
}

/* In the child. */
_Noreturn static void become_reader(int in, int out, bool is_told, uint32_t seconds)
{
	char *arguments[5] = {(char *)"periplus-pcap"};
	char number[16];
	size_t n = 1;

	if (is_told)
		arguments[n++] = (char *)"--tell";
	if (seconds) {
		snprintf(number, sizeof(number), "%u", seconds);
		arguments[n++] = (char *)"--seconds";
		arguments[n] = number;
	}
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		libexec_become(arguments[0], arguments);
	_exit(NOT_STARTED);
}

static void keep_conversation(struct capture *c, const struct wire_record *record)
{
	struct arena *arena = &c->cli->arena;
	struct wire_conversation *kept = arena_get(arena, sizeof(*kept));
	struct traffic_row *row =
		arena_push(arena, &c->rows, &c->n_rows, &c->rows_capacity, sizeof(*row));

	*kept = record->conversation;
	if (kept->found) {
		kept->found = arena_get(arena, sizeof(*kept->found));
		*kept->found = record->found;
	}
	row->conversation = kept;
	row->index = (uint32_t)c->n_rows - 1;
}

/* 0, or an exit status that was explained. */
static int read_records(struct capture *c, int fd)
{
	struct wire_record record;
	size_t n = 0;
	int r;

	while (!c->has_summary && (r = wire_read(fd, &record)) == 1) {
		if (n++ == RECORDS_MAX)
			return cli_fail(EX_SOFTWARE, _("the reader of '%s' says too much"),
					c->name);
		switch (record.kind) {
		case WIRE_IS_CONVERSATION: keep_conversation(c, &record); break;
		case WIRE_IS_LINE:
			*(struct wire_line *)arena_push(&c->cli->arena, &c->lines, &c->n_lines,
							&c->lines_capacity, sizeof(record.line)) =
				record.line;
			break;
		default:
			c->summary = record.summary;
			c->has_summary = true;
			return 0;
		}
	}
	return r < 0 ? cli_fail(EX_SOFTWARE, _("the reader of '%s' says nonsense"), c->name) : 0;
}

static int ended(const struct capture *c, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED)
		return cli_fail(EX_UNAVAILABLE,
				_("cannot start 'periplus-pcap'; it comes with the full build "
				  "(libpcap)"));
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_JAIL)
		return cli_fail(EX_NOPERM,
				_("cannot start a reader without rights, and none other reads "
				  "captures"));
	return cli_fail(EXIT_BLIND,
			_("'%s' ended the program that reads it; nothing is known of it"), c->name);
}

static int read_capture(struct capture *c, int in, uint32_t seconds)
{
	int ends[2];
	int status = 0;
	pid_t pid;
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return cli_fail(EX_OSERR, _("cannot make a pipe: %s"), strerror(errno));
	signal(SIGINT, SIG_IGN); /* the reader stops at it, and says what it has seen */
	pid = fork();
	if (pid == 0)
		become_reader(in, ends[1], c->cli->style.is_verbose, seconds);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return cli_fail(EX_OSERR, _("cannot start a process: %s"), strerror(errno));
	}
	r = read_records(c, ends[0]);
	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && !c->has_summary)
		r = ended(c, status);
	return r;
}

/* A conversation as something that was seen, so that the rules can judge it. */
static const struct verdict *judge(struct cli *cli, const struct wire_conversation *c)
{
	static const struct surroundings nothing_known;
	const struct wire_found *found = c->found;
	struct verdict *verdict;
	struct spoken *spoken;
	struct sighting sighting = {
		.transport = c->transport,
		.state = SOCKET_PASSING,
		.local = c->server,
		.remote = c->client,
		.port = c->server_port,
		.remote_port = c->client_port,
		.seen_by = "capture",
	};

	if (!found || found->match != PROTO_YES)
		return NULL;
	spoken = arena_get(&cli->arena, sizeof(*spoken));
	*spoken = (struct spoken){
		.state = SPOKEN_PROVED,
		.protocol = span_str(found->proto->name),
		.product = span_str(found->product),
		.version = span_str(found->version),
		.is_in_gre = c->tunnel == WIRE_TUNNEL_GRE,
	};
	sighting.spoken = spoken;
	verdict = arena_get(&cli->arena, sizeof(*verdict));
	verdict_judge(cli->map, NULL, &nothing_known, &sighting, &cli->arena, verdict);
	return verdict;
}

static void join(struct cli *cli, struct traffic_row *row)
{
	const struct wire_conversation *c = row->conversation;
	struct map_registration registration;
	uint32_t cursor = 0;

	row->verdict = judge(cli, c);
	while (map_next_registration(cli->map, c->server_port, transport_registered(c->transport),
				     &cursor, &registration))
		if (registration.service.n) {
			row->registered = registration.service;
			row->description = registration.description;
			return;
		}
}

/* Worst first, those that cannot be judged behind the expected; then by port and addresses. */
static int by_verdict(const void *left, const void *right)
{
	const struct traffic_row *a = left;
	const struct traffic_row *b = right;
	int worst = (b->verdict ? (int)b->verdict->kind : -1) -
		    (a->verdict ? (int)a->verdict->kind : -1);

	if (worst)
		return worst;
	if (a->conversation->server_port != b->conversation->server_port)
		return (int)a->conversation->server_port - (int)b->conversation->server_port;
	worst = address_cmp(&a->conversation->server, &b->conversation->server);
	if (!worst)
		worst = address_cmp(&a->conversation->client, &b->conversation->client);
	return worst ? worst : (int)a->index - (int)b->index;
}

/* How the reading ended, where that is less than all of it. */
static int confess(const struct capture *c)
{
	const struct wire_summary *s = &c->summary;

	switch (s->ending) {
	case WIRE_END_WHOLE: return EXIT_EXPECTED;
	case WIRE_END_UNKNOWN_LINK:
		return cli_fail(
			EX_DATAERR,
			_("'%s' holds packets of a link layer that is not read here: %s (%d)"),
			c->name, s->why[0] ? s->why : _("unknown"), s->link);
	case WIRE_END_STOPPED:
		return cli_fail(EXIT_BLIND, _("stopped reading '%s' after %llu packets"), c->name,
				(unsigned long long)s->counts.packets);
	default:
		if (s->counts.packets == 0)
			return cli_fail(EX_DATAERR, _("'%s' is no capture that can be read: %s"),
					c->name, s->why);
		return cli_fail(EXIT_BLIND, _("'%s' is damaged after %llu packets: %s"), c->name,
				(unsigned long long)s->counts.packets, s->why);
	}
}

int identify_capture(struct cli *cli, const char *path, const char *seconds)
{
	struct capture c = {.cli = cli,
			    .name = span_is(span_str(path), "-") ? _("standard input") : path};
	struct traffic_report report = {.summary = &c.summary};
	uint32_t ms = 0;
	int status = probe_time(seconds, 0, &ms);
	int fd;

	if (status)
		return status;
	fd = open_capture(path);
	if (fd < 0)
		return -fd;
	status = read_capture(&c, fd, ms / 1000);
	close(fd);
	if (status)
		return status;
	if (c.summary.counts.packets || c.summary.ending == WIRE_END_WHOLE ||
	    c.summary.ending == WIRE_END_STOPPED) {
		cli_open_map(cli);
		for (size_t i = 0; i < c.n_rows; i++)
			join(cli, &c.rows[i]);
		if (c.n_rows)
			qsort(c.rows, c.n_rows, sizeof(*c.rows), by_verdict);
		report.map = cli->map;
		report.file = span_base(span_str(c.name));
		report.rows = c.rows;
		report.n_rows = c.n_rows;
		report.lines = c.lines;
		report.n_lines = c.n_lines;
		cli->format->traffic(&cli->out, &cli->style, &report);
		if (buf_flush(&cli->out) < 0)
			return EX_IOERR;
	}
	return confess(&c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * periplus-serve: the web pages and the API; `periplus serve` starts it.
 *
 * Two processes. The one that speaks HTTP is a child in a jail (base/jail.h): no files, no rights,
 * nothing but the listening socket and two pipes to its parent. The parent has no part in HTTP: it
 * writes the log, passes signals on, has this machine looked at (serve_look.c), starts the scans that are
 * ordered (serve_scan.c), and keeps proposals (proposals.c); an order and a proposal are lines that it
 * checks again before they become a command or a file.
 *
 * A private server (the usual one) listens on this machine only, and its API wants the token that
 * is made at the start and printed in the fragment of the address, which no browser sends.
 */
#include "cli/serve_program.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>

#include "base/jail.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/proposals.h"
#include "cli/registry.h"
#include "cli/say.h"

enum {
	NAMES_MAX = 16,
	TOKEN_BYTES = 32,
	MEMORY = 1 << 30,
	CONNECTIONS_MOST = 16384,
	OTHER_FILES = 32, /* descriptors that are no connections */
	ON_THEIR_WAY = 100, /* proposals that were thanked for before the server knew of no room */
	FULL_MS = 5000, /* how often room is looked for when there was none */
};

struct serve {
	struct arena arena;
	struct serve_place place;
	struct web_site site;
	struct map *opened; /* an updated registry */
	struct span hosts[2 * NAMES_MAX + 2];
	char token[2 * TOKEN_BYTES + 1];
	const char *program; /* that looks at this machine */
	bool is_quiet;
	uint64_t secret; /* see serve/limit.h */
	int proposals; /* their directory; -1: none are kept */
	bool is_full;  /* as the server knows it */
};

int serve_say(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	status = say_line("periplus", status, format, args);
	va_end(args);
	return status;
}

static bool make_token(char token[2 * TOKEN_BYTES + 1])
{
	uint8_t bytes[TOKEN_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(token + (size_t)2 * i, 3, "%02x", bytes[i]);
	return true;
}

static void add_host(struct serve *serve, struct span name)
{
	serve->hosts[serve->site.n_hosts++] = name;
	if (serve->place.port)
		serve->hosts[serve->site.n_hosts++] =
			arena_print(&serve->arena, "%.*s:%u", SPAN_ARG(name), serve->place.port);
}

/* What Host may say: localhost, the names that were given, and addresses (answer.c). */
static int set_hosts(struct serve *serve, const char *names)
{
	struct span rest = span_str(names);
	struct span name;
	size_t n = 0;

	serve->site.hosts = serve->hosts;
	serve->site.port = serve->place.port;
	if (serve->place.is_loopback)
		add_host(serve, SPAN_LIT("localhost"));
	while (take_until(&rest, ',', &name)) {
		if (!name.n || n++ >= NAMES_MAX)
			return serve_say(EX_USAGE, _("--name takes 1 to %d host names by comma"),
					 NAMES_MAX);
		add_host(serve, name);
	}
	return 0;
}

static int prepare(struct serve *serve, const char *listen_at, const char *names)
{
	struct why refused = {0};
	int status = serve_place_open(listen_at, &serve->arena, &serve->place);

	if (status)
		return status;
	if (!serve->site.is_public && !serve->place.is_loopback)
		return serve_say(EX_USAGE,
				 _("'%.*s' is open to others, and this machine's listeners are not for "
				   "them: add --public, or listen on 127.0.0.1"),
				 SPAN_ARG(serve->place.text));
	if (!serve->site.is_public) {
		if (!make_token(serve->token))
			return serve_say(EX_OSERR, _("cannot make a token: %s"), strerror(errno));
		serve->site.token = span_str(serve->token);
	}
	if (getrandom(&serve->secret, sizeof(serve->secret), 0) != sizeof(serve->secret))
		return serve_say(EX_OSERR, _("cannot make a token: %s"), strerror(errno));
	serve->proposals = proposals_open(true, &refused);
	serve->site.takes_feedback = serve->proposals >= 0;
	if (serve->proposals < 0 && !serve->is_quiet)
		serve_say(0, _("feedback is not asked for: %s"), refused.text);
	refused.text[0] = 0;
	serve->site.map = registry_newest(&serve->opened, &refused);
	if (refused.text[0] && !serve->is_quiet)
		serve_say(0, _("the updated registry is not used: %s; run 'periplus update' again"),
			  refused.text);
	return set_hosts(serve, names);
}

static int announce(const struct serve *serve)
{
	struct buf out = {.fd = STDOUT_FILENO};
	int r;

	if (serve->place.port) {
		buf_str(&out, "http://");
		buf_term(&out, serve->place.text);
	} else {
		buf_term(&out, serve->place.text);
		buf_str(&out, " http://localhost");
	}
	buf_str(&out, "/");
	if (!serve->site.is_public) {
		buf_str(&out, "#token=");
		buf_str(&out, serve->token);
	}
	buf_byte(&out, '\n');
	r = buf_flush(&out);
	buf_done(&out);
	return r < 0 ? serve_say(EX_IOERR, _("cannot write: %s"), strerror(-r)) : 0;
}

/* As many descriptors as we may have, and so many connections. */
static unsigned connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 256;
	if (files.rlim_max > CONNECTIONS_MOST + OTHER_FILES)
		files.rlim_max = CONNECTIONS_MOST + OTHER_FILES;
	if (files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return files.rlim_cur > (rlim_t)2 * OTHER_FILES ? (unsigned)files.rlim_cur - OTHER_FILES
						: OTHER_FILES;
}

/* The child: never comes back. */
static _Noreturn void be_server(const struct serve *serve, int parent, int feed, pid_t parent_pid)
{
	const int keep[] = {serve->place.fd, parent, feed};
	struct jail jail = {.keep = keep, .n_keep = ARRAY_LEN(keep), .memory = MEMORY,
			    .parent = parent_pid, .kind = JAIL_SERVES};
	struct serve_http http = {.site = &serve->site, .listening = serve->place.fd,
				  .parent = parent, .feed = feed, .has_log = !serve->is_quiet,
				  .connections = connections(), .secret = serve->secret};
	struct jail_has has = {0};
	struct why why = {0};

	if (jail_start(&jail, &has, &why) < 0 || serve_http_run(&http, &why) < 0)
		_exit(serve_say(EX_OSERR, "%s", why.text));
	_exit(EX_OK);
}

/* Tells the server whether it may take proposals. */
static void tell_room(struct serve *serve, int child)
{
	int n = serve->proposals < 0 ? PROPOSALS_MOST : proposals_count(serve->proposals);
	bool is_full = n < 0 || n >= PROPOSALS_MOST;
	char word = is_full ? SERVE_FULL : SERVE_ROOM;

	if (is_full != serve->is_full && send(child, &word, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		serve->is_full = is_full;
}

/* The server has written it, and may have been taken over by a stranger: it is read anew, and only what
 * is exactly a proposal becomes a file. */
static void keep_proposal(struct serve *serve, struct span line)
{
	struct why why = {0};
	struct proposal proposal;
	struct timespec now;

	if (serve->proposals < 0 || !proposal_read(line, &proposal) ||
	    proposals_count(serve->proposals) >= PROPOSALS_MOST + ON_THEIR_WAY)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (proposals_keep(serve->proposals, &proposal, now.tv_sec, &why) < 0)
		serve_say(0, "%s", why.text);
}

static void write_log(struct span lines)
{
	struct buf out = {.fd = STDERR_FILENO};

	buf_raw(&out, lines);
	buf_flush(&out);
	buf_done(&out);
}

/* A datagram of the server: whole lines that it has encoded. False when it is gone. */
static bool hear(struct serve *serve, int child, struct serve_scan *scan)
{
	char bytes[SERVE_DATAGRAM + 1];
	ssize_t n = recv(child, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct span rest;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	rest = span_of(bytes + 1, (size_t)n - 1);
	if (bytes[0] == SERVE_LOG) {
		write_log(rest);
	} else if (bytes[0] == SERVE_PROPOSAL) {
		keep_proposal(serve, rest);
		tell_room(serve, child);
	} else if (bytes[0] == SERVE_SCAN) {
		serve_scan_begin(scan, rest);
	} else if (bytes[0] == SERVE_CANCEL) {
		serve_scan_cancel(scan);
	}
	return true;
}

static int wait_for(pid_t server)
{
	int status = 0;

	while (waitpid(server, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return serve_say(EX_SOFTWARE, _("the server ended by signal %d"), WTERMSIG(status));
}

/* Of two waits in ms, of which -1 is for ever. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Until the server ends: by itself, or because we were told to. */
static int attend(struct serve *serve, pid_t server, int child, int signals, struct serve_look *look,
		  struct serve_scan *scan)
{
	struct pollfd fds[6] = {{child, POLLIN, 0}, {signals, POLLIN, 0}};
	struct signalfd_siginfo info;

	tell_room(serve, child);
	for (;;) {
		int ms = sooner(serve_look_prepare(look, fds + 2), serve_scan_prepare(scan, fds + 4));

		if (serve->is_full && serve->proposals >= 0) {
			tell_room(serve, child);
			ms = sooner(ms, FULL_MS);
		}
		if (poll(fds, ARRAY_LEN(fds), ms) < 0 && errno != EINTR)
			return serve_say(EX_OSERR, _("cannot wait: %s"), strerror(errno));
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			kill(server, SIGTERM);
		if (fds[0].revents && !hear(serve, child, scan))
			return wait_for(server);
		serve_look_ready(look, fds + 2);
		serve_scan_ready(scan, fds + 4);
	}
}

static int start(struct serve *serve)
{
	pid_t self = getpid();
	int ends[2] = {-1, -1};
	int feed[2] = {-1, -1};
	const char *program = serve->site.is_public ? NULL : serve->program;
	struct serve_look look;
	struct serve_scan scan;
	auto_close int signals = -1;
	sigset_t mask;
	pid_t server;
	int status;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0 ||
	    (signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC)) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
	    pipe2(feed, O_CLOEXEC) < 0 || fcntl(feed[0], F_SETFL, O_NONBLOCK) < 0)
		return serve_say(EX_OSERR, _("cannot start: %s"), strerror(errno));
	server = fork();
	if (server < 0)
		return serve_say(EX_OSERR, _("cannot start: %s"), strerror(errno));
	if (server == 0) {
		speak_english(); /* what it sends has its own languages, and JSON none */
		be_server(serve, ends[1], feed[0], self);
	}
	close(ends[1]);
	close(feed[0]);
	close(serve->place.fd); /* the server's alone */
	serve->place.fd = -1;
	status = announce(serve);
	if (status)
		kill(server, SIGTERM);
	serve_look_init(&look, program, feed[1]);
	serve_scan_init(&scan, program, feed[1]);
	status = attend(serve, server, ends[0], signals, &look, &scan);
	serve_look_done(&look);
	serve_scan_done(&scan);
	close(feed[1]);
	close(ends[0]);
	return status;
}

static int usage(int status)
{
	struct buf out = {.fd = status ? STDERR_FILENO : STDOUT_FILENO};

	buf_str(&out, _("usage: periplus serve [--listen ADDRESS:PORT|unix:PATH] [--public] "
			"[--name HOST,...] [--quiet]\n"));
	if (buf_flush(&out) < 0)
		status = EX_IOERR;
	buf_done(&out);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"listen", required_argument, NULL, 'l'},
						{"name", required_argument, NULL, 'n'},
						{"public", no_argument, NULL, 'p'},
						{"periplus", required_argument, NULL, 'x'},
						{"quiet", no_argument, NULL, 'q'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct serve serve = {.place.fd = -1, .proposals = -1};
	const char *listen_at = NULL;
	const char *names = NULL;
	int status;
	int c;

	speak();
	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt_long(argc, argv, "l:n:pqh", options, NULL)) != -1) {
		switch (c) {
		case 'l': listen_at = optarg; break;
		case 'n': names = optarg; break;
		case 'x': serve.program = optarg; break; /* from serve.c */
		case 'p': serve.site.is_public = true; break;
		case 'q': serve.is_quiet = true; break;
		case 'h': return usage(EX_OK);
		default: return usage(EX_USAGE);
		}
	}
	if (optind != argc)
		return usage(EX_USAGE);
	status = prepare(&serve, listen_at, names);
	if (status == 0)
		status = start(&serve);
	serve_place_close(&serve.place);
	if (serve.proposals >= 0)
		close(serve.proposals);
	map_free(serve.opened);
	arena_done(&serve.arena);
	return status;
}

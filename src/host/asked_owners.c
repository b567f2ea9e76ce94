/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asked_owners: the owners that this user may not see, as periplusd names them (periplusd(8)).
 *
 * The sockets stay those that the kernel shows to us; the daemon's recording adds only who holds
 * them, found by inode and cookie, and the few sockets that it says are hidden from netlink. So an
 * answer that is late, short or of another network namespace can neither hide a socket nor make
 * one up.
 *
 * The daemon is asked only when its socket is root's and others than its group cannot write to it,
 * and believed only when root listens behind it. What it sends is read within ANSWER_MS and
 * ANSWER_MAX; when it is late, too long or no recording, we keep our own look and say so.
 */
#include "host/asked_owners.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/replay.h"

enum { ANSWER_MAX = 32 << 20, ANSWER_MS = 4000, RETRY_MS = 20, PIECE = 64 << 10 };

static const char default_path[] = "/run/periplus/listing.sock";
static const char request[] = "listing 1\n";

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Asked for by others than root only, so the variable gives nobody anything but their own view. */
static const char *socket_path(void)
{
	const char *path = geteuid() != 0 ? secure_getenv("PERIPLUSD_SOCKET") : NULL;

	return path && *path ? path : default_path;
}

/* 1: it may be asked, 0: there is none. */
static int check_path(const char *path, struct why *why)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : why_errno(why, _("cannot ask periplusd at '%s'"), path);
	if (!S_ISSOCK(st.st_mode) || st.st_uid != 0 || st.st_mode & S_IWOTH)
		return why_set(why, EPERM,
			       _("'%s' is not as periplusd makes it, so it is not asked"), path);
	return 1;
}

/* Waits for the event; false when the time is over. */
static bool wait_until(int fd, short events, int64_t deadline)
{
	int64_t left;

	while ((left = deadline - now_ms()) > 0) {
		struct pollfd poll_fd = {.fd = fd, .events = events};
		int r = poll(&poll_fd, 1, (int)left);

		if (r > 0)
			return true;
		if (r < 0 && errno != EINTR)
			return false;
	}
	return false;
}

static int dial(int fd, const char *path, int64_t deadline, struct why *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	size_t n = strlen(path);

	if (n >= sizeof(address.sun_path))
		return why_set(why, ENAMETOOLONG, _("cannot ask periplusd at '%s'"), path);
	memcpy(address.sun_path, path, n);
	while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == EACCES)
			return why_set(why, EACCES, _("members of the group of '%s' see them too"),
				       path);
		if ((errno != EAGAIN && errno != EINTR) || now_ms() > deadline)
			return why_errno(why, _("cannot ask periplusd at '%s'"), path);
		(void)!poll(NULL, 0, RETRY_MS); /* its queue is full */
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != 0)
		return why_set(why, EPERM, _("'%s' is not root's, so it is not believed"), path);
	return 0;
}

static int read_answer(int fd, int64_t deadline, struct buf *answer, struct why *why)
{
	auto_free char *piece = malloc(PIECE);

	while (piece && !answer->error) {
		ssize_t n = recv(fd, piece, PIECE, MSG_DONTWAIT);

		if (n == 0)
			return 0;
		if (n > 0 && answer->n + (size_t)n > ANSWER_MAX)
			return why_set(why, EFBIG, _("periplusd's answer is longer than %d MB"),
				       ANSWER_MAX >> 20);
		if (n > 0)
			buf_raw(answer, span_of(piece, (size_t)n));
		else if (errno != EAGAIN && errno != EINTR)
			return why_errno(why, _("periplusd broke off its answer"));
		if (now_ms() > deadline || (n < 0 && !wait_until(fd, POLLIN, deadline)))
			return why_set(why, ETIMEDOUT, _("periplusd did not answer in time"));
	}
	return why_set(why, ENOMEM, _("out of memory"));
}

static int ask(const char *path, struct buf *answer, struct why *why)
{
	int64_t deadline = now_ms() + ANSWER_MS;
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? why_errno(why, _("cannot ask periplusd at '%s'"), path)
		       : dial(fd, path, deadline, why);

	if (r < 0)
		return r;
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(request) - 1)
		return why_errno(why, _("cannot ask periplusd at '%s'"), path);
	return read_answer(fd, deadline, answer, why);
}

/* The row that we read of this process ourselves, or the daemon's. */
static const struct process *own_process(const struct survey *survey, const struct process *told)
{
	const struct process_row *row = survey->by_pid[told->pid % PROCESS_SLOTS];

	while (row &&
	       (row->process.pid != told->pid || row->process.start_ticks != told->start_ticks))
		row = row->next_of_pid;
	return row ? &row->process : told;
}

/* The daemon can open no socket, so it knows only users who are in /etc/passwd. */
static void name_users(struct survey *survey, const struct survey *told)
{
	for (struct process_row *row = told->processes; row && survey->user_of; row = row->next)
		if (!row->process.user.n)
			row->process.user = survey->user_of(survey, row->process.uid);
}

/* Our row for the daemon's, or NOT_FOUND. */
static uint32_t find_row(struct survey *survey, const struct socket_row *told)
{
	uint32_t at =
		told->inode ? socket_table_find_inode(&survey->sockets, told->inode) : NOT_FOUND;
	struct socket_row *row;

	if (at != NOT_FOUND) {
		row = &survey->sockets.rows[at];
		if (row->is_dropped || row->transport != told->transport ||
		    row->port != told->port ||
		    (row->cookie && told->cookie && row->cookie != told->cookie) ||
		    row->net_namespace != told->net_namespace)
			return NOT_FOUND;
		return at;
	}
	if (told->hidden_from != FROM_NETLINK || told->net_namespace != survey->net_namespace)
		return NOT_FOUND;
	row = socket_table_add(&survey->sockets, told->cookie, told->inode, told->net_namespace);
	if (!row)
		return NOT_FOUND;
	*row = *told;
	row->n_owners = 0;
	return (uint32_t)(row - survey->sockets.rows);
}

static int take_over(struct survey *survey, const struct survey *told)
{
	int r = socket_table_index(&survey->sockets);

	for (size_t i = 0; i < told->sockets.n && r == 0; i++) {
		const struct socket_row *from = &told->sockets.rows[i];
		uint32_t at = find_row(survey, from);
		struct socket_row *row;

		if (at == NOT_FOUND)
			continue;
		row = &survey->sockets.rows[at];
		row->hidden_from = from->hidden_from;
		if (!row->extra)
			row->extra = from->extra;
		if (!from->n_owners)
			row->hidden = from->hidden;
		for (uint32_t k = 0; k < from->n_owners && r == 0; k++) {
			struct owner_row owner = told->owners.rows[from->first_owner + k];

			owner.socket = at;
			owner.process = own_process(survey, owner.process);
			r = owner_table_add(&survey->owners, owner);
		}
	}
	return r;
}

static int understand(struct survey *survey, struct span answer, struct why *why)
{
	struct host_query query = *survey->query;
	struct host_listing listing = {0};
	struct recording_texts texts;
	struct survey told;
	struct why inner = {0};
	int r;

	if (!recording_split(answer, &texts))
		return why_set(why, EINVAL, _("periplusd's answer is no listing"));
	query.peers = query.namespaces = false;
	r = survey_init(&told, &query, survey->arena, &listing);
	if (r < 0)
		return why_set(why, -r, _("out of memory"));
	r = replay_read(&texts, &told, &inner);
	if (r < 0)
		r = why_set(why, -r, _("periplusd's answer is no listing: %s"), inner.text);
	else
		r = take_over(survey, &told);
	if (r == 0)
		name_users(survey, &told);
	if (r == 0 && told.n_failed) {
		survey->n_failed++;
		(void)!why_set(why, EAGAIN, _("periplusd could not read a part either"));
	}
	survey_done(&told);
	return r;
}

static bool is_short(const struct survey *survey)
{
	for (size_t i = 0; i < survey->sockets.n; i++) {
		const struct socket_row *row = &survey->sockets.rows[i];

		if (!row->n_owners && !row->is_dropped && row->inode && socket_state_waits((enum socket_state)row->state))
			return true;
	}
	return false;
}

int asked_fill(struct survey *survey)
{
	const char *path = socket_path();
	struct buf answer = BUF_INIT;
	struct why why = {0};
	int r;

	if (survey->is_root || survey->query->reader || !is_short(survey))
		return 0;
	r = check_path(path, &why);
	if (r > 0) {
		r = ask(path, &answer, &why);
		if (r == 0)
			r = understand(survey, buf_span(&answer), &why);
		if (r == 0) {
			survey->listing->method = survey->seen_by = "periplusd";
			owners_sort(survey);
		}
	}
	buf_done(&answer);
	if (why.text[0])
		survey->listing->fallback =
			(const char *)arena_copy(survey->arena, span_str(why.text)).p;
	return r == -ENOMEM ? r : 0;
}

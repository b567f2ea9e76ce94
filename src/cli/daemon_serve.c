/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon_serve: periplusd's loop: one thread, one poll, a fixed table of clients.
 *
 * A client is READING until its line has come, WAITING for the next look, and WRITING until the
 * whole answer is in its socket. Every answer is of a look that began after the question, and all
 * who wait share one. Looks keep a pause of PAUSE_MS and of as long as the last one took, so that
 * asking without end costs the machine half a processor at most.
 *
 * Of what a client sends, REQUEST_MAX bytes are read, once, and compared with one line. What a
 * client may cost is bounded: places by MAX_CLIENTS and, per user, MAX_OF_USER; time by TIMEOUT_MS
 * for the question and again for the answer; memory by MAX_ANSWERS texts: who still reads the
 * oldest when another is needed is cut off.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>

#include "base/scope.h"
#include "base/text.h"
#include "cli/daemon.h"
#include "host/host.h"

enum {
	MAX_CLIENTS = 64,
	MAX_OF_USER = 16,
	MAX_ANSWERS = 4,
	MAX_NOTED = 64,
	REQUEST_MAX = 64,
	TIMEOUT_MS = 5000,
	PAUSE_MS = 100,
	IDLE_MS = 30000,
};

static const char request[] = "listing 1\n";

enum stage { FREE, READING, WAITING, WRITING };

struct answer {
	struct buf text;
	uint64_t number; /* counted; 0: none yet */
};

struct client {
	enum stage stage;
	int fd;
	uint32_t uid;
	int64_t deadline;
	size_t n_read;
	char line[REQUEST_MAX];
	size_t answer; /* WRITING: which, and how much of it */
	size_t n_sent;
};

struct server {
	int listening;
	struct client clients[MAX_CLIENTS];
	struct answer answers[MAX_ANSWERS];
	uint64_t n_looks;
	int64_t next_look;
	uint32_t noted[MAX_NOTED]; /* users who have asked */
	size_t n_noted;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void drop(struct client *client)
{
	close(client->fd);
	*client = (struct client){.stage = FREE, .fd = -1};
}

/* A word for people who look by hand, when it can be had without waiting. */
static void refuse(int fd, const char *word)
{
	(void)!send(fd, word, strlen(word), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static struct client *find_place(struct server *server, uint32_t uid)
{
	struct client *place = NULL;
	size_t n_of_user = 0;

	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->stage == FREE)
			place = client;
		else
			n_of_user += client->uid == uid;
	}
	return n_of_user < MAX_OF_USER ? place : NULL;
}

/* Tells the journal, once per user while we run. */
static void note(struct server *server, const struct ucred *peer)
{
	for (size_t i = 0; i < server->n_noted; i++)
		if (server->noted[i] == peer->uid)
			return;
	if (server->n_noted == MAX_NOTED)
		return;
	server->noted[server->n_noted++] = peer->uid;
	daemon_say(0, _("user %u reads the listing, first as process %d"), peer->uid,
		   (int)peer->pid);
}

static void welcome(struct server *server, int fd, int64_t now)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	struct client *client;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		close(fd);
		return;
	}
	client = find_place(server, peer.uid);
	if (!client) {
		refuse(fd, "busy\n");
		close(fd);
		return;
	}
	note(server, &peer);
	*client = (struct client){
		.stage = READING, .fd = fd, .uid = peer.uid, .deadline = now + TIMEOUT_MS};
}

/* A few at a time: those who are served come first. */
static void accept_some(struct server *server)
{
	for (int i = 0; i < MAX_CLIENTS; i++) {
		int fd = accept4(server->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		welcome(server, fd, now_ms());
	}
}

static void read_request(struct client *client)
{
	ssize_t n = recv(client->fd, client->line + client->n_read, REQUEST_MAX - client->n_read,
			 MSG_DONTWAIT);
	struct span line;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(client);
		return;
	}
	client->n_read += (size_t)n;
	line = span_of(client->line, client->n_read);
	if (span_starts(line, request)) {
		client->stage = WAITING;
	} else if (line.n == REQUEST_MAX || span_find_byte(line, '\n') >= 0) {
		refuse(client->fd, "unknown\n");
		drop(client);
	}
}

static void write_answer(struct server *server, struct client *client)
{
	struct span rest =
		span_skip(buf_span(&server->answers[client->answer].text), client->n_sent);
	ssize_t n = send(client->fd, rest.p, rest.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || (size_t)n == rest.n)
		drop(client);
	else
		client->n_sent += (size_t)n;
}

struct list {
	struct sink sink;
	struct arena *arena;
	const struct sighting **items;
	size_t n, capacity;
};

static int keep(struct sink *sink, const struct sighting *sighting)
{
	struct list *list = (struct list *)sink;
	struct sighting *kept = arena_get(list->arena, sizeof(*kept));

	*kept = *sighting;
	*(const struct sighting **)arena_push(list->arena, &list->items, &list->n, &list->capacity,
					      sizeof(*list->items)) = kept;
	return 0;
}

static int look(struct buf *text, struct why *why)
{
	struct host_query query = HOST_QUERY_ALL;
	struct host_listing listing;
	struct host_info info;
	struct arena arena = {0};
	struct list list = {.sink = {keep}, .arena = &arena};
	int r;

	host_describe(&query, &arena, &info);
	r = host_each_listener(&query, &arena, &list.sink, &listing, why);
	if (r == 0) {
		struct host_recording recording = {
			.host = &info, .listing = &listing, .sightings = list.items, .n = list.n};

		host_record_stream(&recording, text);
		r = text->error ? why_set(why, text->error, _("out of memory")) : 0;
	}
	arena_done(&arena);
	return r;
}

/* The oldest answer makes way, and who still reads it. */
static size_t free_answer(struct server *server)
{
	size_t oldest = 0;

	for (size_t i = 1; i < MAX_ANSWERS; i++)
		if (server->answers[i].number < server->answers[oldest].number)
			oldest = i;
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (server->clients[i].stage == WRITING && server->clients[i].answer == oldest)
			drop(&server->clients[i]);
	buf_done(&server->answers[oldest].text);
	return oldest;
}

static void look_for_all(struct server *server)
{
	size_t at = free_answer(server);
	struct why why = {0};
	int64_t start = now_ms();
	int r = look(&server->answers[at].text, &why);
	int64_t end = now_ms();

	server->answers[at].number = ++server->n_looks;
	server->next_look = end + (end - start > PAUSE_MS ? end - start : PAUSE_MS);
	if (r < 0)
		daemon_say(0, _("cannot list this host's sockets: %s"), why.text);
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->stage != WAITING)
			continue;
		if (r < 0) {
			refuse(client->fd, "failed\n");
			drop(client);
			continue;
		}
		client->stage = WRITING;
		client->answer = at;
		client->n_sent = 0;
		client->deadline = end + TIMEOUT_MS;
		write_answer(server, client);
	}
}

/* Looks take time of their own: who waits for one is not late. */
static bool is_late(const struct client *client, int64_t now)
{
	return (client->stage == READING || client->stage == WRITING) && client->deadline <= now;
}

static void attend(struct server *server, const struct pollfd *fds)
{
	int64_t now = now_ms();

	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		struct client *client = &server->clients[i];
		short events = fds[i].revents;

		if (client->stage == FREE)
			continue;
		if (client->stage == READING && events & POLLIN)
			read_request(client);
		else if (client->stage == WRITING && events & POLLOUT)
			write_answer(server, client);
		else if (events & (POLLERR | POLLHUP | POLLNVAL))
			drop(client);
		if (is_late(client, now))
			drop(client);
	}
}

/* Fills the table for poll; returns how long it may wait. n_clients is counted. */
static int64_t prepare(const struct server *server, struct pollfd *fds, size_t *n_clients)
{
	static const short events[] = {[READING] = POLLIN, [WAITING] = 0, [WRITING] = POLLOUT};
	int64_t until = INT64_MAX;

	*n_clients = 0;
	for (size_t i = 0; i < MAX_CLIENTS; i++) {
		const struct client *client = &server->clients[i];
		bool is_free = client->stage == FREE;
		int64_t then = client->stage == WAITING ? server->next_look : client->deadline;

		fds[i] = (struct pollfd){.fd = is_free ? -1 : client->fd,
					 .events = is_free ? (short)0 : events[client->stage]};
		*n_clients += !is_free;
		if (!is_free && then < until)
			until = then;
	}
	fds[MAX_CLIENTS] = (struct pollfd){.fd = server->listening, .events = POLLIN};
	return until;
}

static bool has_waiting(const struct server *server)
{
	for (size_t i = 0; i < MAX_CLIENTS; i++)
		if (server->clients[i].stage == WAITING)
			return true;
	return false;
}

int daemon_serve(int listening, bool may_end)
{
	auto_free struct server *server = calloc(1, sizeof(*server));
	int64_t idle_since = now_ms();

	if (!server)
		return daemon_say(EX_OSERR, "%s", _("out of memory"));
	server->listening = listening;
	for (;;) {
		struct pollfd fds[MAX_CLIENTS + 1];
		size_t n_clients;
		int64_t until = prepare(server, fds, &n_clients);
		int64_t now = now_ms();

		if (n_clients)
			idle_since = now;
		else if (may_end && now - idle_since >= IDLE_MS)
			break;
		else if (may_end)
			until = idle_since + IDLE_MS;
		until = until == INT64_MAX ? -1 : until > now ? until - now : 0;
		if (poll(fds, MAX_CLIENTS + 1, (int)until) < 0 && errno != EINTR)
			return daemon_say(EX_OSERR, _("cannot wait: %s"), strerror(errno));
		attend(server, fds);
		if (fds[MAX_CLIENTS].revents)
			accept_some(server);
		if (has_waiting(server) && now_ms() >= server->next_look)
			look_for_all(server);
	}
	for (size_t i = 0; i < MAX_ANSWERS; i++)
		buf_done(&server->answers[i].text);
	return EX_OK;
}

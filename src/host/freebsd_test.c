/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd: a machine whose kernel answers with written buffers: sockets of both families and transports,
 * owners, a jail, lists that change while they are read, and what is of another layout.
 */
#include <errno.h>

#include "base/scope.h"
#include "host/freebsd.h"
#include "tap.h"

enum { SIZE = 16 << 10, SSHD = 712, NGINX = 900, NODE = 55, INIT = 1, GONE = 999 };

struct buffer {
	uint8_t bytes[SIZE];
	size_t n;
};

static void put(uint8_t *bytes, size_t at, uint64_t value, size_t size)
{
	uint16_t half = (uint16_t)value;
	uint32_t word = (uint32_t)value;
	const void *from = size == 2 ? (const void *)&half : size == 4 ? (const void *)&word : &value;

	memcpy(bytes + at, from, size);
}

static uint8_t *grow(struct buffer *b, size_t n)
{
	uint8_t *at = b->bytes + b->n;

	memset(at, 0, n);
	put(at, 0, n, 8);
	b->n += n;
	return at;
}

static void put_head(struct buffer *b, uint64_t generation)
{
	put(grow(b, XINPGEN_SIZE), XINPGEN_GENERATION, generation, 8);
}

struct given {
	uint64_t socket, generation;
	uint32_t uid;
	uint8_t families;
	const char *local, *remote; /* without: every address */
	uint16_t port, remote_port;
	uint32_t state; /* of TCP */
};

static void put_address(uint8_t *at, const char *text)
{
	struct address address;

	if (!text || !address_parse(span_str(text), &address))
		return;
	memcpy(address.family == ADDRESS_IPV4 ? at + 12 : at, address.bytes,
	       address.family == ADDRESS_IPV4 ? 4 : 16);
}

static void put_socket(struct buffer *b, bool is_tcp, const struct given *g)
{
	uint8_t *row = grow(b, is_tcp ? XTCPCB_SIZE : XINPCB_SIZE);
	uint8_t *inpcb = is_tcp ? row + XTCPCB_INPCB : row;

	if (is_tcp)
		put(row, XTCPCB_STATE, g->state, 4);
	put(inpcb, XINPCB_SOCKET, g->socket, 8);
	put(inpcb, XINPCB_GENERATION, g->generation, 8);
	put(inpcb, XINPCB_UID, g->uid, 4);
	put(inpcb, XINPCB_QLEN, 1, 4);
	put(inpcb, XINPCB_INCQLEN, 2, 4);
	put(inpcb, XINPCB_QLIMIT, 128, 4);
	put(inpcb, XINPCB_RECEIVED, 77, 4);
	inpcb[XINPCB_FAMILIES] = g->families;
	inpcb[XINPCB_LOCAL_PORT] = (uint8_t)(g->port >> 8);
	inpcb[XINPCB_LOCAL_PORT + 1] = (uint8_t)g->port;
	inpcb[XINPCB_REMOTE_PORT] = (uint8_t)(g->remote_port >> 8);
	inpcb[XINPCB_REMOTE_PORT + 1] = (uint8_t)g->remote_port;
	put_address(inpcb + XINPCB_LOCAL, g->local);
	put_address(inpcb + XINPCB_REMOTE, g->remote);
}

static void put_file(struct buffer *b, uint32_t pid, uint32_t fd, uint16_t type, uint64_t data)
{
	uint8_t *row = grow(b, XFILE_SIZE);

	put(row, XFILE_PID, pid, 4);
	put(row, XFILE_FD, fd, 4);
	put(row, XFILE_TYPE, type, 2);
	put(row, XFILE_DATA, data, 8);
}

static const struct given tcp[] = {
	{0x1000, 1, 0, 1, NULL, NULL, 22, 0, FREEBSD_TCP_LISTEN},
	{0x1001, 2, 0, 2, NULL, NULL, 22, 0, FREEBSD_TCP_LISTEN},
	{0x1002, 3, 80, 3, NULL, NULL, 80, 0, FREEBSD_TCP_LISTEN},
	{0x1003, 4, 0, 2, "fe80:2::1", NULL, 53, 0, FREEBSD_TCP_LISTEN},
	{0x1004, 5, 0, 1, NULL, NULL, 2049, 0, FREEBSD_TCP_LISTEN},
	{0x1005, 6, 1001, 1, "127.0.0.1", NULL, 3000, 0, FREEBSD_TCP_LISTEN},
	{0x1006, 7, 0, 1, "10.0.0.9", "10.0.0.8", 22, 50210, 4},
	{0, 8, 0, 1, "10.0.0.9", "10.0.0.8", 22, 50211, FREEBSD_TCP_TIME_WAIT},
	{0x1007, 9, 0, 1, "127.0.0.1", NULL, 4444, 0, FREEBSD_TCP_CLOSED},
	{0x1008, 10, 0, 1, NULL, NULL, 0, 0, FREEBSD_TCP_CLOSED},
	{0x1009, 11, 9, 1, NULL, NULL, 7777, 0, FREEBSD_TCP_LISTEN},
};
static const struct given udp[] = {
	{0x2000, 1, 0, 3, NULL, NULL, 123, 0, 0},
	{0x2001, 2, 0, 1, "10.0.0.9", "10.0.0.1", 40000, 53, 0},
};

/* What the kernel says, and how often its lists changed meanwhile. */
static int n_changes;
static bool is_other_release;

static int answer(const void *from, size_t n, uint8_t **bytes, size_t *size)
{
	*bytes = malloc(n ? n : 1);
	if (!*bytes)
		return -ENOMEM;
	memcpy(*bytes, from, n);
	*size = n;
	return 0;
}

static void put_list(struct buffer *b, bool is_tcp, const struct given *rows, size_t n)
{
	put_head(b, 40);
	for (size_t i = 0; i < n; i++)
		put_socket(b, is_tcp, &rows[i]);
	put_head(b, n_changes && is_tcp ? 41 : 40);
	n_changes -= n_changes && is_tcp;
	if (is_other_release && is_tcp)
		put(b->bytes, XINPGEN_SIZE, XTCPCB_SIZE + 8, 8);
}

static int say_process(int pid, uint8_t **bytes, size_t *n)
{
	static const struct {
		int pid;
		uint32_t parent, uid, jail;
		uint64_t start;
		const char *name;
	} rows[] = {{INIT, 0, 0, 0, 100, "init"},
		    {SSHD, INIT, 0, 0, 200, "sshd"},
		    {NGINX, INIT, 80, 7, 300, "nginx"},
		    {NODE, SSHD, 1001, 0, 400, "node"}};
	struct buffer b = {.n = 0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].pid == pid) {
			grow(&b, KINFO_PROC_BYTES);
			put(b.bytes, 0, KINFO_PROC_BYTES, 4);
			put(b.bytes, KINFO_PROC_PID, (uint64_t)pid, 4);
			put(b.bytes, KINFO_PROC_PARENT, rows[i].parent, 4);
			put(b.bytes, KINFO_PROC_REAL_UID, rows[i].uid, 4);
			put(b.bytes, KINFO_PROC_JAIL, rows[i].jail, 4);
			put(b.bytes, KINFO_PROC_START, rows[i].start, 8);
			memcpy(b.bytes + KINFO_PROC_NAME, rows[i].name, strlen(rows[i].name));
			return answer(b.bytes, b.n, bytes, n);
		}
	return -ESRCH;
}

static int say(const char *name, int pid, uint8_t **bytes, size_t *n)
{
	static const char arguments[] = "node\0server.js";
	struct buffer b = {.n = 0};

	if (strcmp(name, "net.inet.tcp.pcblist") == 0)
		put_list(&b, true, tcp, ARRAY_LEN(tcp));
	else if (strcmp(name, "net.inet.udp.pcblist") == 0)
		put_list(&b, false, udp, ARRAY_LEN(udp));
	else if (strcmp(name, "kern.proc.pid") == 0)
		return say_process(pid, bytes, n);
	else if (strcmp(name, "kern.proc.pathname") == 0 && pid == NODE)
		return answer("/usr/local/bin/node", 20, bytes, n);
	else if (strcmp(name, "kern.proc.args") == 0 && pid == NODE)
		return answer(arguments, sizeof(arguments), bytes, n);
	else if (strcmp(name, "kern.proc.cwd") == 0 && pid == NODE) {
		b.n = KINFO_FILE_PATH;
		memcpy(b.bytes + b.n, "/home/shop", 11);
		b.n += 11;
	} else if (strcmp(name, "kern.proc.cwd") == 0)
		return -EPERM;
	else if (strcmp(name, "kern.file") != 0)
		return -ENOENT;
	else
		for (uint64_t i = 0; i < 4; i++) {
			put_file(&b, SSHD, 2, 1, 0x1000); /* a file whose vnode has that address */
			put_file(&b, i < 2 ? SSHD : i == 2 ? NGINX : SSHD, (uint32_t)(3 + i),
				 FREEBSD_FILE_SOCKET, 0x1000 + i);
			if (i == 0) {
				put_file(&b, NODE, 20, FREEBSD_FILE_SOCKET, 0x1005);
				put_file(&b, NODE, 21, FREEBSD_FILE_SOCKET, 0x2001);
				put_file(&b, SSHD, 9, FREEBSD_FILE_SOCKET, 0x1006);
				put_file(&b, GONE, 3, FREEBSD_FILE_SOCKET, 0x1009);
				put_file(&b, SSHD, 30, FREEBSD_FILE_SOCKET, 0); /* of another kind */
			}
		}
	return answer(b.bytes, b.n, bytes, n);
}

struct list {
	struct sink sink;
	char text[2048];
	struct sighting node;
};

static int show(struct sink *sink, const struct sighting *s)
{
	struct list *list = (struct list *)sink;
	const struct process *p = sighting_process(s);
	char address[ADDRESS_TEXT];
	size_t n = strlen(list->text);

	snprintf(list->text + n, sizeof(list->text) - n, "%s %d %s%s:%u %.*s %s\n",
		 transport_word(s->transport), s->state, address_text(&s->local, address),
		 s->is_dual_stack ? "+" : "", s->port, SPAN_ARG(p ? p->name : SPAN_LIT("-")),
		 p ? "" : hidden_reason_word(s->hidden));
	if (p && p->pid == NODE && s->state == SOCKET_LISTEN)
		list->node = *s;
	return 0;
}

static struct list list;
static struct host_listing listing;

static int look_at(struct arena *arena, const struct host_query *query, bool sees_all, struct why *why)
{
	struct survey survey;
	struct freebsd_look look = {.survey = &survey, .ask = say, .sees_all = sees_all};
	int r;

	list = (struct list){.sink = {show}};
	listing = (struct host_listing){0};
	r = survey_init(&survey, query, arena, &listing);
	if (r == 0)
		r = freebsd_fill(&look, why);
	if (r == 0) {
		owners_sort(&survey);
		r = survey_push(&survey, &list.sink, why);
	}
	survey_done(&survey);
	return r;
}

static void test_rows(struct arena *arena, struct why *why)
{
	struct host_query all = HOST_QUERY_ALL;
	const struct process *p;

	is_int(look_at(arena, &all, true, why), 0, "both lists and the files are read");
	is_str(list.text,
	       "tcp 0 0.0.0.0:22 sshd \n"
	       "tcp 0 :::22 sshd \n"
	       "tcp 0 fe80::1:53 sshd \n"
	       "tcp 0 ::+:80 nginx \n"
	       "udp 1 ::+:123 - kernel\n"
	       "tcp 0 0.0.0.0:2049 - kernel\n"
	       "tcp 0 127.0.0.1:3000 node \n"
	       "tcp 0 0.0.0.0:7777 - exited\n",
	       "listeners, their owners, and whose they are without one");
	ok(!listing.is_torn && listing.n_sockets == 8, "all of them, at one time");
	p = list.node.n_owners == 1 ? list.node.owners[0].process : NULL;
	ok(p && p->pid == NODE && p->uid == 1001 && p->start_time == 400, "a process: number, user, start");
	is_span(p ? p->executable : SPAN_LIT(""), SPAN_LIT("/usr/local/bin/node"), "its file");
	is_span(p ? p->script : SPAN_LIT(""), SPAN_LIT("server.js"), "its script");
	is_span(p ? p->command_line : SPAN_LIT(""), SPAN_LIT("node server.js"), "its arguments");
	is_span(p ? p->working_directory : SPAN_LIT(""), SPAN_LIT("/home/shop"), "its directory");
	ok(p && p->n_ancestors == 2 && p->ancestors[0].pid == SSHD && p->ancestors[1].pid == INIT,
	   "and its parents");
	ok(list.node.backlog == 128 && list.node.queued == 3 && list.node.uid == 1001 && !list.node.inode &&
		   list.node.cookie,
	   "queue, user of the socket, and no address of the kernel");
}

static void test_more(struct arena *arena, struct why *why)
{
	struct host_query query = {.first = 22, .last = 22, .transport = TRANSPORT_TCP, .peers = true,
				   .holders = true};

	is_int(look_at(arena, &query, true, why), 0, "one number with all who hold it");
	is_str(list.text,
	       "tcp 0 0.0.0.0:22 sshd \ntcp 0 :::22 sshd \ntcp 2 10.0.0.9:22 sshd \ntcp 6 10.0.0.9:22 - none\n",
	       "listeners, a connection and one that is over");
	query = (struct host_query){.first = 4444, .last = 4444, .holders = true};
	ok(look_at(arena, &query, false, why) == 0 &&
		   strcmp(list.text, "tcp 5 127.0.0.1:4444 - permission\n") == 0,
	   "bound and not listening; of a user that we may not see");
	query = (struct host_query){.first = 40000, .last = 40000, .peers = true};
	ok(look_at(arena, &query, true, why) == 0 && strcmp(list.text, "udp 2 10.0.0.9:40000 node \n") == 0,
	   "UDP with a peer");
	query = (struct host_query){.first = 3000, .last = 3000, .no_owners = true};
	ok(look_at(arena, &query, true, why) == 0 && strcmp(list.text, "tcp 0 127.0.0.1:3000 - unknown\n") == 0,
	   "without owners none is asked for");
}

static void test_changes(struct arena *arena, struct why *why)
{
	struct host_query all = HOST_QUERY_ALL;

	n_changes = 4;
	ok(look_at(arena, &all, true, why) == 0 && !listing.is_torn && listing.n_sockets == 8,
	   "a list that changed is asked for again");
	n_changes = 1000;
	ok(look_at(arena, &all, true, why) == 0 && listing.is_torn, "and told when it never stands still");
	n_changes = 0;
	is_other_release = true;
	is_int(look_at(arena, &all, true, why), -EBADMSG, "structs of another release are not guessed at");
	ok(strstr(why->text, "net.inet.tcp.pcblist") && strstr(why->text, "build periplus anew"),
	   "and which, with the remedy");
	is_other_release = false;
}

static void test_damage(void)
{
	struct buffer b = {.n = 0};
	struct freebsd_process process;
	struct freebsd_file file;
	struct socket_row row;
	struct span rows;

	ok(freebsd_list_check(span_of(b.bytes, 0)) == -EBADMSG, "nothing is no list");
	put_head(&b, 1);
	rows = freebsd_list_rows(span_of(b.bytes, b.n));
	ok(freebsd_list_check(span_of(b.bytes, b.n)) == 0 &&
		   freebsd_next_socket(&rows, TRANSPORT_TCP, &row) == 0,
	   "a head alone is an empty one");
	put_socket(&b, true, &tcp[0]);
	rows = freebsd_list_rows(span_of(b.bytes, b.n - 1));
	ok(freebsd_next_socket(&rows, TRANSPORT_TCP, &row) == -EBADMSG, "a row that is cut");
	rows = freebsd_list_rows(span_of(b.bytes, b.n));
	ok(freebsd_next_socket(&rows, TRANSPORT_UDP, &row) == -EBADMSG, "a row of the other list");
	rows = span_of(b.bytes, XFILE_SIZE - 1);
	ok(freebsd_next_file(&rows, &file) == -EBADMSG, "a file that is cut");
	ok(!freebsd_process_read(span_of(b.bytes, b.n), &process), "a process of another size");
	ok(freebsd_directory(span_of(b.bytes, 10)).n == 0, "no directory");
}

int main(void)
{
	struct arena arena = {0};
	struct why why = {""};

	test_rows(&arena, &why);
	test_more(&arena, &why);
	test_changes(&arena, &why);
	test_damage();
	arena_done(&arena);
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers: arguments of the runtimes' programs, answers of engines, and engines that misbehave.
 *
 * The answers in test/data/containers have the members and the order in which these versions write
 * them. An engine that misbehaves is a child of this test behind a Unix socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/scope.h"
#include "host/containers.h"
#include "tap.h"

#define ID "5d1a8a6c3f0e2b7d9c4e1f6a8b0c2d4e6f8091a2b3c4d5e6f708192a3b4c5d6e"
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}

struct proxy_case {
	const char *name, *executable;
	struct span argv;
	enum proxy_kind kind;
	const char *told; /* "tcp 0.0.0.0:5432 172.17.0.2:5432", or a name; NULL: nothing */
};

static const struct proxy_case proxies[] = {
	{"docker-proxy", "/usr/bin/docker-proxy",
	 S("/usr/bin/docker-proxy\0-proto\0tcp\0-host-ip\0" "0.0.0.0\0-host-port\0" "5432\0-container-ip\0"
	   "172.17.0.2\0-container-port\0" "5432\0"),
	 PROXY_BY_ADDRESS, "tcp 0.0.0.0:5432 172.17.0.2:5432"},
	{"docker-proxy of version 28", "/usr/bin/docker-proxy",
	 S("/usr/bin/docker-proxy\0-proto\0udp\0-host-ip\0::\0-host-port\0" "53\0-container-ip\0"
	   "fd00::2\0-container-port\0" "5353\0-use-listen-fd\0"),
	 PROXY_BY_ADDRESS, "udp :::53 fd00::2:5353"},
	{"with '='", "/usr/libexec/docker/docker-proxy",
	 S("docker-proxy\0--host-ip=127.0.0.1\0--host-port=80\0--container-ip=172.17.0.2\0"
	   "--container-port=8080\0"),
	 PROXY_BY_ADDRESS, "tcp 127.0.0.1:80 172.17.0.2:8080"},
	{"cut in the midst", "/usr/bin/docker-proxy", S("docker-proxy\0-host-port\0" "80\0-container-ip\0"),
	 PROXY_BY_ADDRESS, NULL},
	{"with a number that is none", "/usr/bin/docker-proxy",
	 S("docker-proxy\0-host-port\0" "70000\0-container-ip\0" "172.17.0.2\0"), PROXY_BY_ADDRESS, NULL},
	{"a docker-proxy that somebody built", "/home/dev/docker-proxy",
	 S("docker-proxy\0-host-port\0" "80\0-container-ip\0" "172.17.0.2\0"), PROXY_NONE, NULL},
	{"conmon", "/usr/bin/conmon",
	 S("/usr/bin/conmon\0--api-version\0" "1\0-c\0" ID "\0-u\0" ID "\0-r\0/usr/bin/crun\0-n\0web\0"),
	 PROXY_BY_NAME, "web"},
	{"conmon with a name that is none", "/usr/bin/conmon",
	 S("/usr/bin/conmon\0-c\0" ID "\0-n\0web\x1b[2J\0"), PROXY_BY_NAME, NULL},
	{"rootlessport tells nothing", "/usr/lib/podman/rootlessport", S("rootlessport\0"), PROXY_BY_PORT,
	 NULL},
	{"slirp4netns", "/usr/bin/slirp4netns", S("/usr/bin/slirp4netns\0--mtu=65520\0-c\0tap0\0"),
	 PROXY_BY_PORT, NULL},
	{"pasta", "/usr/bin/pasta.avx2", S("/usr/bin/pasta\0-t\0" "8080:80\0"), PROXY_BY_PORT, NULL},
	{"another program", "/usr/bin/socat", S("socat\0-n\0x\0"), PROXY_NONE, NULL},
	{"no arguments", "/usr/bin/docker-proxy", S(""), PROXY_BY_ADDRESS, NULL},
};

static void test_proxies(void)
{
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
		const struct proxy_case *c = &proxies[i];
		bool is_podman;
		struct arena arena = {0};
		struct proxy_facts f;
		struct span told = SPAN_LIT("-");
		char host[ADDRESS_TEXT];
		char inside[ADDRESS_TEXT];

		is_int(proxy_kind(span_str(c->executable), &is_podman), c->kind, c->name);
		if (proxy_read(c->kind, c->argv, &f))
			told = c->kind == PROXY_BY_NAME
				       ? f.name
				       : arena_print(&arena, "%s %s:%u %s:%u", transport_word(f.transport),
						     address_text(&f.host, host), f.host_port,
						     address_text(&f.inside, inside), f.inside_port);
		is_span(told, span_str(c->told ? c->told : "-"), "and what it tells");
		arena_done(&arena);
	}
}

struct answer_case {
	const char *file;
	size_t n;
	const char *inside, *by_inside; /* address in a network, and who has it */
	enum transport transport;
	const char *host;
	uint16_t port;
	const char *by_port;
};

static const struct answer_case answers[] = {
	{"docker-28.http", 2, "172.17.0.2", "pg-test", TRANSPORT_TCP, "::", 5432, "pg-test"},
	{"docker-28.http", 2, "fd00::2", "pg-test", TRANSPORT_UDP, "127.0.0.1", 5300, "dns"},
	{"docker-28.http", 2, "172.18.0.5", "dns", TRANSPORT_TCP, "127.0.0.1", 5300, NULL},
	{"docker-28.http", 2, "172.17.0.9", NULL, TRANSPORT_TCP, "127.0.0.1", 53, NULL},
	{"docker-20.http", 1, "172.17.0.3", "cache_1", TRANSPORT_TCP, "127.0.0.1", 6379, "cache_1"},
	{"docker-20.http", 1, "172.17.0.1", NULL, TRANSPORT_TCP, "127.0.0.2", 6379, NULL},
	{"podman-4.http", 2, "10.88.0.2", NULL, TRANSPORT_TCP, "127.0.0.1", 8080, "port-test"},
};

static struct span read_data(struct arena *arena, const char *name)
{
	const char *path = (const char *)arena_print(arena, "%s/test/data/containers/%s", source_dir(), name).p;
	auto_fclose FILE *file = fopen(path, "re");
	uint8_t *text = arena_get(arena, 16 << 10);

	return span_of(text, file ? fread(text, 1, 16 << 10, file) : 0);
}

static void is_container(const struct container *got, const char *want, const char *name)
{
	is_span(got ? got->name : SPAN_LIT("-"), span_str(want ? want : "-"), name);
}

static void test_answers(void)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct answer_case *c = &answers[i];
		struct arena arena = {0};
		struct container_list list;
		struct address inside;
		struct address host;

		if (!address_parse(span_str(c->inside), &inside) || !address_parse(span_str(c->host), &host))
			abort();
		ok(container_answer_read(read_data(&arena, c->file), &arena, &list) && list.n == c->n &&
			   !list.is_cut,
		   "%s is read", c->file);
		is_container(container_by_address(&list, &inside), c->by_inside, c->inside);
		is_container(container_by_port(&list, c->transport, &host, c->port), c->by_port, c->host);
		arena_done(&arena);
	}
}

struct body_case {
	const char *name, *body;
	int n; /* -1: not understood */
	bool is_cut;
	const char *first; /* name of the first */
};

#define ONE "{\"Id\":\"" ID "\",\"Names\":[\"/a\"]}"

static const struct body_case bodies[] = {
	{"no containers", "[]", 0, false, NULL},
	{"one", "[" ONE "]", 1, false, "a"},
	{"blanks everywhere", " [ { \"Id\" : \"" ID "\" , \"Names\" : [ \"/a\" ] } ] \n", 1, false, "a"},
	{"cut in the second", "[" ONE ",{\"Id\":\"" ID, 1, true, "a"},
	{"an error of the engine", "{\"message\":\"page not found\"}", -1, false, NULL},
	{"nothing", "", -1, false, NULL},
	{"text behind the end", "[" ONE "]x", 1, true, "a"},
	{"a name with a control byte", "[{\"Id\":\"" ID "\",\"Names\":[\"/a\x1b[2J\"]}]", 1, false, ""},
	{"the same as an escape", "[{\"Id\":\"" ID "\",\"Names\":[\"/a\\u001b[2J\"]}]", 1, false, ""},
	{"a name with a tab, then a good one", "[{\"Id\":\"" ID "\",\"Names\":[\"/a\\tb\",\"/c\"]}]", 1, false,
	 "c"},
	{"an escaped quote in a label", "[{\"Labels\":{\"x\":\"\\\"]}\\\\\"},\"Id\":\"" ID
	 "\",\"Names\":[\"/a\"]}]", 1, false, "a"},
	{"an id that is none", "[{\"Id\":\"../../x\",\"Names\":[\"/a\"]}]", 0, false, NULL},
	{"members of other kinds", "[{\"Id\":7,\"Names\":{\"a\":[1]},\"Ports\":\"x\",\"NetworkSettings\":[]}]", 0,
	 false, NULL},
	{"ports that are none", "[{\"Id\":\"" ID "\",\"Names\":[\"/a\"],\"Ports\":[7,null,{\"PublicPort\":\"x\"},"
	 "{\"PublicPort\":99999,\"IP\":\"x\"},{\"PublicPort\":-1},{\"PublicPort\":{}}]}]", 1, false, "a"},
	{"no comma", "[" ONE ONE "]", 1, true, "a"},
	{"a comma too many", "[" ONE ",]", 1, true, "a"},
	{"a string without end", "[{\"Id", 0, true, NULL},
	{"a backslash at the end", "[{\"Id\\", 0, true, NULL},
	{"numbers, true and null are passed over", "[{\"a\":-1.5e3,\"b\":true,\"c\":null,\"Id\":\"" ID
	 "\",\"Names\":[\"/a\"]}]", 1, false, "a"},
};

static void test_bodies(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		const struct body_case *c = &bodies[i];
		struct arena arena = {0};
		struct container_list list;
		bool is_read = container_list_read(span_str(c->body), &arena, &list);

		ok(is_read == (c->n >= 0) && (int)list.n == (c->n < 0 ? 0 : c->n) &&
			   list.is_cut == c->is_cut &&
			   (!c->first || (list.n && span_is(list.items[0].name, c->first))),
		   "%s", c->name);
		arena_done(&arena);
	}
}

/* `n` times `what`, in an array. */
static struct span many(struct arena *arena, const char *what, size_t n)
{
	size_t length = strlen(what);
	uint8_t *text = arena_get(arena, n * (length + 1) + 2);
	size_t at = 0;

	text[at++] = '[';
	for (size_t i = 0; i < n; i++) {
		if (i)
			text[at++] = ',';
		memcpy(text + at, what, length);
		at += length;
	}
	text[at++] = ']';
	return span_of(text, at);
}

static void test_many(void)
{
	struct arena arena = {0};
	struct container_list list;
	uint8_t *deep = arena_get(&arena, 100000);

	ok(container_list_read(many(&arena, ONE, 1000000), &arena, &list) && list.n == 4096 && list.is_cut,
	   "of a million containers the first few thousand are kept");
	ok(container_list_read(many(&arena, "{}", 1000000), &arena, &list) && list.n == 0,
	   "and none of a million that have no id");
	memset(deep, '[', 100000);
	ok(container_list_read(span_of(deep, 100000), &arena, &list) && list.is_cut, "depth has a limit");
	ok(!container_answer_read(SPAN_LIT("HTTP/1.1 404 Not Found\r\n\r\n[]"), &arena, &list) &&
		   !container_answer_read(SPAN_LIT("HTTP/1.1 200 OK\r\n[]"), &arena, &list) &&
		   !container_answer_read(SPAN_LIT("[]"), &arena, &list) &&
		   !container_answer_read(SPAN_LIT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n[]"),
					  &arena, &list),
	   "what is no answer of HTTP/1.0 with status 200 is refused");
	arena_done(&arena);
}

enum behaviour { ANSWERS, IS_SILENT, HANGS_UP, IS_ENDLESS, DRIPS };

static void serve(int listener, enum behaviour behaviour)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n[" ONE ",";
	char question[512];
	int fd = accept(listener, NULL, NULL);

	if (fd < 0 || behaviour == HANGS_UP)
		_exit(0);
	if (recv(fd, question, sizeof(question), 0) <= 0)
		_exit(0);
	if (behaviour == IS_SILENT)
		(void)!recv(fd, question, sizeof(question), 0); /* until the other side has enough */
	else if (send(fd, head, sizeof(head) - 1, MSG_NOSIGNAL) > 0 && behaviour == ANSWERS)
		(void)!send(fd, ONE "]", sizeof(ONE "]") - 1, MSG_NOSIGNAL);
	while (behaviour == IS_ENDLESS && send(fd, "          ", 10, MSG_NOSIGNAL) > 0)
		;
	while (behaviour == DRIPS && send(fd, " ", 1, MSG_NOSIGNAL) > 0)
		usleep(1000);
	_exit(0);
}

struct engine_case {
	const char *name;
	enum behaviour behaviour;
	bool is_heard; /* else an error */
	size_t n;
};

static const struct engine_case engines[] = {
	{"an engine answers", ANSWERS, true, 2},
	{"one that says nothing is given up", IS_SILENT, false, 0},
	{"one that hangs up", HANGS_UP, false, 0},
	{"of one that never ends, what is whole is kept", IS_ENDLESS, true, 1},
	{"and of one that says one byte at a time", DRIPS, true, 1},
};

/* One question to a child of ours that behaves so. */
static int ask(const struct sockaddr_un *name, enum behaviour behaviour, struct arena *arena,
	       struct container_list *list)
{
	auto_close int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct why why;
	pid_t pid;
	int r;

	if (listener < 0 || bind(listener, (const struct sockaddr *)name, sizeof(*name)) < 0 ||
	    listen(listener, 1) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0)
		serve(listener, behaviour);
	r = container_api_ask(name->sun_path, geteuid(), arena, list, &why);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(name->sun_path);
	return r;
}

static void test_engines(void)
{
	enum { PATIENCE = 100 }; /* a slow machine may not get a byte through in the time given */
	char directory[] = "/tmp/containers-test.XXXXXX";
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct arena arena = {0};
	struct container_list list;
	struct why why = {0};

	if (!mkdtemp(directory))
		abort();
	snprintf(name.sun_path, sizeof(name.sun_path), "%s/s", directory);
	is_int(container_api_ask(name.sun_path, geteuid(), &arena, &list, &why), -ENOENT, "no engine");
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		const struct engine_case *c = &engines[i];
		int r = ask(&name, c->behaviour, &arena, &list);

		for (int k = 0; c->is_heard && list.n < c->n && k < PATIENCE; k++)
			r = ask(&name, c->behaviour, &arena, &list);
		ok((r == 0) == c->is_heard && list.n == c->n, "%s", c->name);
	}
	rmdir(directory);
	arena_done(&arena);
}

int main(void)
{
	test_proxies();
	test_answers();
	test_bodies();
	test_many();
	test_engines();
	return done();
}

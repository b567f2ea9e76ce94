/* SPDX-License-Identifier: Apache-2.0 */
/* socket_unit: texts of .socket units, and trees of unit files, to the unit that opens a socket. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "host/activation.h"
#include "tap.h"

#define TCP TRANSPORT_TCP
#define UDP TRANSPORT_UDP

struct text_case {
	const char *name, *unit, *text;
	enum transport transport;
	const char *local;
	uint16_t port;
	const char *service; /* NULL: the unit does not open that socket */
};

static const struct text_case texts[] = {
	{"Debian's ssh.socket", "ssh.socket",
	 "[Unit]\nConditionPathExists=!/etc/ssh/sshd_not_to_be_run\n[Socket]\nListenStream=22\nAccept=no\n",
	 TCP, "::", 22, "ssh.service"},
	{"its number is on every IPv4 address where there is no IPv6", "ssh.socket",
	 "[Socket]\nListenStream=22\n", TCP, "0.0.0.0", 22, "ssh.service"},
	{"but on no address of its own", "ssh.socket", "[Socket]\nListenStream=22\n", TCP, "127.0.0.1", 22,
	 NULL},
	{"nor another number", "ssh.socket", "[Socket]\nListenStream=22\n", TCP, "::", 23, NULL},
	{"nor another transport", "ssh.socket", "[Socket]\nListenStream=22\n", UDP, "::", 22, NULL},
	{"Ubuntu's two families", "ssh.socket",
	 "[Socket]\nListenStream=0.0.0.0:22\nListenStream=[::]:22\nBindIPv6Only=ipv6-only\n", TCP, "0.0.0.0",
	 22, "ssh.service"},
	{"cups.socket has a path only", "cups.socket", "[Socket]\nListenStream=/run/cups/cups.sock\n", TCP,
	 "127.0.0.1", 631, NULL},
	{"with a number beside the path", "cups.socket",
	 "[Socket]\nListenStream=/run/cups/cups.sock\nListenStream=[::1]:631\nListenStream=127.0.0.1:631\n",
	 TCP, "127.0.0.1", 631, "cups.service"},
	{"docker.socket with a number added", "docker.socket",
	 "[Socket]\nListenStream=/run/docker.sock\nListenStream=127.0.0.1:2375\n", TCP, "127.0.0.1", 2375,
	 "docker.service"},
	{"a datagram", "tftpd.socket", "[Socket]\nListenDatagram=69\nService=in.tftpd.service\n", UDP, "::",
	 69, "in.tftpd.service"},
	{"one service for each connection", "ssh.socket", "[Socket]\nListenStream=22\nAccept=yes\n", TCP,
	 "::", 22, "ssh@.service"},
	{"an instance of a template", "echo@7.socket", "[Socket]\nListenStream=127.0.0.1:%i\n", TCP,
	 "127.0.0.1", 7, "echo@7.service"},
	{"which may accept as well", "echo@7.socket", "[Socket]\nListenStream=%i\nAccept=true\n", TCP, "::",
	 7, "echo@.service"},
	{"an unknown specifier", "a.socket", "[Socket]\nListenStream=%H:80\n", TCP, "::", 80, NULL},
	{"a list that is cleared", "ssh.socket", "[Socket]\nListenStream=22\nListenStream=\n"
	 "ListenStream=2222\n", TCP, "::", 22, NULL},
	{"and filled again", "ssh.socket", "[Socket]\nListenStream=22\nListenStream=\nListenStream=2222\n",
	 TCP, "::", 2222, "ssh.service"},
	{"link-local with its device", "a.socket", "[Socket]\nListenStream=[fe80::1]:80%%eth0\n", TCP,
	 "fe80::1", 80, "a.service"},
	{"SCTP by its packets", "a.socket", "[Socket]\nListenSequentialPacket=[::]:80\n", TRANSPORT_SCTP,
	 "::", 80, "a.service"},
	{"SCTP by its protocol, named later", "a.socket", "[Socket]\nListenStream=80\nSocketProtocol=sctp\n",
	 TRANSPORT_SCTP, "::", 80, "a.service"},
	{"UDP-Lite", "a.socket", "[Socket]\nListenDatagram=80\nSocketProtocol=udplite\n", TRANSPORT_UDPLITE,
	 "::", 80, "a.service"},
	{"MPTCP", "a.socket", "[Socket]\nSocketProtocol=mptcp\nListenStream=80\n", TRANSPORT_MPTCP, "::", 80,
	 "a.service"},
	{"blanks, comments and another section", "a.socket",
	 "; x\n# ListenStream=1\n [Socket] \n  ListenStream =  80  \n[Install]\nListenStream=81\n", TCP, "::",
	 80, "a.service"},
	{"another section says nothing", "a.socket", "[Install]\nListenStream=80\n", TCP, "::", 80, NULL},
	{"a line that goes on", "a.socket", "[Socket]\nListenStream=\\\n# x\n  127.0.0.1:80\n", TCP,
	 "127.0.0.1", 80, "a.service"},
	{"a file that ends in a backslash", "a.socket", "[Socket]\nListenStream=80\\", TCP, "::", 80,
	 "a.service"},
	{"an IPv6 address without brackets", "a.socket", "[Socket]\nListenStream=::1:80\n", TCP, "::1", 80,
	 NULL},
	{"a number that is none", "a.socket", "[Socket]\nListenStream=70000\n", TCP, "::", 4464, NULL},
	{"vsock", "a.socket", "[Socket]\nListenStream=vsock::80\n", TCP, "::", 80, NULL},
	{"nothing", "a.socket", "", TCP, "::", 80, NULL},
};

static void test_texts(void)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct text_case *c = &texts[i];
		struct socket_unit unit = {.name = span_str(c->unit)};
		struct arena arena = {0};
		struct address local;
		bool opens;

		if (!address_parse(span_str(c->local), &local))
			abort();
		socket_unit_read(&unit, span_str(c->text), &arena);
		opens = socket_unit_opens(&unit, c->transport, &local, c->port);
		ok(opens == (c->service != NULL) &&
			   (!opens || span_is(socket_unit_service(&unit, &arena), c->service)),
		   "%s", c->name);
		arena_done(&arena);
	}
}

struct tree_file {
	const char *path, *text; /* text "->X": a link to X */
};

static const struct tree_file files[] = {
	{"lib/ssh.socket", "[Socket]\nListenStream=22\n"},
	{"lib/sshd.socket", "->ssh.socket"},
	{"etc/ssh.socket.d/10-port.conf", "[Socket]\nListenStream=\nListenStream=2222\n"},
	{"lib/ssh.socket.d/10-port.conf", "[Socket]\nListenStream=2223\n"},
	{"lib/ssh.socket.d/20-more.conf", "[Socket]\nListenStream=2224\n"},
	{"lib/ssh.socket.d/readme", "[Socket]\nListenStream=2225\n"},
	{"lib/cups.socket", "[Socket]\nListenStream=631\n"},
	{"etc/cups.socket", "[Socket]\nListenStream=127.0.0.1:631\n"},
	{"etc/masked.socket", "->/dev/null"},
	{"lib/masked.socket", "[Socket]\nListenStream=70\n"},
	{"lib/echo@.socket", "[Socket]\nListenStream=%i\n"},
	{"etc/sockets.target.wants/echo@7.socket", "->../../lib/echo@.socket"},
	{"lib/a1.socket", "[Socket]\nListenStream=80\n"},
	{"lib/a2.socket", "[Socket]\nListenStream=80\n"},
	{"lib/b1.socket", "[Socket]\nListenStream=81\n"},
	{"lib/b2.socket", "[Socket]\nListenStream=81\n"},
	{"etc/sockets.target.wants/b2.socket", "->../../lib/b2.socket"},
	{"lib/c1.socket", "[Socket]\nListenStream=82\n"},
	{"lib/c2.socket", "[Socket]\nListenStream=82\n"},
	{"etc/sockets.target.wants/c2.socket", "->../../lib/c2.socket"},
	{"run/invocation:c1.socket", "->0123456789abcdef0123456789abcdef"},
	{"lib/dir.socket/x", "[Socket]\nListenStream=83\n"},
	{"lib/device.socket", "->/dev/zero"},
	{"lib/bound.socket", "[Socket]\nListenStream=84\nBindToDevice=lo\n"},
};

struct tree_case {
	const char *name;
	const char *local;
	uint16_t port;
	uint32_t interface;
	const char *unit; /* NULL: none */
};

static const struct tree_case trees[] = {
	{"a drop-in clears and sets", "::", 2222, 0, "ssh.socket"},
	{"so that the unit's own number is none", "::", 22, 0, NULL},
	{"one of the same name in a directory that wins hides another", "::", 2223, 0, NULL},
	{"one of another name adds", "::", 2224, 0, "ssh.socket"},
	{"what is not called .conf is no drop-in", "::", 2225, 0, NULL},
	{"a directory that wins has the whole unit", "127.0.0.1", 631, 0, "cups.socket"},
	{"of which the other says nothing", "::", 631, 0, NULL},
	{"a masked unit opens nothing", "::", 70, 0, NULL},
	{"an instance that is wanted", "::", 7, 0, "echo@7.socket"},
	{"two that nothing tells apart", "::", 80, 0, NULL},
	{"of two, the one that is enabled", "::", 81, 0, "b2.socket"},
	{"of two, the one that is active", "::", 82, 0, "c1.socket"},
	{"a directory is no unit", "::", 83, 0, NULL},
	{"a unit on one device", "::", 84, 1, "bound.socket"},
	{"is not on every one", "::", 84, 0, NULL},
};

static void make_file(const char *root, const struct tree_file *file)
{
	struct arena arena = {0};
	struct span path = arena_print(&arena, "%s/%s", root, file->path);

	for (size_t i = strlen(root) + 1; i < path.n; i++)
		if (path.p[i] == '/') {
			struct span directory = arena_copy(&arena, span_cut(path, i));

			(void)mkdir((const char *)directory.p, 0700);
		}
	if (strncmp(file->text, "->", 2) == 0) {
		if (symlink(file->text + 2, (const char *)path.p) < 0)
			abort();
	} else {
		auto_fclose FILE *out = fopen((const char *)path.p, "we");

		if (!out || fputs(file->text, out) < 0)
			abort();
	}
	arena_done(&arena);
}

static void remove_tree(const char *root)
{
	struct arena arena = {0};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		(void)unlink((const char *)arena_print(&arena, "%s/%s", root, files[i].path).p);
	/* Longest first: what is left are directories. */
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct span path = arena_print(&arena, "%s/%s", root, files[i].path);

		for (path = span_dir(path); path.n > strlen(root); path = span_dir(path))
			(void)rmdir((const char *)arena_copy(&arena, path).p);
	}
	arena_done(&arena);
	(void)rmdir(root);
}

static void test_trees(void)
{
	const char *temporary = getenv("TMPDIR");
	struct arena arena = {0};
	struct socket_units units = {0};
	char *root = (char *)(uintptr_t)arena_print(&arena, "%s/socket-unit.XXXXXX",
						    temporary ? temporary : "/tmp").p;
	const char *directories[2];

	if (!mkdtemp(root))
		abort();
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		make_file(root, &files[i]);
	directories[0] = (const char *)arena_print(&arena, "%s/etc", root).p;
	directories[1] = (const char *)arena_print(&arena, "%s/lib", root).p;
	socket_units_read(&units, directories, 2, (const char *)arena_print(&arena, "%s/run", root).p);
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		const struct tree_case *c = &trees[i];
		const struct socket_unit *unit;
		struct address local;

		if (!address_parse(span_str(c->local), &local))
			abort();
		local.interface = c->interface; /* 1 is lo everywhere */
		unit = socket_units_find(&units, TCP, &local, c->port);
		is_span(unit ? unit->name : SPAN_LIT("-"), span_str(c->unit ? c->unit : "-"), c->name);
	}
	socket_units_done(&units);
	remove_tree(root);
	arena_done(&arena);
}

struct manager_case {
	const char *name;
	struct process process;
	bool is_manager;
};

#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}

static const struct manager_case managers[] = {
	{"the system's", {.pid = 1, .executable = S("/usr/lib/systemd/systemd")}, true},
	{"a user's",
	 {.pid = 9, .executable = S("/usr/lib/systemd/systemd"), .unit = S("user@1000.service"),
	  .user_unit = S("init.scope")}, true},
	{"the same file elsewhere", {.pid = 9, .executable = S("/usr/lib/systemd/systemd")}, false},
	{"one of a container",
	 {.pid = 1, .executable = S("/usr/lib/systemd/systemd"), .container = S("lxc web")}, false},
	{"another first process", {.pid = 1, .executable = S("/sbin/runit")}, false},
	{"one's own copy", {.pid = 1, .executable = S("/tmp/lib/systemd/systemd")}, false},
};

int main(void)
{
	test_texts();
	test_trees();
	for (size_t i = 0; i < ARRAY_LEN(managers); i++)
		ok(process_is_manager(&managers[i].process) == managers[i].is_manager, "a manager: %s",
		   managers[i].name);
	return done();
}

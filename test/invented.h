/* SPDX-License-Identifier: Apache-2.0 */
/*
 * invented: a host that exists nowhere, for tests of what is shown.
 *
 * Its rows are those of the mock-ups, and names by which a hostile program would like to forge a
 * row, a column or a colour. Rules and verdicts are made up here too, so that a change of wording
 * in the room of verdicts changes no golden file. The map is invented too: invented_map.h.
 */
#ifndef PERIPLUS_TEST_INVENTED_H
#define PERIPLUS_TEST_INVENTED_H

#include "base/scope.h"
#include "out/out.h"

#define S(text)                                                                                    \
	{                                                                                          \
		(const uint8_t *)(text), sizeof(text) - 1                                          \
	}
#define V4(a, b, c, d)                                                                             \
	{                                                                                          \
		.family = ADDRESS_IPV4, .bytes = { a, b, c, d }                                    \
	}
#define V4_MAPPED(a, b, c, d)                                                                      \
	{                                                                                          \
		.family = ADDRESS_IPV6, .bytes = { [10] = 0xff, [11] = 0xff, a, b, c, d }          \
	}
#define V6_ANY                                                                                     \
	{                                                                                          \
		.family = ADDRESS_IPV6                                                             \
	}
#define V6_LOOPBACK                                                                                \
	{                                                                                          \
		.family = ADDRESS_IPV6, .bytes = { [15] = 1 }                                      \
	}

enum { INVENTED_NOW = 1795234202, INVENTED_DAY = 86400 };

static const struct rule invented_rules[] = {
	{"PP102", EFFECT_EXPECTED, "the package's own service on its usual port", "dpkg", ""},
	{"PP120", EFFECT_NOTE, "the registered name does not describe what is seen", "IANA", ""},
	{"PP121", EFFECT_NOTE, "the registration is a ghost", "evidence", ""},
	{"PP201", EFFECT_LOOK, "unclaimed, program identified", "", ""},
	{"PP202", EFFECT_LOOK, "program hidden from this user", "kernel", ""},
	{"PP203", EFFECT_LOOK, "unclaimed on a public address", "kernel", ""},
	{"PP211", EFFECT_LOOK, "usual practice here is loopback", "practice", ""},
	{"PP212", EFFECT_LOOK, "published by a container past the host firewall", "nftables", ""},
	{"PP301", EFFECT_UNEXPECTED, "program file was deleted while running", "proc", ""},
	{"PP302", EFFECT_UNEXPECTED, "program ran from a memory file system", "proc", ""},
	{"PP304", EFFECT_UNEXPECTED, "a web worker's child opened a port", "lineage", ""},
	{"PP321", EFFECT_UNEXPECTED, "a packet socket waits without a port", "BPF", ""},
};

static const struct rule *invented_rule(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(invented_rules); i++)
		if (strcmp(id, invented_rules[i].id) == 0)
			return &invented_rules[i];
	abort();
}

static const struct ancestor php_parents[] = {
	{902, S("php-fpm8.2"), S("/usr/sbin/php-fpm8.2")},
	{1, S("systemd"), S("/usr/lib/systemd/systemd")},
};
static const struct ancestor shell_parents[] = {
	{42800, S("npm run dev"), S("/usr/bin/node")},
	{42001, S("bash"), S("/usr/bin/bash")},
	{41000, S("tmux: server"), S("/usr/bin/tmux")},
	{1200, S("systemd"), S("/usr/lib/systemd/systemd")},
	{1, S("systemd"), S("/usr/lib/systemd/systemd")},
};

static const struct process kworkerd = {
	.pid = 31337,
	.start_ticks = 998877,
	.start_time = INVENTED_NOW - 1071,
	.uid = 33,
	.user = S("www-data"),
	.name = S("kworkerd"),
	.executable = S("/dev/shm/.x/kworkerd"),
	.command_line = S("[kworker/0:1]"),
	.working_directory = S("/dev/shm/.x"),
	.unit = S("php8.2-fpm.service"),
	.is_deleted = true,
	.is_in_tmpfs = true,
	.is_in_world_writable = true,
	.package_answer = PACKAGE_NONE,
	.ancestors = php_parents,
	.n_ancestors = ARRAY_LEN(php_parents),
	.net_namespace = 4026531840,
};
static const struct process pg_container = {
	.pid = 2211,
	.start_ticks = 5000,
	.start_time = INVENTED_NOW - 3 * INVENTED_DAY,
	.uid = 999,
	.name = S("postgres"),
	.executable = S("/usr/lib/postgresql/15/bin/postgres"),
	.command_line = S("postgres"),
	.working_directory = S("/var/lib/postgresql/data"),
	.container = S("docker pg-test"),
};
static const struct process node_exporter = {
	.pid = 812,
	.start_ticks = 900,
	.start_time = INVENTED_NOW - 40 * INVENTED_DAY,
	.uid = 118,
	.user = S("prometheus"),
	.name = S("prometheus-node"),
	.executable = S("/usr/bin/prometheus-node-exporter"),
	.command_line = S("/usr/bin/prometheus-node-exporter"),
	.working_directory = S("/"),
	.unit = S("prometheus-node-exporter.service"),
	.package = S("prometheus-node-exporter"),
	.package_version = S("1.5.0-1+b6"),
	.package_answer = PACKAGE_OWNS,
};
static const struct process admin_py = {
	.pid = 4100,
	.start_ticks = 90000,
	.start_time = INVENTED_NOW - 4000,
	.uid = 0,
	.user = S("root"),
	.name = S("python3"),
	.executable = S("/usr/bin/python3.11"),
	.command_line = S("python3 admin.py 8081"),
	.working_directory = S("/srv/tools"),
	.runtime = S("python"),
	.script = S("admin.py"),
	.terminal = S("pts/3"),
	.package = S("python3.11-minimal"),
	.package_answer = PACKAGE_OWNS,
};
static const struct process sshd = {
	.pid = 700,
	.start_ticks = 800,
	.start_time = INVENTED_NOW - 40 * INVENTED_DAY,
	.uid = 0,
	.user = S("root"),
	.name = S("sshd"),
	.executable = S("/usr/sbin/sshd"),
	.command_line = S("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
	.working_directory = S("/"),
	.unit = S("ssh.service"),
	.package = S("openssh-server"),
	.package_version = S("1:9.2p1-2+deb12u7"),
	.package_answer = PACKAGE_OWNS,
};
static const struct process postgres = {
	.pid = 1400,
	.start_ticks = 1200,
	.start_time = INVENTED_NOW - 9 * INVENTED_DAY,
	.uid = 110,
	.user = S("postgres"),
	.name = S("postgres"),
	.executable = S("/usr/lib/postgresql/15/bin/postgres"),
	.unit = S("postgresql@15-main.service"),
	.package = S("postgresql-15"),
	.package_answer = PACKAGE_OWNS,
};
static const struct process next_server = {
	.pid = 42872,
	.start_ticks = 777777,
	.start_time = INVENTED_NOW - 33 * 3600,
	.uid = 1000,
	.user = S("dev"),
	.name = S("next-server"),
	.executable = S("/usr/bin/node"),
	.command_line = S("next-server (v15.1.0)"),
	.working_directory = S("/home/dev/src/shop-web"),
	.git_branch = S("fix-cart"),
	.runtime = S("node"),
	.script = S("/home/dev/src/shop-web/next"),
	.user_unit = S("tmux-spawn-1.scope"),
	.ancestors = shell_parents,
	.n_ancestors = ARRAY_LEN(shell_parents),
};
static const struct process nginx[] = {
	{.pid = 501,
	 .start_ticks = 700,
	 .uid = 33,
	 .user = S("www-data"),
	 .name = S("nginx"),
	 .executable = S("/usr/sbin/nginx"),
	 .unit = S("nginx.service"),
	 .cgroup = S("/nginx")},
	{.pid = 502,
	 .start_ticks = 701,
	 .uid = 33,
	 .user = S("www-data"),
	 .name = S("nginx"),
	 .executable = S("/usr/sbin/nginx"),
	 .unit = S("nginx.service"),
	 .cgroup = S("/nginx")},
};
static const struct process resolved = {
	.pid = 410,
	.start_ticks = 300,
	.uid = 101,
	.user = S("systemd-resolve"),
	.name = S("systemd-resolve"),
	.executable = S("/usr/lib/systemd/systemd-resolved"),
	.unit = S("systemd-resolved.service"),
	.package = S("systemd-resolved"),
	.package_answer = PACKAGE_OWNS,
};
/* Names that try to end a row, open another one, colour it, or turn its direction. */
static const struct process forger = {
	.pid = 6666,
	.start_ticks = 66,
	.start_time = INVENTED_NOW - 5,
	.uid = 1000,
	.user = S("de\tv"),
	.name = S("x\",pid=1,fd=3\n"),
	.executable = S("/tmp/\033[2J\033[1;32mexpected\302\233\200/a  b"),
	.command_line = S("\342\200\256evil\342\200\254 x\177\nhost db3 all expected\t\r=1+1"),
	.working_directory = S("/tmp/o 22/tcp     *        ssh.service  expected"),
	.git_branch = S("\xff\xfe\033]0;title\007"),
	.script = S("/tmp/\033]8;;x\007.py\n# 22/tcp"),
	.runtime = S("python"),
	.is_in_world_writable = true,
};
static const struct process wide = {
	.pid = 7001,
	.start_ticks = 70,
	.start_time = INVENTED_NOW - 120,
	.uid = 1000,
	.user = S("dev"),
	.name = S("python3"),
	.executable = S("/usr/bin/python3.11"),
	.command_line = S("python3 サーバー.py"),
	.working_directory = S("/home/dev/プロジェクト/とても長い名前のディレクトリ"),
	.runtime = S("python"),
	.script = S("サーバー.py"),
};
static const struct process sniffer = {
	.pid = 9191,
	.start_ticks = 91,
	.uid = 0,
	.user = S("root"),
	.name = S("dbus-daemon"),
	.executable = S("/usr/local/bin/dbus-daemon"),
	.package_answer = PACKAGE_NONE,
};
static const struct process dhclient = {
	.pid = 330,
	.start_ticks = 210,
	.uid = 0,
	.user = S("root"),
	.name = S("dhclient"),
	.executable = S("/usr/sbin/dhclient"),
	.unit = S("ifup@eth0.service"),
};

#define OWNED(process) .owners = (const struct owner[]){{&(process), 5}}, .n_owners = 1
#define NS             .net_namespace = 4026531840, .seen_by = "replay"

/* A sighting, the reasons of its verdict ("-" before an id: it was cancelled), and a name. */
static const struct {
	struct sighting sighting;
	enum verdict_kind kind;
	const char *ids[4];
	const char *details[4];
	const char *who;
} invented_rows[] = {
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 3476,
	  .cookie = 18446744073709551615u,
	  .inode = 123,
	  .uid = 33,
	  .user = S("www-data"),
	  .backlog = 128,
	  .n_peers = 1,
	  NS,
	  OWNED(kworkerd)},
	 VERDICT_UNEXPECTED,
	 {"PP301", "PP302", "PP304", "PP120"},
	 {"the program '/dev/shm/.x/kworkerd' was deleted while it runs, and no package owns that "
	  "path",
	  "the program ran from the memory file system of '/dev/shm'",
	  "opened by a child of the web worker 'php-fpm8.2'",
	  "registered as nppmp, which is another kind of service"},
	 "kworkerd"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 5432,
	  .cookie = 2,
	  .inode = 124,
	  .uid = 0,
	  .user = S("root"),
	  .backlog = 4096,
	  .container = S("pg-test"),
	  NS,
	  OWNED(pg_container)},
	 VERDICT_LOOK,
	 {"PP212"},
	 {"published by the container 'pg-test' past the host firewall"},
	 "postgres"},
	{{.transport = TRANSPORT_TCP,
	  .local = V6_ANY,
	  .is_dual_stack = true,
	  .port = 9100,
	  .cookie = 3,
	  .inode = 125,
	  .uid = 118,
	  .user = S("prometheus"),
	  .backlog = 4096,
	  NS,
	  OWNED(node_exporter)},
	 VERDICT_LOOK,
	 {"PP203"},
	 {"unclaimed on every interface"},
	 "prometheus-node-exporter.service"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(127, 0, 0, 1),
	  .port = 8081,
	  .cookie = 4,
	  .inode = 126,
	  .backlog = 5,
	  .user = S("root"),
	  NS,
	  OWNED(admin_py)},
	 VERDICT_LOOK,
	 {"PP201"},
	 {"nobody claims 'admin.py'"},
	 "admin.py"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 22,
	  .cookie = 5,
	  .inode = 127,
	  .backlog = 128,
	  .n_peers = 2,
	  NS,
	  OWNED(sshd)},
	 VERDICT_EXPECTED,
	 {"PP102", "-PP203"},
	 {"the unit 'ssh.service' of the package 'openssh-server' on its usual port",
	  "unclaimed on every interface"},
	 "ssh.service"},
	{{.transport = TRANSPORT_TCP,
	  .local = V6_ANY,
	  .is_v6only = true,
	  .port = 22,
	  .cookie = 6,
	  .inode = 128,
	  .backlog = 128,
	  NS,
	  OWNED(sshd)},
	 VERDICT_EXPECTED,
	 {"PP102", "-PP203"},
	 {"the unit 'ssh.service' of the package 'openssh-server' on its usual port",
	  "unclaimed on every interface"},
	 "ssh.service"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(10, 0, 0, 3),
	  .port = 5432,
	  .cookie = 7,
	  .inode = 129,
	  .uid = 110,
	  .backlog = 244,
	  NS,
	  OWNED(postgres)},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "postgresql@15-main.service"},
	{{.transport = TRANSPORT_TCP,
	  .local = V6_ANY,
	  .is_dual_stack = true,
	  .port = 3000,
	  .cookie = 8,
	  .inode = 130,
	  .uid = 1000,
	  .backlog = 511,
	  NS,
	  OWNED(next_server)},
	 VERDICT_LOOK,
	 {"PP203", "PP211"},
	 {"unclaimed on a public address", "usual practice here is loopback"},
	 "shop-web"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 8080,
	  .cookie = 9,
	  .inode = 131,
	  .uid = 33,
	  .user = S("www-data"),
	  .backlog = 128,
	  .hidden = HIDDEN_PERMISSION,
	  NS},
	 VERDICT_LOOK,
	 {"PP202"},
	 {"the program is hidden from you; its user is 'www-data'"},
	 ""},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 443,
	  .cookie = 10,
	  .inode = 132,
	  .backlog = 511,
	  .n_reuseport = 2,
	  NS,
	  OWNED(nginx[0])},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "nginx.service"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 443,
	  .cookie = 11,
	  .inode = 133,
	  .backlog = 511,
	  .n_reuseport = 2,
	  NS,
	  OWNED(nginx[1])},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "nginx.service"},
	{{.transport = TRANSPORT_UDP,
	  .state = SOCKET_BOUND,
	  .local = V4(127, 0, 0, 53),
	  .port = 53,
	  .cookie = 12,
	  .inode = 134,
	  .uid = 101,
	  NS,
	  OWNED(resolved)},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "systemd-resolved.service"},
	{{.transport = TRANSPORT_UDP,
	  .state = SOCKET_BOUND,
	  .local = V6_LOOPBACK,
	  .port = 53,
	  .cookie = 13,
	  .inode = 135,
	  .uid = 101,
	  NS,
	  OWNED(resolved)},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "systemd-resolved.service"},
	{{.transport = TRANSPORT_UDP,
	  .state = SOCKET_BOUND,
	  .local = V4(0, 0, 0, 0),
	  .port = 111,
	  .cookie = 14,
	  .hidden = HIDDEN_KERNEL,
	  NS},
	 VERDICT_EXPECTED,
	 {NULL},
	 {NULL},
	 ""},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 4444,
	  .cookie = 15,
	  .inode = 136,
	  .uid = 1000,
	  .user = S("de\tv"),
	  .backlog = 5,
	  NS,
	  OWNED(forger)},
	 VERDICT_UNEXPECTED,
	 {"PP302"},
	 {"the program '/tmp/\033[2J\n# 1/tcp  x' ran from a directory of everybody"},
	 "\033]8;;x\007.py\n# 22/tcp"},
	{{.transport = TRANSPORT_TCP,
	  .local = V4(0, 0, 0, 0),
	  .port = 4445,
	  .cookie = 16,
	  .inode = 137,
	  .uid = 1000,
	  .user = S("dev"),
	  .backlog = 5,
	  NS,
	  OWNED(wide)},
	 VERDICT_LOOK,
	 {"PP201", "PP203"},
	 {"nobody claims 'サーバー.py'", "unclaimed on every interface"},
	 "サーバー.py"},
	{{.transport = TRANSPORT_ANY,
	  .state = SOCKET_PACKET,
	  .local = {.interface = 2},
	  .inode = 138,
	  NS,
	  OWNED(sniffer)},
	 VERDICT_UNEXPECTED,
	 {"PP321"},
	 {"a packet socket of 'dbus-daemon' waits without a port"},
	 "dbus-daemon"},
	{{.transport = TRANSPORT_UDP,
	  .state = SOCKET_BOUND,
	  .port = 546,
	  .cookie = 17,
	  .inode = 139,
	  .local = {.family = ADDRESS_IPV6,
		    .interface = 2,
		    .bytes = {0xfe, 0x80, [8] = 0x02, 0x16, 0x3e, 0xff, 0xfe, 0x12, 0x34, 0x56}},
	  NS,
	  OWNED(dhclient)},
	 VERDICT_EXPECTED,
	 {"PP102"},
	 {"the package's own service"},
	 "dhclient"},
	{{.transport = TRANSPORT_MPTCP,
	  .local = V6_ANY,
	  .is_dual_stack = true,
	  .port = 8443,
	  .cookie = 18,
	  .inode = 140,
	  .is_elsewhere = true,
	  .net_namespace = 4026532999,
	  .hidden = HIDDEN_PID_NAMESPACE,
	  .uid = 65534,
	  .seen_by = "replay"},
	 VERDICT_LOOK,
	 {"PP202"},
	 {"the program lives in another pid namespace"},
	 ""},
};

#define CLIENT(of, from, from_port)                                                                \
	{                                                                                          \
		.transport = TRANSPORT_TCP, .state = SOCKET_PEER, .local = of, .port = 3000,       \
		.remote = from, .remote_port = from_port, .uid = 1000, .user = S("dev"), NS,       \
		OWNED(next_server)                                                                 \
	}

/* Connections on 3476 and 3000, and one that merely uses 5037 as its source. */
static const struct sighting invented_peers[] = {
	{.transport = TRANSPORT_TCP,
	 .state = SOCKET_PEER,
	 .local = V4(198, 51, 100, 5),
	 .port = 3476,
	 .remote = V4(203, 0, 113, 9),
	 .remote_port = 41712,
	 .uid = 33,
	 .user = S("www-data"),
	 OWNED(kworkerd)},
	{.transport = TRANSPORT_TCP,
	 .state = SOCKET_PEER,
	 .local = V4(10, 0, 0, 8),
	 .port = 5037,
	 .remote = V4(198, 51, 100, 7),
	 .remote_port = 443,
	 .uid = 1000,
	 .user = S("dev"),
	 .hidden = HIDDEN_PERMISSION},
	CLIENT(V4(127, 0, 0, 1), V4(127, 0, 0, 1), 50001),
	CLIENT(V4(127, 0, 0, 1), V4(127, 0, 0, 1), 50002),
	CLIENT(V4_MAPPED(10, 0, 0, 8), V4_MAPPED(10, 0, 0, 9), 50003),
	CLIENT(V6_LOOPBACK, V6_LOOPBACK, 50004),
	CLIENT(V4(10, 0, 0, 8), V4(10, 0, 0, 10), 50005),
	CLIENT(V4(10, 0, 0, 8), V4(10, 0, 0, 11), 50006),
};

static const struct host_info invented_host = {
	.name = S("db3"),
	.id = S("0123456789abcdef0123456789abcdef"),
	.boot_id = S("11111111-2222-3333-4444-555555555555"),
	.system = S("Debian 12"),
	.ephemeral_first = 32768,
	.ephemeral_last = 60999,
	.now = INVENTED_NOW,
	.uid = 1000,
};
static const struct host_listing invented_listing = {
	.is_complete = false,
	.n_sockets = ARRAY_LEN(invented_rows),
	.hidden_owners = 2,
	.n_elsewhere = 1,
	.net_namespace = 4026531840,
	.method = "replay",
};

/* The rows judged, sorted; they live in the arena. */
__attribute__((unused)) static struct judged *invented_judged(struct arena *arena)
{
	struct judged *rows = arena_get_array(arena, ARRAY_LEN(invented_rows), sizeof(*rows));

	for (size_t i = 0; i < ARRAY_LEN(invented_rows); i++) {
		struct verdict *verdict = arena_get(arena, sizeof(*verdict));

		verdict->kind = invented_rows[i].kind;
		verdict->who = span_str(invented_rows[i].who);
		verdict->reasons = arena_get_array(arena, 4, sizeof(struct reason));
		for (size_t k = 0; k < 4 && invented_rows[i].ids[k]; k++) {
			const char *id = invented_rows[i].ids[k];
			bool is_cancelled = id[0] == '-';
			const struct rule *rule = invented_rule(id + is_cancelled);

			verdict->reasons[verdict->n_reasons++] = (struct reason){
				.rule = rule,
				.effect = is_cancelled ? EFFECT_NOTE : rule->effect,
				.detail = span_str(invented_rows[i].details[k]),
			};
		}
		rows[i] = (struct judged){&invented_rows[i].sighting, verdict};
	}
	judged_sort(rows, ARRAY_LEN(invented_rows));
	return rows;
}

#endif

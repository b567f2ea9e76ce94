/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_test: for each rule a socket that fires it, and the nearest innocent one.
 *
 * Products and facts come from the built-in map; only well-known ones are named here. Who asks is
 * user 1000, source ports are 32768-60999, packages could be asked.
 */
#include "test/tap.h"
#include "verdict/matter.h"

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define ANY .local = {.family = ADDRESS_IPV4}
#define LO .local = {.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}}
#define HOST .local = {.family = ADDRESS_IPV4, .bytes = {10, 0, 0, 3}}
#define TCP(number) .transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .port = number
#define UDP(number) .transport = TRANSPORT_UDP, .state = SOCKET_BOUND, .port = number
#define PACKET .transport = TRANSPORT_ANY, .state = SOCKET_PACKET
#define EXE(path, comm) .pid = 4242, .executable = S(path), .name = S(comm)
#define OF(name) .package = S(name), .package_answer = PACKAGE_OWNS
#define SYSTEMD .pid = 1, .executable = S("/usr/lib/systemd/systemd"), .name = S("systemd"), \
	OF("systemd"), .unit = S("init.scope"), .is_manager = true
#define ALIEN .package_answer = PACKAGE_NONE
#define SERVICE(name) .unit = S(name)
#define SESSION .unit = S("session-7.scope"), .uid = 1001
#define MINE .uid = 1000
#define WWW .uid = 33
#define PARENTS(list) .ancestors = list, .n_ancestors = sizeof(list) / sizeof(list[0])

enum { SILENT = -1, NOTED = EFFECT_NOTE, FINE = EFFECT_EXPECTED, LOOK = EFFECT_LOOK,
       BAD = EFFECT_UNEXPECTED };

struct story {
	const char *rule;
	int effect; /* SILENT: the rule must not fire */
	enum verdict_kind kind;
	const char *name;
	struct sighting sighting;
	struct process process; /* pid 0: hidden */
};

static const struct ancestor under_php[] = {
	{.pid = 900, .name = S("sh"), .executable = S("/usr/bin/dash")},
	{.pid = 800, .name = S("php-fpm8.2"), .executable = S("/usr/sbin/php-fpm8.2")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};
static const struct ancestor under_postfix[] = {
	{.pid = 700, .name = S("master"), .executable = S("/usr/lib/postfix/sbin/master")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};
static const struct ancestor under_nginx[] = {
	{.pid = 600, .name = S("nginx"), .executable = S("/usr/sbin/nginx")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};
static const struct ancestor under_shell[] = {
	{.pid = 500, .name = S("bash"), .executable = S("/usr/bin/bash")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};

static const struct spoken as_redis = {.state = SPOKEN_PROVED, .protocol = S("redis"),
				       .product = S("redis"), .version = S("7.0.15")};
static const struct spoken as_http = {.state = SPOKEN_PROVED, .protocol = S("http")};
static const struct spoken as_tls = {.state = SPOKEN_PROVED, .protocol = S("tls")};
static const struct spoken as_ssh = {.state = SPOKEN_PROVED, .protocol = S("ssh")};
static const struct spoken fits_ssh = {.state = SPOKEN_FITS, .protocol = S("ssh")};
static const struct spoken as_nothing = {.state = SPOKEN_NOTHING};

static const struct story stories[] = {
	/* PP102 */
	{"PP102", FINE, VERDICT_EXPECTED, "packaged redis, own unit, own number, loopback",
	 {TCP(6379), LO},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"),
	  SERVICE("redis-server.service"), .uid = 107}},
	{"PP102", FINE, VERDICT_EXPECTED, "packaged sshd on every interface, where it is usual",
	 {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP102", FINE, VERDICT_EXPECTED, "sshd's socket that its manager still holds",
	 {TCP(22), ANY, .socket_unit = S("ssh.socket")},
	 {.pid = 1, .executable = S("/usr/lib/systemd/systemd"), .name = S("systemd"),
	  OF("systemd"), .unit = S("init.scope")}},
	{"PP102", FINE, VERDICT_EXPECTED, "the same that starts one sshd for each connection",
	 {TCP(22), ANY, .socket_unit = S("ssh.socket"), .unit = S("ssh@.service")}, {SYSTEMD}},
	{"PP102", FINE, VERDICT_EXPECTED, "cups.socket",
	 {TCP(631), LO, .socket_unit = S("cups.socket"), .unit = S("cups.service")}, {SYSTEMD}},
	{"PP102", SILENT, VERDICT_LOOK, "docker.socket with a number is not its default",
	 {TCP(2375), ANY, .socket_unit = S("docker.socket"), .unit = S("docker.service")}, {SYSTEMD}},
	{"PP102", SILENT, VERDICT_LOOK, "a socket of sshd's name that starts something else",
	 {TCP(22), ANY, .socket_unit = S("ssh.socket"), .unit = S("frob.service")}, {SYSTEMD}},
	{"PP102", SILENT, VERDICT_LOOK, "a user's own unit of a known name",
	 {TCP(6379), LO, .socket_unit = S("redis-server.socket"), .unit = S("redis-server.service")},
	 {.pid = 900, .executable = S("/usr/lib/systemd/systemd"), .name = S("systemd"), OF("systemd"),
	  .unit = S("user@1001.service"), .user_unit = S("init.scope"), .uid = 1001,
	  .is_manager = true}},
	{"PP102", SILENT, VERDICT_LOOK, "packaged redis reachable by everybody",
	 {TCP(6379), ANY},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"),
	  SERVICE("redis-server.service")}},
	{"PP102", SILENT, VERDICT_LOOK, "packaged redis on another number",
	 {TCP(6399), LO},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"),
	  SERVICE("redis-server.service")}},
	{"PP102", SILENT, VERDICT_LOOK, "packaged redis started by hand",
	 {TCP(6379), LO},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"), SESSION}},
	{"PP102", SILENT, VERDICT_LOOK, "redis that somebody built",
	 {TCP(6379), LO},
	 {EXE("/usr/local/bin/redis-server", "redis-server"), ALIEN,
	  SERVICE("redis-server.service")}},
	{"PP102", SILENT, VERDICT_LOOK, "another program on redis' number",
	 {TCP(6379), LO},
	 {EXE("/usr/bin/frobd", "frobd"), OF("frobd"), SERVICE("frobd.service")}},
	{"PP102", SILENT, VERDICT_LOOK, "redis in a container: packages of the host say nothing",
	 {TCP(6379), LO},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"),
	  SERVICE("redis-server.service"), .container = S("docker 0123456789ab")}},
	{"PP102", SILENT, VERDICT_LOOK, "a script that a packaged interpreter runs as a service",
	 {TCP(6379), LO},
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"),
	  SERVICE("tool.service"), .runtime = S("python"), .script = S("/srv/tool.py")}},

	/* PP103 */
	{"PP103", FINE, VERDICT_LOOK, "hidden, but its bytes prove what is usual there",
	 {TCP(6379), LO, .hidden = HIDDEN_PERMISSION, .spoken = &as_redis}, {0}},
	{"PP103", FINE, VERDICT_LOOK, "sshd that says what sshd says",
	 {TCP(22), ANY, .spoken = &as_ssh}, {EXE("/opt/ssh/sshd", "sshd"), ALIEN}},
	{"PP103", SILENT, VERDICT_LOOK, "nobody asked", {TCP(22), ANY},
	 {EXE("/opt/ssh/sshd", "sshd"), ALIEN}},
	{"PP103", SILENT, VERDICT_LOOK, "redis where redis is not usual",
	 {TCP(16123), LO, .hidden = HIDDEN_PERMISSION, .spoken = &as_redis}, {0}},
	{"PP103", SILENT, VERDICT_LOOK, "what only fits proves nothing",
	 {TCP(22), ANY, .spoken = &fits_ssh}, {EXE("/opt/ssh/sshd", "sshd"), ALIEN}},
	{"PP103", SILENT, VERDICT_LOOK, "sshd that answers as redis on redis' number",
	 {TCP(6379), LO, .spoken = &as_redis}, {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server")}},
	/* PP206 */
	{"PP206", LOOK, VERDICT_LOOK, "sshd on 22 that answers as redis",
	 {TCP(22), ANY, .spoken = &as_redis},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP206", LOOK, VERDICT_LOOK, "redis on its number that answers as a web server",
	 {TCP(6379), LO, .spoken = &as_http},
	 {EXE("/usr/bin/redis-server", "redis-server"), ALIEN, MINE}},
	{"PP206", SILENT, VERDICT_EXPECTED, "sshd that says what sshd says",
	 {TCP(22), ANY, .spoken = &as_ssh},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP206", SILENT, VERDICT_EXPECTED, "sshd that is silent",
	 {TCP(22), ANY, .spoken = &as_nothing},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP206", SILENT, VERDICT_LOOK, "redis within TLS: nobody looked inside",
	 {TCP(6379), LO, .spoken = &as_tls},
	 {EXE("/usr/bin/redis-server", "redis-server"), ALIEN, MINE}},
	{"PP206", SILENT, VERDICT_LOOK, "a web page of redis' on another number",
	 {TCP(18080), LO, .spoken = &as_http},
	 {EXE("/usr/bin/redis-server", "redis-server"), ALIEN, MINE}},
	{"PP206", SILENT, VERDICT_LOOK, "a program that nothing is known of",
	 {TCP(22), ANY, .spoken = &as_redis}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	/* PP120 */
	{"PP120", NOTED, VERDICT_LOOK, "an unknown program that answers as something else",
	 {TCP(3476), LO, .spoken = &as_http}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP120", SILENT, VERDICT_LOOK, "an unknown program that nobody asked",
	 {TCP(3476), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP120", SILENT, VERDICT_LOOK, "an unknown program that answers as what is registered",
	 {TCP(8080), LO, .spoken = &as_http}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP120", SILENT, VERDICT_LOOK, "an unknown program whose bytes only fit something",
	 {TCP(3476), LO, .spoken = &fits_ssh}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP120", NOTED, VERDICT_LOOK, "redis where the registry has somebody else",
	 {TCP(3476), LO},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server")}},
	{"PP120", SILENT, VERDICT_EXPECTED, "sshd on the number registered as ssh",
	 {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP120", SILENT, VERDICT_LOOK, "a program that nobody knows contradicts nothing",
	 {TCP(3476), LO},
	 {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP121 and PP130 depend on data: see walks below */
	{"PP121", SILENT, VERDICT_LOOK, "a living registration is no ghost",
	 {TCP(22), LO},
	 {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP130", SILENT, VERDICT_LOOK, "a number without history",
	 {TCP(6379), LO},
	 {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP201 */
	{"PP201", LOOK, VERDICT_LOOK, "a program of somebody's own, on loopback",
	 {TCP(8081), LO},
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"), MINE,
	  .runtime = S("python"), .script = S("admin.py")}},
	{"PP201", LOOK, VERDICT_LOOK, "a development server of one's own is looked at, no more",
	 {TCP(5173), LO},
	 {EXE("/home/dev/.nvm/versions/node/v22/bin/node", "node"), ALIEN, MINE,
	  .runtime = S("node"), .script = S("/home/dev/shop/node_modules/.bin/vite"),
	  .is_deleted = true}},
	{"PP201", NOTED, VERDICT_EXPECTED, "a packaged service asks from a number it was handed",
	 {UDP(41234), ANY},
	 {EXE("/usr/sbin/avahi-daemon", "avahi-daemon"), OF("avahi-daemon"),
	  SERVICE("avahi-daemon.service")}},
	{"PP201", LOOK, VERDICT_LOOK, "the same below the ephemeral range was chosen",
	 {UDP(4123), ANY},
	 {EXE("/usr/sbin/avahi-daemon", "avahi-daemon"), OF("avahi-daemon"),
	  SERVICE("avahi-daemon.service")}},
	{"PP201", NOTED, VERDICT_EXPECTED, "a service that tells rpcbind takes any number",
	 {TCP(41234), ANY},
	 {EXE("/usr/sbin/rpc.statd", "rpc.statd"), OF("nfs-common"), SERVICE("rpc-statd.service")}},
	{"PP201", NOTED, VERDICT_EXPECTED, "or a privileged one, for its calls",
	 {UDP(832), LO},
	 {EXE("/usr/sbin/rpc.statd", "rpc.statd"), OF("nfs-common"), SERVICE("rpc-statd.service")}},
	{"PP201", LOOK, VERDICT_LOOK, "somebody chose this number for it",
	 {TCP(4001), ANY},
	 {EXE("/usr/sbin/rpc.statd", "rpc.statd"), OF("nfs-common"), SERVICE("rpc-statd.service")}},
	{"PP201", LOOK, VERDICT_LOOK, "another program in the unit of such a service",
	 {TCP(41234), ANY},
	 {EXE("/opt/frob/frobd", "frobd"), ALIEN, SERVICE("rpc-statd.service")}},
	{"PP201", SILENT, VERDICT_LOOK, "nobody is seen", {TCP(8081), LO, .hidden = HIDDEN_PERMISSION},
	 {0}},

	/* PP202 */
	{"PP202", LOOK, VERDICT_LOOK, "another user's program is closed to us",
	 {TCP(3476), LO, .hidden = HIDDEN_PERMISSION, .user = S("www-data")}, {0}},
	{"PP202", LOOK, VERDICT_LOOK, "the program went away while we looked",
	 {TCP(3476), LO, .hidden = HIDDEN_EXITED}, {0}},
	{"PP202", LOOK, VERDICT_LOOK, "the program was not found, and nobody knows why",
	 {TCP(3476), LO, .hidden = HIDDEN_UNKNOWN}, {0}},
	{"PP202", SILENT, VERDICT_LOOK, "the program is seen",
	 {TCP(3476), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP203 */
	{"PP203", NOTED, VERDICT_EXPECTED, "reached where rpcbind says",
	 {TCP(41234), ANY},
	 {EXE("/usr/sbin/rpc.mountd", "rpc.mountd"), OF("nfs-kernel-server"),
	  SERVICE("nfs-mountd.service")}},
	{"PP203", LOOK, VERDICT_LOOK, "on every interface",
	 {TCP(8081), ANY}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP203", LOOK, VERDICT_LOOK, "on one address, nobody seen",
	 {TCP(8081), HOST, .hidden = HIDDEN_PERMISSION}, {0}},
	{"PP203", NOTED, VERDICT_EXPECTED, "sshd: PP102 cancels it",
	 {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP203", SILENT, VERDICT_LOOK, "on loopback",
	 {TCP(8081), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP204 */
	{"PP204", LOOK, VERDICT_LOOK, "upgraded, not restarted",
	 {TCP(8081), LO},
	 {EXE("/usr/sbin/frobd", "frobd"), OF("frobd"), .is_deleted = true, .is_replaced = true}},
	{"PP204", SILENT, VERDICT_LOOK, "not upgraded",
	 {TCP(8081), LO}, {EXE("/usr/sbin/frobd", "frobd"), OF("frobd")}},
	{"PP204", SILENT, VERDICT_UNEXPECTED, "deleted, but no package's file",
	 {TCP(8081), LO}, {EXE("/opt/frobd", "frobd"), ALIEN, .is_deleted = true}},

	/* PP205 */
	{"PP205", LOOK, VERDICT_LOOK, "no descriptor anywhere", {TCP(2049), ANY, .hidden = HIDDEN_KERNEL},
	 {0}},
	{"PP205", SILENT, VERDICT_LOOK, "merely closed to us",
	 {TCP(2049), ANY, .hidden = HIDDEN_PERMISSION}, {0}},

	/* PP211 */
	{"PP211", LOOK, VERDICT_LOOK, "redis on every interface",
	 {TCP(6379), ANY},
	 {EXE("/usr/bin/redis-server", "redis-server"), OF("redis-server"),
	  SERVICE("redis-server.service")}},
	{"PP211", SILENT, VERDICT_EXPECTED, "sshd narrower than usual",
	 {TCP(22), HOST},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP211", SILENT, VERDICT_LOOK, "every interface of a container is a private one",
	 {TCP(6379), ANY},
	 {EXE("/usr/local/bin/redis-server", "redis-server"), .container = S("docker 0123456789ab")}},

	/* PP212 */
	{"PP212", LOOK, VERDICT_LOOK, "a container's port on every interface",
	 {TCP(5432), ANY, .container = S("pg-test")},
	 {EXE("/usr/bin/docker-proxy", "docker-proxy"), OF("docker.io"), SERVICE("docker.service")}},
	{"PP212", LOOK, VERDICT_LOOK, "the same when the container's name is not known",
	 {TCP(5432), ANY},
	 {EXE("/usr/bin/docker-proxy", "docker-proxy"), OF("docker.io"), SERVICE("docker.service")}},
	{"PP212", SILENT, VERDICT_LOOK, "published on loopback only",
	 {TCP(5432), LO, .container = S("pg-test")},
	 {EXE("/usr/bin/docker-proxy", "docker-proxy"), OF("docker.io"), SERVICE("docker.service")}},
	{"PP212", SILENT, VERDICT_LOOK, "a rootless runtime's socket obeys the firewall",
	 {TCP(5432), ANY, .container = S("pg-test"), .uid = 1000},
	 {EXE("/usr/lib/podman/rootlessport", "rootlessport"), OF("podman"), MINE}},

	/* PP213 */
	{"PP213", LOOK, VERDICT_LOOK, "another user has the number too",
	 {TCP(8081), LO, .has_rival = true}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP213", SILENT, VERDICT_LOOK, "several sockets of one user are a group",
	 {TCP(8081), LO, .n_reuseport = 4}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP214 */
	{"PP214", LOOK, VERDICT_LOOK, "a number that practice knows, inside the range",
	 {UDP(51820), ANY}, {EXE("/usr/bin/wireguard-go", "wireguard-go"), ALIEN}},
	{"PP214", NOTED, VERDICT_LOOK, "a listener there that may have been handed out",
	 {TCP(41234), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},
	{"PP214", SILENT, VERDICT_LOOK, "below the range",
	 {TCP(8081), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN}},

	/* PP301 */
	{"PP301", BAD, VERDICT_UNEXPECTED, "deleted, and no package owns the path",
	 {TCP(3476), ANY}, {EXE("/opt/x/frobd", "frobd"), ALIEN, WWW, .is_deleted = true}},
	{"PP301", BAD, VERDICT_UNEXPECTED, "a program that never had a file",
	 {TCP(3476), ANY}, {EXE("/memfd:x", "x"), WWW, .is_memfd = true, .is_in_tmpfs = true}},
	{"PP301", LOOK, VERDICT_LOOK, "rebuilt while it runs",
	 {TCP(3476), ANY},
	 {EXE("/home/dev/src/app", "app"), ALIEN, MINE, .is_deleted = true, .is_replaced = true}},
	{"PP301", LOOK, VERDICT_LOOK, "deleted, and packages were not asked",
	 {TCP(3476), ANY}, {EXE("/opt/x/frobd", "frobd"), WWW, .is_deleted = true}},
	{"PP301", SILENT, VERDICT_LOOK, "deleted by its package's upgrade",
	 {TCP(3476), ANY}, {EXE("/usr/sbin/frobd", "frobd"), OF("frobd"), .is_deleted = true}},
	{"PP301", SILENT, VERDICT_LOOK, "a container runtime's sealed copy of itself",
	 {TCP(3476), LO},
	 {EXE("/memfd:runc_cloned:/proc/self/exe", "runc"), .is_memfd = true,
	  .container = S("docker 0123456789ab")}},

	/* PP302 */
	{"PP302", BAD, VERDICT_UNEXPECTED, "a program in memory",
	 {TCP(3476), ANY}, {EXE("/dev/shm/.x/frobd", "frobd"), ALIEN, WWW, .is_in_tmpfs = true}},
	{"PP302", BAD, VERDICT_UNEXPECTED, "a program in a directory of everybody's",
	 {TCP(3476), LO}, {EXE("/srv/drop/frobd", "frobd"), ALIEN, WWW, .is_in_world_writable = true}},
	{"PP302", BAD, VERDICT_UNEXPECTED, "a program in a private corner of /tmp on disk",
	 {TCP(3476), ANY}, {EXE("/tmp/.x/frobd", "frobd"), ALIEN, WWW}},
	{"PP302", LOOK, VERDICT_LOOK, "go run: one's own, on loopback",
	 {TCP(3476), LO},
	 {EXE("/tmp/go-build1/b001/exe/app", "app"), ALIEN, MINE, .is_in_tmpfs = true}},
	{"PP302", LOOK, VERDICT_LOOK, "a test runner in another user's login session, on loopback",
	 {TCP(3476), LO}, {EXE("/tmp/t1/app", "app"), ALIEN, SESSION, .is_in_tmpfs = true}},
	{"PP302", SILENT, VERDICT_LOOK, "a live system whose files are all in memory",
	 {TCP(3476), ANY}, {EXE("/usr/sbin/frobd", "frobd"), OF("frobd"), .is_in_tmpfs = true}},
	{"PP302", SILENT, VERDICT_LOOK, "a program of one's home",
	 {TCP(3476), ANY}, {EXE("/home/dev/src/app", "app"), ALIEN, MINE}},

	/* PP303 */
	{"PP303", BAD, VERDICT_UNEXPECTED, "kworkerd is no thread of the kernel",
	 {TCP(3476), ANY}, {EXE("/opt/x/kworkerd", "kworkerd"), ALIEN, WWW}},
	{"PP303", BAD, VERDICT_UNEXPECTED, "[kworker/0:1] with a program file",
	 {TCP(3476), ANY},
	 {EXE("/opt/x/a", "a"), ALIEN, WWW, .argv = S("[kworker/0:1]\0"),
	  .command_line = S("[kworker/0:1]")}},
	{"PP303", BAD, VERDICT_UNEXPECTED, "an sshd that lives in memory",
	 {TCP(22), ANY}, {EXE("/dev/shm/sshd", "sshd"), ALIEN, WWW, .is_in_tmpfs = true}},
	{"PP303", LOOK, VERDICT_LOOK, "a redis-server where no server is installed",
	 {TCP(6379), LO}, {EXE("/srv/stuff/redis-server", "redis-server"), ALIEN, WWW}},
	{"PP303", SILENT, VERDICT_LOOK, "a redis-server that an administrator built",
	 {TCP(6379), LO}, {EXE("/usr/local/bin/redis-server", "redis-server"), ALIEN}},
	{"PP303", SILENT, VERDICT_LOOK, "a redis-server beneath one's home",
	 {TCP(6379), LO}, {EXE("/home/dev/redis/src/redis-server", "redis-server"), ALIEN, MINE}},
	{"PP303", SILENT, VERDICT_LOOK, "a worker that puts its title into brackets",
	 {TCP(8081), LO},
	 {EXE("/opt/venv/bin/worker", "[celeryd: w@h:M"), ALIEN,
	  .argv = S("[celeryd: w@h:MainProcess]\0")}},
	{"PP303", SILENT, VERDICT_LOOK, "a thread renamed by its interpreter",
	 {TCP(8081), LO},
	 {EXE("/opt/node/bin/node", "redis-server"), ALIEN, MINE, .runtime = S("node"),
	  .script = S("app.js")}},

	/* PP304 */
	{"PP304", BAD, VERDICT_UNEXPECTED, "a shell that a page opened listens",
	 {TCP(3476), ANY},
	 {EXE("/usr/bin/nc.openbsd", "nc"), OF("netcat-openbsd"), WWW, PARENTS(under_php)}},
	{"PP304", BAD, VERDICT_UNEXPECTED, "it let go of its parent, but not of the unit",
	 {TCP(3476), ANY},
	 {EXE("/var/www/x", "x"), ALIEN, WWW, SERVICE("php8.2-fpm.service")}},
	{"PP304", LOOK, VERDICT_LOOK, "one's own pages start a helper on loopback",
	 {TCP(9222), LO}, {EXE("/opt/frob/frobd", "frobd"), ALIEN, MINE, PARENTS(under_php)}},
	{"PP304", SILENT, VERDICT_EXPECTED, "postfix' own child",
	 {TCP(25), ANY},
	 {EXE("/usr/lib/postfix/sbin/smtpd", "smtpd"), OF("postfix"), SERVICE("postfix@-.service"),
	  PARENTS(under_postfix)}},
	{"PP304", SILENT, VERDICT_EXPECTED, "nginx' own worker",
	 {TCP(80), ANY},
	 {EXE("/usr/sbin/nginx", "nginx"), OF("nginx"), SERVICE("nginx.service"),
	  PARENTS(under_nginx)}},
	{"PP304", SILENT, VERDICT_LOOK, "a listener from a person's shell",
	 {TCP(3476), ANY},
	 {EXE("/usr/bin/nc.openbsd", "nc"), OF("netcat-openbsd"), SESSION, PARENTS(under_shell)}},

	/* PP320 */
	{"PP320", BAD, VERDICT_UNEXPECTED, "sshd's own port, kept from the kernel's list",
	 {TCP(22), ANY, .hidden_from = FROM_NETLINK},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},
	{"PP320", BAD, VERDICT_UNEXPECTED, "a process that /proc does not show",
	 {TCP(22), ANY, .hidden_from = FROM_PROC}, {.pid = 0}},
	{"PP320", SILENT, VERDICT_EXPECTED, "the same where all views agree", {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), SERVICE("ssh.service")}},

	/* PP321 */
	{"PP321", BAD, VERDICT_UNEXPECTED, "an unknown program reads the wire", {PACKET},
	 {EXE("/opt/x/frobd", "frobd"), ALIEN}},
	{"PP321", FINE, VERDICT_EXPECTED, "the DHCP client of a package", {PACKET},
	 {EXE("/usr/sbin/dhclient", "dhclient"), OF("isc-dhcp-client"),
	  SERVICE("networking.service")}},
	{"PP321", FINE, VERDICT_EXPECTED, "tcpdump of who asks", {PACKET},
	 {EXE("/usr/bin/tcpdump", "tcpdump"), OF("tcpdump"), MINE}},
	{"PP321", LOOK, VERDICT_LOOK, "tcpdump of somebody else, not in a session", {PACKET},
	 {EXE("/usr/bin/tcpdump", "tcpdump"), OF("tcpdump"), WWW}},
	{"PP321", LOOK, VERDICT_LOOK, "another packaged program", {PACKET},
	 {EXE("/usr/sbin/frobd", "frobd"), OF("frobd")}},
	{"PP321", LOOK, VERDICT_LOOK, "a network program of a container", {PACKET},
	 {EXE("/speaker", "speaker"), .container = S("containerd 0123456789ab")}},
	{"PP321", SILENT, VERDICT_LOOK, "a listener with a port",
	 {TCP(8081), LO}, {EXE("/opt/x/frobd", "frobd"), ALIEN}},
};

/* clang-format on */

static const struct surroundings around = {
	.ephemeral_first = 32768,
	.ephemeral_last = 60999,
	.viewer_uid = 1000,
	.can_ask_packages = true,
};

static void judge_in(const struct surroundings *where, const struct story *story,
		     struct arena *arena, struct verdict *verdict)
{
	struct owner *owner = arena_get(arena, sizeof(*owner));
	struct sighting *sighting = arena_get(arena, sizeof(*sighting));

	*owner = (struct owner){.process = &story->process, .fd = 3};
	*sighting = story->sighting;
	if (story->process.pid) {
		sighting->owners = owner;
		sighting->n_owners = 1;
	}
	verdict_judge(NULL, NULL, where, sighting, arena, verdict);
}

static void judge(const struct story *story, struct arena *arena, struct verdict *verdict)
{
	judge_in(&around, story, arena, verdict);
}

static const struct reason *find(const struct verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (strcmp(verdict->reasons[i].rule->id, id) == 0)
			return &verdict->reasons[i];
	return NULL;
}

static void explain(const struct verdict *verdict)
{
	note("%s, match %d '%.*s', who '%.*s'", verdict_key(verdict->kind), (int)verdict->match,
	     SPAN_ARG(verdict->product->slug), SPAN_ARG(verdict->who));
	for (size_t i = 0; i < verdict->n_reasons; i++)
		note("%s %s: %.*s", verdict->reasons[i].rule->id,
		     effect_key(verdict->reasons[i].effect), SPAN_ARG(verdict->reasons[i].detail));
}

static void test_stories(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		const struct story *story = &stories[i];
		struct arena arena = {0};
		struct verdict verdict;

		judge(story, &arena, &verdict);

		const struct reason *reason = find(&verdict, story->rule);
		int effect = reason ? (int)reason->effect : SILENT;

		if (!ok(effect == story->effect && verdict.kind == story->kind, "%s %s: %s",
			story->rule, story->effect == SILENT ? "is silent" : "speaks", story->name))
			explain(&verdict);
		arena_done(&arena);
	}
}

static bool is_same_but_details(const struct verdict *told, const struct verdict *brief)
{
	if (told->kind != brief->kind || told->n_reasons != brief->n_reasons)
		return false;
	for (size_t i = 0; i < told->n_reasons; i++)
		if (told->reasons[i].rule != brief->reasons[i].rule ||
		    told->reasons[i].effect != brief->reasons[i].effect ||
		    !told->reasons[i].detail.n || brief->reasons[i].detail.n)
			return false;
	return true;
}

static void test_without_details(void)
{
	struct surroundings where = around;
	struct verdict_memo memo = {0};
	struct arena arena = {0};
	size_t n = 0;

	where.no_details = true;
	where.memo = &memo;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct verdict told;
		struct verdict brief;

		judge(&stories[i], &arena, &told);
		judge_in(&where, &stories[i], &arena, &brief);
		if (!is_same_but_details(&told, &brief) && ++n)
			note("%s: %s", stories[i].rule, stories[i].name);
	}
	arena_done(&arena);
	ok(n == 0, "what nobody reads is not told, names are asked for once, and no verdict changes");
}

/* Every rule has a story in which it fires at its worst, and one in which it is silent. */
static void test_rules(void)
{
	for (size_t i = 0; i < verdict_n_rules(); i++) {
		const struct rule *rule = verdict_rule(i);
		bool fires = strcmp(rule->id, "PP121") == 0 || strcmp(rule->id, "PP130") == 0;
		bool is_silent = false;

		/* outside_test.c, passing_test.c and spoken_test.c have their stories */
		if (rule_row(i)->states == 0 || rule_row(i)->states == PASSING ||
		    strcmp(rule->id, "PP312") == 0 || strcmp(rule->id, "PP330") == 0)
			continue;
		for (size_t j = 0; j < sizeof(stories) / sizeof(stories[0]); j++) {
			if (strcmp(stories[j].rule, rule->id) != 0)
				continue;
			fires |= stories[j].effect == (int)rule->effect;
			is_silent |= stories[j].effect == SILENT;
		}
		ok(fires && is_silent, "%s has a story that fires it and an innocent one",
		   rule->id);
		ok(i == 0 || strcmp(verdict_rule(i - 1)->id, rule->id) < 0, "%s is in order",
		   rule->id);
		ok(rule->title[0] && rule->help[0] && rule->source[0], "%s has its texts",
		   rule->id);
		ok(verdict_rule_find(span_str(rule->id)) == rule, "%s is found", rule->id);
	}
	ok(!verdict_rule_find(span_str("PP999")) && !verdict_rule(verdict_n_rules()),
	   "what is no rule is not found");
}

static bool stranger_hears(uint16_t port, enum transport transport, const char *id,
			   enum verdict_kind *kind)
{
	struct story story = {
		.sighting = {.port = port,
			     .transport = transport,
			     .state = transport == TRANSPORT_UDP ? SOCKET_BOUND : SOCKET_LISTEN,
			     LO},
		.process = {EXE("/opt/frob/frobd", "frobd"), ALIEN},
	};
	struct arena arena = {0};
	struct verdict verdict;

	judge(&story, &arena, &verdict);

	const struct reason *reason = find(&verdict, id);
	bool is_note = reason && reason->effect == EFFECT_NOTE && reason->detail.n > 0;

	*kind = verdict.kind;
	arena_done(&arena);
	return is_note;
}

static bool has_confirmed(uint16_t port, enum transport transport)
{
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_practice(NULL, port, transport, &cursor, &fact))
		if (fact.kind == PRACTICE_MALWARE && fact.grade != GRADE_UNCONFIRMED)
			return true;
	return false;
}

/* Malware history: told as a note, never when unconfirmed, and it makes nothing worse. */
static void test_malware(void)
{
	unsigned n = 0;
	unsigned n_wrong = 0;

	for (uint32_t i = 0; i < map_n_practice(NULL); i++) {
		struct map_practice fact;
		enum verdict_kind kind;

		map_practice_get(NULL, i, &fact);
		if (fact.kind != PRACTICE_MALWARE || fact.transport == TRANSPORT_SCTP)
			continue;
		enum transport transport = fact.transport ? fact.transport : TRANSPORT_TCP;
		bool is_told = stranger_hears(fact.first, transport, "PP130", &kind);

		n++;
		if (is_told == has_confirmed(fact.first, transport) && kind == VERDICT_LOOK)
			continue;
		n_wrong++;
		note("%u/%s %.*s", fact.first, transport_word(transport), SPAN_ARG(fact.product));
	}
	if (n == 0)
		skip(1, "the map has no malware facts");
	else
		ok(n_wrong == 0, "PP130 is a note on confirmed numbers only (%u facts)", n);
}

static void test_ghost(void)
{
	enum verdict_kind kind;
	uint32_t port = 1;

	while (port <= UINT16_MAX &&
	       map_port_standing(NULL, (uint16_t)port, TRANSPORT_TCP) != STANDING_GHOST)
		port++;
	if (port > UINT16_MAX)
		skip(1, "the map has no ghost");
	else
		ok(stranger_hears((uint16_t)port, TRANSPORT_TCP, "PP121", &kind) && kind == VERDICT_LOOK,
		   "PP121 is a note on a ghost, at %u", port);
}

struct rival_case {
	const char *name;
	enum socket_state state;
	struct sighting own;
	struct rival rival;
	const char *detail;
};

#define V6 .local = {.family = ADDRESS_IPV6}
#define LO6 .local = {.family = ADDRESS_IPV6, .bytes = {[15] = 1}}
#define DEV .uid = 1001, .user = S("dev")

static const struct rival_case rivals[] = {
	{"v4 beside v6", SOCKET_LISTEN, {TCP(80), ANY}, {V6, DEV, .is_v6only = true},
	 "IPv4 comes here, IPv6 goes to user 'dev' on ::"},
	{"v6 beside v4", SOCKET_LISTEN, {TCP(80), V6}, {ANY, DEV},
	 "IPv6 comes here, IPv4 goes to user 'dev' on 0.0.0.0"},
	{"a certain address in the shadow of none", SOCKET_LISTEN, {TCP(80), LO}, {ANY, DEV},
	 "what is sent to 127.0.0.1 comes here, the rest goes to user 'dev' on 0.0.0.0"},
	{"an IPv4 address beside a socket for both", SOCKET_LISTEN, {TCP(80), LO}, {V6, DEV},
	 "what is sent to 127.0.0.1 comes here, the rest goes to user 'dev' on ::"},
	{"every address, one of which is taken", SOCKET_LISTEN, {TCP(80), V6}, {HOST, DEV},
	 "what is sent to 10.0.0.3 goes to user 'dev', the rest comes here"},
	{"both loopbacks", SOCKET_LISTEN, {TCP(80), LO}, {LO6, DEV},
	 "'localhost' is either: 127.0.0.1 comes here, ::1 goes to user 'dev'"},
	{"one place, TCP", SOCKET_LISTEN, {TCP(80), LO}, {LO, DEV},
	 "user 'dev' listens on 127.0.0.1 too: a connection goes to either"},
	{"one place, UDP, a user without name", SOCKET_BOUND, {UDP(80), LO}, {LO, .uid = 4711},
	 "user '4711' is bound to 127.0.0.1 too: a packet goes to either"},
};

static void test_rivals(void)
{
	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
		struct story story = {.sighting = rivals[i].own,
				      .process = {EXE("/opt/frob/frobd", "frobd"), ALIEN}};
		struct arena arena = {0};
		struct verdict verdict;

		story.sighting.has_rival = true;
		story.sighting.rival = &rivals[i].rival;
		judge(&story, &arena, &verdict);
		const struct reason *reason = find(&verdict, "PP213");

		is_span(reason ? reason->detail : span_of(NULL, 0), span_str(rivals[i].detail),
			rivals[i].name);
		arena_done(&arena);
	}
}

/* Worst first, then by id. */
static void test_order(void)
{
	static const struct story story = {
		.sighting = {TCP(3476), ANY, .has_rival = true},
		.process = {EXE("/dev/shm/.x/kworkerd", "kworkerd"), ALIEN, WWW, .is_deleted = true,
			    .is_in_tmpfs = true, PARENTS(under_php), SERVICE("php8.2-fpm.service")},
	};
	static const char *const want[] = {"PP301", "PP302", "PP303", "PP304",
					   "PP201", "PP203", "PP213"};
	struct arena arena = {0};
	struct verdict verdict;
	size_t i = 0;

	judge(&story, &arena, &verdict);
	while (i < 7 && i < verdict.n_reasons && !strcmp(verdict.reasons[i].rule->id, want[i]))
		i++;
	if (!ok(i == 7, "reasons stand worst first, then by id"))
		explain(&verdict);
	is_span(verdict.who, span_str("kworkerd"),
		"a stray program is not named by its parent's unit");
	arena_done(&arena);
}

int main(void)
{
	test_stories();
	test_without_details();
	test_rules();
	test_malware();
	test_ghost();
	test_rivals();
	test_order();
	return done();
}

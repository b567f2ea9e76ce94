/* SPDX-License-Identifier: Apache-2.0 */
/*
 * innocent_test: what ordinary machines run. None of it may be called unexpected, whoever asks.
 *
 * Each socket is judged three times: asked by its own user, by root and by another user; and once
 * more where packages could not be asked. False accusations are worse than none.
 */
#include "test/tap.h"
#include "verdict/verdict.h"

/* clang-format off */
#define S(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define ANY .local = {.family = ADDRESS_IPV4}
#define LO .local = {.family = ADDRESS_IPV4, .bytes = {127, 0, 0, 1}}
#define GROUP .local = {.family = ADDRESS_IPV4, .bytes = {224, 0, 0, 251}}
#define TCP(number) .transport = TRANSPORT_TCP, .state = SOCKET_LISTEN, .port = number
#define UDP(number) .transport = TRANSPORT_UDP, .state = SOCKET_BOUND, .port = number
#define EXE(path, comm) .pid = 4242, .executable = S(path), .name = S(comm)
#define OF(name) .package = S(name), .package_answer = PACKAGE_OWNS
#define ALIEN .package_answer = PACKAGE_NONE
#define DESK .unit = S("user@1000.service"), .uid = 1000
#define DOCKER .container = S("docker 0123456789ab"), .unit = S("docker-0123456789ab.scope")
#define PARENTS(list) .ancestors = list, .n_ancestors = sizeof(list) / sizeof(list[0])

static const struct ancestor under_apache[] = {
	{.pid = 600, .name = S("apache2"), .executable = S("/usr/sbin/apache2")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};
static const struct ancestor under_dovecot[] = {
	{.pid = 600, .name = S("dovecot"), .executable = S("/usr/sbin/dovecot")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};
static const struct ancestor under_gunicorn[] = {
	{.pid = 600, .name = S("gunicorn"), .executable = S("/usr/bin/python3.11")},
	{.pid = 1, .name = S("systemd"), .executable = S("/usr/lib/systemd/systemd")},
};

static const struct innocent {
	const char *name;
	struct sighting sighting;
	struct process process;
} innocents[] = {
	{"python's web server in a directory", {TCP(3476), ANY},
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"), .uid = 1000,
	  .runtime = S("python"), .script = S("-m http.server")}},
	{"a script of one's own", {TCP(6443), ANY},
	 {EXE("/usr/bin/python3.11", "python3"), OF("python3.11-minimal"), .uid = 1000,
	  .runtime = S("python"), .script = S("server.py")}},
	{"a development server under a version manager", {TCP(3000), ANY},
	 {EXE("/home/dev/.nvm/versions/node/v22.1.0/bin/node", "node"), ALIEN, DESK,
	  .runtime = S("node"), .script = S("/home/dev/shop/node_modules/next/dist/bin/next")}},
	{"an editor's server, older than its update", {TCP(40123), LO},
	 {EXE("/home/dev/.vscode-server/bin/aa/node", "node"), DESK, .is_deleted = true}},
	{"a program of one's own, rebuilt", {TCP(8080), ANY},
	 {EXE("/home/dev/src/app/app", "app"), ALIEN, .uid = 1000, .unit = S("session-3.scope"),
	  .is_deleted = true, .is_replaced = true}},
	{"a browser's discovery of screens", {UDP(5353), GROUP},
	 {EXE("/opt/google/chrome/chrome", "chrome"), OF("google-chrome-stable"), DESK}},
	{"a call of a browser", {UDP(45123), ANY},
	 {EXE("/usr/lib/firefox-esr/firefox-esr", "Socket Thread"), OF("firefox-esr"), DESK}},
	{"an image that mounts itself beneath /tmp", {TCP(53317), ANY},
	 {EXE("/tmp/.mount_LocalSAbc/usr/bin/localsend", "localsend"), ALIEN,
	  .unit = S("session-3.scope"), .uid = 1000}},
	{"a snap", {TCP(9090), ANY},
	 {EXE("/snap/prometheus/86/bin/prometheus", "prometheus"), ALIEN,
	  .unit = S("snap.prometheus.prometheus.service")}},
	{"redis that an administrator built", {TCP(6379), LO},
	 {EXE("/usr/local/bin/redis-server", "redis-server"), ALIEN, .unit = S("redis.service")}},
	{"redis on a data disk, as a service", {TCP(6379), ANY},
	 {EXE("/data/redis/bin/redis-server", "redis-server"), ALIEN, .unit = S("redis.service")}},
	{"redis beneath a service user's home", {TCP(6379), ANY},
	 {EXE("/home/app/redis/redis-server", "redis-server"), ALIEN, .uid = 999,
	  .unit = S("cache.service")}},
	{"a database that tests bring along", {TCP(41234), LO},
	 {EXE("/home/ci/.cache/mongodb-binaries/mongod-x64-7.0", "mongod-x64-7.0"), ALIEN,
	  .uid = 999, .unit = S("jenkins.service")}},
	{"the same with its plain name", {TCP(41234), LO},
	 {EXE("/home/ci/.cache/mongodb-binaries/mongod", "mongod"), ALIEN, .uid = 999,
	  .unit = S("jenkins.service")}},
	{"a program in the container of an image", {TCP(5432), ANY, .is_elsewhere = true},
	 {EXE("/usr/lib/postgresql/16/bin/postgres", "postgres"), DOCKER}},
	{"the container's program after its image was removed", {TCP(8080), ANY, .is_elsewhere = true},
	 {EXE("/app/server", "server"), DOCKER, .is_deleted = true}},
	{"a container that lives in memory", {TCP(8080), ANY},
	 {EXE("/app/server", "server"), DOCKER, .is_in_tmpfs = true}},
	{"a web server that another one started", {TCP(8080), ANY},
	 {EXE("/usr/sbin/nginx", "nginx"), DOCKER, PARENTS(under_apache)}},
	{"the proxy of a container", {TCP(8080), ANY, .container = S("web")},
	 {EXE("/usr/bin/docker-proxy", "docker-proxy"), OF("docker.io"), .unit = S("docker.service")}},
	{"a many-in-one binary under another name", {TCP(10010), LO},
	 {EXE("/var/lib/rancher/k3s/data/aa/bin/k3s", "containerd"), ALIEN, .unit = S("k3s.service")}},
	{"an agent that was upgraded without its package", {TCP(8126), LO},
	 {EXE("/opt/agent/bin/agent", "agent"), ALIEN, .unit = S("agent.service"),
	  .is_deleted = true, .is_replaced = true}},
	{"the module of apache that runs applications", {TCP(40001), LO},
	 {EXE("/usr/lib/passenger/support-binaries/PassengerAgent", "PassengerAgent"),
	  OF("passenger"), .unit = S("apache2.service"), PARENTS(under_apache)}},
	{"a browser that prints a page", {TCP(9222), LO},
	 {EXE("/usr/lib/chromium/chromium", "chromium"), OF("chromium"), .uid = 33,
	  .unit = S("apache2.service"), PARENTS(under_apache)}},
	{"a log-in process of dovecot", {TCP(143), ANY},
	 {EXE("/usr/lib/dovecot/imap-login", "imap-login"), OF("dovecot-imapd"),
	  .unit = S("dovecot.service"), PARENTS(under_dovecot)}},
	{"a worker of gunicorn", {TCP(8000), LO},
	 {EXE("/usr/bin/python3.11", "gunicorn"), OF("python3.11-minimal"), .uid = 33,
	  .runtime = S("python"), .script = S("/srv/app/venv/bin/gunicorn"),
	  .unit = S("app.service"), PARENTS(under_gunicorn)}},
	{"a task queue that titles itself in brackets", {TCP(5555), LO},
	 {EXE("/usr/bin/python3.11", "[celeryd: celer"), OF("python3.11-minimal"), .uid = 33,
	  .runtime = S("python"), .script = S("/srv/app/venv/bin/celery"),
	  .command_line = S("[celeryd: celery@web1:MainProcess]"), .unit = S("celery.service")}},
	{"a live system that is all in memory", {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), .is_in_tmpfs = true,
	  .unit = S("ssh.service")}},
	{"sshd that was upgraded and not restarted", {TCP(22), ANY},
	 {EXE("/usr/sbin/sshd", "sshd"), OF("openssh-server"), .unit = S("ssh.service"),
	  .is_deleted = true, .is_replaced = true}},
	{"the kernel's file server", {TCP(2049), ANY, .hidden = HIDDEN_KERNEL}, {0}},
	{"a program that is hidden from us", {TCP(31337), ANY, .hidden = HIDDEN_PERMISSION}, {0}},
	{"a ping that somebody left running", {.state = SOCKET_RAW},
	 {EXE("/usr/bin/ping", "ping"), OF("iputils-ping"), .uid = 1001}},
	{"a router", {.state = SOCKET_RAW},
	 {EXE("/usr/lib/frr/ospfd", "ospfd"), OF("frr"), .unit = S("frr.service")}},
	{"a network's own containers", {.state = SOCKET_PACKET},
	 {EXE("/speaker", "speaker"), .container = S("containerd 0123456789ab")}},
};
/* clang-format on */

static enum verdict_kind judge(const struct innocent *innocent, bool can_ask, uint32_t viewer,
			       struct arena *arena, struct verdict *verdict)
{
	struct surroundings around = {
		.ephemeral_first = 32768,
		.ephemeral_last = 60999,
		.viewer_uid = viewer,
		.can_ask_packages = can_ask,
	};
	struct process process = innocent->process;
	struct owner owner = {.process = &process, .fd = 3};
	struct sighting sighting = innocent->sighting;

	if (!can_ask)
		process.package_answer = PACKAGE_NOT_ASKED;
	sighting.owners = &owner;
	sighting.n_owners = process.pid ? 1 : 0;
	verdict_judge(NULL, NULL, &around, &sighting, arena, verdict);
	return verdict->kind;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(innocents) / sizeof(innocents[0]); i++) {
		const uint32_t viewers[] = {innocents[i].process.uid, 0, 1077};
		bool is_accused = false;

		for (unsigned j = 0; j < 6; j++) {
			struct arena arena = {0};
			struct verdict verdict;

			if (judge(&innocents[i], j < 3, viewers[j % 3], &arena, &verdict) ==
			    VERDICT_UNEXPECTED) {
				is_accused = true;
				note("viewer %u, %s: %.*s", viewers[j % 3],
				     verdict.reasons[0].rule->id,
				     SPAN_ARG(verdict.reasons[0].detail));
			}
			arena_done(&arena);
		}
		ok(!is_accused, "%s", innocents[i].name);
	}
	return done();
}

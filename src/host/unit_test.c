/* SPDX-License-Identifier: Apache-2.0 */
/* unit: paths of control groups as systemd and container runtimes write them. */
#include "base/scope.h"
#include "host/unit.h"
#include "tap.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct path_case {
	const char *path;
	const char *unit, *user_unit;
	const char *runtime, *container;
};

static const struct path_case paths[] = {
	{"/system.slice/ssh.service", "ssh.service", "", "", ""},
	{"/system.slice/system-postgresql.slice/postgresql@15-main.service",
	 "postgresql@15-main.service", "", "", ""},
	{"/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyS0.service",
	 "serial-getty@ttyS0.service", "", "", ""},
	{"/system.slice/dev-disk\\x2dby.mount", "dev-disk\\x2dby.mount", "", "", ""},
	{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "", "", ""},
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/dev-server.service",
	 "user@1000.service", "dev-server.service", "", ""},
	{"/user.slice/user-1000.slice/user@1000.service/init.scope", "user@1000.service", "init.scope",
	 "", ""},
	{"/init.scope", "init.scope", "", "", ""},
	{"/system.slice/ssh.service/_cgroup.procs", "ssh.service", "", "", ""},
	{"/_cpu.service", "cpu.service", "", "", ""},
	{"/../system.slice/cron.service", "cron.service", "", "", ""},
	{"/system.slice/docker-" ID ".scope", "docker-" ID ".scope", "", "docker", ID},
	{"/docker/" ID, "", "", "docker", ID},
	{"/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", "", "podman", ID},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
	 "user@1000.service", "libpod-" ID ".scope", "podman", ID},
	{"/libpod_parent/" ID, "", "", "podman", ID},
	{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1234.slice/cri-containerd-" ID
	 ".scope", "cri-containerd-" ID ".scope", "", "containerd", ID},
	{"/kubepods.slice/kubepods-pod12.slice/crio-" ID ".scope", "crio-" ID ".scope", "", "crio", ID},
	{"/kubepods/burstable/pod8b3e1a52-1111-2222-3333-444455556666/" ID, "", "", "kubernetes", ID},
	{"/lxc.payload.web1/system.slice/nginx.service", "", "", "lxc", "web1"},
	{"/lxc/web1", "", "", "lxc", "web1"},
	{"/machine.slice/systemd-nspawn@debian.service/payload", "systemd-nspawn@debian.service", "",
	 "nspawn", "debian"},
	{"/system.slice/docker-notanid.scope", "docker-notanid.scope", "", "", ""},
	{"/system.slice/dock.service/" ID, "dock.service", "", "", ""},
	{"/docker", "", "", "", ""},
	{"/", "", "", "", ""},
	{"", "", "", "", ""},
	{"///", "", "", "", ""},
	{"/.service", "", "", "", ""},
};

struct text_case {
	const char *name, *text, *path, *unit, *container;
};

static const struct text_case texts[] = {
	{"version 2", "0::/system.slice/ssh.service\n", "/system.slice/ssh.service", "ssh.service", ""},
	{"both: systemd's tree of version 1 counts while version 2 is empty",
	 "2:cpu:/\n1:name=systemd:/system.slice/ssh.service\n0::/\n", "/system.slice/ssh.service",
	 "ssh.service", ""},
	{"both: version 2 counts when it is used",
	 "1:name=systemd:/old.service\n0::/system.slice/ssh.service\n", "/system.slice/ssh.service",
	 "ssh.service", ""},
	{"docker in version 1", "9:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n", "/docker/" ID,
	 "", ID},
	{"a path with colons", "0::/a:b/c:d.service\n", "/a:b/c:d.service", "", ""},
	{"nothing", "", "", "", ""},
	{"cut", "0:", "", "", ""},
	{"no line end", "0::/x.service", "/x.service", "x.service", ""},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const struct path_case *c = &paths[i];
		struct cgroup_facts f;

		cgroup_read_path(span_str(c->path), &f);
		if (!ok(span_is(f.unit, c->unit) && span_is(f.user_unit, c->user_unit) &&
				span_is(f.container, c->container) &&
				strcmp(f.runtime ? f.runtime : "", c->runtime) == 0,
			"path '%s'", c->path))
			note("unit '%.*s', user's '%.*s', %s '%.*s'", SPAN_ARG(f.unit),
			     SPAN_ARG(f.user_unit), f.runtime ? f.runtime : "-", SPAN_ARG(f.container));
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct text_case *c = &texts[i];
		struct cgroup_facts f;

		cgroup_read(span_str(c->text), &f);
		ok(span_is(f.path, c->path) && span_is(f.unit, c->unit) &&
			   span_is(f.container, c->container),
		   "text: %s", c->name);
	}
	return done();
}

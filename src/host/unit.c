/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit: reads paths of control groups.
 *
 * systemd names a group after its unit; slices come first, then the unit, and below user@UID.service
 * the same once more for the user's manager. A leading '_' guards names that the kernel would take
 * for its own files and is taken off; a \x2d inside is part of the unit's name and stays.
 *
 * Container runtimes name groups after the container's id, in one of two spellings: the systemd
 * driver writes "docker-ID.scope", the plain one "/docker/ID". Which runtime it is, a row of the
 * tables below says. The names are only as true as the right to make control groups: root's, and
 * for the groups below user@UID.service also that user's.
 */
#include "host/unit.h"

#include "base/scope.h"

enum { ID_MIN = 12, ID_MAX = 64 };

struct runtime {
	const char *text;
	const char *name;
};

/* Before the id in the name of a scope. */
static const struct runtime scopes[] = {
	{"cri-containerd-", "containerd"}, {"cri-o-", "crio"},	  {"crio-", "crio"},
	{"docker-", "docker"},		   {"libpod-", "podman"}, {"nerdctl-", "containerd"},
};

/* Whole name of the directory above the id. */
static const struct runtime parents[] = {
	{"buildkit", "docker"},	   {"containerd", "containerd"}, {"crio", "crio"},
	{"docker", "docker"},	   {"ecs", "docker"},		 {"libpod_parent", "podman"},
	{"podman", "podman"},
};

static bool is_id(struct span s)
{
	if (s.n < ID_MIN || s.n > ID_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

static struct span unescaped(struct span component)
{
	return span_starts(component, "_") ? span_skip(component, 1) : component;
}

static bool is_unit(struct span s)
{
	static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
		if (s.n > strlen(suffixes[i]) && span_ends(s, suffixes[i]))
			return true;
	return false;
}

static bool find_scope(struct span component, struct cgroup_facts *facts)
{
	if (!span_ends(component, ".scope"))
		return false;
	component.n -= strlen(".scope");
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		struct span id = span_skip(component, strlen(scopes[i].text));

		if (span_starts(component, scopes[i].text) && is_id(id)) {
			facts->runtime = scopes[i].name;
			facts->container = id;
			facts->is_id = true;
			return true;
		}
	}
	return false;
}

/* Kubernetes' pods may lie in any runtime; its own word tells at least that. */
static bool is_pod(struct span component)
{
	return span_starts(component, "kubepods") || span_starts(component, "kubelet-kubepods") ||
	       (span_starts(component, "pod") && component.n > 30);
}

static void find_container(struct span component, struct span above, bool is_below_pod,
			   struct cgroup_facts *facts)
{
	static const char lxc[] = "lxc.payload.";
	static const char nspawn[] = "systemd-nspawn@";

	if (find_scope(component, facts))
		return;
	if (is_id(component)) {
		for (size_t i = 0; i < ARRAY_LEN(parents); i++)
			if (span_is(above, parents[i].text)) {
				facts->runtime = parents[i].name;
				facts->container = component;
				facts->is_id = true;
				return;
			}
		if (is_below_pod) {
			facts->runtime = "kubernetes";
			facts->container = component;
			facts->is_id = true;
		}
		return;
	}
	if (span_starts(component, lxc) || span_is(above, "lxc") || span_is(above, "lxc.payload")) {
		struct span name = span_starts(component, lxc) ? span_skip(component, strlen(lxc))
							       : component;

		if (name.n && !facts->runtime) {
			facts->runtime = "lxc";
			facts->container = name;
			facts->is_id = false;
		}
	} else if (span_starts(component, nspawn) && span_ends(component, ".service")) {
		facts->runtime = "nspawn";
		facts->container = span_skip(component, strlen(nspawn));
		facts->container.n -= strlen(".service");
		facts->is_id = false;
	}
}

static struct span find_unit(struct span *path)
{
	struct span component;

	while (take_until(path, '/', &component)) {
		component = unescaped(component);
		if (component.n == 0 || span_is(component, "..") || span_ends(component, ".slice"))
			continue;
		return is_unit(component) ? component : span_of(NULL, 0);
	}
	return span_of(NULL, 0);
}

void cgroup_read_path(struct span path, struct cgroup_facts *facts)
{
	struct span above = span_of(NULL, 0);
	struct span component;
	struct span rest = path;
	bool is_below_pod = false;

	*facts = (struct cgroup_facts){.path = path};
	facts->unit = find_unit(&rest);
	if (span_starts(facts->unit, "user@"))
		facts->user_unit = find_unit(&rest);
	rest = path;
	while (take_until(&rest, '/', &component)) {
		component = unescaped(component);
		find_container(component, above, is_below_pod, facts);
		is_below_pod |= is_pod(component);
		above = component;
	}
}

void cgroup_read(struct span text, struct cgroup_facts *facts)
{
	struct cgroup_facts best = {0};
	struct cgroup_facts one;
	struct span line;

	while (take_line(&text, &line)) {
		struct span number;
		struct span controllers;

		if (!take_until(&line, ':', &number) || !take_until(&line, ':', &controllers))
			continue;
		cgroup_read_path(line, &one);
		if (one.runtime && !best.runtime) {
			best.runtime = one.runtime;
			best.container = one.container;
			best.is_id = one.is_id;
		}
		bool is_v2 = span_is(number, "0") && controllers.n == 0;

		/* The two trees that systemd keeps; v2 is "/" while v1 is in use. */
		if ((is_v2 || span_is(controllers, "name=systemd")) &&
		    (best.path.n <= 1 || (is_v2 && line.n > 1))) {
			best.path = line;
			best.unit = one.unit;
			best.user_unit = one.user_unit;
		}
	}
	*facts = best;
}

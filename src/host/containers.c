/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers: which container a published port is of, and what containers are called.
 *
 * A runtime's program holds the socket: docker-proxy's arguments say for which address, conmon's
 * for which container. Others (rootlessport, rootlesskit, slirp4netns, pasta) say nothing that
 * helps, and the engine is asked. It is asked for names too, once in a run, and only when there is
 * such a program or a process in a container: docker only while its daemon runs, so that looking
 * does not start it. A port that the kernel alone forwards (docker without userland-proxy) has no
 * socket and is not told.
 *
 * A user's engine is believed for that user's programs only. Names that no engine allows are
 * dropped.
 */
#include "host/containers.h"

#include <stdio.h>

#include "base/scope.h"
#include "host/proc.h"
#include "host/unit.h"

enum { MAX_ENGINES = 32, ARGUMENTS_SIZE = 16 << 10, SHORT_ID = 12 };

struct proxy_program {
	const char *program;
	enum proxy_kind kind;
	bool is_podman;
};

static const struct proxy_program programs[] = {
	{"conmon", PROXY_BY_NAME, true},
	{"docker-proxy", PROXY_BY_ADDRESS, false},
	{"pasta", PROXY_BY_PORT, true},
	{"pasta.avx2", PROXY_BY_PORT, true},
	{"rootlesskit", PROXY_BY_PORT, false},
	{"rootlesskit-docker-proxy", PROXY_BY_ADDRESS, false},
	{"rootlessport", PROXY_BY_PORT, true},
	{"slirp4netns", PROXY_BY_PORT, true},
};

enum proxy_kind proxy_kind(struct span executable, bool *is_podman)
{
	static const char *const places[] = {"/usr/",  "/bin/",       "/sbin/",     "/opt/",
					     "/snap/", "/nix/store/", "/gnu/store/"};
	bool is_installed = false;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		is_installed |= span_starts(executable, places[i]);
	for (size_t i = 0; is_installed && i < ARRAY_LEN(programs); i++)
		if (span_is(span_base(executable), programs[i].program)) {
			*is_podman = programs[i].is_podman;
			return programs[i].kind;
		}
	return PROXY_NONE;
}

/* "-host-ip X", "--host-ip X", "-host-ip=X" */
static bool take_option(struct span argument, struct span *rest, const char *name,
			struct span *value)
{
	struct span key;

	if (!span_starts(argument, "-"))
		return false;
	argument = span_skip(argument, span_starts(argument, "--") ? 2 : 1);
	if (span_is(argument, name))
		return take_until(rest, 0, value);
	if (span_find_byte(argument, '=') < 0 || !take_until(&argument, '=', &key) ||
	    !span_is(key, name))
		return false;
	*value = argument;
	return true;
}

static bool read_port(struct span text, uint16_t *port)
{
	uint64_t value;

	if (!span_u64(text, PORT_MAX, &value))
		return false;
	*port = (uint16_t)value;
	return value != 0;
}

static bool read_docker_proxy(struct span argv, struct proxy_facts *f)
{
	struct span argument;
	struct span value;

	while (take_until(&argv, 0, &argument))
		if ((take_option(argument, &argv, "proto", &value) &&
		     !transport_parse(value, &f->transport)) ||
		    (take_option(argument, &argv, "host-ip", &value) &&
		     !address_parse(value, &f->host)) ||
		    (take_option(argument, &argv, "host-port", &value) &&
		     !read_port(value, &f->host_port)) ||
		    (take_option(argument, &argv, "container-ip", &value) &&
		     !address_parse(value, &f->inside)) ||
		    (take_option(argument, &argv, "container-port", &value) &&
		     !read_port(value, &f->inside_port)))
			return false;
	return f->host_port && f->inside.family;
}

static bool read_conmon(struct span argv, struct proxy_facts *f)
{
	struct span argument;

	while (take_until(&argv, 0, &argument))
		if (!take_option(argument, &argv, "n", &f->name) &&
		    !take_option(argument, &argv, "name", &f->name) &&
		    !take_option(argument, &argv, "c", &f->id))
			(void)!take_option(argument, &argv, "cid", &f->id);
	return container_is_name(f->name) && f->id.n;
}

bool proxy_read(enum proxy_kind kind, struct span argv, struct proxy_facts *facts)
{
	struct span program;

	*facts = (struct proxy_facts){.transport = TRANSPORT_TCP};
	if (!take_until(&argv, 0, &program))
		return false;
	return kind == PROXY_BY_ADDRESS ? read_docker_proxy(argv, facts)
	       : kind == PROXY_BY_NAME  ? read_conmon(argv, facts)
					: false;
}

const struct container *container_by_address(const struct container_list *list,
					     const struct address *inside)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t k = 0; k < list->items[i].n_addresses; k++)
			if (address_cmp(&list->items[i].addresses[k], inside) == 0)
				return &list->items[i];
	return NULL;
}

const struct container *container_by_port(const struct container_list *list,
					  enum transport transport, const struct address *host,
					  uint16_t port)
{
	for (size_t i = 0; i < list->n; i++)
		for (size_t k = 0; k < list->items[i].n_ports; k++) {
			const struct published_port *p = &list->items[i].ports[k];

			/* podman leaves the address out, and pasta binds each of several */
			if (p->port == port && p->transport == transport_registered(transport) &&
			    (p->host.family == ADDRESS_NONE || address_is_any(host) ||
			     address_cmp(&p->host, host) == 0))
				return &list->items[i];
		}
	return NULL;
}

const struct container *container_by_id(const struct container_list *list, struct span id)
{
	for (size_t i = 0; i < list->n; i++)
		if (id.n >= SHORT_ID && span_eq(span_cut(list->items[i].id, id.n), id))
			return &list->items[i];
	return NULL;
}

/* An engine that was asked. */
struct engine {
	bool is_podman;
	uint32_t uid;
	struct container_list list;
};

struct engines {
	struct survey *survey;
	struct arena arena;
	struct engine items[MAX_ENGINES];
	size_t n;
};

static const struct container_list *ask_engine(struct engines *engines, bool is_podman,
					       uint32_t uid)
{
	const char *name = is_podman ? "podman/podman.sock" : "docker.sock";
	struct engine *engine;
	char path[64];

	for (size_t i = 0; i < engines->n; i++)
		if (engines->items[i].is_podman == is_podman && engines->items[i].uid == uid)
			return &engines->items[i].list;
	if (engines->n == MAX_ENGINES)
		return NULL;
	engine = &engines->items[engines->n++];
	*engine = (struct engine){.is_podman = is_podman, .uid = uid};
	if (uid)
		snprintf(path, sizeof(path), "/run/user/%u/%s", uid, name);
	else
		snprintf(path, sizeof(path), "/run/%s", name);
	(void)!container_api_ask(path, uid, &engines->arena, &engine->list, NULL);
	return &engine->list;
}

static struct span name_of(struct survey *survey, const struct container *container)
{
	struct span name = container->name.n ? container->name : span_cut(container->id, SHORT_ID);

	return survey_intern(survey, name);
}

/* Listings may have cut the arguments short. The process is the same one: it has the same file and
 * says the same port; read at the end, what it says is compared with the socket. */
static struct span read_arguments(uint32_t pid, uint8_t text[ARGUMENTS_SIZE])
{
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/cmdline", pid);
	n = proc_read(-1, path, text, ARGUMENTS_SIZE);
	return span_of(text, n > 0 ? (size_t)n : 0);
}

static struct span find_name(struct engines *engines, const struct socket_row *row,
			     const struct process *p, enum proxy_kind kind, bool is_podman)
{
	struct survey *survey = engines->survey;
	const struct container_list *list;
	const struct container *found = NULL;
	uint8_t text[ARGUMENTS_SIZE];
	char inside[ADDRESS_TEXT];
	struct proxy_facts facts;
	bool is_told = proxy_read(kind, read_arguments(p->pid, text), &facts);

	if (kind == PROXY_BY_NAME)
		return is_told ? survey_intern(survey, facts.name) : span_of(NULL, 0);
	if (kind == PROXY_BY_ADDRESS && (!is_told || facts.host_port != row->port ||
					 facts.transport != transport_registered(row->transport)))
		return span_of(NULL, 0);
	list = ask_engine(engines, is_podman, p->uid);
	if (kind == PROXY_BY_PORT) {
		found = list ? container_by_port(list, row->transport, &row->local, row->port)
			     : NULL;
		return found ? name_of(survey, found) : span_of(NULL, 0);
	}
	found = list ? container_by_address(list, &facts.inside) : NULL;
	if (found)
		return name_of(survey, found);
	return arena_print(survey->arena, facts.inside.family == ADDRESS_IPV6 ? "[%s]:%u" : "%s:%u",
			   address_text(&facts.inside, inside), facts.inside_port);
}

static void name_socket(struct engines *engines, struct socket_row *row)
{
	struct survey *survey = engines->survey;
	struct socket_extra *extra;
	struct span name = {0};

	for (uint32_t i = 0; i < row->n_owners && !name.n; i++) {
		const struct process *p = survey->owners.rows[row->first_owner + i].process;
		bool is_podman = false;
		enum proxy_kind kind = proxy_kind(p->executable, &is_podman);

		if (kind != PROXY_NONE && !p->container.n)
			name = find_name(engines, row, p, kind, is_podman);
	}
	if (!name.n)
		return;
	extra = arena_get(survey->arena, sizeof(*extra));
	if (row->extra)
		*extra = *row->extra;
	extra->container = name;
	row->extra = extra;
}

/* podman's containers are children of a conmon that knows their names. */
static struct span conmon_name(const struct process *p, struct span id,
			       uint8_t text[ARGUMENTS_SIZE])
{
	struct proxy_facts facts;

	for (size_t i = 0; i < p->n_ancestors; i++) {
		bool is_podman = false;

		if (proxy_kind(p->ancestors[i].executable, &is_podman) != PROXY_BY_NAME)
			continue;
		if (proxy_read(PROXY_BY_NAME, read_arguments(p->ancestors[i].pid, text), &facts) &&
		    span_eq(span_cut(facts.id, id.n), id))
			return facts.name;
	}
	return span_of(NULL, 0);
}

static void name_process(struct engines *engines, struct process *p)
{
	struct survey *survey = engines->survey;
	uint8_t text[ARGUMENTS_SIZE];
	struct cgroup_facts facts;
	struct span name = {0};

	cgroup_read_path(p->cgroup, &facts);
	if (!facts.runtime || !facts.is_id)
		return;
	if (strcmp(facts.runtime, "podman") == 0)
		name = conmon_name(p, facts.container, text);
	/* Its daemon may be off, and its socket start it: then names are not worth it. */
	if (strcmp(facts.runtime, "docker") == 0 && !facts.user_unit.n &&
	    access("/run/docker.pid", F_OK) == 0) {
		const struct container_list *list = ask_engine(engines, false, 0);
		const struct container *found =
			list ? container_by_id(list, facts.container) : NULL;

		name = found ? found->name : name;
	}
	if (name.n)
		p->container = arena_print(survey->arena, "%s %.*s", facts.runtime, SPAN_ARG(name));
}

void containers_fill(struct survey *survey)
{
	auto_free struct engines *engines = calloc(1, sizeof(*engines));

	if (!engines)
		return;
	engines->survey = survey;
	for (size_t i = 0; i < survey->sockets.n; i++) {
		struct socket_row *row = &survey->sockets.rows[i];

		if (!row->is_dropped && (row->state == SOCKET_LISTEN || row->state == SOCKET_BOUND))
			name_socket(engines, row);
	}
	for (struct process_row *row = survey->processes; row; row = row->next)
		if (row->process.container.n)
			name_process(engines, &row->process);
	arena_done(&engines->arena);
}

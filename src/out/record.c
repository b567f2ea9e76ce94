/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record: one listener as json, ndjson, port pages and events carry it. See record.h.
 *
 * Every socket is a record of its own; nothing is joined here. Identity of a process is boot id,
 * pid and start time, so that a reused pid is another entity.
 */
#include "out/record.h"

#include <inttypes.h>

#include "base/scope.h"

static const char *const states[] = {
	[SOCKET_LISTEN] = "listen", [SOCKET_BOUND] = "bound",   [SOCKET_PEER] = "established",
	[SOCKET_RAW] = "raw",       [SOCKET_PACKET] = "packet",
	[SOCKET_IDLE] = "bound-inactive", [SOCKET_WAITING] = "time-wait",
	[SOCKET_PASSING] = "passing",
};

void record_text(struct json *j, const char *key, struct span value)
{
	if (value.n)
		json_span(j, key, value);
	else
		json_null(j, key);
}

/* Numbers that may not fit in a double are sent as strings of digits; 0 is "not known". */
static void wide(struct json *j, const char *key, uint64_t value)
{
	char text[24];

	if (value)
		snprintf(text, sizeof(text), "%" PRIu64, value);
	json_str(j, key, value ? text : NULL);
}

static void user(struct json *j, uint32_t uid, struct span name)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", uid);
	json_object(j, "user");
	json_str(j, "id", text);
	record_text(j, "name", name);
	json_object_end(j);
}

static void endpoint(struct json *j, const char *key, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT];

	address_text(address, text);
	json_object(j, key);
	json_str(j, "address", address_is_any(address) ? "*" : text);
	record_text(j, "ip", span_str(text));
	json_u64(j, "port", port);
	json_object_end(j);
}

static void network(struct json *j, const struct sighting *s)
{
	static const char *const types[] = {
		[ADDRESS_NONE] = NULL, [ADDRESS_IPV4] = "ipv4", [ADDRESS_IPV6] = "ipv6"};

	json_object(j, "network");
	json_str(j, "transport",
		 s->transport == TRANSPORT_ANY ? NULL : transport_word(s->transport));
	json_str(j, "type", types[s->local.family]);
	json_object_end(j);
}

static void process(struct json *j, const struct host_info *host, const struct process *p)
{
	if (!p) {
		json_null(j, "process");
		return;
	}
	json_object(j, "process");
	json_u64(j, "pid", p->pid);
	json_span(j, "name", p->name);
	record_text(j, "executable", p->executable);
	record_text(j, "command_line", p->command_line);
	record_text(j, "working_directory", p->working_directory);
	if (p->start_time)
		json_time(j, "start", p->start_time);
	else
		json_null(j, "start");
	if (host && host->boot_id.n && p->start_ticks) {
		struct buf id = BUF_INIT;

		buf_raw(&id, host->boot_id);
		buf_print(&id, "-%u-%" PRIu64, p->pid, p->start_ticks);
		json_span(j, "entity_id", buf_span(&id));
		buf_done(&id);
	} else {
		json_null(j, "entity_id");
	}
	user(j, p->uid, p->user);
	if (p->n_ancestors) {
		json_object(j, "parent");
		json_u64(j, "pid", p->ancestors[0].pid);
		json_span(j, "name", p->ancestors[0].name);
		json_object_end(j);
	} else {
		json_null(j, "parent");
	}
	json_object_end(j);
}

static void rule_ids(struct json *j, const struct verdict *verdict)
{
	json_object(j, "rule");
	json_array(j, "id");
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (verdict->reasons[i].effect != EFFECT_NOTE)
			json_str(j, NULL, verdict->reasons[i].rule->id);
	json_array_end(j);
	json_str(j, "ruleset", "periplus-core 1");
	json_object_end(j);
}

static void socket_of(struct json *j, const struct sighting *s)
{
	json_object(j, "socket");
	json_str(j, "state", states[s->state]);
	json_u64(j, "inode", s->inode);
	wide(j, "cookie", s->cookie);
	wide(j, "netns", s->net_namespace);
	json_bool(j, "is_elsewhere", s->is_elsewhere);
	json_u64(j, "backlog", s->backlog);
	json_u64(j, "queued", s->queued);
	json_u64(j, "peers", s->n_peers);
	json_bool(j, "dual_stack", s->is_dual_stack);
	json_u64(j, "reuseport", s->n_reuseport);
	if (s->local.interface)
		json_u64(j, "interface", s->local.interface);
	user(j, s->uid, s->user);
	json_object_end(j);
}

/* What the map says of the number alone: facts beside the sighting, never blended with it. */
static void said(struct json *j, const struct map *map, const struct sighting *s)
{
	enum transport transport = transport_registered(s->transport);
	struct map_registration row;
	struct map_practice fact;
	uint32_t cursor = 0;
	bool has_port = s->state != SOCKET_RAW && s->state != SOCKET_PACKET;

	json_array(j, "registered");
	while (has_port && map_next_registration(map, s->port, transport, &cursor, &row)) {
		if (!row.service.n)
			continue;
		json_object(j, NULL);
		json_span(j, "service", row.service);
		json_str(j, "standing", map_standing_word(row.standing));
		json_object_end(j);
	}
	json_array_end(j);
	json_array(j, "practice");
	cursor = 0;
	while (has_port && map_next_practice(map, s->port, transport, &cursor, &fact)) {
		json_object(j, NULL);
		json_span(j, "product", fact.product);
		json_str(j, "kind", practice_kind_word(fact.kind));
		json_str(j, "grade", practice_grade_word(fact.grade));
		json_object_end(j);
	}
	json_array_end(j);
}

static void reasons(struct json *j, const struct verdict *verdict)
{
	json_array(j, "reasons");
	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];

		json_object(j, NULL);
		json_str(j, "id", reason->rule->id);
		json_str(j, "effect", effect_key(reason->effect));
		json_str(j, "source", reason->rule->source);
		json_span(j, "detail", reason->detail);
		json_object_end(j);
	}
	json_array_end(j);
}

static void owners(struct json *j, const struct sighting *s)
{
	json_array(j, "owners");
	for (size_t i = 0; i < s->n_owners; i++) {
		json_object(j, NULL);
		json_u64(j, "pid", s->owners[i].process->pid);
		json_u64(j, "fd", s->owners[i].fd);
		json_object_end(j);
	}
	json_array_end(j);
}

void record_lineage(struct json *j, const struct process *p)
{
	json_array(j, "lineage");
	for (size_t i = 0; i < p->n_ancestors; i++) {
		json_object(j, NULL);
		json_u64(j, "pid", p->ancestors[i].pid);
		json_span(j, "name", p->ancestors[i].name);
		record_text(j, "executable", p->ancestors[i].executable);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Facts of the process that ECS has no name for. */
static void identity(struct json *j, const struct sighting *s, const struct process *p)
{
	static const struct process nobody;

	p = p ? p : &nobody;
	record_text(j, "unit", p->unit.n ? p->unit : s->unit);
	record_text(j, "user_unit", p->user_unit);
	record_text(j, "socket_unit", s->socket_unit);
	record_text(j, "container", p->container.n ? p->container : s->container);
	record_text(j, "package", p->package);
	record_text(j, "package_version", p->package_version);
	record_text(j, "runtime", p->runtime);
	record_text(j, "script", p->script);
	record_text(j, "git_branch", p->git_branch);
	record_text(j, "terminal", p->terminal);
	record_lineage(j, p);
	json_bool(j, "executable_deleted", p->is_deleted);
}

/* Only where the socket was asked: --probe. */
static void spoken(struct json *j, const struct spoken *s)
{
	if (!s)
		return;
	json_object(j, "spoken");
	json_str(j, "state", spoken_word(s->state));
	record_text(j, "protocol", s->protocol);
	json_str(j, "within", s->is_within_tls ? "tls" : NULL);
	record_text(j, "product", s->product);
	record_text(j, "version", s->version);
	json_bool(j, "needs_no_login", s->needs_no_login);
	json_bool(j, "needs_no_login_outside", s->needs_none_outside);
	json_u64(j, "bytes_sent", s->n_sent);
	json_u64(j, "bytes_heard", s->n_heard);
	json_object_end(j);
}

static void ours(struct json *j, const struct context *context, const struct judged *row)
{
	const struct sighting *s = row->sighting;

	json_object(j, "periplus");
	json_str(j, "schema", "listener/1");
	json_str(j, "verdict", verdict_key(row->verdict->kind));
	if (context->listing)
		json_bool(j, "complete", context->listing->is_complete);
	else
		json_null(j, "complete");
	record_text(j, "who", row->verdict->who);
	json_str(j, "bind_scope", bind_scope_word(address_scope(&s->local)));
	socket_of(j, s);
	said(j, context->map, s);
	if (row->verdict->match != MATCH_NONE)
		json_span(j, "product", row->verdict->product->slug);
	else
		json_null(j, "product");
	json_null(j, "claim");
	reasons(j, row->verdict);
	json_str(j, "hidden", s->n_owners ? NULL : hidden_reason_word(s->hidden));
	owners(j, s);
	identity(j, s, sighting_process(s));
	spoken(j, s->spoken);
	json_str(j, "seen_by", s->seen_by);
	json_object_end(j);
}

static void members(struct json *j, const struct context *context, const struct judged *row)
{
	endpoint(j, "server", &row->sighting->local, row->sighting->port);
	network(j, row->sighting);
	process(j, context->host, sighting_process(row->sighting));
	rule_ids(j, row->verdict);
	ours(j, context, row);
}

void record_listener(struct json *j, const char *key, const struct context *context,
		     const struct judged *row)
{
	json_object(j, key);
	members(j, context, row);
	json_object_end(j);
}

void record_host(struct json *j, const struct host_info *host)
{
	json_object(j, "host");
	record_text(j, "name", host->name);
	record_text(j, "id", host->id);
	json_object(j, "os");
	record_text(j, "full", host->system);
	json_object_end(j);
	json_object(j, "boot");
	record_text(j, "id", host->boot_id);
	json_object_end(j);
	json_object_end(j);
}

/* ECS event fields by what happened. */
static void event(struct json *j, const struct judged *row, const char *action)
{
	static const struct {
		const char *action, *kind, *type;
	} kinds[] = {
		{"listener-seen", "state", "info"},
		{"listener-opened", "event", "start"},
		{"listener-closed", "event", "end"},
	};
	const char *kind = "event";
	const char *type = "change";

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is(span_str(action), kinds[i].action)) {
			kind = kinds[i].kind;
			type = kinds[i].type;
		}
	if (row->verdict->kind == VERDICT_UNEXPECTED && span_is(span_str(kind), "event") &&
	    !span_is(span_str(type), "end"))
		kind = "alert";
	json_object(j, "event");
	json_str(j, "kind", kind);
	json_array(j, "category");
	json_str(j, NULL, "network");
	json_array_end(j);
	json_array(j, "type");
	json_str(j, NULL, type);
	json_array_end(j);
	json_str(j, "module", "periplus");
	json_str(j, "action", action);
	json_object_end(j);
}

void record_document(struct json *j, const struct context *context, const struct judged *row,
		     const char *action, int64_t at)
{
	json_object(j, NULL);
	json_time(j, "@timestamp", at);
	json_object(j, "ecs");
	json_str(j, "version", "9.4");
	json_object_end(j);
	event(j, row, action);
	record_host(j, context->host);
	members(j, context, row);
	json_object_end(j);
	json_end(j);
}

const char *record_state(enum socket_state state)
{
	return states[state];
}

void record_peer(struct json *j, const char *key, const struct sighting *peer)
{
	const struct process *p = sighting_process(peer);

	json_object(j, key);
	endpoint(j, "local", &peer->local, peer->port);
	endpoint(j, "remote", &peer->remote, peer->remote_port);
	network(j, peer);
	if (p) {
		json_object(j, "process");
		json_u64(j, "pid", p->pid);
		json_span(j, "name", p->name);
		record_text(j, "executable", p->executable);
		json_object_end(j);
	} else {
		json_null(j, "process");
	}
	user(j, peer->uid, peer->user);
	json_object_end(j);
}

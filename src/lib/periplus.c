/* SPDX-License-Identifier: Apache-2.0 */
/* periplus: the public door (include/periplus.h) over the rooms map, host and verdict. */
#include "periplus.h"

#include <errno.h>
#include <stdlib.h>

#include "base/scope.h"
#include "host/host.h"
#include "map/map.h"
#include "verdict/verdict.h"

#define PUBLIC __attribute__((visibility("default")))

struct periplus {
	const struct map *map;
	struct map *opened;
};

static struct periplus_text text(struct span s)
{
	return (struct periplus_text){(const char *)s.p, s.n};
}

static void error_set(struct periplus_error *error, const char *line)
{
	if (!error)
		return;
	size_t n = strnlen(line, sizeof(error->text) - 1);

	memcpy(error->text, line, n);
	error->text[n] = 0;
}

static bool transport_of(const char *word, enum transport *transport)
{
	*transport = TRANSPORT_ANY;
	return !word || transport_parse(span_str(word), transport);
}

PUBLIC const char *periplus_version(void)
{
	return PERIPLUS_VERSION;
}

PUBLIC struct periplus *periplus_open(const char *path, struct periplus_error *error)
{
	struct periplus *p = calloc(1, sizeof(*p));
	struct why why = {0};

	if (!p) {
		error_set(error, "out of memory");
		return NULL;
	}
	p->map = map_builtin();
	if (path) {
		p->opened = map_open(path, &why);
		if (!p->opened) {
			error_set(error, why.text);
			free(p);
			return NULL;
		}
		p->map = p->opened;
	}
	return p;
}

PUBLIC void periplus_close(struct periplus *p)
{
	if (!p)
		return;
	map_free(p->opened);
	free(p);
}

PUBLIC int periplus_each_registration(struct periplus *p, uint16_t port, const char *transport,
				      int (*each)(const struct periplus_registration *, void *),
				      void *arg)
{
	struct map_registration row;
	enum transport wanted;
	uint32_t cursor = 0;
	int r = 0;

	if (!transport_of(transport, &wanted))
		return -EINVAL;
	while (!r && map_next_registration(p->map, port, wanted, &cursor, &row)) {
		struct periplus_registration out = {
			.first = row.first,
			.last = row.last,
			.transport = transport_word(row.transport),
			.service = text(row.service),
			.description = text(row.description),
			.organisation = text(row.organisation),
			.domain = text(row.domain),
			.registered = text(row.registered),
			.modified = text(row.modified),
			.references = text(row.references),
			.unauthorized_use = text(row.unauthorized),
			.standing = map_standing_word(row.standing),
		};

		r = each(&out, arg);
	}
	return r;
}

PUBLIC int periplus_each_practice(struct periplus *p, uint16_t port, const char *transport,
				  int (*each)(const struct periplus_practice *, void *), void *arg)
{
	struct map_practice fact;
	enum transport wanted;
	uint32_t cursor = 0;
	int r = 0;

	if (!transport_of(transport, &wanted))
		return -EINVAL;
	while (!r && map_next_practice(p->map, port, wanted, &cursor, &fact)) {
		struct periplus_practice out = {
			.first = fact.first,
			.last = fact.last,
			.transport = transport_word(fact.transport),
			.product = text(fact.product),
			.kind = practice_kind_word(fact.kind),
			.grade = practice_grade_word(fact.grade),
			.bind = text(fact.bind),
			.note = text(fact.note),
			.source = text(fact.source),
			.read = text(fact.read),
		};

		r = each(&out, arg);
	}
	return r;
}

struct listing {
	struct sink sink;
	const struct map *map;
	const struct surroundings *around;
	struct arena arena; /* of one listener's verdict */
	int (*each)(const struct periplus_listener *, void *);
	void *arg;
	int result; /* of the callback, when it ended the listing */
};

static const struct periplus_reason *reasons_of(struct arena *arena, const struct verdict *verdict)
{
	struct periplus_reason *reasons =
		arena_get_array(arena, verdict->n_reasons, sizeof(*reasons));

	for (size_t i = 0; i < verdict->n_reasons; i++)
		reasons[i] = (struct periplus_reason){
			.id = verdict->reasons[i].rule->id,
			.effect = effect_key(verdict->reasons[i].effect),
			.title = verdict->reasons[i].rule->title,
			.detail = text(verdict->reasons[i].detail),
		};
	return reasons;
}

static void fill_process(struct periplus_listener *out, const struct process *p)
{
	out->pid = p->pid;
	out->name = text(p->name);
	out->executable = text(p->executable);
	out->command_line = text(p->command_line);
	out->working_directory = text(p->working_directory);
	out->script = text(p->script);
	out->unit = text(p->unit);
	out->container = text(p->container);
	out->package = text(p->package);
	out->start_time = p->start_time;
}

static int put(struct sink *sink, const struct sighting *s)
{
	struct listing *l = (struct listing *)sink;
	const struct process *process = sighting_process(s);
	struct verdict verdict;
	char address[ADDRESS_TEXT];

	if (!socket_state_waits(s->state))
		return 0;
	verdict_judge(l->map, NULL, l->around, s, &l->arena, &verdict);

	struct periplus_listener out = {
		.transport = transport_word(s->transport),
		.address = address_text(&s->local, address),
		.scope = bind_scope_word(address_scope(&s->local)),
		.port = s->port,
		.uid = s->uid,
		.net_namespace = s->net_namespace,
		.user = text(s->user),
		.unit = text(s->unit),
		.hidden = hidden_reason_word(s->hidden),
		.verdict = (enum periplus_verdict)verdict.kind,
		.product = text(verdict.product->slug),
		.reasons = reasons_of(&l->arena, &verdict),
		.n_reasons = verdict.n_reasons,
	};

	if (process)
		fill_process(&out, process);
	l->result = l->each(&out, l->arg);
	arena_done(&l->arena);
	return l->result ? -ECANCELED : 0;
}

PUBLIC int periplus_each_listener(struct periplus *p, const struct periplus_query *query,
				  int (*each)(const struct periplus_listener *, void *), void *arg,
				  struct periplus_listing *listing, struct periplus_error *error)
{
	struct host_query ask = {.first = query->first, .last = query->last,
				 .namespaces = query->all_namespaces, .replay = query->replay};
	struct host_listing got = {0};
	struct host_info host = {0};
	struct arena arena = {0};
	struct why why = {0};

	if (!transport_of(query->transport, &ask.transport)) {
		error_set(error, "unknown transport");
		return -EINVAL;
	}
	host_describe(&ask, &arena, &host);

	struct surroundings around = {.ephemeral_first = host.ephemeral_first,
				      .ephemeral_last = host.ephemeral_last,
				      .viewer_uid = host.uid,
				      .can_ask_packages = true};
	struct listing l = {.sink = {put}, .map = p->map, .around = &around, .each = each, .arg = arg};
	int r = host_each_listener(&ask, &arena, &l.sink, &got, &why);

	arena_done(&arena);
	arena_done(&l.arena);
	if (l.result)
		return l.result;
	if (r < 0)
		error_set(error, why.text);
	if (listing)
		*listing = (struct periplus_listing){.is_complete = got.is_complete,
						     .n_sockets = got.n_sockets,
						     .n_hidden = got.hidden_owners};
	return r;
}

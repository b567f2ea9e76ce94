/* SPDX-License-Identifier: Apache-2.0 */
/*
 * who: see who.h.
 *
 * Rows join when the same program holds the same number at the same scope: addresses differ only
 * in family, or the sockets are members of one SO_REUSEPORT group. Rows of different verdicts
 * never join, so joining hides nothing that needs a look.
 */
#include "out/who.h"

#include <inttypes.h>

#include "base/scope.h"

const struct reason *who_reason(const struct verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];

		if (reason->effect != EFFECT_NOTE && span_is(span_str(id), reason->rule->id))
			return reason;
	}
	return NULL;
}

static bool same_scope(const struct sighting *a, const struct sighting *b)
{
	enum bind_scope scope = address_scope(&a->local);

	if (scope != address_scope(&b->local))
		return false;
	return scope != BIND_HOST || address_eq(&a->local, &b->local);
}

static bool same_holder(const struct sighting *a, const struct sighting *b)
{
	const struct process *p = sighting_process(a);
	const struct process *q = sighting_process(b);

	if (!p || !q)
		return !p && !q && a->uid == b->uid && a->hidden == b->hidden &&
		       span_eq(a->unit, b->unit) && span_eq(a->cgroup, b->cgroup);
	if (p->pid == q->pid)
		return true;
	return a->n_reuseport > 1 && b->n_reuseport > 1 && p->uid == q->uid &&
	       span_eq(p->executable, q->executable) && span_eq(p->script, q->script) &&
	       span_eq(p->cgroup, q->cgroup);
}

static bool same(const struct judged *a, const struct judged *b)
{
	const struct sighting *s = a->sighting;
	const struct sighting *t = b->sighting;

	return a->verdict->kind == b->verdict->kind && s->port == t->port &&
	       s->transport == t->transport && s->state == t->state &&
	       s->net_namespace == t->net_namespace && s->is_elsewhere == t->is_elsewhere &&
	       span_eq(s->container, t->container) && same_scope(s, t) && same_holder(s, t) &&
	       span_eq(a->verdict->who, b->verdict->who);
}

static void add(struct joined *joined, const struct judged *row)
{
	const struct sighting *s = row->sighting;

	joined->n_sockets++;
	joined->has_ipv4 |= s->local.family == ADDRESS_IPV4 || s->is_dual_stack ||
			    address_is_v4_mapped(&s->local);
	joined->has_ipv6 |= s->local.family == ADDRESS_IPV6 && !address_is_v4_mapped(&s->local);
}

size_t joined_rows(struct page *page, const struct judged *rows, size_t n, struct joined **joined)
{
	struct joined *list = arena_get_array(&page->arena, n, sizeof(*list));
	size_t n_joined = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = n_joined;

		/* Rows are sorted: those that may join stand together. */
		while (at > 0 && list[at - 1].row->sighting->port == rows[i].sighting->port &&
		       !same(list[at - 1].row, &rows[i]))
			at--;
		if (at == 0 || list[at - 1].row->sighting->port != rows[i].sighting->port) {
			at = ++n_joined;
			list[at - 1].row = &rows[i];
		}
		add(&list[at - 1], &rows[i]);
	}
	*joined = list;
	return n_joined;
}

struct span who_number(struct page *page, const struct sighting *s)
{
	if (s->state == SOCKET_RAW)
		return SPAN_LIT("raw");
	if (s->state == SOCKET_PACKET)
		return SPAN_LIT("packet");
	return page_print(page, "%u/%s", s->port, transport_word(s->transport));
}

struct span who_bind(struct page *page, const struct joined *joined)
{
	const struct sighting *s = joined->row->sighting;
	char text[ADDRESS_TEXT];

	if (s->state == SOCKET_PACKET)
		return SPAN_LIT("-");
	switch (address_scope(&s->local)) {
	case BIND_LOOPBACK: return SPAN_LIT("lo");
	case BIND_HOST: return arena_copy(&page->arena, span_str(address_text(&s->local, text)));
	case BIND_ANY: break;
	}
	if (who_reason(joined->row->verdict, "PP212"))
		return SPAN_LIT("*!");
	return joined->has_ipv4 ? SPAN_LIT("*") : SPAN_LIT("[::]");
}

struct span who_netns(struct page *page, const struct sighting *s)
{
	if (!s->is_elsewhere)
		return SPAN_LIT("-");
	return s->net_namespace ? page_print(page, "%" PRIu64, s->net_namespace)
				: span_str(_("other"));
}

struct span who_user(struct page *page, const struct sighting *s)
{
	const struct process *p = sighting_process(s);
	struct span name = p ? p->user : s->user;

	if (!name.n && (p ? p->uid : s->uid) == UINT32_MAX)
		return span_str(_("unknown"));
	return name.n ? name : page_print(page, "%u", p ? p->uid : s->uid);
}

struct span who_hidden(struct page *page, const struct sighting *s)
{
	static const char *const words[N_HIDDEN_REASONS] = {
		[HIDDEN_NONE] = N_("(no owner found)"),
		[HIDDEN_PERMISSION] = N_("(hidden)"),
		[HIDDEN_KERNEL] = N_("(the kernel)"),
		[HIDDEN_PID_NAMESPACE] = N_("(another pid namespace)"),
		[HIDDEN_HIDEPID] = N_("(hidden)"),
		[HIDDEN_EXITED] = N_("(gone)"),
		[HIDDEN_UNKNOWN] = N_("(no owner found)"),
	};
	struct span word = span_str(_(words[s->hidden]));

	if (s->hidden == HIDDEN_KERNEL)
		return word;
	return JOIN(page, word, SPAN_LIT(" "), span_str(_("user")), SPAN_LIT(" "),
		    who_user(page, s));
}

struct span who_service(struct page *page, const struct map *map, const struct sighting *s)
{
	struct span name = {0};

	if (s->state == SOCKET_LISTEN || s->state == SOCKET_BOUND)
		name = map_service_name(map, s->port, transport_registered(s->transport));
	return name.n ? JOIN(page, SPAN_LIT("~"), name) : name;
}

static bool holds(struct span text, struct span part)
{
	return part.n && span_find(text, part) >= 0;
}

static struct span container_of(const struct sighting *s, const struct process *p)
{
	return s->container.n ? s->container : p->container;
}

/* What tells more than the name does: where the script or program lies, in which container. */
static struct span detail(struct page *page, const struct judged *row, const struct process *p)
{
	const struct sighting *s = row->sighting;
	struct span who = row->verdict->who;

	if (container_of(s, p).n)
		return JOIN(page, span_str(_("container")), SPAN_LIT(" "), container_of(s, p));
	if (p->script.n && !span_starts(p->script, "/"))
		return page_path(page, p->working_directory);
	if (p->script.n)
		return page_path(page, span_dir(p->script));
	if (p->is_deleted || p->is_in_tmpfs || p->is_in_world_writable || p->is_memfd)
		return page_path(page, p->executable);
	if (p->unit.n == 0 && p->package.n == 0 && !span_eq(who, p->executable))
		return page_path(page, p->executable);
	return span_of(NULL, 0);
}

/* "ng" of "ng serve --port": the process wrote it over its own name. */
static bool is_title(struct span name, struct span who)
{
	struct span rest = span_skip(name, who.n);

	return span_eq(span_cut(name, who.n), who) &&
	       (span_starts(rest, " ") || span_starts(rest, ":"));
}

/* "python3 admin.py": a script alone does not say what runs it; a container is told beside. */
struct span who_name(struct page *page, const struct judged *row)
{
	const struct process *p = sighting_process(row->sighting);
	struct span who = row->verdict->who;

	if (!p)
		return who.n ? who : who_hidden(page, row->sighting);
	if (!who.n || container_of(row->sighting, p).n)
		return p->name;
	if (!span_eq(who, p->script))
		return who;
	if (span_starts(who, "/"))
		who = span_base(who);
	if (is_title(p->name, who))
		return who;
	return p->name.n && !holds(who, p->name) ? JOIN(page, p->name, SPAN_LIT(" "), who) : who;
}

void who_cell(struct page *page, const struct judged *row, struct cell *cell)
{
	const struct sighting *s = row->sighting;
	const struct process *p = sighting_process(s);

	cell_add(cell, who_name(page, row), p || row->verdict->who.n ? INK_PLAIN : INK_DIM);
	if (p)
		cell_add(cell, detail(page, row, p), INK_PLAIN);
	else if (row->verdict->who.n)
		cell_add(cell, who_hidden(page, s), INK_DIM);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_said: the blocks "practice" (text_practice.c), "registered", "platform" (text_platform.c)
 * and "claimed" of a port page.
 *
 * Each fact keeps its place: practice never fills in for the registry, nor either for what was
 * seen. -v shows every piece of evidence.
 */
#include "out/text.h"

#include "base/scope.h"

enum { NAMES_SHOWN = 6 };

/* The question that is asked of the map. */
struct question {
	struct page *page;
	const struct map *map;
	uint16_t port;
	enum transport transport;
	bool is_other; /* what was seen here is something else than the registry says */
};

static struct span append(struct page *page, struct span text, struct span more)
{
	return text.n ? JOIN(page, text, SPAN_LIT(", "), more) : more;
}

/* Rows of several transports that say the same are told once. */
static bool same_entry(const struct map_registration *a, const struct map_registration *b)
{
	return span_eq(a->service, b->service) && span_eq(a->description, b->description) &&
	       a->first == b->first && a->last == b->last;
}

static bool is_told(const struct question *q, const struct map_registration *row, size_t place)
{
	struct map_registration other;
	uint32_t cursor = 0;

	for (size_t i = 0; i < place; i++) {
		if (!map_next_registration(q->map, q->port, q->transport, &cursor, &other))
			return false;
		if (same_entry(&other, row))
			return true;
	}
	return false;
}

static struct span other(const struct question *q, struct span text)
{
	if (!q->is_other)
		return text;
	return JOIN(q->page, text, SPAN_LIT(": "), span_str(_("not what this is")));
}

/* nppmp "NVIDIA Mgmt Protocol" (NVIDIA, 2002): not what this is */
static struct span entry(const struct question *q, const struct map_registration *row)
{
	struct page *page = q->page;
	struct span text = row->service;
	struct span who = {0};

	if (row->description.n && !span_eq_nocase(row->description, row->service))
		text = JOIN(page, text, SPAN_LIT(" \""), row->description, SPAN_LIT("\""));
	if (row->organisation.n || row->domain.n)
		who = JOIN(page, span_str(_("registrant")), SPAN_LIT(" "),
			   row->organisation.n ? row->organisation : row->domain);
	if (row->registered.n >= 4)
		who = append(page, who, span_cut(row->registered, 4));
	if (row->first != row->last)
		who = append(page, who, page_ports(page, row->has_port, row->first, row->last));
	if (who.n)
		text = JOIN(page, text, SPAN_LIT(" ("), who, SPAN_LIT(")"));
	return other(q, text);
}

/* What it was made for, where that is known. */
static void purpose(const struct question *q, const struct map_registration *row)
{
	struct page *page = q->page;
	struct map_purpose known;

	if (!map_purpose_find(q->map, row, &known))
		return;
	page_sentence(page, JOIN(page, span_str(_("for:")), SPAN_LIT(" "), known.purpose),
		      INK_PLAIN, NULL);
	if (page->style->is_verbose)
		page_line(page,
			  JOIN(page, known.source, SPAN_LIT(", "), span_str(_("read")),
			       SPAN_LIT(" "), known.read),
			  INK_DIM);
}

static const char *const standings[N_MAP_STANDINGS] = {
	[STANDING_ALIVE] = N_("alive"),
	[STANDING_QUIET] = N_("quiet: a reference or a weak sign, no software found"),
	[STANDING_GHOST] = N_("ghost: no evidence in the sources searched"),
	[STANDING_OVERTAKEN] = N_("overtaken: evidence only under another name"),
	[STANDING_RESERVED] = N_("reserved"),
	[STANDING_UNASSIGNED] = N_("not assigned"),
	[STANDING_DYNAMIC] = N_("dynamic"),
};

/* What the standing rests on. No evidence is no proof: then it names how much was searched. */
static struct span standing_text(const struct question *q, const struct map_registration *row)
{
	struct page *page = q->page;
	struct span found = {0};
	struct map_evidence item;
	uint32_t cursor = 0;
	unsigned long n = 0;

	for (; map_next_evidence(q->map, row, &cursor, &item); n++)
		if (!found.n && item.finding.n &&
		    item.is_for_life == (row->standing != STANDING_OVERTAKEN))
			found = JOIN(page, item.finding, SPAN_LIT(" ("), item.source,
				     SPAN_LIT(")"));
	if (row->standing == STANDING_GHOST && n)
		return page_print(page,
				  dngettext(PERIPLUS_DOMAIN,
					    "ghost: no evidence in this %lu source",
					    "ghost: no evidence in these %lu sources", n),
				  n);
	if (row->standing == STANDING_OVERTAKEN && found.n)
		return JOIN(page, span_str(_(standings[row->standing])), SPAN_LIT(", "), found);
	if (found.n)
		return JOIN(page, span_str(_(map_standing_word(row->standing))), SPAN_LIT(": "),
			    found);
	return span_str(_(standings[row->standing]));
}

/* The next row that says the same as `row` but for its transport. Start with *cursor = 0. */
static bool next_twin(const struct question *q, const struct map_registration *row,
		      uint32_t *cursor, struct map_registration *twin)
{
	while (map_next_registration(q->map, q->port, q->transport, cursor, twin))
		if (same_entry(twin, row))
			return true;
	return false;
}

/* Whether the transports of an entry differ in their standing. */
static bool is_mixed(const struct question *q, const struct map_registration *row)
{
	struct map_registration twin;
	uint32_t cursor = 0;

	while (next_twin(q, row, &cursor, &twin))
		if (twin.standing != row->standing)
			return true;
	return false;
}

static void evidence(const struct question *q, const struct map_registration *row)
{
	struct map_evidence item;
	uint32_t cursor = 0;

	while (map_next_evidence(q->map, row, &cursor, &item))
		page_sentence(q->page,
			      JOIN(q->page, item.source, SPAN_LIT(", "), item.searched,
				   SPAN_LIT(": "),
				   item.finding.n ? item.finding : span_str(_("nothing found"))),
			      INK_DIM, NULL);
}

static void standing(const struct question *q, const struct map_registration *row)
{
	struct map_registration twin;
	uint32_t cursor = 0;
	bool has_transport = is_mixed(q, row);

	while (next_twin(q, row, &cursor, &twin)) {
		struct span text = standing_text(q, &twin);

		if (has_transport)
			text = JOIN(q->page, span_str(transport_word(twin.transport)),
				    SPAN_LIT(" "), text);
		page_sentence(q->page, text, INK_PLAIN, NULL);
		if (q->page->style->is_verbose)
			evidence(q, &twin);
		if (!has_transport)
			break;
	}
	if (row->unauthorized.n)
		page_sentence(q->page,
			      JOIN(q->page, span_str(_("used by others:")), SPAN_LIT(" "),
				   row->unauthorized),
			      INK_PLAIN, NULL);
}

/* "ghost", or "overtaken on tcp, ghost on udp" */
static struct span standing_words(const struct question *q, const struct map_registration *row)
{
	struct span text = {0};
	struct map_registration twin;
	uint32_t cursor = 0;

	if (!is_mixed(q, row))
		return span_str(_(map_standing_word(row->standing)));
	while (next_twin(q, row, &cursor, &twin))
		text = append(q->page, text,
			      page_print(q->page, _("%s on %s"),
					 _(map_standing_word(twin.standing)),
					 transport_word(twin.transport)));
	return text;
}

static struct span name_of(const struct question *q, const struct map_registration *row)
{
	struct page *page = q->page;
	struct span text = row->service;

	if (row->description.n && !span_eq_nocase(row->description, row->service))
		text = JOIN(page, text, SPAN_LIT(" \""), row->description, SPAN_LIT("\""));
	return JOIN(page, text, SPAN_LIT(" ("), standing_words(q, row), SPAN_LIT(")"));
}

/* Several names on one number: one sentence, each with its standing. */
static void names(const struct question *q)
{
	struct span text = {0};
	struct map_registration row;
	uint32_t cursor = 0;
	size_t n = 0;

	for (size_t i = 0; map_next_registration(q->map, q->port, q->transport, &cursor, &row); i++)
		if (row.service.n && !is_told(q, &row, i) && n++ < NAMES_SHOWN)
			text = append(q->page, text, name_of(q, &row));
	if (n > NAMES_SHOWN)
		text = append(q->page, text, page_print(q->page, _("%zu more"), n - NAMES_SHOWN));
	page_sentence(q->page, other(q, text), INK_PLAIN, NULL);
}

static void nobody(const struct question *q)
{
	struct map_registration row;
	uint32_t cursor = 0;

	if (map_next_registration(q->map, q->port, q->transport, &cursor, &row)) {
		struct span text = span_str(_("by nobody"));

		text = JOIN(q->page, text, SPAN_LIT(": "),
			    row.description.n ? row.description
					      : span_str(_(standings[row.standing])));
		page_sentence(q->page, text, INK_PLAIN, NULL);
	} else if (port_space(q->port) == PORT_DYNAMIC) {
		page_sentence(q->page,
			      span_str(_("never: 49152-65535 is for anybody's passing use")),
			      INK_PLAIN, NULL);
	} else {
		page_line(q->page, span_str(_("by nobody")), INK_PLAIN);
	}
}

static void registered(const struct question *q)
{
	struct map_registration row;
	uint32_t cursor = 0;
	size_t n = 0;

	q->page->label = _("registered");
	for (size_t i = 0; map_next_registration(q->map, q->port, q->transport, &cursor, &row); i++)
		n += row.service.n && !is_told(q, &row, i);
	if (n == 0) {
		nobody(q);
		return;
	}
	if (n > 1 && !q->page->style->is_verbose) {
		names(q);
		return;
	}
	cursor = 0;
	for (size_t i = 0; map_next_registration(q->map, q->port, q->transport, &cursor, &row);
	     i++) {
		if (!row.service.n || is_told(q, &row, i))
			continue;
		page_sentence(q->page, entry(q, &row), INK_PLAIN, NULL);
		purpose(q, &row);
		standing(q, &row);
	}
}

static bool has_rule(const struct verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->n_reasons; i++)
		if (span_is(span_str(id), verdict->reasons[i].rule->id))
			return true;
	return false;
}

/* Whether PP120 fired for every row of the transport: one that fits the name would be wronged. */
static bool is_other(const struct port_report *report, enum transport transport)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct judged *row = &report->rows[i];

		if (transport != TRANSPORT_ANY &&
		    transport_registered(row->sighting->transport) != transport)
			continue;
		if (!has_rule(row->verdict, "PP120"))
			return false;
		n++;
	}
	return n > 0;
}

void text_said(struct page *page, const struct port_report *report, enum transport transport)
{
	struct question q = {.page = page,
			     .map = report->map,
			     .port = report->port,
			     .transport = transport,
			     .is_other = is_other(report, transport)};

	text_practice(page, report, transport);
	registered(&q);
	/* Where something listens, the number could be had. */
	if (report->n_rows == 0 || page->style->is_verbose)
		text_platform(page, report, transport);
	if (report->listing) {
		page->label = _("claimed");
		page_line(page, span_str(_("by nobody on this machine")), INK_PLAIN);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* rules_known: what packages, practice and the registry say of what is seen. */
#include "verdict/matter.h"

/* "redis-server@cache.service" is named after "redis-server", as is "redis-server.service". */
static bool is_unit_of(struct span unit, struct span name)
{
	struct span rest = span_skip(unit, name.n);

	return name.n && unit.n > name.n && span_eq(span_cut(unit, name.n), name) &&
	       (rest.p[0] == '.' || rest.p[0] == '@');
}

/* The package's own unit; or a system service around a packaged program that is no interpreter. */
static bool runs_as_packaged_service(const struct matter *m)
{
	if (m->match == MATCH_UNIT || is_unit_of(m->unit, m->process->package))
		return true;
	return m->is_unit_own && !m->process->script.n;
}

bool fires_packaged_service(const struct matter *m, struct finding *f)
{
	if (m->package != PACKAGE_OWNS || !m->is_system_unit || !m->is_fact_sure ||
	    m->sighting->container.n || !runs_as_packaged_service(m))
		return false;

	bool is_open = m->product.auth.n && span_is(m->product.auth, "off");
	enum bind_scope usual = m->has_usual ? m->usual : is_open ? BIND_LOOPBACK : BIND_ANY;

	if (m->scope > usual)
		return false;
	if (m->process->is_manager) {
		f->detail = TELL(m,
				 _("'%.*s' holds it for the service, and %.*s is usual on this "
				   "number (%.*s)"),
				 SPAN_ARG(m->unit), SPAN_ARG(matter_title(m)),
				 SPAN_ARG(m->fact.source));
		return true;
	}
	f->detail = TELL(m,
			 span_is_drive_path(m->process->executable)
				 ? _("'%.*s' signed what runs as service '%.*s', and %.*s is usual on "
				     "this number (%.*s)")
				 : _("package '%.*s' runs it as '%.*s', and %.*s is usual on "
				     "this number (%.*s)"),
			 SPAN_ARG(m->process->package), SPAN_ARG(m->unit),
			 SPAN_ARG(matter_title(m)), SPAN_ARG(m->fact.source));
	return true;
}

/* "http" describes "https" and "http-alt": the shorter one begins the longer one. Names of one
 * or two letters say nothing. */
static bool is_alike(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	return n >= 3 && span_eq_nocase(span_cut(a, n), span_cut(b, n));
}

bool row_is_alike(const struct map_registration *row, struct span words)
{
	struct span word;

	while (take_until(&words, ',', &word))
		if (is_alike(row->service, word) ||
		    (word.n >= 3 && span_find_nocase(row->description, word) >= 0))
			return true;
	return false;
}

/* Whether the registered name is plausible for the product: by its names or its protocols. */
static bool describes(const struct map_registration *row, const struct map_product *product)
{
	return row_is_alike(row, product->slug) || row_is_alike(row, product->title) ||
	       row_is_alike(row, product->protocols) || row_is_alike(row, product->programs);
}

/* The first named row; describes_it tells whether any named row fits the product. */
static bool named_row(const struct matter *m, struct map_registration *first, bool *describes_it)
{
	struct map_registration row;
	uint32_t cursor = 0;
	bool is_found = false;

	*describes_it = false;
	while (map_next_registration(m->map, m->sighting->port, m->transport, &cursor, &row)) {
		if (!row.service.n)
			continue;
		if (!is_found)
			*first = row;
		is_found = true;
		*describes_it |= (m->match != MATCH_NONE && describes(&row, &m->product)) ||
				 spoken_is_described(m, &row);
	}
	return is_found;
}

bool fires_other_registration(const struct matter *m, struct finding *f)
{
	struct span spoken = matter_spoken(m);
	struct map_registration row;
	struct span what;
	bool is_described_here;

	if ((m->match == MATCH_NONE && !spoken.n) || !named_row(m, &row, &is_described_here) ||
	    is_described_here)
		return false;
	/* Practice that knows no conflict here is better evidence than words that differ. */
	if (m->has_fact && m->fact.kind == PRACTICE_COMMON)
		return false;
	what = TELL(m, "'%.*s'%s%.*s%s", SPAN_ARG(row.service), row.description.n ? " (" : "",
		    SPAN_ARG(row.description), row.description.n ? ")" : "");
	f->detail = m->match == MATCH_NONE
			    ? TELL(m, _("registered as %.*s, and what answers is %.*s"),
				   SPAN_ARG(what), SPAN_ARG(spoken))
			    : TELL(m, _("registered as %.*s, and what runs is %.*s"), SPAN_ARG(what),
				   SPAN_ARG(matter_title(m)));
	return true;
}

bool fires_ghost(const struct matter *m, struct finding *f)
{
	struct map_registration row;
	struct map_evidence evidence;
	struct span sources = {0};
	uint32_t cursor = 0;
	unsigned long n = 0;
	bool is_described_here;

	if (map_port_standing(m->map, m->sighting->port, m->transport) != STANDING_GHOST ||
	    !named_row(m, &row, &is_described_here) || is_described_here)
		return false;
	while (map_next_evidence(m->map, &row, &cursor, &evidence)) {
		if (evidence.is_for_life)
			continue;
		n++;
		sources = arena_print(m->arena, "%.*s%s%.*s", SPAN_ARG(sources),
				      sources.n ? ", " : "", SPAN_ARG(evidence.source));
	}
	if (!n)
		return false;
	f->detail = TELL(m,
			 dngettext(PERIPLUS_DOMAIN,
				   "'%.*s' (%.*s): no evidence in this %lu source: %.*s",
				   "'%.*s' (%.*s): no evidence in these %lu sources: %.*s", n),
			 SPAN_ARG(row.service), SPAN_ARG(row.description), n, SPAN_ARG(sources));
	return true;
}

/* What is seen here explains itself when practice knows it on this number; unconfirmed stories
 * are never told by a rule. */
bool fires_malware(const struct matter *m, struct finding *f)
{
	struct map_practice fact;
	struct span families = {0};
	uint32_t cursor = 0;

	if (m->is_fact_sure)
		return false;
	while (map_next_practice(m->map, m->sighting->port, m->transport, &cursor, &fact)) {
		if (fact.kind != PRACTICE_MALWARE || fact.grade == GRADE_UNCONFIRMED)
			continue;
		families = arena_print(m->arena, "%.*s%s%.*s %.*s", SPAN_ARG(families),
				       families.n ? ", " : "", SPAN_ARG(fact.product),
				       SPAN_ARG(fact.since));
		families = span_trim(families);
		f->detail = TELL(m,
				 _("%.*s used this number (%.*s); a number alone proves "
				   "nothing"),
				 SPAN_ARG(families), SPAN_ARG(fact.source));
	}
	return families.n > 0;
}

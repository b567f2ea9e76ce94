/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_port_facts: what one would find on a port, the evidence for and against life, incidents.
 *
 * A page stays under 20 KB: of a number that many use, the best attested are told in full and the
 * rest by name; its JSON has them all.
 */
#include "base/scope.h"
#include "serve/page_port.h"

enum { FINDINGS = 8, NOTE = 160, FEW = 60 };

/* Sources are addresses of the web or of a package; only the former are links. */
void put_source(struct web *web, struct span source, struct span date)
{
	html(web, "<span class=src>");
	if (span_starts(source, "https://") || span_starts(source, "http://")) {
		struct span shown = span_skip(source, source.p[4] == 's' ? 8 : 7);

		html(web, "<a rel=noreferrer href=\"");
		put_text(web, source);
		html(web, "\">");
		put_bdi(web, span_cut(shown, (size_t)(span_find_byte(shown, '/') < 0
							      ? (ptrdiff_t)shown.n
							      : span_find_byte(shown, '/'))));
		html(web, "</a>");
	} else {
		put_bdi(web, source);
	}
	if (date.n) {
		html(web, ", ");
		put_bdi(web, date);
	}
	html(web, "</span>");
}

/* Notes are sentences in English, whatever the page is in. */
static void put_note(struct web *web, struct span note)
{
	if (!note.n)
		return;
	html(web, "<br><span lang=en dir=ltr>");
	put_text(web, span_cut(note, NOTE));
	html(web, note.n > NOTE ? "…</span>" : "</span>");
}

/* "a,b,c" as "a, b, c", the first few. */
static void put_list(struct web *web, struct span list)
{
	struct span item;
	size_t n = 0;

	html(web, "<bdi>");
	for (size_t i = 0; n < FEW && take_until(&list, ',', &item); i++, n += item.n) {
		html(web, i ? ", " : "");
		put_text(web, item);
	}
	html(web, list.n ? ", …</bdi>" : "</bdi>");
}

static void put_recognised(struct web *web, struct span slug)
{
	struct map_product product;
	struct span ways[3];
	static const char *const names[] = {N_("program"), N_("package"), N_("protocol")};
	bool is_first = true;

	if (!map_product_find(web->site->map, slug, &product))
		return;
	ways[0] = product.programs;
	ways[1] = product.packages;
	ways[2] = product.protocols;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (!ways[i].n)
			continue;
		html(web, is_first ? "" : "; ");
		say(web, names[i]);
		html(web, " ");
		put_list(web, ways[i]);
		is_first = false;
	}
	if (is_first)
		html(web, "–");
}

static const char *bind_text(const struct web *web, struct span bind)
{
	if (span_is(bind, "lo"))
		return word(web, N_("this machine only"));
	if (span_is(bind, "any"))
		return word(web, N_("every interface"));
	if (span_is(bind, "host"))
		return word(web, N_("one address"));
	return "–";
}

static void put_use(struct web *web, const struct map_practice *fact)
{
	html(web, "<tr><th scope=row>");
	put_bdi(web, product_title(web, fact->product));
	html(web, "<td>");
	html(web, transport_word(fact->transport));
	html(web, "<br><span class=dim>");
	put_text(web, span_str(kind_text(web, fact->kind)));
	html(web, "</span><td>");
	put_recognised(web, fact->product);
	html(web, "<td>");
	put_text(web, span_str(bind_text(web, fact->bind)));
	html(web, "<td>");
	put_text(web, span_str(grade_text(web, fact->grade)));
	html(web, " ");
	put_source(web, fact->source, fact->read);
	put_note(web, fact->note);
}

static void put_other_uses(struct web *web, const struct known *known, size_t from)
{
	struct span last = known->uses[from - 1].product;

	html(web, "<p>");
	say(web, N_("Less well attested, or not told in full here:"));
	for (size_t i = from, n = 0; i < known->n_uses && web->out->n < LIMIT_NAMES; i++) {
		if (span_eq(known->uses[i].product, last))
			continue;
		last = known->uses[i].product;
		html(web, n++ ? ", " : " ");
		put_bdi(web, product_title(web, last));
	}
	html(web, ".</p>");
}

void put_uses(struct web *web, const struct known *known)
{
	static const char *const heads[] = {N_("Product"), N_("Transport"), N_("Known by"),
					    N_("Listens on"), N_("Source")};
	size_t i = 0;

	section(web, "find", N_("What you would find"));
	if (!known->n_uses) {
		html(web, "<p>");
		say(web, N_("No product is known to use this number."));
		html(web, "</p></section>");
		return;
	}
	table_begin(web, N_("Products that use this number, each with its source"), heads,
		    ARRAY_LEN(heads));
	while (i < known->n_uses && (i == 0 || web->out->n < LIMIT_USES))
		put_use(web, &known->uses[i++]);
	table_end(web);
	if (i < known->n_uses)
		put_other_uses(web, known, i);
	html(web, "</section>");
}

static void put_nothing(struct web *web, const struct map_registration *row)
{
	struct map_evidence evidence;
	uint32_t cursor = 0;
	size_t n = 0;

	html(web, "<li>");
	say(web, N_("searched, and nothing found:"));
	html(web, " <span class=src><bdi>");
	while (map_next_evidence(web->site->map, row, &cursor, &evidence)) {
		if (evidence.finding.n)
			continue;
		html(web, n++ ? ", " : "");
		put_text(web, evidence.source);
		html(web, " ");
		put_text(web, evidence.searched);
	}
	html(web, "</bdi></span>");
}

static void put_findings(struct web *web, const struct map_registration *row)
{
	struct map_evidence evidence;
	uint32_t cursor = 0;
	size_t n_nothing = 0;
	size_t n = 0;

	html(web, "<ul>");
	while (map_next_evidence(web->site->map, row, &cursor, &evidence)) {
		n_nothing += !evidence.finding.n;
		if (!evidence.finding.n || n++ >= FINDINGS)
			continue;
		html(web, "<li><b>");
		if (evidence.is_for_life)
			say(web, N_("for life:"));
		else
			say(web, N_("another name:"));
		html(web, "</b> ");
		put_bdi(web, evidence.finding);
		html(web, " ");
		put_source(web, evidence.source, evidence.searched);
	}
	if (n_nothing)
		put_nothing(web, row);
	html(web, "</ul>");
}

/* Sentences in English of a source, with the source. */
static void put_purpose(struct web *web, const struct map_registration *row)
{
	struct map_purpose purpose;

	if (!map_purpose_find(web->site->map, row, &purpose))
		return;
	html(web, "<p>");
	say(web, N_("It was made for:"));
	html(web, " <span lang=en dir=ltr>");
	put_text(web, purpose.purpose);
	html(web, "</span> ");
	put_source(web, purpose.source, purpose.read);
	html(web, "</p>");
}

static void put_registration(struct web *web, const struct map_registration *row, bool is_first)
{
	html(web, "<h3><bdi>");
	put_text(web, row->service);
	html(web, "</bdi> ");
	html(web, transport_word(row->transport));
	if (row->first != row->last) {
		html(web, " <bdi>");
		put_number(web, row->first);
		html(web, "–");
		put_number(web, row->last);
		html(web, "</bdi>");
	}
	html(web, ": <span class=");
	html(web, standing_class(row->standing));
	html(web, ">");
	put_text(web, span_str(standing_text(web, row->standing)));
	html(web, "</span></h3>");
	if (is_first) /* the same for each transport */
		put_purpose(web, row);
	if (row->unauthorized.n) {
		html(web, "<p>");
		say(web, N_("IANA notes unauthorised use:"));
		html(web, " <span lang=en dir=ltr>");
		put_text(web, span_cut(row->unauthorized, NOTE));
		html(web, "</span></p>");
	}
	if (row->references.n) {
		html(web, "<p>");
		say(web, N_("Reference:"));
		html(web, " ");
		put_bdi(web, row->references);
		html(web, "</p>");
	}
	put_findings(web, row);
}

void put_evidence(struct web *web, const struct known *known)
{
	size_t n = 0;

	section(web, "evidence", N_("Evidence for and against life"));
	for (size_t i = 0; i < known->n_registrations; i++)
		if (known->registrations[i].service.n && (n++ == 0 || web->out->n < LIMIT_EVIDENCE))
			put_registration(web, &known->registrations[i], known_is_first(known, i));
	if (!n) {
		html(web, "<p>");
		say(web, N_("There is no registered service whose life could be asked for."));
		html(web, "</p>");
	} else {
		html(web, "<p class=dim>");
		say_count(web, "{1} source was searched. No evidence is no proof of death.",
			  "{1} sources were searched. No evidence is no proof of death.",
			  map_n_sources(web->site->map));
		html(web, "</p>");
	}
	html(web, "</section>");
}

void put_incidents(struct web *web, const struct known *known)
{
	section(web, "incidents", N_("Incidents"));
	if (!known->n_incidents) {
		html(web, "<p>");
		say(web, N_("No malware is known to have used this number. That clears nothing: a "
			    "number "
			    "alone proves nothing."));
		html(web, "</p></section>");
		return;
	}
	html(web, "<p>");
	say(web, N_("Malware that has used this number. A number alone proves nothing."));
	html(web, "</p><ul>");
	for (size_t i = 0; i < known->n_incidents && web->out->n < LIMIT_INCIDENTS; i++) {
		const struct map_practice *fact = &known->incidents[i];

		html(web, "<li><b class=malware>");
		put_bdi(web, product_title(web, fact->product));
		html(web, "</b> ");
		html(web, transport_word(fact->transport));
		if (fact->since.n) {
			html(web, ", ");
			put_bdi(web, fact->since);
		}
		html(web, " ");
		put_source(web, fact->source, fact->read);
		put_note(web, fact->note);
	}
	html(web, "</ul></section>");
}

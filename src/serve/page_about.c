/* SPDX-License-Identifier: Apache-2.0 */
/* page_about: /ghosts, the census of the registry, and /about/data, where it all comes from. */
#include "base/scope.h"
#include "serve/web.h"

enum { YEAR_FIRST = 1980, N_YEARS = 80, LAST_COLUMN = STANDING_OVERTAKEN };

struct census {
	unsigned rows[N_YEARS + 1][N_MAP_STANDINGS]; /* the last: without a date */
};

static void count_years(const struct map *map, struct census *census)
{
	size_t n = map_n_registrations(map);

	for (size_t i = 0; i < n; i++) {
		struct map_registration row;
		uint64_t year;

		map_registration_get(map, (uint32_t)i, &row);
		if (!row.has_port || !row.service.n)
			continue;
		if (!span_u64(span_cut(row.registered, 4), YEAR_FIRST + N_YEARS - 1, &year) ||
		    year < YEAR_FIRST || row.registered.n < 4)
			year = YEAR_FIRST + N_YEARS;
		census->rows[year - YEAR_FIRST][row.standing]++;
	}
}

static unsigned sum_of(const struct census *census, int first, int last)
{
	unsigned sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(census->rows); i++)
		for (int k = first; k <= last; k++)
			sum += census->rows[i][k];
	return sum;
}

static void put_year(struct web *web, const unsigned *row, unsigned year)
{
	unsigned all = 0;

	for (int i = 0; i <= LAST_COLUMN; i++)
		all += row[i];
	if (!all)
		return;
	html(web, "<tr><th scope=row>");
	if (year < YEAR_FIRST + N_YEARS)
		put_number(web, year);
	else
		say(web, N_("no date"));
	for (int i = 0; i <= LAST_COLUMN; i++) {
		html(web, "<td class=n>");
		put_number(web, row[i]);
	}
}

void page_ghosts(struct web *web)
{
	static const char *const heads[] = {N_("Year"), N_("alive"), N_("quiet"), N_("ghost"),
					    N_("overtaken")};
	struct census *census = arena_get(&web->arena, sizeof(*census));

	count_years(web->site->map, census);
	page_begin(web, span_str(word(web, N_("Ghosts of the registry"))), NULL);
	html(web, "<h1>");
	say(web, N_("Ghosts of the registry"));
	html(web, "</h1><p class=answer>");
	SAY(web, N_("Of {1} registrations, {2} have left no trace in the sources searched."),
	    TEXT(number_text(web, sum_of(census, 0, LAST_COLUMN))),
	    TEXT(number_text(web, sum_of(census, STANDING_GHOST, STANDING_GHOST))));
	html(web, "</p><p>");
	say(web,
	    N_("Alive: evidence that the registered service is in use. Quiet: a reference or a "
	       "weak "
	       "sign, no software. Ghost: nothing in any source. Overtaken: evidence only under "
	       "another name. No evidence is no proof of death: who knows better may tell."));
	html(web, "</p>");
	table_begin(web, N_("Registrations with a port, by year and standing"), heads,
		    ARRAY_LEN(heads));
	for (unsigned i = 0; i <= N_YEARS; i++)
		put_year(web, census->rows[i], YEAR_FIRST + i);
	table_end(web);
	if (web->site->is_static) {
		page_end(web);
		return;
	}
	html(web, "<p><a href=");
	put_link(web, "/search?q=", SPAN_LIT("standing:ghost"));
	html(web, ">");
	say(web, N_("Look at them"));
	html(web, "</a></p>");
	page_end(web);
}

static void put_story(struct web *web, const char *story, const char *truth, uint16_t port)
{
	html(web, "<li><q>");
	say(web, story);
	html(web, "</q> ");
	SAY(web, truth, PORT(port));
}

static void put_stories(struct web *web)
{
	section(web, "stories", N_("Corrections to common stories"));
	html(web, "<ul>");
	put_story(web, N_("A port belongs to the service that is registered for it."),
		  N_("A registration keeps nobody away. {1} is registered twice, and development "
		     "servers "
		     "use it."),
		  3000);
	put_story(web, N_("No software was found, so nothing uses it."),
		  N_("{1} was taken for dead until its product was found in its maker's "
		     "documentation."),
		  3451);
	put_story(web, N_("The list of the system has all names."),
		  N_("Usual copies of it have some hundred lines; {1} is not in Debian's."), 3232);
	put_story(web, N_("Malware has used this number, so this is malware."),
		  N_("Whoever listens on {1} says what it is; the number says nothing."), 3000);
	html(web, "</ul></section>");
}

void page_about(struct web *web)
{
	struct map_counts *counts = arena_get(&web->arena, sizeof(*counts));
	struct map_registration row;
	struct map_evidence evidence;
	uint32_t cursor = 0;

	map_count(web->site->map, counts);
	page_begin(web, span_str(word(web, N_("Where this comes from"))), NULL);
	html(web, "<h1>");
	say(web, N_("Where this comes from"));
	html(web, "</h1>");
	section(web, "sources", N_("Sources and licences"));
	html(web, "<ul><li>");
	SAY(web,
	    N_("The registry of service names and port numbers of IANA, of {1}, in the public "
	       "domain "
	       "(CC0): {2} records."),
	    TEXT(map_registry_date(web->site->map)), TEXT(number_text(web, counts->rows)));
	html(web, " <a rel=noreferrer "
		  "href=\"https://www.iana.org/assignments/service-names-port-numbers\">"
		  "<bdi>iana.org</bdi></a><li>");
	SAY(web,
	    N_("What really uses a port: {1} facts of {2} products, each with the source that was "
	       "read "
	       "and the day, in our own words (Apache-2.0)."),
	    TEXT(number_text(web, counts->facts)), TEXT(number_text(web, counts->products)));
	html(web, "<li>");
	say(web, N_("Nothing from lists whose licence forbids it, and no names of persons."));
	html(web, "</ul></section>");
	section(web, "searched", N_("Where evidence of life was looked for"));
	html(web, "<ul>");
	if (map_next_registration(web->site->map, 22, TRANSPORT_TCP, &cursor, &row)) {
		struct span last = {0};

		cursor = 0;
		while (map_next_evidence(web->site->map, &row, &cursor, &evidence)) {
			if (span_eq(evidence.source, last))
				continue;
			last = evidence.source;
			html(web, "<li>");
			put_bdi(web, evidence.source);
			html(web, ", ");
			put_bdi(web, evidence.searched);
		}
	}
	html(web, "</ul></section>");
	put_stories(web);
	page_end(web);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* page_range: /range/3000-3100, and /chart with its data. */
#include "base/json.h"
#include "base/scope.h"
#include "serve/known.h"
#include "serve/web.h"

enum { TWIN_PORTS = 1024, NAMES_CUT = 90, WIDE = 32 };

static void put_range_link(struct web *web, unsigned first, unsigned last)
{
	struct span text = arena_print(&web->arena, "%u-%u", first, last);

	html(web, "<a href=");
	put_link(web, "/range/", text);
	html(web, "><bdi>");
	put_text(web, text);
	html(web, "</bdi></a>");
}

static void put_range_row(struct web *web, const struct known *known)
{
	html(web, "<tr><td class=n>");
	put_port_link(web, known->port);
	html(web, "<td><bdi>");
	put_text(web, span_cut(known->services, NAMES_CUT));
	html(web, "</bdi><td class=");
	html(web, standing_class(known->standing));
	html(web, ">");
	put_text(web, span_str(standing_text(web, known->standing)));
	html(web, "<td>");
	if (known->products.n)
		put_bdi(web, known->products);
}

void page_range(struct web *web)
{
	static const char *const heads[] = {N_("Port"), N_("Service"), N_("Standing"),
					    N_("Practice")};
	struct port_query query;
	struct why why;
	uint32_t port;

	if (port_query_parse(web->word, &query, &why) < 0 || query.transport != TRANSPORT_ANY)
		return;
	page_begin(web, arena_print(&web->arena, "%u–%u", query.first, query.last), NULL);
	html(web, "<h1><bdi>");
	put_number(web, query.first);
	html(web, "–");
	put_number(web, query.last);
	html(web, "</bdi></h1>");
	table_begin(web, N_("Ports of this range that are registered or used"), heads,
		    ARRAY_LEN(heads));
	for (port = query.first; port <= query.last && (web->site->is_static || web->out->n < LIMIT_PLATFORMS); port++) {
		struct known known;

		known_read(web, (uint16_t)port, &known);
		if (known.services.n || known.n_uses)
			put_range_row(web, &known);
	}
	table_end(web);
	html(web, "<p>");
	if (port <= query.last) {
		say(web, N_("Further:"));
		html(web, " ");
		put_range_link(web, port, query.last);
	} else {
		say(web, N_("All others are neither registered nor known to be used."));
	}
	html(web, "</p>");
	page_end(web);
}

/* Layers of the chart: a letter per port, as run lengths: "A12B" is 12 times A, then one B. */
static void put_runs(struct json *j, const char *key, const char letters[N_PORTS])
{
	struct buf runs = BUF_INIT;

	for (uint32_t i = 0; i < N_PORTS;) {
		uint32_t n = 1;

		while (i + n < N_PORTS && letters[i + n] == letters[i])
			n++;
		buf_byte(&runs, letters[i]);
		if (n > 1)
			buf_u64(&runs, n);
		i += n;
	}
	json_span(j, key, buf_span(&runs));
	buf_done(&runs);
}

/* 'n' none, 'w' weak, 's' strong: by the best grade; malware is no practice here, and who may take
 * any number of a wide range says little of each. */
static char practice_letter(const struct map *map, uint16_t port)
{
	struct map_practice fact;
	uint32_t cursor = 0;
	char letter = 'n';

	while (map_next_practice(map, port, TRANSPORT_ANY, &cursor, &fact)) {
		if (fact.kind == PRACTICE_MALWARE)
			continue;
		if (fact.grade <= GRADE_PRIMARY && fact.last - fact.first < WIDE)
			return 's';
		letter = 'w';
	}
	return letter;
}

void page_chart_json(struct web *web)
{
	char *letters = arena_get(&web->arena, N_PORTS);
	struct json j;

	web->answer->status = 200;
	web->answer->type = "application/json";
	json_init(&j, web->out, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "chart/1");
	json_object(&j, "letters");
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		json_str(&j, (char[]){(char)('A' + i), 0}, map_standing_word((enum map_standing)i));
	json_object_end(&j);
	for (uint32_t i = 0; i < N_PORTS; i++)
		letters[i] = (char)('A' + map_port_standing(web->site->map, (uint16_t)i,
							    TRANSPORT_ANY));
	put_runs(&j, "registered", letters);
	for (uint32_t i = 0; i < N_PORTS; i++)
		letters[i] = practice_letter(web->site->map, (uint16_t)i);
	put_runs(&j, "practice", letters);
	json_object_end(&j);
	json_end(&j);
}

static void put_layer(struct web *web, const char *key, const char *text, bool is_first)
{
	html(web, "<label><input type=radio name=layer value=");
	html(web, key);
	html(web, is_first ? " checked> " : "> ");
	say(web, text);
	html(web, "</label> ");
}

static void put_twin(struct web *web)
{
	static const char *const heads[] = {N_("Ports"), N_("registered"), N_("alive"),
					    N_("practice")};
	const struct map *map = web->site->map;

	table_begin(web, N_("The same as a table: how many of each 1024 ports"), heads,
		    ARRAY_LEN(heads));
	for (unsigned first = 0; first < N_PORTS; first += TWIN_PORTS) {
		unsigned named = 0;
		unsigned alive = 0;
		unsigned used = 0;

		for (unsigned port = first; port < first + TWIN_PORTS; port++) {
			named += map_service_name(map, (uint16_t)port, TRANSPORT_ANY).n > 0;
			alive += map_port_standing(map, (uint16_t)port, TRANSPORT_ANY) ==
				 STANDING_ALIVE;
			used += practice_letter(map, (uint16_t)port) == 's';
		}
		html(web, "<tr><td>");
		put_range_link(web, first, first + TWIN_PORTS - 1);
		html(web, "<td class=n>");
		put_number(web, named);
		html(web, "<td class=n>");
		put_number(web, alive);
		html(web, "<td class=n>");
		put_number(web, used);
	}
	table_end(web);
}

void page_chart(struct web *web)
{
	page_begin(web, span_str(word(web, N_("Chart"))), &asset_chart_js);
	html(web, "<h1>");
	say(web, N_("All ports on one chart"));
	html(web, "</h1><p>");
	say(web, N_("Each row has 256 ports, the first is at the top left. Point, use the arrow keys, or "
		    "type a number; Enter opens its page."));
	html(web, "</p><form id=layers>");
	put_layer(web, "registered", N_("Registered"), true);
	put_layer(web, "practice", N_("Practice"), false);
	if (!web->site->is_public) {
		put_layer(web, "now", N_("Here now"), false);
		put_layer(web, "diff", N_("Changes while this page is open"), false);
	}
	html(web, "</form><ul id=legend class=near></ul><div id=chart dir=ltr><canvas id=cells width=256 "
		  "height=256 tabindex=0 role=application aria-describedby=at aria-label=\"");
	say(web, N_("All ports on one chart"));
	html(web, "\"></canvas></div><p id=at role=status dir=ltr>&nbsp;</p>");
	html(web, "<div id=words hidden");
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		put_data(web, map_standing_word((enum map_standing)i),
			 standing_text(web, (enum map_standing)i));
	put_data(web, "n", N_("none known"));
	put_data(web, "w", N_("weak evidence"));
	put_data(web, "s", N_("strong evidence"));
	put_data(web, "expected", N_("expected"));
	put_data(web, "look", N_("needs a look"));
	put_data(web, "unexpected", N_("unexpected"));
	put_data(web, "opened", N_("opened"));
	put_data(web, "closed", N_("closed"));
	html(web, "></div>");
	put_twin(web);
	page_end(web);
}

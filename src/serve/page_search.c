/* SPDX-License-Identifier: Apache-2.0 */
/* page_search: the home page, /search?q=, /service/NAME, and the same for the API. */
#include <stdio.h>

#include "base/scope.h"
#include "out/out.h"
#include "serve/web.h"

enum { SHOWN = 60, PRODUCTS = 12, HITS_MAX = 1000, USUAL = 100, LIMIT_HITS = 18000 };

static void put_box(struct web *web, struct span words)
{
	if (web->site->is_static)
		return;
	html(web, "<form action=");
	put_link(web, "/search", span_of(NULL, 0));
	html(web, "><label for=q>");
	say(web, N_("Port, name or word"));
	html(web, "</label> <input id=q name=q type=search maxlength=100 value=\"");
	put_text(web, words);
	html(web, "\"> <button>");
	say(web, N_("Find"));
	html(web, "</button></form>");
}

static void put_example(struct web *web, const char *words)
{
	html(web, "<li><a href=");
	put_link(web, "/search?q=", span_str(words));
	html(web, "><code dir=ltr>");
	html(web, words);
	html(web, "</code></a>");
}

static void put_filters(struct web *web)
{
	section(web, "filters", N_("The search knows filters"));
	html(web, "<ul class=near>");
	put_example(web, "standing:ghost registered:2002");
	put_example(web, "rfc:6513");
	put_example(web, "transport:sctp");
	html(web, "</ul></section>");
}

void page_home(struct web *web)
{
	static const uint16_t ports[] = {22, 53, 80, 443, 1313, 3000, 3232, 3451, 3476, 5432, 8080};

	page_begin(web, span_str(word(web, N_("What is on this port, and should it be?"))), NULL);
	html(web, "<h1>");
	say(web, N_("What is on this port, and should it be?"));
	html(web, "</h1><p class=answer>");
	say(web, N_("A page for each of the 65536 ports: what is registered, what really uses it, "
		    "how we "
		    "know, and how to see what listens on your machine."));
	html(web, "</p>");
	put_box(web, span_of(NULL, 0));
	section(web, "ports", N_("Ports that many ask for"));
	html(web, "<ul class=near>");
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		html(web, "<li>");
		put_port_link(web, ports[i]);
		html(web, " ");
		put_bdi(web, map_service_name(web->site->map, ports[i], TRANSPORT_ANY));
	}
	html(web, "</ul></section>");
	if (!web->site->is_static)
		put_filters(web);
	page_end(web);
}

static void put_ports(struct web *web, uint16_t first, uint16_t last)
{
	put_port_link(web, first);
	if (last == first)
		return;
	html(web, "–");
	put_port_link(web, last);
}

static void put_hit(struct web *web, const struct map_registration *row)
{
	html(web, "<tr><td class=n>");
	if (row->has_port)
		put_ports(web, row->first, row->last);
	else
		html(web, "–");
	html(web, "<td>");
	html(web, transport_word(row->transport));
	html(web, "<th scope=row>");
	if (row->service.n) {
		html(web, "<a href=");
		put_link(web, "/service/", row->service);
		html(web, "><bdi>");
		put_text(web, row->service);
		html(web, "</bdi></a>");
	}
	html(web, "<td><span lang=en dir=ltr>");
	put_text(web, span_cut(row->description, 120));
	html(web, "</span><td class=");
	html(web, standing_class(row->standing));
	html(web, ">");
	put_text(web, span_str(standing_text(web, row->standing)));
}

static void put_hits(struct web *web, const char *caption, const struct map_hit *hits, size_t n)
{
	static const char *const heads[] = {N_("Port"), N_("Transport"), N_("Service"),
					    N_("Description"), N_("Standing")};

	table_begin(web, caption, heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < n && i < SHOWN && web->out->n < LIMIT_HITS; i++) {
		struct map_registration row;

		map_registration_get(web->site->map, hits[i].index, &row);
		put_hit(web, &row);
	}
	table_end(web);
}

/* What is met under this name, and on which numbers. */
static void put_products(struct web *web, struct span words)
{
	static const char *const heads[] = {N_("Product"), N_("Ports")};
	const struct map *map = web->site->map;
	uint32_t indices[PRODUCTS];
	size_t n = map_search_products(map, words, indices, PRODUCTS);

	if (!n)
		return;
	table_begin(web, N_("Products of this name"), heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < n && i < PRODUCTS; i++) {
		struct map_product product;
		struct map_practice fact;
		uint32_t cursor = 0;
		size_t n_facts = 0;

		map_product_get(map, indices[i], &product);
		html(web, "<tr><th scope=row>");
		put_bdi(web, product.title);
		html(web, "<td>");
		while (map_next_of_product(map, product.slug, &cursor, &fact)) {
			html(web, n_facts++ ? ", <bdi>" : "<bdi>");
			put_ports(web, fact.first, fact.last);
			html(web, "/");
			html(web, transport_word(fact.transport));
			html(web, "</bdi>");
		}
		html(web, n_facts ? "" : "–");
	}
	table_end(web);
}

/* A number is a port: its page is the answer. */
static bool is_port(struct web *web, struct span words)
{
	uint64_t port;

	if (words.n > 1 && words.p[0] == ':')
		words = span_skip(words, 1);
	if (!span_u64(words, PORT_MAX, &port))
		return false;
	web->answer->status = 303;
	web->answer->type = "text/plain; charset=utf-8";
	snprintf(web->answer->location, sizeof(web->answer->location), "%s%s/%u",
		 web->is_chosen ? "/" : "", web->is_chosen ? web->tongue->code : "",
		 (unsigned)port);
	buf_str(web->out, web->answer->location);
	buf_byte(web->out, '\n');
	return true;
}

void page_search(struct web *web)
{
	struct span words = web_field(web, web->query, "q");
	struct map_hit *hits;
	struct why why = {0};
	long n = 0;

	if (is_port(web, words))
		return;
	hits = arena_get_array(&web->arena, SHOWN, sizeof(*hits));
	if (words.n)
		n = map_search(web->site->map, words, hits, SHOWN, &why);
	page_begin(web, span_str(word(web, N_("Search"))), NULL);
	html(web, "<h1>");
	say(web, N_("Search"));
	html(web, "</h1>");
	put_box(web, words);
	html(web, "<p role=status>");
	if (n < 0) {
		html(web, "<span lang=en dir=ltr>");
		put_text(web, span_str(why.text));
		html(web, "</span></p>");
	} else if (words.n) {
		say_count(web, "{1} registration matches.", "{1} registrations match.",
			  (uint64_t)n);
		html(web, "</p>");
		put_products(web, words);
		if (n > 0)
			put_hits(web, N_("Registrations, the best first"), hits, (size_t)n);
	} else {
		say(web, N_("Look for a port, a name, a word, or a company."));
		html(web, "</p>");
	}
	page_end(web);
}

size_t hits_named(struct web *web, struct span name, struct map_hit **hits)
{
	const struct map *map = web->site->map;
	size_t n = map_n_registrations(map);
	size_t room = 0;
	size_t found = 0;

	*hits = NULL;
	for (size_t i = 0; name.n && i < n; i++) {
		struct span service = map_registration_name(map, (uint32_t)i);

		if (service.n == name.n && span_eq_nocase(service, name)) {
			struct map_hit *hit =
				arena_push(&web->arena, hits, &found, &room, sizeof(*hit));

			hit->index = (uint32_t)i;
		}
	}
	return found;
}

void page_service(struct web *web)
{
	struct map_hit *hits;
	struct map_registration row;
	size_t n = hits_named(web, web->word, &hits);

	if (!n)
		return;
	map_registration_get(web->site->map, hits[0].index, &row);
	page_begin(web, row.service, NULL);
	html(web, "<h1><bdi>");
	put_text(web, row.service);
	html(web, "</bdi></h1><p class=answer>");
	say_count(web, "A name that IANA has registered, in {1} record.",
		  "A name that IANA has registered, in {1} records.", n);
	html(web, "</p>");
	put_hits(web, N_("Records with this name"), hits, n);
	page_end(web);
}

static void put_look(struct web *web, struct span words, const struct map_hit *hits, size_t n,
		     size_t n_matched, size_t most)
{
	struct style style = {.columns = 80};
	struct look_report report = {.map = web->site->map,
				     .words = words,
				     .hits = hits,
				     .n_hits = n,
				     .n_matched = n_matched};
	uint32_t *products = arena_get_array(&web->arena, most, sizeof(*products));

	report.products = products;
	report.n_products_matched = map_search_products(report.map, words, products, most);
	report.n_products = report.n_products_matched < most ? report.n_products_matched : most;
	web->answer->status = 200;
	web->answer->type = "application/json";
	format_find(SPAN_LIT("json"))->look(web->out, &style, &report);
}

void api_service(struct web *web)
{
	struct map_hit *hits;
	size_t n = hits_named(web, web->word, &hits);

	if (n)
		put_look(web, web->word, hits, n, n, USUAL);
	else
		web_refuse(web, 404, "no service of that name is registered");
}

void api_search(struct web *web)
{
	struct span words = web_field(web, web->query, "q");
	struct span most = web_field(web, web->query, "limit");
	uint64_t limit = USUAL;
	struct map_hit *hits;
	struct why why;
	long n;

	if (!words.n) {
		web_refuse(web, 400, "q is missing: what shall be looked for?");
		return;
	}
	if (most.n && (!span_u64(most, HITS_MAX, &limit) || limit == 0)) {
		web_refuse(web, 400, "limit is a number from 1 to 1000");
		return;
	}
	hits = arena_get_array(&web->arena, limit, sizeof(*hits));
	n = map_search(web->site->map, words, hits, limit, &why);
	if (n < 0)
		web_refuse(web, 400, why.text);
	else
		put_look(web, words, hits, (size_t)n < limit ? (size_t)n : limit, (size_t)n, limit);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a search finds first, and how many in all. */
#include <stdio.h>

#include "base/scope.h"
#include "map/map.h"
#include "tap.h"

enum { MAX = 20000 };

static const struct {
	const char *name, *words;
	unsigned port;       /* of the first hit */
	const char *service; /* of the first hit; NULL: nothing is found */
	long least, most;    /* how many */
} cases[] = {
	{"an exact name comes first", "ssh", 22, "ssh", 3, 1000},
	{"case does not matter", "SSH", 22, "ssh", 3, 1000},
	{"the beginning of a name", "postgre", 5432, "postgresql", 2, 50},
	{"words of a description", "secure shell", 22, "ssh", 2, 20},
	{"all words must be there", "secure zebrafish", 0, NULL, 0, 0},
	{"a name that nobody has", "qqxzqqxz", 0, NULL, 0, 0},
	{"the registrant's domain", "omnibond", 3451, "asam", 2, 2},
	{"a word inside of a word", "mnibon", 3451, "asam", 2, 2},
	{"a product that uses the number", "permify", 3476, "nppmp", 1, 20},
	{"a number is a word, too", "3232", 3232, "mdtp", 2, 20},
	{"a document", "RFC6513", 3232, "mdtp", 2, 2},
	{"filter: domain", "domain:omnibond.com", 3451, "asam", 2, 2},
	{"filter: a domain's parent", "domain:pgh.pa.us", 5432, "postgresql", 2, 20},
	{"filter: not the end of another domain", "domain:nibond.com", 0, NULL, 0, 0},
	{"filter: port", "port:3323", 3322, "active-net", 1, 1},
	{"filter: a range of ports", "port:3451-3452/tcp", 3451, "asam", 1, 4},
	{"filter: rfc by number", "rfc:6513", 3232, "mdtp", 2, 2},
	{"filter: rfc by name", "rfc:RFC6513", 3232, "mdtp", 2, 2},
	{"filter: rfc is not a prefix", "rfc:651", 0, NULL, 0, 0},
	{"filter: standing and year", "standing:alive registered:2002-04 asam", 3451, "asam", 1, 1},
	{"filter: standing alone", "standing:reserved transport:tcp", 0, "", 100, 2000},
	{"filter: transport", "ssh transport:sctp", 22, "ssh", 1, 5},
	{"filter: organisation", "organisation:IESG port:80 transport:tcp", 80, "http", 1, 3},
	{"filter: modified", "modified:2012-02-21 mdtp", 3232, "mdtp", 2, 2},
	{"an address is a word", "http://www.zigbee.org", 0, NULL, 0, 100},
};

static const struct {
	const char *name, *words, *why;
} refused[] = {
	{"an unknown filter", "colour:red", "unknown filter 'colour:'"},
	{"an unknown standing", "standing:dead", "unknown standing 'dead'"},
	{"an unknown transport", "transport:xyz", "unknown transport 'xyz'"},
	{"a filter without value", "domain:", "has no value"},
	{"a port that is none", "port:70000", "70000"},
	{"nothing", "  ", "nothing to search for"},
	{"too many words", "a b c d e f g h i", "more than 8 words"},
};

static bool are_sorted(const struct map_hit *hits, size_t n)
{
	struct map_registration a;
	struct map_registration b;

	for (size_t i = 1; i < n; i++) {
		map_registration_get(NULL, hits[i - 1].index, &a);
		map_registration_get(NULL, hits[i].index, &b);
		if (hits[i - 1].rank > hits[i].rank)
			return false;
		if (hits[i - 1].rank == hits[i].rank && a.has_port && b.has_port &&
		    a.first > b.first)
			return false;
	}
	return true;
}

/* A search as simple as can be, over the texts of a row alone. */
static bool is_in(struct span text, const char *word)
{
	return span_find_nocase(text, span_str(word)) >= 0;
}

static long count_naive(const char *word)
{
	struct map_registration row;
	long n = 0;

	for (uint32_t i = 0; i < map_n_registrations(NULL); i++) {
		map_registration_get(NULL, i, &row);
		n += is_in(row.service, word) || is_in(row.description, word) ||
		     is_in(row.organisation, word) || is_in(row.domain, word) ||
		     is_in(row.references, word) || is_in(row.registered, word) ||
		     is_in(row.modified, word) || is_in(row.unauthorized, word) ||
		     is_in(row.notes, word) || is_in(row.service_code, word);
	}
	return n;
}

static void products_by_words(void)
{
	static const struct {
		const char *words, *first;
		size_t n;
	} names[] = {
		{"jaeger", "jaeger", 1},
		{"Framehawk", "citrix-framehawk", 1},
		{"citrix ica", "citrix-ica", 1},
		{"citrix session", "citrix-cgp", 2},
		{"awk", NULL, 0}, /* inside of a word */
		{"jaeger standing:ghost", NULL, 0},
		{"no such product", NULL, 0},
	};
	uint32_t found[4];
	uint32_t cursor = 0;
	struct map_product product;
	struct map_practice fact;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = map_search_products(NULL, span_str(names[i].words), found,
					       ARRAY_LEN(found));
		bool is_right = n == names[i].n;

		if (n && names[i].first) {
			map_product_get(NULL, found[0], &product);
			is_right = is_right && span_is(product.slug, names[i].first);
		}
		ok(is_right, "%zu products are named '%s'", names[i].n, names[i].words);
	}
	ok(map_next_of_product(NULL, SPAN_LIT("postgresql"), &cursor, &fact) && fact.first == 5432,
	   "the usual number of a product comes first");
	ok(map_search_products(NULL, SPAN_LIT("server"), found, 0) > 100,
	   "an empty array may count");
	ok(map_search(NULL, SPAN_LIT("framehawk"), NULL, 0, NULL) == 0,
	   "a product of a wide range names none of its numbers");
}

int main(void)
{
	static struct map_hit hits[MAX];
	static const char *const naive[] = {"management", "e",       "zz",   "Unassigned",
					    "ietf.org",   "2002-04", "Port", "@"};
	struct map_hit few[3];
	struct map_registration row;
	struct why why;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		long n = map_search(NULL, span_str(cases[i].words), hits, MAX, &why);
		bool is_right = n >= cases[i].least && n <= cases[i].most;

		if (n > 0 && cases[i].service) {
			map_registration_get(NULL, hits[0].index, &row);
			is_right = is_right && row.first == cases[i].port &&
				   span_is(row.service, cases[i].service);
		}
		ok(is_right && are_sorted(hits, n > 0 ? (size_t)n : 0), "%s: '%s'", cases[i].name,
		   cases[i].words);
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		long n = map_search(NULL, span_str(refused[i].words), hits, MAX, &why);

		ok(n < 0 && strstr(why.text, refused[i].why), "%s is refused: %s", refused[i].name,
		   why.text);
	}
	for (size_t i = 0; i < ARRAY_LEN(naive); i++) {
		long want = count_naive(naive[i]);
		long n = map_search(NULL, span_str(naive[i]), hits, MAX, NULL);

		/* Products may add rows, never take any. */
		ok(n >= want && (n == want || hits[want].rank > hits[0].rank),
		   "'%s': %ld rows, as a plain scan finds", naive[i], want);
	}

	long all = map_search(NULL, SPAN_LIT("http"), hits, MAX, NULL);

	ok(map_search(NULL, SPAN_LIT("http"), few, 3, NULL) == all &&
		   memcmp(few, hits, sizeof(few)) == 0,
	   "a short array gets the best of all, and the number of all");
	ok(map_search(NULL, SPAN_LIT("http"), few, 0, NULL) == all, "an empty array may count");
	products_by_words();
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: registrations by words and filters, best first.
 *
 * Every word must be found somewhere in a row, caseless; the place where it stands best gives its
 * rank, and the ranks of all words are added up. To look into 14,000 rows within a millisecond, a
 * word is first looked for in the whole pool of strings, many bytes at a step, and the stretches
 * of it that hold the word are marked; only strings that touch a marked stretch are read.
 *
 * A row is also found by the products that use its port (data/practice), as the weakest place. What
 * a product may take of a wide range is no use of each number in it, and finds none of its rows.
 * The caller's array is a heap, worst hit on top, until the end; nothing is allocated.
 */
#include "map/image.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"
#include "map/search.h"

enum {
	MAX_WORDS = 8,
	STRETCH_BITS = 8,
	N_STRETCHES = POOL_MAX >> STRETCH_BITS,
	STEP = 64,
	NO_RANK = 1 << 16,
	WIDE = 32, /* numbers; as for the standing of a registration */
};

/* Where a word may stand, best first. */
enum rank {
	RANK_NAME, /* it is the name of the service, or the number of the port */
	RANK_NAME_START,
	RANK_NAME_WORD,
	RANK_NAME_INSIDE,
	RANK_DESCRIPTION_WORD,
	RANK_DESCRIPTION_INSIDE,
	RANK_REGISTRANT,
	RANK_REFERENCE,
	RANK_DATE,
	RANK_NOTE,
	RANK_PRODUCT,
};

#define FILTERS(F)                                                                                 \
	F(STANDING, "standing")                                                                    \
	F(REGISTERED, "registered")                                                                \
	F(MODIFIED, "modified")                                                                    \
	F(DOMAIN, "domain")                                                                        \
	F(TRANSPORT, "transport")                                                                  \
	F(ORGANISATION, "organisation")                                                            \
	F(PORT, "port")                                                                            \
	F(RFC, "rfc")

#define F(name, word) FILTER_##name,
enum filter_kind { FILTERS(F) N_FILTERS };
#undef F

static const char *const filter_words[] = {
#define F(name, word) word,
	FILTERS(F)
#undef F
};

struct filter {
	enum filter_kind kind;
	struct span value;
	enum map_standing standing;
	enum transport transport;
	struct port_query ports;
};

struct word {
	struct span text;
	uint64_t number; /* UINT64_MAX: not one */
	uint64_t stretches[N_STRETCHES / 64]; /* of the registry's strings */
	uint64_t of_practice[N_STRETCHES / 64];
	size_t n_stretches;           /* marked ones of the registry: how common the word is */
	uint64_t ports[N_PORTS / 64]; /* that a product of this name uses */
	bool has_ports;
	uint32_t detail; /* that was ranked last, + 1; most rows come as pairs */
	unsigned rank;   /* of its texts */
};

struct query {
	const struct map *map;
	struct word words[MAX_WORDS];
	uint8_t order[MAX_WORDS]; /* in which the words are asked for */
	struct filter filters[MAX_WORDS];
	size_t n_words, n_filters;
};

static bool has_bit(const uint64_t *bits, size_t i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void set_bit(uint64_t *bits, size_t i)
{
	bits[i / 64] |= (uint64_t)1 << i % 64;
}

/* The text of a ref, or nothing when no marked stretch has part in it. */
static struct span touched(const struct image_header *image, const uint64_t *stretches,
			   uint32_t le_ref)
{
	uint32_t ref = le32toh(le_ref);
	uint32_t n = ref >> REF_OFFSET_BITS;
	size_t first = (ref & (POOL_MAX - 1)) >> STRETCH_BITS;
	size_t last = ((ref & (POOL_MAX - 1)) + n) >> STRETCH_BITS;

	for (size_t i = first; n && i <= last && i < N_STRETCHES; i++)
		if (has_bit(stretches, i))
			return image_string(image, le_ref);
	return span_of(NULL, 0);
}

/* Marks the stretches where the word begins. A step is thrown away unless some place in it has
 * the word's first and last byte at the right distance; compilers turn that loop into vectors. */
static void mark(const struct image_header *image, struct span word, uint64_t *stretches)
{
	const uint8_t *pool = image_at(image, SECTION_STRINGS);
	size_t n_pool = image_n(image, SECTION_STRINGS);
	size_t n = word.n;
	uint8_t first = word.p[0] | 0x20;
	uint8_t last = word.p[n - 1] | 0x20;
	size_t i = 0;

	for (; i + STEP + n <= n_pool; i += STEP) {
		const uint8_t *p = pool + i;
		const uint8_t *q = p + n - 1;
		uint8_t any = 0;

		for (size_t k = 0; k < STEP; k++)
			any |= (uint8_t)(((p[k] | 0x20) == first) & ((q[k] | 0x20) == last));
		for (size_t k = 0; any && k < STEP; k++)
			if ((p[k] | 0x20) == first && (q[k] | 0x20) == last &&
			    span_eq_nocase(span_of(p + k, n), word))
				set_bit(stretches, (i + k) >> STRETCH_BITS);
	}
	for (; i + n <= n_pool; i++)
		if (span_eq_nocase(span_of(pool + i, n), word))
			set_bit(stretches, i >> STRETCH_BITS);
}

static size_t count_bits(const uint64_t *bits, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n / 64; i++)
		sum += (size_t)__builtin_popcountll(bits[i]);
	return sum;
}

static bool is_fact_named(const struct map *map, const struct map_practice *fact, struct span word)
{
	struct map_product product;

	if (fact->last - fact->first >= WIDE)
		return false;
	if (map_product_find(map, fact->product, &product))
		return search_names(&product, word);
	return search_fit(fact->product, word) > FIT_INSIDE;
}

static void mark_fact(struct word *word, const struct image_fact *fact)
{
	for (unsigned port = le16toh(fact->first); port <= le16toh(fact->last); port++)
		set_bit(word->ports, port);
	word->has_ports = true;
}

/* Marks the ports of products of this name, and of malware, which no product row describes. */
static void mark_products(const struct map *map, struct word *word)
{
	const struct image_header *image = map->practice;
	const struct image_fact *facts = image_at(image, SECTION_FACTS);
	const struct image_product *products = image_at(image, SECTION_PRODUCTS);
	uint32_t n_facts = image_n(image, SECTION_FACTS);

	for (uint32_t i = 0; i < image_n(image, SECTION_PRODUCTS); i++) {
		struct map_product product = {
			.slug = touched(image, word->of_practice, products[i].slug),
			.title = touched(image, word->of_practice, products[i].title),
		};

		if (!search_names(&product, word->text))
			continue;
		for (uint32_t k = 0; k < n_facts; k++)
			if (facts[k].product == products[i].slug)
				mark_fact(word, &facts[k]);
	}
	for (uint32_t k = 0; k < n_facts; k++)
		if (facts[k].kind == PRACTICE_MALWARE &&
		    search_fit(touched(image, word->of_practice, facts[k].product), word->text) >
			    FIT_INSIDE)
			mark_fact(word, &facts[k]);
}

static bool is_port_used_by(const struct map *map, uint16_t port, enum transport transport,
			    const struct word *word)
{
	struct map_practice fact;
	uint32_t cursor = 0;

	while (map_next_practice(map, port, transport, &cursor, &fact))
		if (is_fact_named(map, &fact, word->text))
			return true;
	return false;
}

static bool is_used_by(const struct map *map, const struct image_row *row, const struct word *word)
{
	enum transport transport = (enum transport)(row->transport & ~ROW_HAS_PORT);

	for (unsigned port = le16toh(row->first); port <= le16toh(row->last); port++)
		if (has_bit(word->ports, port) &&
		    is_port_used_by(map, (uint16_t)port, transport, word))
			return true;
	return false;
}

static bool stands_in(const struct image_header *image, const struct word *word, uint32_t le_ref)
{
	struct span text = touched(image, word->stretches, le_ref);

	return text.n && search_fit(text, word->text) != FIT_NONE;
}

static unsigned rank_texts(const struct image_header *image, const struct image_detail *detail,
			   const struct word *word)
{
	static const unsigned of_name[] = {NO_RANK, RANK_NAME_INSIDE, RANK_NAME_WORD,
					   RANK_NAME_START, RANK_NAME};
	static const unsigned of_description[] = {NO_RANK, RANK_DESCRIPTION_INSIDE,
						  RANK_DESCRIPTION_WORD, RANK_DESCRIPTION_WORD,
						  RANK_DESCRIPTION_WORD};
	static const struct {
		enum rank rank;
		enum detail_field field;
	} places[] = {
		{RANK_REGISTRANT, DETAIL_ORGANISATION}, {RANK_REGISTRANT, DETAIL_DOMAIN},
		{RANK_REFERENCE, DETAIL_REFERENCES},    {RANK_DATE, DETAIL_REGISTERED},
		{RANK_DATE, DETAIL_MODIFIED},
	};
	enum fit fit =
		search_fit(touched(image, word->stretches, detail->slot[DETAIL_SERVICE]), word->text);

	if (fit)
		return of_name[fit];
	fit = search_fit(touched(image, word->stretches, detail->slot[DETAIL_DESCRIPTION]), word->text);
	if (fit)
		return of_description[fit];
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (stands_in(image, word, detail->slot[places[i].field]))
			return places[i].rank;
	if (detail->slot[DETAIL_RARE] == 0)
		return NO_RANK;

	const struct image_rare *rare = (const struct image_rare *)image_at(image, SECTION_RARE) +
					le32toh(detail->slot[DETAIL_RARE]);

	return stands_in(image, word, rare->unauthorized) || stands_in(image, word, rare->notes) ||
			       stands_in(image, word, rare->service_code)
		       ? RANK_NOTE
		       : NO_RANK;
}

static unsigned rank_word(const struct query *query, const struct image_row *row, struct word *word)
{
	const struct image_header *image = query->map->registry;
	const struct image_detail *details = image_at(image, SECTION_DETAILS);
	unsigned rank;

	if ((row->transport & ROW_HAS_PORT) && word->number >= le16toh(row->first) &&
	    word->number <= le16toh(row->last))
		return RANK_NAME;
	if (word->detail != le16toh(row->detail) + 1u) {
		word->detail = le16toh(row->detail) + 1u;
		word->rank = rank_texts(image, &details[le16toh(row->detail)], word);
	}
	rank = word->rank;
	if (rank == NO_RANK && word->has_ports && (row->transport & ROW_HAS_PORT) &&
	    is_used_by(query->map, row, word))
		rank = RANK_PRODUCT;
	return rank;
}

static bool is_domain_of(struct span domain, struct span value)
{
	struct span end = span_skip(domain, domain.n > value.n ? domain.n - value.n : 0);

	return span_eq_nocase(end, value) &&
	       (end.n == domain.n || domain.p[domain.n - end.n - 1] == '.');
}

/* "RFC6513" in "[RFC6513]", but not "RFC651". */
static bool cites_rfc(struct span references, struct span number)
{
	struct span rest = references;
	ptrdiff_t at;

	while ((at = span_find_nocase(rest, SPAN_LIT("rfc"))) >= 0) {
		rest = span_skip(rest, (size_t)at + 3);

		struct span cited = rest;
		size_t n = 0;

		while (n < cited.n && cited.p[n] >= '0' && cited.p[n] <= '9')
			n++;
		if (span_eq(span_cut(cited, n), number))
			return true;
	}
	return false;
}

static bool passes(const struct filter *filter, const struct map_registration *row)
{
	switch (filter->kind) {
	case FILTER_STANDING: return row->standing == filter->standing;
	case FILTER_REGISTERED:
		return span_eq(span_cut(row->registered, filter->value.n), filter->value);
	case FILTER_MODIFIED:
		return span_eq(span_cut(row->modified, filter->value.n), filter->value);
	case FILTER_DOMAIN: return is_domain_of(row->domain, filter->value);
	case FILTER_TRANSPORT: return row->transport == filter->transport;
	case FILTER_ORGANISATION: return search_fit(row->organisation, filter->value) != FIT_NONE;
	case FILTER_PORT:
		return row->has_port && row->first <= filter->ports.last &&
		       row->last >= filter->ports.first &&
		       (filter->ports.transport == TRANSPORT_ANY ||
			row->transport == TRANSPORT_ANY ||
			row->transport == filter->ports.transport);
	case FILTER_RFC: return cites_rfc(row->references, filter->value);
	default: return false;
	}
}

static unsigned rank_row(struct query *query, uint32_t index)
{
	const struct image_header *image = query->map->registry;
	const struct image_row *row =
		(const struct image_row *)image_at(image, SECTION_ROWS) + index;
	unsigned rank = 0;

	if (query->n_filters) {
		struct map_registration whole;

		map_registration_get(query->map, index, &whole);
		for (size_t i = 0; i < query->n_filters; i++)
			if (!passes(&query->filters[i], &whole))
				return NO_RANK;
	}
	for (size_t i = 0; i < query->n_words && rank < NO_RANK; i++)
		rank += rank_word(query, row, &query->words[query->order[i]]);
	return rank;
}

static int take_filter(struct query *query, struct span key, struct span value, struct why *why)
{
	struct filter *filter = &query->filters[query->n_filters];
	size_t kind = 0;

	while (kind < N_FILTERS && !span_eq_nocase(key, span_str(filter_words[kind])))
		kind++;
	if (kind == N_FILTERS)
		return why_set(why, EINVAL,
			       _("unknown filter '%.*s:': standing, registered, modified, domain, "
				 "transport, organisation, port, rfc"),
			       SPAN_ARG(key));
	if (value.n == 0 || query->n_filters == MAX_WORDS)
		return why_set(why, EINVAL, _("filter '%.*s:' has no value, or there are too many"),
			       SPAN_ARG(key));
	*filter = (struct filter){.kind = (enum filter_kind)kind, .value = value};
	query->n_filters++;
	switch (filter->kind) {
	case FILTER_STANDING:
		if (map_standing_parse(value, &filter->standing))
			return 0;
		break;
	case FILTER_TRANSPORT:
		if (transport_parse(value, &filter->transport))
			return 0;
		break;
	case FILTER_PORT: return port_query_parse(value, &filter->ports, why);
	case FILTER_RFC:
		if (value.n > 3 && span_eq_nocase(span_cut(value, 3), SPAN_LIT("rfc")))
			filter->value = span_skip(value, 3);
		return 0;
	default: return 0;
	}
	return why_set(why, EINVAL, _("unknown %s '%.*s'"), filter_words[kind], SPAN_ARG(value));
}

static int query_parse(struct query *query, struct span text, struct why *why)
{
	struct span item;
	struct span key;
	struct span value;

	while (take_word(&text, &item)) {
		if (search_is_filter(item, &key, &value)) {
			int r = take_filter(query, key, value, why);

			if (r)
				return r;
			continue;
		}
		if (query->n_words == MAX_WORDS)
			return why_set(why, EINVAL, _("more than %d words"), MAX_WORDS);

		struct word *word = &query->words[query->n_words++];

		word->text = item;
		if (!span_u64(item, PORT_MAX, &word->number))
			word->number = UINT64_MAX;
		mark(query->map->registry, word->text, word->stretches);
		word->n_stretches = count_bits(word->stretches, N_STRETCHES);
		mark(query->map->practice, word->text, word->of_practice);
		mark_products(query->map, word);
	}
	return 0;
}

/* The rarest word first: most rows fail at it, and are not asked for the others. */
static void rarest_first(struct query *query)
{
	for (size_t i = 0; i < query->n_words; i++)
		query->order[i] = (uint8_t)i;
	for (size_t i = 1; i < query->n_words; i++)
		for (size_t k = i; k > 0; k--) {
			uint8_t one = query->order[k - 1];
			uint8_t other = query->order[k];

			if (query->words[one].n_stretches <= query->words[other].n_stretches)
				break;
			query->order[k - 1] = other;
			query->order[k] = one;
		}
}

static bool is_worse(const struct map *map, const struct map_hit *a, const struct map_hit *b)
{
	const struct image_row *rows = image_at(map->registry, SECTION_ROWS);
	const struct image_row *s = &rows[a->index];
	const struct image_row *t = &rows[b->index];

	if (a->rank != b->rank)
		return a->rank > b->rank;
	if ((s->transport ^ t->transport) & ROW_HAS_PORT)
		return !(s->transport & ROW_HAS_PORT);
	if (s->first != t->first)
		return le16toh(s->first) > le16toh(t->first);
	return a->index > b->index;
}

/* Lets the hit at i sink to its place in a heap whose top is the worst. */
static void sink_hit(const struct map *map, struct map_hit *hits, size_t n, size_t i)
{
	struct map_hit hit = hits[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && is_worse(map, &hits[child + 1], &hits[child]))
			child++;
		if (!is_worse(map, &hits[child], &hit))
			break;
		hits[i] = hits[child];
	}
	hits[i] = hit;
}

/* Keeps the best `max` of all that come. */
static void keep(const struct map *map, struct map_hit *hits, size_t max, size_t n_before,
		 struct map_hit hit)
{
	if (n_before < max) {
		hits[n_before] = hit;
		if (n_before + 1 == max)
			for (size_t i = max / 2; i-- > 0;)
				sink_hit(map, hits, max, i);
	} else if (max && is_worse(map, &hits[0], &hit)) {
		hits[0] = hit;
		sink_hit(map, hits, max, 0);
	}
}

static void sort_hits(const struct map *map, struct map_hit *hits, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sink_hit(map, hits, n, i);
	for (size_t i = n; i-- > 1;) {
		struct map_hit worst = hits[0];

		hits[0] = hits[i];
		hits[i] = worst;
		sink_hit(map, hits, i, 0);
	}
}

long map_search(const struct map *map, struct span words, struct map_hit *hits, size_t max,
		struct why *why)
{
	struct query query = {.map = map ? map : map_builtin()};
	size_t n = 0;
	int r = query_parse(&query, words, why);

	if (r)
		return r;
	if (!query.n_words && !query.n_filters)
		return why_set(why, EINVAL, _("nothing to search for"));
	rarest_first(&query);
	for (uint32_t i = 0; i < map_n_registrations(query.map); i++) {
		unsigned rank = rank_row(&query, i);

		if (rank < NO_RANK)
			keep(query.map, hits, max, n++, (struct map_hit){i, rank});
	}
	sort_hits(query.map, hits, n < max ? n : max);
	return (long)n;
}

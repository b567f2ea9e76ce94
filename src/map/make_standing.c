/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_standing: how alive a registration is, from the evidence that was searched.
 *
 * For each named row every source is asked what it knows of the row's ports and transport:
 *
 *   iana references          a document is a weak sign that the service exists
 *   iana unauthorized use    somebody else uses the number
 *   iana other transport     the same name on the same number is alive over another transport:
 *                            a weak sign, since both were handed out together before 2011
 *   zeek                     a protocol detector expects the service (alive), or another one
 *   debian packages, npm packages, documentation, reports
 *                            our own facts by grade and source. A fact is for the service when
 *                            its product has the name, is named for it in names.tsv, or, unless
 *                            the fact is a conflict, speaks a protocol of that name
 *
 * alive: the service was found by a source that was read itself. quiet: only weak signs, which
 * are documents, reports, unconfirmed facts. overtaken: only others were found. ghost: nothing.
 * Malware is no evidence at all, and unconfirmed facts of others are shown but weigh nothing. Nor
 * does a pool, a wide range from which another program draws numbers as it needs them (streams of
 * a call, workers): it is met on all of its numbers, and takes none of them over.
 * A row without port is asked for by its name alone.
 */
#include "map/make_private.h"

#include <errno.h>

#include "base/scope.h"
#include "base/text.h"

#define SOURCES(S)                                                                                 \
	S(REFERENCES, "iana references")                                                           \
	S(UNAUTHORIZED, "iana unauthorized use")                                                   \
	S(OTHER_TRANSPORT, "iana other transport")                                                 \
	S(ZEEK, "zeek")                                                                            \
	S(DEBIAN, "debian packages")                                                               \
	S(NPM, "npm packages")                                                                     \
	S(DOCUMENTATION, "documentation")                                                          \
	S(REPORTS, "reports")

#define S(name, word) SOURCE_##name,
enum source { SOURCES(S) N_SOURCES };
#undef S

static const char *const source_words[] = {
#define S(name, word) word,
	SOURCES(S)
#undef S
};

enum { MAX_NAMES = 32, POOL = 32 /* more numbers than these are a pool */ };

/* What one finding says; the strongest decides. */
enum weight { WEIGHT_NOTHING, WEIGHT_OTHER, WEIGHT_WEAK, WEIGHT_ALIVE };

/* The names of one service: its own, and those of names.tsv. */
struct called {
	struct span names[MAX_NAMES];
	size_t n;
};

struct judge {
	const struct map_registration *rows;
	size_t n_rows;
	const struct make_knowledge *knowledge;
	struct arena *arena;
	struct make_judgement *judgement;
	size_t source_at[N_SOURCES]; /* place in knowledge->sources */
	bool is_collecting;          /* second pass: findings are kept, other transports count */
};

size_t make_n_source_words(void)
{
	return N_SOURCES;
}

const char *make_source_word(size_t i)
{
	return source_words[i];
}

/* Caseless, and '-' is '_': some rows keep their old spelling. */
static bool same_name(struct span a, struct span b)
{
	if (a.n != b.n || a.n == 0)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		struct span c = span_of(a.p[i] == '_' ? (const uint8_t *)"-" : a.p + i, 1);
		struct span d = span_of(b.p[i] == '_' ? (const uint8_t *)"-" : b.p + i, 1);

		if (!span_eq_nocase(c, d))
			return false;
	}
	return true;
}

static struct called called(const struct make_knowledge *knowledge, struct span service)
{
	struct called called = {.names = {service}, .n = 1};

	for (size_t i = 0; i < knowledge->n_names && called.n < MAX_NAMES; i++)
		if (same_name(knowledge->names[i].service, service))
			called.names[called.n++] = knowledge->names[i].product;
	return called;
}

static bool is_called(const struct called *called, struct span other)
{
	for (size_t i = 0; i < called->n; i++)
		if (same_name(called->names[i], other))
			return true;
	return false;
}

static const struct map_product *find_product(const struct make_knowledge *knowledge,
					      struct span slug)
{
	size_t low = 0;
	size_t high = knowledge->n_products;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = span_cmp(knowledge->products[middle].product.slug, slug);

		if (order == 0)
			return &knowledge->products[middle].product;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool is_for(const struct called *service, const struct map_practice *fact,
		   const struct map_product *product)
{
	struct span protocols = product ? product->protocols : span_of(NULL, 0);
	struct span protocol;

	if (is_called(service, fact->product) || (product && is_called(service, product->title)))
		return true;
	while (fact->kind != PRACTICE_CONFLICT && take_until(&protocols, ',', &protocol))
		if (is_called(service, span_trim(protocol)))
			return true;
	return false;
}

static bool meets(const struct map_registration *row, uint16_t first, uint16_t last,
		  enum transport transport)
{
	return row->has_port && first <= row->last && row->first <= last &&
	       (transport == row->transport || transport == TRANSPORT_ANY ||
		row->transport == TRANSPORT_ANY);
}

/* Keeps findings sorted by source inside of their row, each once. */
static void find(struct judge *judge, size_t row, enum source source, bool is_for_life,
		 struct span text, struct span searched)
{
	struct make_judgement *all = judge->judgement;
	struct make_finding finding = {(uint32_t)row, judge->source_at[source], is_for_life, text,
				       searched};
	size_t at;

	if (!judge->is_collecting)
		return;
	for (at = all->n_findings; at && all->findings[at - 1].row == row; at--)
		if (all->findings[at - 1].source == finding.source &&
		    span_eq(all->findings[at - 1].finding, text))
			return;
	arena_push(judge->arena, &all->findings, &all->n_findings, &all->size_findings,
		   sizeof(*all->findings));
	for (at = all->n_findings - 1; at && all->findings[at - 1].row == row &&
				       all->findings[at - 1].source > finding.source;
	     at--)
		all->findings[at] = all->findings[at - 1];
	all->findings[at] = finding;
}

static struct span searched(const struct judge *judge, enum source source)
{
	return judge->knowledge->sources[judge->source_at[source]].searched;
}

static enum source source_of(const struct map_practice *fact)
{
	if (span_starts(fact->source, "deb:"))
		return SOURCE_DEBIAN;
	if (span_starts(fact->source, "npm:"))
		return SOURCE_NPM;
	return fact->grade == GRADE_PRIMARY ? SOURCE_DOCUMENTATION : SOURCE_REPORTS;
}

static bool is_pool(const struct map_practice *fact)
{
	return fact->last - fact->first >= POOL;
}

static enum weight weigh_fact(bool is_for_life, const struct map_practice *fact)
{
	if (is_for_life)
		return fact->grade == GRADE_PACKAGE || fact->grade == GRADE_PRIMARY ? WEIGHT_ALIVE
										    : WEIGHT_WEAK;
	return fact->grade == GRADE_UNCONFIRMED || is_pool(fact) ? WEIGHT_NOTHING : WEIGHT_OTHER;
}

static enum weight judge_facts(struct judge *judge, size_t i, const struct called *service)
{
	const struct make_knowledge *knowledge = judge->knowledge;
	const struct map_registration *row = &judge->rows[i];
	enum weight most = WEIGHT_NOTHING;

	for (size_t k = 0; k < knowledge->n_facts; k++) {
		const struct map_practice *fact = &knowledge->facts[k].fact;

		if (fact->kind == PRACTICE_MALWARE ||
		    (row->has_port && !meets(row, fact->first, fact->last, fact->transport)))
			continue;

		const struct map_product *product = find_product(knowledge, fact->product);
		bool is_for_life = is_for(service, fact, product);
		struct span title = product ? product->title : fact->product;
		enum weight weight = weigh_fact(is_for_life, fact);

		if (!row->has_port && !is_for_life)
			continue;
		if (fact->grade == GRADE_UNCONFIRMED)
			title = arena_print(judge->arena, "%.*s (unconfirmed)", SPAN_ARG(title));
		else if (!is_for_life && is_pool(fact))
			title = arena_print(judge->arena, "%.*s (%u-%u)", SPAN_ARG(title),
					    fact->first, fact->last);
		find(judge, i, source_of(fact), is_for_life, title, fact->read);
		most = weight > most ? weight : most;
	}
	return most;
}

static enum weight judge_seen(struct judge *judge, size_t i, const struct called *service)
{
	const struct make_knowledge *knowledge = judge->knowledge;
	const struct map_registration *row = &judge->rows[i];
	enum weight most = WEIGHT_NOTHING;

	for (size_t k = 0; k < knowledge->n_seen; k++) {
		const struct make_seen *seen = &knowledge->seen[k];
		bool is_for_life = is_called(service, seen->service);
		enum weight weight = is_for_life ? WEIGHT_ALIVE : WEIGHT_OTHER;

		if (!meets(row, seen->first, seen->last, seen->transport))
			continue;
		find(judge, i, SOURCE_ZEEK, is_for_life, seen->service, seen->read);
		most = weight > most ? weight : most;
	}
	return most;
}

/* Rows of one number stand side by side. */
static const struct map_registration *alive_twin(const struct judge *judge, size_t i)
{
	const struct map_registration *row = &judge->rows[i];
	size_t k = i;

	while (k && judge->rows[k - 1].has_port && judge->rows[k - 1].first == row->first)
		k--;
	for (; k < judge->n_rows && judge->rows[k].has_port && judge->rows[k].first == row->first;
	     k++)
		if (k != i && judge->rows[k].last == row->last &&
		    judge->judgement->standings[k] == STANDING_ALIVE &&
		    judge->rows[k].transport != row->transport &&
		    span_eq_nocase(judge->rows[k].service, row->service))
			return &judge->rows[k];
	return NULL;
}

static enum weight judge_registry(struct judge *judge, size_t i)
{
	const struct map_registration *row = &judge->rows[i];
	const struct map_registration *twin =
		judge->is_collecting && row->has_port ? alive_twin(judge, i) : NULL;
	enum weight weight = WEIGHT_NOTHING;

	if (row->unauthorized.n) {
		find(judge, i, SOURCE_UNAUTHORIZED, false, row->unauthorized,
		     searched(judge, SOURCE_UNAUTHORIZED));
		weight = WEIGHT_OTHER;
	}
	if (row->references.n && !span_is(row->references, "[n/a]")) {
		find(judge, i, SOURCE_REFERENCES, true, row->references,
		     searched(judge, SOURCE_REFERENCES));
		weight = WEIGHT_WEAK;
	}
	if (twin) {
		find(judge, i, SOURCE_OTHER_TRANSPORT, true,
		     span_str(transport_word(twin->transport)),
		     searched(judge, SOURCE_OTHER_TRANSPORT));
		weight = WEIGHT_WEAK;
	}
	return weight;
}

static enum map_standing judge_row(struct judge *judge, size_t i)
{
	static const enum map_standing standing_of[] = {
		[WEIGHT_NOTHING] = STANDING_GHOST,
		[WEIGHT_OTHER] = STANDING_OVERTAKEN,
		[WEIGHT_WEAK] = STANDING_QUIET,
		[WEIGHT_ALIVE] = STANDING_ALIVE,
	};
	const struct map_registration *row = &judge->rows[i];
	enum weight weight;
	enum weight more;

	if (row->service.n == 0)
		return span_find_nocase(row->description, SPAN_LIT("unassigned")) >= 0
			       ? STANDING_UNASSIGNED
			       : STANDING_RESERVED;

	struct called service = called(judge->knowledge, row->service);

	weight = judge_registry(judge, i);
	more = judge_seen(judge, i, &service);
	weight = more > weight ? more : weight;
	more = judge_facts(judge, i, &service);
	return standing_of[more > weight ? more : weight];
}

static int place_sources(struct judge *judge, struct why *why)
{
	const struct make_knowledge *knowledge = judge->knowledge;

	for (size_t i = 0; i < N_SOURCES; i++) {
		size_t k = 0;

		while (k < knowledge->n_sources &&
		       !span_is(knowledge->sources[k].source, source_words[i]))
			k++;
		if (k == knowledge->n_sources)
			return why_set(why, EINVAL, _("no row describes the source '%s'"),
				       source_words[i]);
		judge->source_at[i] = k;
	}
	if (knowledge->n_sources > UINT8_MAX)
		return why_set(why, E2BIG, _("more than %d sources"), UINT8_MAX);
	return 0;
}

int make_judge(const struct map_registration *rows, size_t n_rows,
	       const struct make_knowledge *knowledge, struct arena *arena,
	       struct make_judgement *judgement, struct why *why)
{
	struct judge judge = {
		.rows = rows,
		.n_rows = n_rows,
		.knowledge = knowledge,
		.arena = arena,
		.judgement = judgement,
	};
	int r = place_sources(&judge, why);

	if (r)
		return r;
	judgement->standings = arena_get_array(arena, n_rows + 1, sizeof(*judgement->standings));
	for (size_t i = 0; i < n_rows; i++)
		judgement->standings[i] = judge_row(&judge, i);
	/* Twins are judged by the first pass only, so that the order of rows does not matter:
	 * what the second pass changes is quiet, never alive. */
	judge.is_collecting = true;
	for (size_t i = 0; i < n_rows; i++)
		judgement->standings[i] = judge_row(&judge, i);
	return 0;
}

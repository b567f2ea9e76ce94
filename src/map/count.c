/* SPDX-License-Identifier: Apache-2.0 */
/* count: what `periplus stats` tells of the registry and the practice. */
#include "map/image.h"

#include "base/scope.h"

struct tally {
	uint64_t assigned[N_PORTS / 64];
	size_t by_year[10000];
};

static void count_named(struct map_counts *counts, struct tally *tally,
			const struct map_registration *row)
{
	uint64_t year;

	counts->named++;
	if (row->registered.n >= 4 && span_u64(span_cut(row->registered, 4), 9999, &year))
		tally->by_year[year]++;
	else
		counts->undated++;
	if (!row->has_port)
		return;
	counts->by_space[port_space(row->first)]++;
	if (row->transport == TRANSPORT_ANY)
		counts->ranges_without_transport++;
	for (unsigned port = row->first; port <= row->last; port++)
		tally->assigned[port / 64] |= (uint64_t)1 << port % 64;
}

static void count_facts(const struct map *map, struct map_counts *counts)
{
	struct map_practice before = {0};
	struct map_practice fact;

	counts->facts = map_n_practice(map);
	counts->products = map_n_products(map);
	for (uint32_t i = 0; i < counts->facts; i++, before = fact) {
		map_practice_get(map, i, &fact);
		counts->by_kind[fact.kind]++;
		counts->by_grade[fact.grade]++;
		/* Facts are sorted so: a range counts once. */
		if (i == 0 || fact.first != before.first || fact.last != before.last ||
		    fact.transport != before.transport)
			counts->fact_pairs++;
	}
}

/* Findings are sorted by row, then source; several of one source count once. */
static void count_evidence(const struct map *map, struct map_counts *counts)
{
	const struct image_header *image = (map ? map : map_builtin())->registry;
	const struct image_source *sources = image_at(image, SECTION_SOURCES);
	const struct image_finding *findings = image_at(image, SECTION_FINDINGS);
	uint32_t n = image_n(image, SECTION_FINDINGS);

	counts->n_sources = image_n(image, SECTION_SOURCES);
	if (counts->n_sources > ARRAY_LEN(counts->sources))
		counts->n_sources = ARRAY_LEN(counts->sources);
	for (size_t i = 0; i < counts->n_sources; i++) {
		counts->sources[i].source = image_string(image, sources[i].source);
		counts->sources[i].what = image_string(image, sources[i].what);
		counts->sources[i].searched = image_string(image, sources[i].searched);
	}
	for (uint32_t i = 0, next; i < n; i = next) {
		bool is_for_life = false;

		for (next = i; next < n && findings[next].row == findings[i].row &&
			       findings[next].source == findings[i].source;
		     next++)
			is_for_life |= findings[next].flags & FINDING_IS_FOR_LIFE;
		if (findings[i].source >= counts->n_sources)
			continue;
		if (is_for_life)
			counts->sources[findings[i].source].for_life++;
		else
			counts->sources[findings[i].source].for_others++;
	}
}

void map_count(const struct map *map, struct map_counts *counts)
{
	struct tally tally = {0};
	struct map_registration row;

	*counts = (struct map_counts){.rows = map_n_registrations(map)};
	for (uint32_t i = 0; i < counts->rows; i++) {
		map_registration_get(map, i, &row);
		counts->rows_with_port += row.has_port;
		counts->by_transport[row.transport]++;
		counts->by_standing[row.standing]++;
		if (row.service.n)
			count_named(counts, &tally, &row);
	}
	for (unsigned port = 0; port < N_PORTS; port++)
		if (tally.assigned[port / 64] >> port % 64 & 1)
			counts->assigned_ports[port_space((uint16_t)port)]++;
	for (size_t year = 0; year < ARRAY_LEN(tally.by_year); year++)
		if (tally.by_year[year] && counts->n_years < ARRAY_LEN(counts->years)) {
			counts->years[counts->n_years].year = (uint16_t)year;
			counts->years[counts->n_years++].n = tally.by_year[year];
		}
	count_facts(map, counts);
	counts->platforms = map_n_platforms(map);
	counts->purposes = map_n_purposes(map);
	count_evidence(map, counts);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* json_report: the object of a port, and the counts of the map. See json_report.h. */
#include "out/json_report.h"

#include "out/fact_count.h"
#include "out/record.h"

static const char *worst(const struct port_report *report)
{
	enum verdict_kind kind = VERDICT_EXPECTED;

	for (size_t i = 0; i < report->n_rows; i++)
		if (report->rows[i].verdict->kind > kind)
			kind = report->rows[i].verdict->kind;
	return report->n_rows ? verdict_key(kind) : NULL;
}

static void said(struct json *j, const struct port_report *report)
{
	struct map_registration row;
	struct map_practice fact;
	struct map_platform platform;
	uint32_t cursor = 0;

	json_array(j, "registrations");
	while (map_next_registration(report->map, report->port, report->transport, &cursor, &row))
		record_registration(j, report->map, &row);
	json_array_end(j);
	json_array(j, "practice");
	cursor = 0;
	while (map_next_practice(report->map, report->port, report->transport, &cursor, &fact))
		record_practice(j, report->map, &fact);
	json_array_end(j);
	json_array(j, "platforms");
	cursor = 0;
	while (map_next_platform(report->map, report->port, report->transport, &cursor, &platform))
		record_platform(j, &platform);
	json_array_end(j);
}

static void seen(struct json *j, const struct port_report *report)
{
	struct context context = {
		.map = report->map, .host = report->host, .listing = report->listing};

	json_array(j, "listeners");
	for (size_t i = 0; i < report->n_rows; i++)
		record_listener(j, NULL, &context, &report->rows[i]);
	json_array_end(j);
	json_array(j, "peers");
	for (size_t i = 0; i < report->n_peers; i++)
		record_peer(j, NULL, report->peers[i]);
	json_array_end(j);
	json_str(j, "verdict", worst(report));
	json_bool(j, "complete", report->listing->is_complete);
}

void json_report_port(struct json *j, const struct port_report *report)
{
	static const char *const unseen[] = {"listeners", "peers", "verdict", "complete"};

	json_object(j, NULL);
	json_str(j, "schema", "port/1");
	json_u64(j, "port", report->port);
	json_str(j, "transport", transport_word(report->transport));
	json_str(j, "range", port_space_word(port_space(report->port)));
	json_str(
		j, "standing",
		map_standing_word(map_port_standing(report->map, report->port, report->transport)));
	said(j, report);
	if (report->listing)
		seen(j, report);
	for (size_t i = 0; !report->listing && i < 4; i++)
		json_null(j, unseen[i]);
	json_object_end(j);
}

static void spaces(struct json *j, const struct map_counts *counts)
{
	json_object(j, "by_range");
	for (int i = 0; i < N_PORT_SPACES; i++) {
		json_object(j, port_space_word((enum port_space)i));
		json_u64(j, "rows", counts->by_space[i]);
		json_u64(j, "ports", counts->assigned_ports[i]);
		json_object_end(j);
	}
	json_object_end(j);
}

static void kinds_and_grades(struct json *j, const size_t *by_kind, const size_t *by_grade)
{
	json_object(j, "by_kind");
	for (int i = 0; i < N_PRACTICE_KINDS; i++)
		json_u64(j, practice_kind_word((enum practice_kind)i), by_kind[i]);
	json_object_end(j);
	json_object(j, "by_grade");
	for (int i = 0; i < N_PRACTICE_GRADES; i++)
		json_u64(j, practice_grade_word((enum practice_grade)i), by_grade[i]);
	json_object_end(j);
}

static void practice(struct json *j, const struct map_counts *counts)
{
	json_object(j, "practice");
	json_u64(j, "facts", counts->facts);
	json_u64(j, "pairs", counts->fact_pairs);
	json_u64(j, "products", counts->products);
	json_u64(j, "platforms", counts->platforms);
	json_u64(j, "purposes", counts->purposes);
	kinds_and_grades(j, counts->by_kind, counts->by_grade);
	json_object_end(j);
}

static void evidence(struct json *j, const struct map_counts *counts)
{
	json_array(j, "evidence");
	for (size_t i = 0; i < counts->n_sources; i++) {
		json_object(j, NULL);
		json_span(j, "source", counts->sources[i].source);
		record_text(j, "what", counts->sources[i].what);
		record_text(j, "searched", counts->sources[i].searched);
		json_u64(j, "for_life", counts->sources[i].for_life);
		json_u64(j, "for_others", counts->sources[i].for_others);
		json_object_end(j);
	}
	json_array_end(j);
}

void json_report_fact_counts(struct json *j, const struct facts_report *report)
{
	struct fact_counts counts;

	fact_count(report, &counts);
	json_object(j, NULL);
	json_str(j, "schema", "fact_counts/1");
	json_u64(j, "facts", counts.facts);
	json_u64(j, "pairs", counts.pairs);
	json_u64(j, "products", counts.products);
	json_u64(j, "malware_families", counts.malware);
	kinds_and_grades(j, counts.by_kind, counts.by_grade);
	json_object_end(j);
}

static void put_stats(struct json *j, const struct map *map)
{
	struct map_counts counts;

	map_count(map, &counts);
	json_object(j, NULL);
	json_str(j, "schema", "stats/1");
	record_text(j, "registry", map_registry_date(map));
	json_u64(j, "rows", counts.rows);
	json_u64(j, "rows_with_port", counts.rows_with_port);
	json_u64(j, "named", counts.named);
	json_u64(j, "ranges_without_transport", counts.ranges_without_transport);
	json_object(j, "by_transport");
	for (int i = 0; i < N_TRANSPORTS; i++)
		json_u64(j, transport_word((enum transport)i), counts.by_transport[i]);
	json_object_end(j);
	json_object(j, "by_standing");
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		json_u64(j, map_standing_word((enum map_standing)i), counts.by_standing[i]);
	json_object_end(j);
	evidence(j, &counts);
	spaces(j, &counts);
	json_array(j, "by_year");
	for (size_t i = 0; i < counts.n_years; i++) {
		json_object(j, NULL);
		json_u64(j, "year", counts.years[i].year);
		json_u64(j, "rows", counts.years[i].n);
		json_object_end(j);
	}
	json_array_end(j);
	json_u64(j, "undated", counts.undated);
	practice(j, &counts);
	json_object_end(j);
}

void json_report_stats(struct buf *b, const struct style *style, const struct map *map)
{
	struct json j;

	json_init(&j, b, !style->is_lines);
	put_stats(&j, map);
	json_end(&j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of data/iana/registry.tsv against what the image answers: all fields of all rows, and
 * for all 65,536 ports and every transport the rows that cover it, none missing, none invented.
 * The text is read here by a reader of its own, as simple as can be.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/scope.h"
#include "map/map.h"
#include "tap.h"

enum { N_COLUMNS = 12, MAX_ROWS = 40000, MAX_COVER = 64 };

struct line {
	struct span cell[N_COLUMNS];
	bool has_port;
	unsigned first, last;
	enum transport transport;
};

static struct span read_whole(struct arena *arena, const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes;
	size_t n = 0;
	ssize_t r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return span_of(NULL, 0);
	bytes = arena_get(arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size && (r = read(fd, bytes + n, (size_t)st.st_size - n)) > 0)
		n += (size_t)r;
	return span_of(bytes, n);
}

static struct span unescape(struct arena *arena, struct span s)
{
	uint8_t *out = arena_get(arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			out[n++] = s.p[i];
			continue;
		}
		i++;
		out[n++] = s.p[i] == 't' ? '\t' : s.p[i] == 'n' ? '\n' : s.p[i];
	}
	return span_of(out, n);
}

static bool parse(struct arena *arena, struct span text, struct line *line)
{
	struct span ports;
	uint64_t first = 0;
	uint64_t last;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		ptrdiff_t tab = span_find_byte(text, '\t');
		size_t n = tab < 0 ? text.n : (size_t)tab;

		line->cell[i] = unescape(arena, span_cut(text, n));
		text = span_skip(text, n + 1);
	}
	ports = line->cell[0];
	line->has_port = ports.n > 0;
	line->transport = TRANSPORT_ANY;
	if (line->cell[1].n && !transport_parse(line->cell[1], &line->transport))
		return false;
	if (!line->has_port)
		return true;

	ptrdiff_t dash = span_find_byte(ports, '-');

	if (!span_u64(dash < 0 ? ports : span_cut(ports, (size_t)dash), PORT_MAX, &first))
		return false;
	last = first;
	if (dash >= 0 && !span_u64(span_skip(ports, (size_t)dash + 1), PORT_MAX, &last))
		return false;
	line->first = (unsigned)first;
	line->last = (unsigned)last;
	return true;
}

static size_t parse_all(struct arena *arena, struct span text, struct line *lines)
{
	struct span line;
	bool has_header = false;
	size_t n = 0;

	while (take_line(&text, &line) && n < MAX_ROWS) {
		if (span_starts(line, "#"))
			continue;
		if (has_header && !parse(arena, line, &lines[n++]))
			return 0;
		has_header = true;
	}
	return n;
}

static bool same_row(const struct line *line, const struct map_registration *row)
{
	const struct span got[N_COLUMNS - 2] = {
		row->service,      row->description, row->organisation, row->domain,
		row->registered,   row->modified,    row->references,   row->service_code,
		row->unauthorized, row->notes,
	};

	for (size_t i = 0; i < ARRAY_LEN(got); i++)
		if (!span_eq(got[i], line->cell[i + 2]))
			return false;
	return row->has_port == line->has_port && row->transport == line->transport &&
	       (!row->has_port || (row->first == line->first && row->last == line->last));
}

static bool check_port(const struct line *lines, const uint16_t *cover, size_t n, uint16_t port,
		       enum transport transport)
{
	enum transport filed = transport_registered(transport);
	struct map_registration row;
	uint32_t cursor = 0;

	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n; i++) {
			enum transport here = lines[cover[i]].transport;
			bool is_first = filed == TRANSPORT_ANY || here == filed;

			if (round == 0 ? !is_first : (is_first || here != TRANSPORT_ANY))
				continue;
			if (!map_next_registration(NULL, port, transport, &cursor, &row) ||
			    row.index != cover[i] || !same_row(&lines[cover[i]], &row))
				return false;
		}
	return !map_next_registration(NULL, port, transport, &cursor, &row) &&
	       !map_next_registration(NULL, port, transport, &cursor, &row);
}

static void test_counts(const struct line *lines, size_t n)
{
	struct map_counts counts;
	size_t n_named = 0;
	size_t n_ports = 0;
	size_t n_without = 0;
	size_t n_years = 0;
	size_t n_standings = 0;

	for (size_t i = 0; i < n; i++) {
		n_named += lines[i].cell[2].n > 0;
		n_ports += lines[i].has_port;
		n_without += lines[i].cell[2].n && lines[i].has_port && !lines[i].cell[1].n;
	}
	map_count(NULL, &counts);
	for (size_t i = 0; i < counts.n_years; i++)
		n_years += counts.years[i].n;
	for (size_t i = 0; i < N_MAP_STANDINGS; i++)
		n_standings += counts.by_standing[i];
	ok(counts.rows == n && counts.named == n_named && counts.rows_with_port == n_ports &&
		   counts.ranges_without_transport == n_without,
	   "map_count agrees on rows, names, ports, and rows without transport");
	ok(n_years + counts.undated == n_named && n_standings == n,
	   "every named row has a year or none, every row a standing");
	ok(counts.facts == map_n_practice(NULL) && counts.fact_pairs <= counts.facts &&
		   counts.fact_pairs > 0,
	   "%zu facts about %zu ports and ranges", counts.facts, counts.fact_pairs);
}

/* What each source found is counted as a walk over all rows finds it; and who is called overtaken
 * has something that overtook it. */
static void test_evidence(void)
{
	struct map_counts counts;
	size_t for_life[16] = {0};
	size_t for_others[16] = {0};
	size_t n_wrong = 0;
	size_t n_bare = 0;

	map_count(NULL, &counts);
	for (uint32_t i = 0; i < map_n_registrations(NULL); i++) {
		struct map_registration row;
		struct map_evidence item;
		bool has_other = false;
		bool life[16] = {false};
		bool others[16] = {false};

		map_registration_get(NULL, i, &row);
		for (uint32_t cursor = 0, source = 0;
		     map_next_evidence(NULL, &row, &cursor, &item);) {
			while (source < counts.n_sources &&
			       !span_eq(counts.sources[source].source, item.source))
				source++;
			if (source == counts.n_sources || !item.finding.n)
				continue;
			life[source] |= item.is_for_life;
			others[source] |= !item.is_for_life;
			has_other |= !item.is_for_life;
		}
		for (size_t k = 0; k < counts.n_sources; k++) {
			for_life[k] += life[k];
			for_others[k] += others[k] && !life[k];
		}
		n_bare += row.standing == STANDING_OVERTAKEN && !has_other;
	}
	for (size_t k = 0; k < counts.n_sources; k++)
		n_wrong += for_life[k] != counts.sources[k].for_life ||
			   for_others[k] != counts.sources[k].for_others ||
			   counts.sources[k].searched.n != 10 || !counts.sources[k].what.n;
	ok(counts.n_sources == map_n_sources(NULL) && n_wrong == 0,
	   "map_count agrees on what %zu sources found", counts.n_sources);
	is_int((int64_t)n_bare, 0, "nobody is overtaken by nothing");
}

int main(void)
{
	static const unsigned ranges[][2] = {
		{3322, 3325}, {3367, 3371}, {4200, 4299},   {6000, 6063},
		{6665, 6669}, {7300, 7359}, {27000, 27009},
	};
	struct arena arena = {0};
	struct span path = arena_print(&arena, "%s/data/iana/registry.tsv", source_dir());
	struct line *lines = arena_get_array(&arena, MAX_ROWS, sizeof(*lines));
	uint16_t(*cover)[MAX_COVER] = arena_get_array(&arena, N_PORTS, sizeof(*cover));
	uint8_t *n_cover = arena_get(&arena, N_PORTS);
	size_t n = parse_all(&arena, read_whole(&arena, (const char *)path.p), lines);
	struct map_registration row;
	size_t n_wrong = 0;

	ok(n > 14000, "data/iana/registry.tsv is read: %zu rows", n);
	is_int((int64_t)map_n_registrations(NULL), (int64_t)n, "as many rows in the map");
	for (size_t i = 0; i < n && i < map_n_registrations(NULL); i++) {
		map_registration_get(NULL, (uint32_t)i, &row);
		n_wrong += row.index != i || !same_row(&lines[i], &row);
		for (unsigned port = lines[i].first; lines[i].has_port && port <= lines[i].last;
		     port++)
			if (n_cover[port] < MAX_COVER)
				cover[port][n_cover[port]++] = (uint16_t)i;
	}
	is_int((int64_t)n_wrong, 0, "all fields of all rows are the same");
	for (int transport = 0; transport < N_TRANSPORTS; transport++) {
		n_wrong = 0;
		for (unsigned port = 0; port < N_PORTS; port++)
			n_wrong += !check_port(lines, cover[port], n_cover[port], (uint16_t)port,
					       (enum transport)transport);
		ok(n_wrong == 0, "all 65,536 ports over %s answer their rows, in order",
		   transport_word((enum transport)transport));
	}
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		n_wrong = 0;
		for (unsigned port = ranges[i][0]; port <= ranges[i][1]; port++)
			n_wrong += map_service_name(NULL, (uint16_t)port, TRANSPORT_TCP).n == 0;
		ok(n_wrong == 0, "every number in %u-%u has a name", ranges[i][0], ranges[i][1]);
	}
	n_wrong = 0;
	for (unsigned port = 49152; port < N_PORTS; port++)
		n_wrong += n_cover[port] || map_port_standing(NULL, (uint16_t)port,
							      TRANSPORT_TCP) != STANDING_DYNAMIC;
	is_int((int64_t)n_wrong, 0, "dynamic numbers have no rows and are called dynamic");
	ok(map_registry_date(NULL).n == 10 && span_starts(map_registry_date(NULL), "20"),
	   "the date of the published file is known");
	test_counts(lines, n);
	test_evidence();
	arena_done(&arena);
	return done();
}

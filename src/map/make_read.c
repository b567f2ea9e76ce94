/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_read: the tables of data/ (but for the registry) from text to rows.
 *
 * All are lines of cells parted by tabs below one header line; "-" is an empty cell, and '#'
 * begins a comment line. Every complaint names its line, and reading goes on behind it.
 * Vocabulary is checked here, cell by cell; what needs more than one row is in check.c.
 */
#include <inttypes.h>

#include "base/scope.h"
#include "base/text.h"
#include "map/make_private.h"

enum { MAX_CELLS = 12, NOTE_MAX = 160, CELL_MAX = 1024 };

static const char *const headers[] = {
#define T(name, place, header) header,
	MAKE_TABLES(T)
#undef T
};

static const char *const kinds[] = {
#define K(name, word) word,
	PRACTICE_KINDS(K)
#undef K
};

static const char *const grades[] = {
#define G(name, word) word,
	PRACTICE_GRADES(G)
#undef G
};

static const char *const platform_kinds[] = {
#define K(name, word) word,
	MAP_PLATFORM_KINDS(K)
#undef K
};

static const char *const binds[] = {"lo", "any", "host"};
static const char *const auths[] = {"on", "off", "none"};
static const char *const settings[] = {"default", "configurable", "fixed"};
static const char *const roles[] = {
	"web-worker", "mail-worker", "container-proxy", "dev-server",      "debugger",
	"database",   "management",  "helper",          "packet-listener", "kernel-service",
	"rpc-service"};
/* Hosts whose pages are not to be cited: packages are named as deb: and npm: in place of them. */
static const char *const refused_hosts[] = {"debian.org", "npmjs.com"};

struct reader {
	struct make_knowledge *knowledge;
	struct make_complaints *to;
	struct make_place place;
	struct span cell[MAX_CELLS];
	size_t n_before; /* complaints when the row began */
};

#define complain(reader, ...) make_complain((reader)->to, (reader)->place, __VA_ARGS__)

static bool is_one_of(struct span word, const char *const *words, size_t n, size_t *which)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(word, words[i])) {
			if (which)
				*which = i;
			return true;
		}
	return false;
}

/* An empty cell is allowed. */
static void want_word(struct reader *reader, const char *column, struct span word,
		      const char *const *words, size_t n)
{
	if (word.n && !is_one_of(word, words, n, NULL))
		complain(reader, _("unknown %s '%.*s'"), column, SPAN_ARG(word));
}

static bool is_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* YYYY-MM-DD with a month and a day that exist; leap years of the Gregorian calendar. */
static bool is_date(struct span s)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint64_t year;
	uint64_t month;
	uint64_t day;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !span_u64(span_cut(s, 4), 9999, &year) ||
	    !span_u64(span_of(s.p + 5, 2), 12, &month) || !span_u64(span_of(s.p + 8, 2), 31, &day))
		return false;
	if (year < 1970 || month < 1 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 || year % 400 == 0));
}

static void want_date(struct reader *reader, struct span s)
{
	if (!is_date(s))
		complain(reader, _("bad date '%.*s': write YYYY-MM-DD"), SPAN_ARG(s));
}

static bool is_slug(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool is_letter =
			(s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9');

		if (!is_letter && (i == 0 || !memchr("+.-", s.p[i], 3)))
			return false;
	}
	return s.n > 0;
}

static void want_slug(struct reader *reader, struct span s)
{
	if (!is_slug(s))
		complain(reader, _("bad product '%.*s': lower-case letters, digits, + . -"),
			 SPAN_ARG(s));
}

static void take_ports(struct reader *reader, struct span cell, uint16_t *first, uint16_t *last)
{
	struct span low;
	struct span rest = cell;
	uint64_t a = 0;
	uint64_t b;

	if (!take_until(&rest, '-', &low) || !is_digits(low) || (rest.n && !is_digits(rest))) {
		complain(reader, _("bad port '%.*s': write N or N-M"), SPAN_ARG(cell));
		return;
	}
	if (!span_u64(low, PORT_MAX, &a) || !span_u64(rest.n ? rest : low, PORT_MAX, &b)) {
		complain(reader, _("port '%.*s' is out of range"), SPAN_ARG(cell));
		return;
	}
	if (low.n + 1 == cell.n || (rest.n && b <= a)) {
		complain(reader, _("bad port '%.*s': the last is not above the first"),
			 SPAN_ARG(cell));
		return;
	}
	*first = (uint16_t)a;
	*last = (uint16_t)b;
}

static void take_transport(struct reader *reader, struct span cell, enum transport *transport)
{
	struct span low = cell;

	if (!transport_parse(low, transport) || !span_is(low, transport_word(*transport)) ||
	    transport_registered(*transport) != *transport)
		complain(reader, _("unknown transport '%.*s'"), SPAN_ARG(cell));
}

/* Where a fact was read: a file of a package, or a page. */
static void want_source(struct reader *reader, struct span source)
{
	struct span rest = source;
	struct span word;

	if (source.n == 0) {
		complain(reader, _("no source: a fact needs the place where it was read"));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(refused_hosts); i++)
		if (span_find_nocase(source, span_str(refused_hosts[i])) >= 0)
			complain(reader,
				 _("source '%.*s' cites %s: name the package as deb: or npm:"),
				 SPAN_ARG(source), refused_hosts[i]);
	if (span_starts(source, "deb:") || span_starts(source, "npm:")) {
		size_t n = 0;

		while (take_word(&rest, &word))
			n++;
		if (n < 3)
			complain(reader, _("source '%.*s' is not deb:PACKAGE VERSION PATH"),
				 SPAN_ARG(source));
	} else if (!span_starts(source, "https://") && !span_starts(source, "http://")) {
		complain(reader, _("source '%.*s' is neither deb:, npm: nor an address"),
			 SPAN_ARG(source));
	}
}

static void read_practice(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_fact row = {.place = reader->place};
	struct map_practice *fact = &row.fact;
	size_t kind = 0;
	size_t grade = 0;

	take_ports(reader, cell[0], &fact->first, &fact->last);
	take_transport(reader, cell[1], &fact->transport);
	want_slug(reader, cell[2]);
	if (!is_one_of(cell[3], kinds, ARRAY_LEN(kinds), &kind))
		complain(reader, _("unknown kind '%.*s'"), SPAN_ARG(cell[3]));
	if (!is_one_of(cell[4], grades, ARRAY_LEN(grades), &grade))
		complain(reader, _("unknown grade '%.*s'"), SPAN_ARG(cell[4]));
	want_word(reader, "bind", cell[5], binds, ARRAY_LEN(binds));
	want_word(reader, "setting", cell[6], settings, ARRAY_LEN(settings));
	if (cell[7].n && (cell[7].n != 4 || !is_digits(cell[7])))
		complain(reader, _("bad year '%.*s'"), SPAN_ARG(cell[7]));
	if (cell[8].n > NOTE_MAX)
		complain(reader, _("a note of %zu bytes is longer than %d"), cell[8].n, NOTE_MAX);
	want_source(reader, cell[9]);
	want_date(reader, cell[10]);
	if (reader->to->n != reader->n_before)
		return;
	fact->product = cell[2];
	fact->kind = (enum practice_kind)kind;
	fact->grade = (enum practice_grade)grade;
	fact->bind = cell[5];
	fact->setting = cell[6];
	fact->since = cell[7];
	fact->note = cell[8];
	fact->source = cell[9];
	fact->read = cell[10];
	make_add(knowledge, facts, row);
}

static void want_units(struct reader *reader, struct span units)
{
	static const char *const suffixes[] = {".service", ".socket", ".scope", ".slice"};
	struct span unit;

	while (take_until(&units, ',', &unit)) {
		bool is_named = span_starts(unit, "svc:"); /* of Windows */

		for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
			is_named = is_named || span_ends(unit, suffixes[i]);
		if (!is_named)
			complain(reader, _("unit '%.*s' has no suffix such as .service"),
				 SPAN_ARG(unit));
		if (span_find(unit, SPAN_LIT("@.")) >= 0)
			complain(reader, _("unit '%.*s' never runs: write its instances as '@*'"),
				 SPAN_ARG(unit));
	}
}

/* Items that must have the form WORD:REST. */
static void want_prefixes(struct reader *reader, const char *column, struct span items)
{
	struct span item;

	while (take_until(&items, ',', &item)) {
		ptrdiff_t at = span_find_byte(item, ':');

		if (at < 1 || (size_t)at + 1 == item.n)
			complain(reader, _("%s '%.*s' has no prefix"), column, SPAN_ARG(item));
	}
}

static void want_roles(struct reader *reader, struct span items)
{
	struct span item;

	while (take_until(&items, ',', &item))
		want_word(reader, "role", item, roles, ARRAY_LEN(roles));
}

static void want_list(struct reader *reader, struct span items)
{
	struct span rest = items;
	struct span item;

	if (span_ends(items, ","))
		complain(reader, _("empty item in the list '%.*s'"), SPAN_ARG(items));
	while (take_until(&rest, ',', &item))
		if (item.n == 0 || !span_eq(item, span_trim(item)))
			complain(reader, _("empty or blank item in the list '%.*s'"),
				 SPAN_ARG(items));
}

static void read_products(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_product row = {
		.product =
			{
				.slug = cell[0],
				.title = cell[1],
				.programs = cell[2],
				.packages = cell[3],
				.units = cell[4],
				.scripts = cell[5],
				.protocols = cell[6],
				.roles = cell[7],
				.bind = cell[8],
				.auth = cell[9],
			},
		.place = reader->place,
	};

	want_slug(reader, cell[0]);
	if (cell[1].n == 0)
		complain(reader, _("no title"));
	for (size_t i = 2; i <= 7; i++)
		want_list(reader, cell[i]);
	want_prefixes(reader, "package", cell[3]);
	want_units(reader, cell[4]);
	want_prefixes(reader, "script", cell[5]);
	want_roles(reader, cell[7]);
	want_word(reader, "bind", cell[8], binds, ARRAY_LEN(binds));
	want_word(reader, "auth", cell[9], auths, ARRAY_LEN(auths));
	if (reader->to->n != reader->n_before)
		return;
	make_add(knowledge, products, row);
}

static void read_platform(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_platform row = {
		.platform = {.system = cell[0],
			     .note = cell[5],
			     .source = cell[6],
			     .read = cell[7]},
		.place = reader->place,
	};
	size_t kind = 0;
	uint16_t end;

	if (cell[0].n == 0)
		complain(reader, _("no system"));
	if (!is_one_of(cell[1], platform_kinds, ARRAY_LEN(platform_kinds), &kind))
		complain(reader, _("unknown kind '%.*s'"), SPAN_ARG(cell[1]));
	take_ports(reader, cell[2], &row.platform.first, &end);
	take_ports(reader, cell[3], &row.platform.last, &end);
	if (row.platform.first > row.platform.last)
		complain(reader, _("the last port is below the first"));
	take_transport(reader, cell[4], &row.platform.transport);
	want_source(reader, cell[6]);
	want_date(reader, cell[7]);
	if (reader->to->n != reader->n_before)
		return;
	row.platform.kind = (enum map_platform_kind)kind;
	make_add(knowledge, platforms, row);
}

static void read_seen(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_seen row = {
		.service = cell[2], .source = cell[3], .read = cell[4], .place = reader->place};

	take_ports(reader, cell[0], &row.first, &row.last);
	take_transport(reader, cell[1], &row.transport);
	if (cell[2].n == 0)
		complain(reader, _("no service"));
	want_source(reader, cell[3]);
	want_date(reader, cell[4]);
	if (reader->to->n != reader->n_before)
		return;
	make_add(knowledge, seen, row);
}

static void read_names(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	struct make_name row = {reader->cell[0], reader->cell[1], reader->place};

	if (row.service.n == 0 || row.product.n == 0)
		complain(reader, _("no service or product"));
	if (reader->to->n != reader->n_before)
		return;
	make_add(knowledge, names, row);
}

static void read_neighbours(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_purpose row = {.purpose = {.service = cell[2],
					       .organisation = cell[3],
					       .purpose = cell[4],
					       .source = cell[5],
					       .read = cell[6]},
				   .place = reader->place};

	take_ports(reader, cell[0], &row.purpose.first, &row.purpose.last);
	take_transport(reader, cell[1], &row.purpose.transport);
	if (cell[2].n == 0 || cell[4].n == 0)
		complain(reader, _("no service or purpose"));
	if (cell[4].n > NOTE_MAX)
		complain(reader, _("a purpose of %zu bytes is longer than %d"), cell[4].n,
			 NOTE_MAX);
	want_source(reader, cell[5]);
	want_date(reader, cell[6]);
	if (reader->to->n != reader->n_before)
		return;
	make_add(knowledge, purposes, row);
}

static void read_sources(struct reader *reader)
{
	struct make_knowledge *knowledge = reader->knowledge;
	const struct span *cell = reader->cell;
	struct make_source row = {cell[0], cell[1], cell[2], reader->place};

	if (row.source.n == 0 || row.what.n == 0)
		complain(reader, _("no source or what"));
	want_date(reader, row.searched);
	if (reader->to->n != reader->n_before)
		return;
	make_add(knowledge, sources, row);
}

static void (*const read_row[])(struct reader *) = {
	[MAKE_PRACTICE] = read_practice, [MAKE_PRODUCTS] = read_products,
	[MAKE_PLATFORM] = read_platform, [MAKE_SEEN] = read_seen,
	[MAKE_NAMES] = read_names,       [MAKE_NEIGHBOURS] = read_neighbours,
	[MAKE_SOURCES] = read_sources,
};

int make_fact_cmp(const struct map_practice *a, const struct map_practice *b)
{
	int order = (a->first > b->first) - (a->first < b->first);

	if (!order)
		order = (a->last > b->last) - (a->last < b->last);
	if (!order)
		order = strcmp(transport_word(a->transport), transport_word(b->transport));
	if (!order)
		order = span_cmp(a->product, b->product);
	return order ? order : strcmp(kinds[a->kind], kinds[b->kind]);
}

int make_platform_cmp(const struct map_platform *a, const struct map_platform *b)
{
	int order = (a->first > b->first) - (a->first < b->first);

	if (!order)
		order = (a->last > b->last) - (a->last < b->last);
	if (!order)
		order = strcmp(transport_word(a->transport), transport_word(b->transport));
	if (!order)
		order = span_cmp(a->system, b->system);
	return order ? order : strcmp(platform_kinds[a->kind], platform_kinds[b->kind]);
}

/* The last two rows of the same file stand in the order that data/README.md asks for. */
static void want_order(struct reader *reader, enum make_table table)
{
	const struct make_knowledge *k = reader->knowledge;

	if (table == MAKE_PRACTICE && k->n_facts > 1) {
		const struct make_fact *last = &k->facts[k->n_facts - 2];

		if (last[0].place.file == reader->place.file &&
		    make_fact_cmp(&last[0].fact, &last[1].fact) > 0)
			complain(reader,
				 _("wrong order: sort by port, last port, transport, product, kind"));
	}
	if (table == MAKE_PRODUCTS && k->n_products > 1) {
		const struct make_product *last = &k->products[k->n_products - 2];

		if (last[0].place.file == reader->place.file &&
		    span_cmp(last[0].product.slug, last[1].product.slug) > 0)
			complain(reader, _("wrong order: sort by product"));
	}
	if (table == MAKE_PLATFORM && k->n_platforms > 1) {
		const struct make_platform *last = &k->platforms[k->n_platforms - 2];

		if (last[0].place.file == reader->place.file &&
		    make_platform_cmp(&last[0].platform, &last[1].platform) > 0)
			complain(reader, _("wrong order: sort by first port, last port, transport, "
					   "system, kind"));
	}
}

static void want_text(struct reader *reader, struct span line)
{
	int32_t c;

	for (size_t n; (n = utf8_next(line, &c)) > 0; line = span_skip(line, n))
		if (c < 0 || (c < ' ' && c != '\t') || (c >= 0x7f && c < 0xa0)) {
			complain(reader, _("a control character or a byte that is not UTF-8"));
			return;
		}
}

static void take_row(struct reader *reader, enum make_table table, struct span line, size_t want)
{
	struct span rest = line;
	struct span cell;
	size_t n = 0;

	reader->n_before = reader->to->n;
	want_text(reader, line);
	while (n <= want && take_until(&rest, '\t', &cell)) {
		if (n < want)
			reader->cell[n] = span_is(cell, "-") ? span_of(cell.p, 0) : cell;
		if (cell.n > CELL_MAX)
			complain(reader, _("a cell of %zu bytes is longer than %d"), cell.n,
				 CELL_MAX);
		n++;
	}
	if (span_ends(line, "\t"))
		complain(reader, _("the line ends in a tab"));
	else if (n != want)
		complain(reader, _("%zu cells where the header has %zu"), n + (rest.n > 0), want);
	if (reader->to->n != reader->n_before)
		return;
	read_row[table](reader);
	if (reader->to->n == reader->n_before)
		want_order(reader, table);
}

static bool is_skipped(struct span line)
{
	return line.n == 0 || line.p[0] == '#';
}

enum make_table make_table_of(struct span text)
{
	struct span line;

	while (take_line(&text, &line)) {
		if (is_skipped(line))
			continue;
		for (size_t i = 0; i < N_MAKE_TABLES; i++)
			if (span_is(line, headers[i]))
				return (enum make_table)i;
		break;
	}
	return N_MAKE_TABLES;
}

void make_read(struct make_knowledge *knowledge, enum make_table table, const char *file,
	       struct span text, struct make_complaints *to)
{
	/* File and text outlive the caller's: rows borrow from them. */
	const char *name = (const char *)arena_copy(&knowledge->arena, span_str(file)).p;
	struct reader reader = {.knowledge = knowledge, .to = to, .place = {.file = name}};
	struct span rest = arena_copy(&knowledge->arena, text);
	size_t n_columns = 1;
	bool has_header = false;
	struct span line;

	for (const char *p = headers[table]; *p; p++)
		n_columns += *p == '\t';
	while (take_line(&rest, &line)) {
		reader.place.line++;
		if (is_skipped(line))
			continue;
		if (has_header)
			take_row(&reader, table, line, n_columns);
		else if (!span_is(line, headers[table])) {
			complain(&reader, _("the header line is not '%s'"), headers[table]);
			return;
		}
		has_header = true;
	}
	if (!has_header)
		complain(&reader, _("no header line"));
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * golden: every report of every format over an invented host and map, against test/data/out/.
 *
 * GOLDEN_WRITE=1 writes the files instead of comparing; read the difference before it is kept.
 * Besides, whatever the file says: no line of text is wider than the terminal, no format lets a
 * control byte through, and text without UTF-8 is ASCII.
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "invented.h"
#include "invented_map.h"
#include "tap.h"

enum { GOLDEN_MAX = 1 << 20, HITS = 12, PRODUCTS = 4 };

enum report { HOST, PORT, LOOK_PORT, LOOK, STATS, EVENT, FACTS, FACT_STATS };

/* How it is shown. In the list of widths 0 ends it. */
struct looks {
	unsigned columns[4];
	bool has_ascii;
	bool has_color;
};

static const struct looks all = {{80, 100, 132}, true, true};
static const struct looks widths = {{80, 132}, false, false};
static const struct looks usual = {{80}, false, false};
static const struct looks narrow = {{40, 80}, true, false};

static const struct {
	const char *name;
	enum report report;
	const char *words; /* LOOK */
	uint16_t port;
	enum transport transport;
	const struct looks *looks;
	bool show_all;
	bool is_verbose;
} cases[] = {
	{"host", HOST, .looks = &all},
	{"host-all", HOST, .looks = &widths, .show_all = true},
	{"host-narrow", HOST, .looks = &narrow, .show_all = true},
	{"port-3476", PORT, .port = 3476, .looks = &all},
	{"port-3476-verbose", PORT, .port = 3476, .looks = &usual, .is_verbose = true},
	{"port-3000", PORT, .port = 3000, .looks = &usual},
	{"port-3000-verbose", PORT, .port = 3000, .looks = &usual, .is_verbose = true},
	{"port-22", PORT, .port = 22, .looks = &usual},
	{"port-22-verbose", PORT, .port = 22, .looks = &usual, .is_verbose = true},
	{"port-53", PORT, .port = 53, .looks = &usual},
	{"port-5432", PORT, .port = 5432, .looks = &usual},
	{"port-8080", PORT, .port = 8080, .transport = TRANSPORT_TCP, .looks = &usual},
	{"port-8443", PORT, .port = 8443, .looks = &usual},
	{"port-4444", PORT, .port = 4444, .looks = &narrow},
	{"port-4445", PORT, .port = 4445, .looks = &narrow},
	{"port-5037", PORT, .port = 5037, .looks = &usual},
	{"port-3451", PORT, .port = 3451, .transport = TRANSPORT_TCP, .looks = &usual},
	{"port-60000", PORT, .port = 60000, .looks = &usual},
	{"look-3232", LOOK_PORT, .port = 3232, .looks = &usual},
	{"look-3232-verbose", LOOK_PORT, .port = 3232, .looks = &usual, .is_verbose = true},
	{"look-3000", LOOK_PORT, .port = 3000, .looks = &usual},
	{"look-4", LOOK_PORT, .port = 4, .looks = &usual},
	{"look-nvidia", LOOK, .words = "nvidia", .looks = &all},
	{"look-esphome", LOOK, .words = "esphome", .looks = &usual},
	{"look-nothing", LOOK, .words = "no\033such\tword", .looks = &usual},
	{"stats", STATS, .looks = &usual},
	{"event", EVENT, .looks = &all},
	{"facts", FACTS, .looks = &all},
	{"facts-verbose", FACTS, .looks = &usual, .is_verbose = true},
	{"facts-3000", FACTS, .port = 3000, .looks = &narrow},
	{"facts-none", FACTS, .port = 9, .looks = &usual},
	{"facts-stats", FACT_STATS, .looks = &usual},
};

static struct arena arena;
static const struct judged *rows;

static void show_port(const struct format *format, struct buf *b, const struct style *style,
		      size_t which)
{
	struct judged found[ARRAY_LEN(invented_rows)];
	const struct sighting *peers[ARRAY_LEN(invented_peers)];
	struct port_report report = {.port = cases[which].port,
				     .transport = cases[which].transport,
				     .host = &invented_host,
				     .listing = &invented_listing,
				     .rows = found,
				     .peers = peers};

	if (cases[which].report == LOOK_PORT) {
		report.host = NULL;
		report.listing = NULL;
	}
	for (size_t i = 0; report.host && i < ARRAY_LEN(invented_rows); i++)
		if (rows[i].sighting->port == report.port)
			found[report.n_rows++] = rows[i];
	for (size_t i = 0; report.host && i < ARRAY_LEN(invented_peers); i++)
		if (invented_peers[i].port == report.port)
			peers[report.n_peers++] = &invented_peers[i];
	format->port(b, style, &report, true, true);
}

static void show_look(const struct format *format, struct buf *b, const struct style *style,
		      const char *words)
{
	struct map_hit hits[HITS];
	uint32_t products[PRODUCTS];
	long n = map_search(NULL, span_str(words), hits, HITS, NULL);
	struct look_report report = {
		.words = span_str(words), .hits = hits, .n_matched = n < 0 ? 0 : (size_t)n};

	report.n_hits = report.n_matched < HITS ? report.n_matched : HITS;
	report.products = products;
	report.n_products_matched = map_search_products(NULL, report.words, products, PRODUCTS);
	report.n_products =
		report.n_products_matched < PRODUCTS ? report.n_products_matched : PRODUCTS;
	format->look(b, style, &report);
}

static void show_events(const struct format *format, struct buf *b, const struct style *style)
{
	static const char *const actions[] = {"listener-opened", "listener-closed", "owner-changed",
					      "scope-widened"};

	for (size_t i = 0; format->event && i < ARRAY_LEN(invented_rows); i++) {
		struct event_report report = {.host = &invented_host,
					      .action = actions[i % 4],
					      .row = rows[i],
					      .at = INVENTED_NOW + (int64_t)i};

		format->event(b, style, &report);
	}
}

/* All facts, or those of one port. */
static void show_facts(const struct format *format, struct buf *b, const struct style *style,
		       size_t which)
{
	uint32_t chosen[ARRAY_LEN(invented_practice)];
	struct facts_report report = {.rows = chosen,
				      .is_stats = cases[which].report == FACT_STATS};

	for (uint32_t i = 0; i < ARRAY_LEN(invented_practice); i++)
		if (!cases[which].port || invented_practice[i].first == cases[which].port)
			chosen[report.n_rows++] = i;
	format->facts(b, style, &report);
}

static void show(const struct format *format, struct buf *b, const struct style *style,
		 size_t which)
{
	struct host_report host = {.host = &invented_host,
				   .listing = &invented_listing,
				   .rows = rows,
				   .n_rows = ARRAY_LEN(invented_rows)};

	switch (cases[which].report) {
	case HOST: format->host(b, style, &host); break;
	case PORT:
	case LOOK_PORT: show_port(format, b, style, which); break;
	case LOOK: show_look(format, b, style, cases[which].words); break;
	case STATS: format->stats(b, style, NULL); break;
	case EVENT: show_events(format, b, style); break;
	case FACTS:
	case FACT_STATS: show_facts(format, b, style, which); break;
	}
}

/* Control bytes but LF; tabs are plain's. SGR sequences are ours when there is colour. */
static bool has_control(struct span s, bool has_color, bool has_tabs)
{
	while (s.n) {
		int32_t c;
		size_t n = utf8_next(s, &c);

		if (c == 0x1b && has_color && s.n > 2 && s.p[1] == '[') {
			ptrdiff_t end = span_find_byte(s, 'm');

			n = end < 0 ? 1 : (size_t)end + 1;
			for (size_t i = 2; i + 1 < n; i++)
				if (s.p[i] != ';' && (s.p[i] < '0' || s.p[i] > '9'))
					return true;
		} else if (c < 0 || (c < 0x20 && c != '\n' && !(has_tabs && c == '\t')) ||
			   (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
			   (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) {
			return true;
		}
		s = span_skip(s, n);
	}
	return false;
}

static struct span without_color(struct span s)
{
	uint8_t *bytes = arena_get(&arena, s.n + 1);
	size_t n = 0;

	while (s.n) {
		if (s.p[0] == 0x1b)
			s = span_skip(s, (size_t)span_find_byte(s, 'm') + 1);
		else
			bytes[n++] = s.p[0], s = span_skip(s, 1);
	}
	return span_of(bytes, n);
}

/* Columns of a line that holds our own escapes only: blanks and backslashes count one each. */
static size_t columns_of(struct span line)
{
	size_t columns = 0;

	while (line.n) {
		int32_t c;
		size_t n = utf8_next(line, &c);

		columns += c < 0x80 ? 1 : term_columns(span_cut(line, n));
		line = span_skip(line, n);
	}
	return columns;
}

static bool fits(struct span text, unsigned columns)
{
	struct span line;

	text = without_color(text);
	while (take_line(&text, &line)) {
		if (columns_of(line) > columns) {
			note("%zu columns: %.*s", columns_of(line), SPAN_ARG(line));
			return false;
		}
		if (line.n && line.p[line.n - 1] == ' ') {
			note("ends in a blank: '%.*s'", SPAN_ARG(line));
			return false;
		}
	}
	return true;
}

static bool is_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] > 0x7e)
			return false;
	return true;
}

static struct span file_read(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = arena_get(&arena, GOLDEN_MAX);
	size_t n = 0;
	ssize_t r = 1;

	while (fd >= 0 && r > 0 && n < GOLDEN_MAX) {
		r = read(fd, bytes + n, GOLDEN_MAX - n);
		n += r > 0 ? (size_t)r : 0;
	}
	return span_of(bytes, n);
}

static bool file_write(const char *path, struct span s)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd >= 0 && write(fd, s.p, s.n) == (ssize_t)s.n;
}

/* Says where the two part, not all of both. */
static void compare(struct span got, const char *name)
{
	char path[512];
	struct span want;
	struct span line[2];

	snprintf(path, sizeof(path), "%s/test/data/out/%s.txt", source_dir(), name);
	if (getenv("GOLDEN_WRITE")) {
		ok(file_write(path, got), "%s is written", name);
		return;
	}
	want = file_read(path);
	if (ok(span_eq(got, want), "%s is as its file", name))
		return;
	while (take_line(&got, &line[0]) && take_line(&want, &line[1]) && span_eq(line[0], line[1]))
		;
	note("got:  %.*s", SPAN_ARG(line[0]));
	note("want: %.*s", SPAN_ARG(line[1]));
}

static void text_case(size_t which, unsigned columns, bool is_utf8, bool has_color)
{
	struct buf b = BUF_INIT;
	char name[128];
	struct style style = {.columns = columns,
			      .has_color = has_color,
			      .is_utf8 = is_utf8,
			      .is_verbose = cases[which].is_verbose,
			      .show_all = cases[which].show_all,
			      .now = INVENTED_NOW,
			      .took_ms = 11.2,
			      .home = span_str("/home/dev")};

	snprintf(name, sizeof(name), "%s-%u%s%s", cases[which].name, columns,
		 is_utf8 ? "" : "-ascii", has_color ? "-color" : "");
	show(format_find(span_str("text")), &b, &style, which);
	compare(buf_span(&b), name);
	ok(fits(buf_span(&b), columns), "%s: every line fits", name);
	ok(!has_control(buf_span(&b), has_color, false), "%s: no control byte", name);
	if (!is_utf8)
		ok(is_ascii(buf_span(&b)), "%s: is ASCII", name);
	buf_done(&b);
}

static void text_cases(size_t which)
{
	const struct looks *looks = cases[which].looks;

	for (size_t i = 0; looks->columns[i]; i++)
		for (int kind = 0; kind < 4; kind++)
			if ((!(kind & 1) || looks->has_ascii) && (!(kind & 2) || looks->has_color))
				text_case(which, looks->columns[i], !(kind & 1), kind & 2);
}

static void machine_case(size_t which, const struct format *format)
{
	struct buf b = BUF_INIT;
	struct style style = {.columns = 80,
			      .is_utf8 = true,
			      .is_lines = format->is_lines,
			      .is_verbose = cases[which].is_verbose,
			      .now = INVENTED_NOW};
	char name[128];

	snprintf(name, sizeof(name), "%s-%s", cases[which].name, format->name);
	show(format, &b, &style, which);
	if (cases[which].report != EVENT || format->event)
		compare(buf_span(&b), name);
	ok(!has_control(buf_span(&b), false, span_is(span_str(format->name), "plain")),
	   "%s: no control byte", name);
	buf_done(&b);
}

/* Every socket has its line, and no name opens another or shifts a column. */
static void plain_is_not_forged(void)
{
	struct buf b = BUF_INIT;
	struct style style = {.is_utf8 = true};
	struct span text;
	struct span line;
	size_t n_lines = 0;
	bool has_ten = true;

	show(format_find(span_str("plain")), &b, &style, 0);
	text = buf_span(&b);
	while (take_line(&text, &line)) {
		size_t n_tabs = 0;

		for (size_t i = 0; i < line.n; i++)
			n_tabs += line.p[i] == '\t';
		has_ten &= n_tabs == 9;
		n_lines++;
	}
	is_int((int64_t)n_lines, ARRAY_LEN(invented_rows), "plain: one line per socket");
	ok(has_ten, "plain: ten columns in every line");
	buf_done(&b);
}

/* What a host says when there is little to say. */
static void quiet_hosts(void)
{
	static const struct {
		const char *name, *says;
		enum verdict_kind kind;
		size_t most;
		bool is_complete;
	} hosts[] = {
		{"nothing listens", "nothing listens on this host", VERDICT_EXPECTED, 0, true},
		{"nothing is visible", "no listener was visible", VERDICT_EXPECTED, 0, false},
		{"all is expected", "\nall expected\n", VERDICT_EXPECTED, 2, true},
		{"all that is seen", "all expected, as far as could be seen", VERDICT_EXPECTED, 3,
		 false},
		{"a fold of one saves nothing", "systemd-resolved", VERDICT_EXPECTED, 3, true},
		{"a single look", "1 needs a look. Start with: periplus 3000\n", VERDICT_LOOK, 1,
		 true},
		{"one of UDP", "0 listeners, 1 UDP", VERDICT_EXPECTED, 1, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		struct judged some[ARRAY_LEN(invented_rows)];
		struct host_listing listing = {.is_complete = hosts[i].is_complete};
		struct host_report report = {
			.host = &invented_host, .listing = &listing, .rows = some};
		struct style style = {.columns = 80, .now = INVENTED_NOW};
		bool is_udp = strstr(hosts[i].name, "UDP");
		struct buf b = BUF_INIT;

		for (size_t k = 0; k < ARRAY_LEN(invented_rows) && report.n_rows < hosts[i].most;
		     k++)
			if (rows[k].verdict->kind == hosts[i].kind &&
			    (!is_udp || rows[k].sighting->transport == TRANSPORT_UDP))
				some[report.n_rows++] = rows[k];
		format_find(span_str("text"))->host(&b, &style, &report);
		ok(span_find(buf_span(&b), span_str(hosts[i].says)) >= 0, "a quiet host: %s",
		   hosts[i].name);
		buf_done(&b);
	}
}

static void several_ports(void)
{
	struct buf b = BUF_INIT;
	struct style style = {.columns = 80, .is_utf8 = true};
	const struct format *json = format_find(span_str("json"));

	for (int i = 0; i < 3; i++) {
		struct port_report report = {.port = (uint16_t)(3232 + i)};

		json->port(&b, &style, &report, i == 0, i == 2);
	}
	compare(buf_span(&b), "look-list-json");
	buf_done(&b);
}

/* Whether a line of watch has not room enough for its clock, which ends with the minutes. */
static bool is_clock_cut(struct span text)
{
	struct span line;

	while (take_line(&text, &line)) {
		ptrdiff_t colon = span_find_byte(line, ':');

		if (span_find(colon < 0 ? line : span_cut(line, (size_t)colon), span_str("…")) >= 0) {
			note("cut: %.*s", SPAN_ARG(line));
			return true;
		}
	}
	return false;
}

/* Words of other languages are longer and wider, and keep to the width all the same. */
static void in_language(const char *language)
{
	bool is_kept = true;

	setenv("LANGUAGE", language, 1);
	setlocale(LC_MESSAGES, "C"); /* what was found in the last language is forgotten */
	setlocale(LC_MESSAGES, "C.UTF-8");
	ok(strcmp(_("needs a look"), "needs a look") != 0, "%s: is spoken", language);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t k = 0; cases[i].looks->columns[k]; k++) {
			unsigned columns = cases[i].looks->columns[k];
			struct style style = {.columns = columns,
					      .is_utf8 = true,
					      .is_verbose = cases[i].is_verbose,
					      .show_all = cases[i].show_all,
					      .now = INVENTED_NOW};
			struct buf b = BUF_INIT;

			show(format_find(span_str("text")), &b, &style, i);
			if (cases[i].report == EVENT && columns >= 100 &&
			    is_clock_cut(buf_span(&b)))
				is_kept = false;
			if (!fits(buf_span(&b), columns) || has_control(buf_span(&b), false, false)) {
				note("%s at %u columns", cases[i].name, columns);
				is_kept = false;
			}
			buf_done(&b);
		}
	ok(is_kept, "%s: every line fits", language);
}

static void in_languages(void)
{
	static const char *const languages[] = {"ar", "cs", "de", "ru", "zh_TW"};
	char path[4096] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash = n > 0 ? strrchr(path, '/') : NULL;

	if (slash) /* where the build has compiled them */
		snprintf(slash, 64, "/../po/zh_TW/LC_MESSAGES/periplus.mo");
	if (!slash || access(path, R_OK) != 0 || !setlocale(LC_CTYPE, "C.UTF-8") ||
	    !setlocale(LC_MESSAGES, "C.UTF-8")) {
		note("no catalogues: English only");
		return;
	}
	snprintf(slash, 64, "/../po");
	bindtextdomain(PERIPLUS_DOMAIN, path);
	bind_textdomain_codeset(PERIPLUS_DOMAIN, "UTF-8");
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		in_language(languages[i]);
}

int main(void)
{
	static const char *const machine[] = {"plain", "json", "ndjson"};

	rows = invented_judged(&arena);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		text_cases(i);
		/* --all changes text alone, -v text and the header of plain */
		for (size_t k = 0; k < ARRAY_LEN(machine) && !cases[i].show_all; k++)
			if (!cases[i].is_verbose || k == 0)
				machine_case(i, format_find(span_str(machine[k])));
	}
	plain_is_not_forged();
	several_ports();
	quiet_hosts();
	in_languages();
	ok(!format_find(span_str("xml")), "an unknown format is not found");
	ok(format_count() == 4 && !format_at(4) && format_at(0) == format_find(span_str("json")),
	   "the list of formats");
	arena_done(&arena);
	return done();
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan whose servers use their names as weapons, in every format: nothing reaches a terminal, a
 * spreadsheet or a reader of XML that they wrote there, and no line is wider than it may be.
 */
#include "test/tap.h"

#include "base/scope.h"
#include "out/scan_report.h"

static const struct rule rule = {.id = "PP220", .effect = EFFECT_LOOK};
static const struct reason reasons[] = {
	{&rule, EFFECT_LOOK, {(const uint8_t *)"what answers is \x1b[31m</elem>", 26}}};
static const struct verdict look = {
	.kind = VERDICT_LOOK, .reasons = (struct reason *)reasons, .n_reasons = 1};

static const char *const weapons[] = {
	"\x1b[2J\x1b]52;c;eA==\a",
	"\"/><host><!--",
	"]]>&<script id=\"x\">",
	"=cmd|'/c calc'!A0",
	"1.0\r\nHost: 192.0.2.9 ()\tPorts: 22/open/tcp",
	"a, 22/open/tcp//ssh///, b",
	"\xff\xfe\xc2\x9b"
	"31m\xe2\x80\xae",
	"version that goes on and on, far behind the right edge of each terminal that there is, "
	"and on",
};

enum { N = ARRAY_LEN(weapons) };

static struct scan_row rows[N + 1];

static void make_rows(void)
{
	static const uint8_t host[4] = {192, 0, 2, 1};

	for (size_t i = 0; i <= N; i++) {
		rows[i] = (struct scan_row){
			.address = address_ipv4(host),
			.port = (uint16_t)(i + 1),
			.transport = TRANSPORT_TCP,
			.is_open = i < N,
			.certainty = "probed",
			.evidence = "answer",
			.registered = SPAN_LIT("tcpmux"),
			.inside = i % 4,
			.verdict = &look,
		};
		if (i == N)
			continue;
		rows[i].service = i % 2 ? SPAN_LIT("http") : (struct span){0};
		rows[i].product = span_str(weapons[i]);
		rows[i].version = span_str(weapons[i]);
		rows[i].process = rows[i].holder = span_str(weapons[i]);
	}
}

static const uint16_t ports[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 80};
static const struct scan_plan plan = {
	.n_hosts = 256, .ports = ports, .n_ports = ARRAY_LEN(ports), .n_targets = 2560};
static const struct scan_summary summary = {.targets = 2304,
					    .sent = 2400,
					    .answered = 2000,
					    .open = 8,
					    .closed = 1992,
					    .silent = 304,
					    .lost = 96,
					    .has_recall = true,
					    .recall = 0.99999,
					    .seconds = 1.25,
					    .rounds = 2,
					    .engine = "connect"};
static struct scan_report report = {.rows = rows,
				    .n_rows = N + 1,
				    .plan = &plan,
				    .summary = &summary,
				    .transport = TRANSPORT_TCP,
				    .arguments = "periplus scan --authorised-by \"<\x1b\"",
				    .authorised = "\x1b[31mthe \"owner\" <b>"};

static bool is_clean(struct span s, const char *allowed)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 0x20 && !strchr(allowed, s.p[i])) || s.p[i] == 0x7f ||
		    (s.p[i] == 0xc2 && i + 1 < s.n && s.p[i + 1] < 0xa0))
			return false;
	return span_find(s, SPAN_LIT("\xe2\x80\xae")) < 0;
}

static size_t characters(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* What XML 1.0 forbids (section 2.2). */
static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\t')
			return true;
	return false;
}

static void test_text(unsigned columns, bool is_utf8)
{
	struct buf b = BUF_INIT;
	struct style style = {.columns = columns, .is_utf8 = is_utf8, .is_verbose = true};
	struct span rest;
	struct span line;
	size_t widest = 0;

	scan_text(&b, &style, &report);
	ok(is_clean(buf_span(&b), "\n"), "text, %u columns: no control reaches the terminal",
	   columns);
	rest = buf_span(&b);
	while (take_line(&rest, &line))
		if (characters(line) > widest) {
			widest = characters(line);
			if (widest > columns)
				note("%.*s", SPAN_ARG(line));
		}
	ok(widest <= columns, "and no line is wider (%zu)", widest);
	ok(span_find(buf_span(&b), SPAN_LIT("99.99 %")) > 0, "a recall is not rounded up to all");
	buf_done(&b);
}

static size_t count(struct span s, const char *word)
{
	size_t n = 0;
	ptrdiff_t at;

	while ((at = span_find(s, span_str(word))) >= 0) {
		n++;
		s = span_skip(s, (size_t)at + strlen(word));
	}
	return n;
}

static void test_machines(void)
{
	struct style style = {.columns = 80, .is_verbose = true};
	struct buf b = BUF_INIT;
	struct span rest;
	struct span line;
	size_t n = 0;

	scan_plain(&b, &style, &report);
	rest = buf_span(&b);
	for (n = 0; take_line(&rest, &line); n++)
		if (n > 0 && n <= N + 1 && count(line, "\t") != 13)
			break;
	ok(n == N + 3 && is_clean(buf_span(&b), "\n\t"),
	   "plain: a header, a line a port, the summary");
	b.n = 0;
	scan_csv(&b, &report);
	ok(count(buf_span(&b), "\r\n192.0.2.1,") == N + 1, "CSV: a record a port");
	ok(count(buf_span(&b), ",=cmd") == 0 && count(buf_span(&b), "'=cmd") == 3,
	   "CSV: no cell is a formula");
	b.n = 0;
	scan_grep(&b, &report);
	ok(count(buf_span(&b), "\nHost: ") == 2 && count(buf_span(&b), "/open/tcp/") == N &&
		   is_clean(buf_span(&b), "\n\t"),
	   "greppable: nobody forges a host, nor a port");
	b.n = 0;
	scan_xml(&b, &report);
	ok(count(buf_span(&b), "<host ") == 1 && count(buf_span(&b), "<host>") == 0 &&
		   count(buf_span(&b), "<port ") == N && count(buf_span(&b), "<script ") == N + 1 &&
		   !has_control(buf_span(&b)),
	   "XML: nobody writes an element");
	if (tap.n_failed)
		note("%.*s", SPAN_ARG(buf_span(&b)));
	ok(count(buf_span(&b), "services=\"1-9,80\"") == 1, "XML: the ports that were asked");
	buf_done(&b);
}

/* A row that is like the one before it has the line that it would have by itself. */
static void test_stream(void)
{
	static const uint8_t hosts[][4] = {{192, 0, 2, 1}, {8, 8, 4, 4}, {198, 51, 100, 200}, {10, 0, 0, 1}};
	struct style style = {.now = 1795000000};
	struct scan_line before = {.text = BUF_INIT};
	struct buf streamed = BUF_INIT;
	struct buf alone = BUF_INIT;
	struct scan_row row = rows[1];

	for (size_t i = 0; i < 2 * ARRAY_LEN(hosts); i++) {
		struct scan_line none = {.text = BUF_INIT};

		row.address = address_ipv4(hosts[i % ARRAY_LEN(hosts)]);
		if (i == ARRAY_LEN(hosts))
			row.port++;
		row.is_like_before = i % ARRAY_LEN(hosts) > 0;
		scan_row_ndjson(&streamed, &style, map_builtin(), &row, &before);
		scan_row_ndjson(&alone, &style, map_builtin(), &row, &none);
		buf_done(&none.text);
	}
	ok(count(buf_span(&streamed), "\n") == 2 * ARRAY_LEN(hosts) &&
		   span_eq(buf_span(&streamed), buf_span(&alone)),
	   "NDJSON: rows that differ by the address alone are whole lines");
	buf_done(&before.text);
	buf_done(&streamed);
	buf_done(&alone);
}

int main(void)
{
	make_rows();
	test_stream();
	test_text(40, true);
	test_text(80, true);
	test_text(80, false);
	test_text(132, true);
	test_machines();
	return done();
}

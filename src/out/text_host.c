/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_host: the table of everything that listens, worst first.
 *
 * Expected rows are folded: EXPECTED_SHOWN of them stay as a sample, --all shows the rest.
 */
#include "out/text.h"

#include "base/scope.h"

enum { EXPECTED_SHOWN = 2, COLUMNS_NETNS = 60, COLUMNS_WHO = 100, COLUMNS_WHY = 132 };

/* Which columns there are at this width, in their order. */
struct layout {
	bool has_netns; /* NETNS */
	bool has_who;   /* USER, PID */
	bool has_why;   /* SERVICE, REASONS */
};

static struct span append(struct page *page, struct span text, struct span more)
{
	return more.n ? JOIN(page, text, span_str(page_dash(page->style)), more) : text;
}

/* Rows, not sockets: what is joined counts once. */
struct tally {
	unsigned long n_listen;
	unsigned long n_udp;
	unsigned long n_portless; /* raw and packet sockets */
	unsigned long n_elsewhere;
};

static struct tally tally_of(const struct joined *rows, size_t n)
{
	struct tally tally = {0};

	for (size_t i = 0; i < n; i++) {
		const struct sighting *s = rows[i].row->sighting;

		tally.n_elsewhere += s->is_elsewhere;
		if (s->state == SOCKET_RAW || s->state == SOCKET_PACKET)
			tally.n_portless++;
		else if (transport_registered(s->transport) == TRANSPORT_UDP)
			tally.n_udp++;
		else
			tally.n_listen++;
	}
	return tally;
}

/* 14 listeners, 9 UDP, 1 raw */
static struct span counts(struct page *page, const struct tally *tally)
{
	struct span text = page_print(
		page, dngettext(PERIPLUS_DOMAIN, "%lu listener", "%lu listeners", tally->n_listen),
		tally->n_listen);

	if (tally->n_udp)
		text = JOIN(page, text, page_print(page, _(", %lu UDP"), tally->n_udp));
	if (tally->n_portless)
		text = JOIN(page, text, page_print(page, _(", %lu raw"), tally->n_portless));
	return text;
}

/* host db3 · Debian 12 · 14 listeners, 9 UDP · 21 Nov 04:10 · 11 ms */
static void headline(struct page *page, const struct host_report *report, const struct tally *tally)
{
	struct span text = JOIN(page, span_str(_("host")), SPAN_LIT(" "), report->host->name);

	text = append(page, text, report->host->system);
	text = append(page, text, counts(page, tally));
	text = append(page, text, page_clock(page, page->style->now));
	if (page->style->took_ms > 0)
		text = append(page, text,
			      page_print(page, _("%.0f ms"),
					 page->style->took_ms < 1 ? 1 : page->style->took_ms));
	page_text(page, text, INK_PLAIN, page->width);
	buf_str(page->out, "\n\n");
}

/* The ids of all that weigh, and the title of the one that weighs most. */
static void reasons(struct page *page, const struct verdict *verdict, struct cell *cell)
{
	struct span ids = {0};
	struct span first = {0};

	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];

		if (reason->effect == EFFECT_NOTE && !page->style->is_verbose)
			continue;
		if (!first.n)
			first = span_str(_(reason->rule->title));
		ids = ids.n ? JOIN(page, ids, SPAN_LIT(" "), span_str(reason->rule->id))
			    : span_str(reason->rule->id);
	}
	cell_add(cell, ids, INK_PLAIN);
	cell_add(cell, first, INK_PLAIN);
}

static void columns(struct table *table, struct layout layout)
{
	table_column(table, _("PORT"), 0, false);
	table_column(table, _("BIND"), 4, false);
	if (layout.has_netns)
		table_column(table, _("NETNS"), 0, false);
	if (layout.has_who) {
		table_column(table, _("USER"), 8, false);
		table_column(table, _("PID"), 0, true);
	}
	table_column(table, _("PROCESS"), 8, false);
	table_column(table, _("VERDICT"), 0, false);
	if (layout.has_why) {
		table_column(table, _("SERVICE"), 8, false);
		table_column(table, _("REASONS"), 10, false);
	}
}

static void row_of(struct table *table, const struct host_report *report,
		   const struct joined *joined, struct layout layout)
{
	struct page *page = table->page;
	struct table_row *row = table_row(table);
	const struct judged *judged = joined->row;
	const struct process *p = sighting_process(judged->sighting);
	struct cell *cell = row->cells;

	row->kind = (int)judged->verdict->kind;
	cell_add(cell++, who_number(page, judged->sighting), INK_PLAIN);
	cell_add(cell++, who_bind(page, joined), INK_PLAIN);
	if (layout.has_netns)
		cell_add(cell++, who_netns(page, judged->sighting), INK_PLAIN);
	if (layout.has_who) {
		cell_add(cell++, who_user(page, judged->sighting), INK_PLAIN);
		cell_add(cell++, p ? page_print(page, "%u", p->pid) : SPAN_LIT("-"), INK_PLAIN);
	}
	who_cell(page, judged, cell++);
	cell_add(cell++, span_str(verdict_word(judged->verdict->kind)),
		 page_ink(judged->verdict->kind));
	if (layout.has_why) {
		cell_add(cell++, who_service(page, report->map, judged->sighting), INK_DIM);
		reasons(page, judged->verdict, cell);
	}
}

static void folded(struct page *page, size_t n)
{
	struct span text = page_print(
		page,
		dngettext(PERIPLUS_DOMAIN, "%zu more expected; periplus --all shows it",
			  "%zu more expected; periplus --all shows them", (unsigned long)n),
		n);

	buf_str(page->out, page_dots(page->style));
	buf_byte(page->out, ' ');
	page_text(page, text, INK_PLAIN, page->width - 4);
	buf_byte(page->out, '\n');
}

/* The first row that has a port, when it needs anything. `periplus PORT` asks this namespace. */
static const struct sighting *start(const struct joined *rows, size_t n)
{
	for (size_t i = 0; i < n && rows[i].row->verdict->kind != VERDICT_EXPECTED; i++) {
		const struct sighting *s = rows[i].row->sighting;

		if (s->port && s->state != SOCKET_RAW && !s->is_elsewhere)
			return s;
	}
	return NULL;
}

/* "2 unexpected, 2 need a look. Start with: periplus 3476" */
static struct span trouble(struct page *page, const struct joined *rows, size_t n)
{
	const struct sighting *first = start(rows, n);
	unsigned long n_bad = 0;
	unsigned long n_look = 0;
	struct span text = {0};

	for (size_t i = 0; i < n; i++) {
		n_bad += rows[i].row->verdict->kind == VERDICT_UNEXPECTED;
		n_look += rows[i].row->verdict->kind == VERDICT_LOOK;
	}
	if (n_bad)
		text = page_print(page, _("%lu unexpected"), n_bad);
	if (n_look)
		text = JOIN(page, text, span_str(n_bad ? ", " : ""),
			    page_print(page,
				       dngettext(PERIPLUS_DOMAIN, "%lu needs a look",
						 "%lu need a look", n_look),
				       n_look));
	if (first)
		text = JOIN(page, text, SPAN_LIT(". "),
			    page_print(page, _("Start with: periplus %u%s"), first->port,
				       first->transport == TRANSPORT_UDP ? "/udp" : ""));
	return text;
}

/* Those in the table; else those that were met and not asked for. */
static void elsewhere(struct page *page, const struct host_report *report,
		      const struct tally *tally)
{
	unsigned long n = tally->n_elsewhere ? tally->n_elsewhere : report->listing->n_elsewhere;
	struct span text;

	if (n == 0)
		return;
	text = page_print(page,
			  dngettext(PERIPLUS_DOMAIN, "%lu listener in another network namespace",
				    "%lu listeners in other network namespaces", n),
			  n);
	if (!tally->n_elsewhere)
		text = JOIN(page, text, SPAN_LIT("; "),
			    span_str(_("periplus --all-namespaces shows them")));
	page_text(page, text, INK_PLAIN, page->width);
	buf_byte(page->out, '\n');
}

static void closing(struct page *page, const struct host_report *report, const struct joined *rows,
		    size_t n, const struct tally *tally)
{
	bool is_complete = report->listing->is_complete;
	struct span text = trouble(page, rows, n);

	if (n == 0)
		text = span_str(is_complete ? _("nothing listens on this host")
					    : _("no listener was visible"));
	else if (!text.n)
		text = span_str(is_complete ? _("all expected")
					    : _("all expected, as far as could be seen"));
	if (n)
		buf_byte(page->out, '\n');
	page_text(page, text, INK_PLAIN, page->width);
	buf_byte(page->out, '\n');
	elsewhere(page, report, tally);
}

/* How many of the rows are shown: all but the last expected ones. */
static size_t shown(const struct style *style, const struct joined *rows, size_t n)
{
	size_t n_shown = 0;

	while (n_shown < n && rows[n_shown].row->verdict->kind != VERDICT_EXPECTED)
		n_shown++;
	n_shown += EXPECTED_SHOWN;
	/* A fold of a single row would save nothing. */
	return style->show_all || n_shown + 1 >= n ? n : n_shown;
}

void text_host(struct buf *b, const struct style *style, const struct host_report *report)
{
	struct page page;
	struct layout layout = {.has_who = style->columns >= COLUMNS_WHO,
				.has_why = style->columns >= COLUMNS_WHY};
	struct table table = {.page = &page, .has_marks = true};
	struct joined *rows;
	struct tally tally;
	size_t n;
	size_t n_shown;

	page_init(&page, b, style);
	n = joined_rows(&page, report->rows, report->n_rows, &rows);
	n_shown = shown(style, rows, n);
	tally = tally_of(rows, n);
	for (size_t i = 0; i < n_shown && style->columns >= COLUMNS_NETNS; i++)
		layout.has_netns |= rows[i].row->sighting->is_elsewhere;
	headline(&page, report, &tally);
	columns(&table, layout);
	for (size_t i = 0; i < n_shown; i++)
		row_of(&table, report, &rows[i], layout);
	if (n)
		table_put(&table);
	if (n > n_shown)
		folded(&page, n - n_shown);
	closing(&page, report, rows, n, &tally);
	page_done(&page);
}

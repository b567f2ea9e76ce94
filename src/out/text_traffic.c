/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_traffic: conversations of a capture for people. A table; with -v a page for each, with what
 * its bytes prove, what the number says, why the verdict, and its messages in words.
 *
 * A name by the number alone begins with '~', as everywhere.
 */
#include "base/scope.h"
#include "out/page.h"
#include "out/traffic.h"

enum { PRACTICE_SHOWN = 6, COLUMNS_REGISTERED = 90 };

static struct span endpoint(struct page *page, const struct address *a, uint16_t port)
{
	char text[ADDRESS_TEXT];
	bool is_v6 = a->family == ADDRESS_IPV6;

	return page_print(page, "%s%s%s:%u", is_v6 ? "[" : "", address_text(a, text),
			  is_v6 ? "]" : "", port);
}

static struct span server(struct page *page, const struct wire_conversation *c)
{
	return JOIN(page, endpoint(page, &c->server, c->server_port), SPAN_LIT("/"),
		    span_str(transport_word(c->transport)));
}

static void speaks(struct page *page, const struct traffic_row *row, struct cell *cell)
{
	const struct wire_found *found = row->conversation->found;

	if (!found) {
		cell_add(cell, SPAN_LIT("-"), INK_DIM);
		return;
	}
	if (found->match == PROTO_YES)
		cell_add(cell, span_str(found->proto->name), INK_PLAIN);
	else
		cell_add(cell, page_print(page, _("fits %s"), found->proto->name), INK_DIM);
	if (found->product[0] && !span_is(span_str(found->product), found->proto->name))
		cell_add(cell,
			 JOIN(page, span_str(found->product),
			      span_str(found->version[0] ? " " : ""), span_str(found->version)),
			 INK_PLAIN);
	else
		cell_add(cell, span_str(found->version), INK_PLAIN);
}

static struct span registered(struct page *page, const struct traffic_row *row)
{
	return row->registered.n ? JOIN(page, SPAN_LIT("~"), row->registered) : span_of(NULL, 0);
}

static struct span amount(struct page *page, uint64_t n)
{
	static const char units[] = "kMGTPE";
	double value = (double)n;
	int unit = -1;

	if (n < 10000)
		return page_print(page, "%llu", (unsigned long long)n);
	do {
		value /= 1000;
		unit++;
	} while (value >= 1000);
	return page_print(page, value < 10 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

static struct span carriage(struct page *page, const struct wire_conversation *c)
{
	struct span text = {0};

	if (c->tunnel != WIRE_TUNNEL_BARE)
		text = page_print(page, _("in %s"),
				  c->tunnel == WIRE_TUNNEL_GRE ? "GRE" : _("IP within IP"));
	if (c->vlan)
		text = JOIN(page, text, span_str(text.n ? ", " : ""),
			    page_print(page, "VLAN %u", c->vlan));
	return text;
}

static void headline(struct page *page, const struct traffic_report *report)
{
	const struct wire_counts *counts = &report->summary->counts;
	struct span dash = span_str(page_dash(page->style));
	struct span text = JOIN(page, report->file, dash,
				page_print(page,
					   dngettext(PERIPLUS_DOMAIN, "%zu conversation",
						     "%zu conversations", report->n_rows),
					   report->n_rows),
				dash,
				page_print(page,
					   dngettext(PERIPLUS_DOMAIN, "%llu packet", "%llu packets",
						     (unsigned long)counts->packets),
					   (unsigned long long)counts->packets));

	if (counts->last_us > counts->first_us)
		text = JOIN(page, text, dash,
			    page_print(page, "%.1f s",
				       (double)(counts->last_us - counts->first_us) / 1e6));
	page_text(page, text, INK_PLAIN, page->width);
	buf_str(page->out, "\n\n");
}

static void put_table(struct page *page, const struct traffic_report *report)
{
	struct table table = {.page = page, .has_marks = true};
	bool is_wide = page->style->columns >= COLUMNS_REGISTERED;

	table_column(&table, _("SERVER"), 22, false);
	table_column(&table, _("CLIENT"), 9, false);
	table_column(&table, _("PACKETS"), 0, true);
	table_column(&table, _("BYTES"), 0, true);
	table_column(&table, _("SPEAKS"), 10, false);
	if (is_wide)
		table_column(&table, _("REGISTERED"), 6, false);
	table_column(&table, _("VERDICT"), 0, false);
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct traffic_row *from = &report->rows[i];
		const struct wire_conversation *c = from->conversation;
		struct table_row *row = table_row(&table);
		struct cell *cell = row->cells;
		char text[ADDRESS_TEXT];

		row->kind = from->verdict ? (int)from->verdict->kind : -1;
		cell_add(cell++, server(page, c), INK_PLAIN);
		cell_add(cell, page_print(page, "%s", address_text(&c->client, text)), INK_PLAIN);
		cell_add(cell++, carriage(page, c), INK_DIM);
		cell_add(cell++, amount(page, c->packets[0] + c->packets[1]), INK_PLAIN);
		cell_add(cell++, amount(page, c->bytes[0] + c->bytes[1]), INK_PLAIN);
		speaks(page, from, cell++);
		if (is_wide)
			cell_add(cell++, registered(page, from), INK_DIM);
		if (from->verdict)
			cell_add(cell, span_str(verdict_word(from->verdict->kind)),
				 page_ink(from->verdict->kind));
		else
			cell_add(cell, span_str(_("not judged")), INK_DIM);
	}
	table_put(&table);
}

static void put_amounts(struct page *page, const struct wire_conversation *c)
{
	struct span text = endpoint(page, &c->client, c->client_port);

	page->label = _("client");
	text = JOIN(
		page, text,
		page_print(page,
			   dngettext(PERIPLUS_DOMAIN, ", %u flow, said %llu packets, %llu bytes",
				     ", %u flows, said %llu packets, %llu bytes", c->n_flows),
			   c->n_flows, (unsigned long long)c->packets[PROTO_CLIENT],
			   (unsigned long long)c->bytes[PROTO_CLIENT]));
	page_line(page, text, INK_PLAIN);
	page->label = _("server");
	page_line(page,
		  page_print(page, _("said %llu packets, %llu bytes%s"),
			     (unsigned long long)c->packets[PROTO_SERVER],
			     (unsigned long long)c->bytes[PROTO_SERVER],
			     c->transport == TRANSPORT_TCP && !c->is_start_seen
				     ? _("; the beginning is not in the capture")
				     : ""),
		  INK_PLAIN);
	if (carriage(page, c).n) {
		page->label = _("carried");
		page_line(page, carriage(page, c), INK_PLAIN);
	}
	if (c->n_cut || c->n_fragmented || c->n_conflicts) {
		page->label = _("flaws");
		page_sentence(page,
			      page_print(page,
					 _("%u packets cut by the capture, %u fragmented, %u that "
					   "say again what was said, but otherwise"),
					 c->n_cut, c->n_fragmented, c->n_conflicts),
			      INK_PLAIN, NULL);
	}
}

static void put_found(struct page *page, const struct traffic_row *row)
{
	static const char *const whose[] = {N_("what both sides said"), N_("what the server said"),
					    N_("what the client said")};
	const struct wire_found *found = row->conversation->found;

	page->label = _("certainty");
	if (!found) {
		page_line(page,
			  span_str(row->registered.n ? _("by the number only, not a fact")
						     : _("none: the bytes prove nothing")),
			  INK_PLAIN);
		return;
	}
	page_line(page,
		  page_print(page, "%s: %s, %s", found->proto->title,
			     found->match == PROTO_YES ? _("proved")
						       : _("fits, and others would too"),
			     _(whose[found->by_server && found->by_client ? 0
				     : found->by_server                   ? 1
									  : 2])),
		  INK_PLAIN);
	for (size_t i = 0; i < found->n_facts; i++) {
		const struct wire_fact *fact = &found->facts[i];
		bool is_label = strlen(fact->name) < page_label_columns(page);

		page->label = is_label ? fact->name : _("says");
		page_sentence(page,
			      is_label ? span_str(fact->value)
				       : page_print(page, "%s %s", fact->name, fact->value),
			      INK_PLAIN, NULL);
	}
}

static void put_practice(struct page *page, const struct traffic_report *report,
			 const struct wire_conversation *c)
{
	struct map_practice fact;
	struct map_product product;
	struct span text = {0};
	uint32_t cursor = 0;
	size_t n = 0;

	while (map_next_practice(report->map, c->server_port, c->transport, &cursor, &fact)) {
		if (fact.kind == PRACTICE_MALWARE || n++ >= PRACTICE_SHOWN)
			continue;
		text = JOIN(page, text, span_str(text.n ? ", " : ""),
			    map_product_find(report->map, fact.product, &product) && product.title.n
				    ? product.title
				    : fact.product);
	}
	if (n > PRACTICE_SHOWN)
		text = JOIN(page, text, page_print(page, _(" and %zu more"), n - PRACTICE_SHOWN));
	page->label = _("practice");
	page_sentence(page, n ? text : span_str(_("nothing is known of this number")), INK_PLAIN,
		      NULL);
}

static void put_messages(struct page *page, const struct traffic_report *report,
			 const struct traffic_row *row)
{
	const char *const sides[] = {[PROTO_CLIENT] = _("client"), [PROTO_SERVER] = _("server")};
	size_t widest = 0;
	const struct wire_line *line;
	size_t cursor = 0;

	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		if (term_columns(span_str(sides[i])) > widest)
			widest = term_columns(span_str(sides[i]));
	if (!row->conversation->n_lines)
		return;
	buf_byte(page->out, '\n');
	while ((line = traffic_next_line(report, row->index, &cursor))) {
		buf_print(page->out, "  %11.6f ", (double)line->at_us / 1e6);
		buf_str(page->out, sides[line->side]);
		buf_fill(page->out, ' ', widest - term_columns(span_str(sides[line->side])));
		buf_print(page->out, " %5u  ", line->n);
		if (line->text[0])
			buf_term(page->out, span_str(line->text));
		else
			buf_str(page->out, _("bytes without words"));
		buf_byte(page->out, '\n');
	}
}

static void put_page(struct page *page, const struct traffic_report *report,
		     const struct traffic_row *row)
{
	struct cell cell = {0};

	speaks(page, row, &cell);
	page_headline(page, server(page, row->conversation), &cell,
		      row->verdict ? (int)row->verdict->kind : -1);
	buf_byte(page->out, '\n');
	put_amounts(page, row->conversation);
	put_found(page, row);
	page->label = _("registered");
	page_line(page,
		  row->registered.n ? JOIN(page, row->registered, SPAN_LIT(" \""), row->description,
					   SPAN_LIT("\""))
				    : span_str(_("to nobody")),
		  INK_PLAIN);
	put_practice(page, report, row->conversation);
	page->label = _("why");
	for (size_t i = 0; row->verdict && i < row->verdict->n_reasons; i++)
		page_sentence(page, row->verdict->reasons[i].detail, INK_PLAIN,
			      row->verdict->reasons[i].rule->id);
	if (!row->verdict)
		page_line(page, span_str(_("not judged: the bytes prove no protocol")), INK_PLAIN);
	else if (!row->verdict->n_reasons)
		page_line(page, span_str(_("this protocol is known on this number")), INK_PLAIN);
	put_messages(page, report, row);
	buf_byte(page->out, '\n');
}

static void put_rest(struct page *page, const struct traffic_report *report)
{
	const struct wire_counts *counts = &report->summary->counts;

	for (int fate = WIRE_READ + 1; fate < N_WIRE_FATES; fate++)
		if (counts->fates[fate])
			page_sentence(page,
				      page_print(page, "%s: %llu",
						 _(wire_fate_sentence((enum wire_fate)fate)),
						 (unsigned long long)counts->fates[fate]),
				      INK_DIM, NULL);
	if (counts->n_unkept)
		page_sentence(
			page,
			page_print(page,
				   _("%llu flows belong to conversations beyond the first %d, "
				     "which are not shown"),
				   (unsigned long long)counts->n_unkept, WIRE_CONVERSATIONS),
			INK_DIM, NULL);
}

void text_traffic(struct buf *b, const struct style *style, const struct traffic_report *report)
{
	struct page page;

	page_init(&page, b, style);
	headline(&page, report);
	for (size_t i = 0; i < report->n_rows && style->is_verbose; i++)
		put_page(&page, report, &report->rows[i]);
	if (report->n_rows && !style->is_verbose) {
		put_table(&page, report);
		buf_byte(b, '\n');
	}
	put_rest(&page, report);
	page_done(&page);
}

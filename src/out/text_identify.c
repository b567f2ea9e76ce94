/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_identify: an asked port for people.
 *
 * A name by the number alone is dimmed, begins with '~', and is never the service's name. -v shows
 * each thing that was said: who asked, why, which bytes.
 */
#include "base/text.h"
#include "out/asked.h"
#include "out/page.h"

static void put_where(struct buf *b, const struct identify_report *report)
{
	bool is_v6 = span_find_byte(report->host, ':') >= 0;

	buf_str(b, is_v6 ? "[" : "");
	buf_term(b, report->host);
	buf_print(b, "%s:%u/%s", is_v6 ? "]" : "", report->target->port,
		  transport_word(report->target->transport));
}

/* Printable bytes as they are, line ends and others escaped. */
static void put_bytes(struct buf *b, struct span bytes, bool is_cut)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		uint8_t c = bytes.p[i];

		if (c == '\r')
			buf_str(b, "\\r");
		else if (c == '\n')
			buf_str(b, "\\n");
		else if (c == '\\')
			buf_str(b, "\\\\");
		else if (c >= 0x20 && c < 0x7f)
			buf_byte(b, (char)c);
		else
			buf_print(b, "\\x%c%c", digits[c >> 4], digits[c & 15]);
	}
	buf_str(b, is_cut ? " ...\n" : "\n");
}

/* A label and the blanks behind it. */
static void put_label(struct page *page, const char *label)
{
	size_t columns = page_label_columns(page);
	size_t used = term_columns(span_str(label));

	buf_fill(page->out, ' ', INDENT);
	buf_str(page->out, label);
	buf_fill(page->out, ' ', used < columns ? columns - used : 1);
}

static void put_steps(struct page *page, const struct scan_result *r)
{
	struct buf *b = page->out;

	for (size_t i = 0; i < r->n_steps; i++) {
		const struct scan_step *step = &r->steps[i];

		put_label(page, step->is_said ? _("said") : _("heard"));
		if (step->is_said)
			buf_print(b, _("connection %u, %u bytes of %s: %s\n"), step->connection,
				  step->n, step->proto, _(scan_reason_sentence(step->reason)));
		else if (step->proto[0])
			buf_print(b, _("connection %u, %u bytes that are %s\n"), step->connection,
				  step->n, step->proto);
		else
			buf_print(b, _("connection %u, %u bytes that no row knows\n"),
				  step->connection, step->n);
		put_label(page, "");
		put_bytes(b, scan_step_bytes(r, step), step->kept < step->n);
	}
}

static void put_headline(struct buf *b, const struct style *style,
			 const struct identify_report *report)
{
	const struct scan_result *r = report->result;

	if (asked_is_known(report)) {
		buf_str(b, r->proto->name);
		buf_str(b, r->is_within_tls ? _(" in tls") : "");
		if (r->product[0]) {
			buf_str(b, ": ");
			buf_term(b, span_str(r->product));
		}
		if (r->version[0]) {
			buf_byte(b, ' ');
			buf_term(b, span_str(r->version));
		}
		return;
	}
	switch (r->state) {
	case SCAN_CLOSED: buf_str(b, _("closed")); break;
	case SCAN_FAILED: buf_str(b, _("parser failed: its bytes ended the worker")); break;
	case SCAN_SILENT:
		buf_str(b, r->is_spared            ? _("not asked")
			   : r->n_sent || r->error ? _("silent")
						   : _("not asked: no question is known for it"));
		break;
	default:
		if (r->proto)
			buf_print(b, _("open, fits %s"), r->proto->name);
		else
			buf_str(b, r->n_heard ? _("open, says what no row knows")
					      : _("open, says nothing"));
	}
	if (report->registered.n) {
		buf_str(b, style->has_color ? "  \x1b[2m~" : "  ~");
		buf_term(b, report->registered);
		buf_str(b, style->has_color ? "\x1b[0m" : "");
	}
}

void text_identify(struct buf *b, const struct style *style, const struct identify_report *report,
		   bool first, bool last)
{
	const struct scan_result *r = report ? report->result : NULL;
	struct page page;

	(void)last;
	if (!r)
		return;
	page_init(&page, b, style);
	buf_str(b, first ? "" : "\n");
	put_where(b, report);
	buf_str(b, "  ");
	put_headline(b, style, report);
	buf_byte(b, '\n');
	put_label(&page, _("certainty"));
	buf_str(b, _(asked_certainty(report)));
	if (asked_is_known(report))
		buf_print(b, ", %s", _(asked_evidence(report)));
	else if (span_is(span_str(asked_certainty(report)), "table"))
		buf_str(b, asked_can_be_proved(report)
				   ? _(": by number only, not a fact")
				   : _(": by number only, and no bytes are known that would "
				       "prove that name"));
	buf_byte(b, '\n');
	if (r->is_spared && r->spared) {
		put_label(&page, _("spared"));
		buf_print(b, _("%s may speak here (class %s): a stranger's bytes may harm it\n"),
			  r->spared->name, asked_class(report));
	}
	if (r->needs_no_login) {
		put_label(&page, _("login"));
		buf_print(b, "%s\n", _("none is needed to command it from here (help PP330)"));
	}
	for (size_t i = 0; i < r->n_facts; i++) {
		put_label(&page, r->facts[i].name);
		buf_term(b, span_str(r->facts[i].value));
		buf_byte(b, '\n');
	}
	if (style->is_verbose)
		put_steps(&page, r);
	put_label(&page, _("spent"));
	buf_print(b, _("%u bytes sent, %u heard, %u connections, %u ms\n"), r->n_sent, r->n_heard,
		  r->n_connections, r->took_ms);
	page_done(&page);
}

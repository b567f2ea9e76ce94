/* SPDX-License-Identifier: Apache-2.0 */
/* scan_lines: a scan as plain lines, as CSV, and as one line a host for grep. */
#include <stdio.h>

#include "out/scan_report.h"

enum { PID_TEXT = 12 };

static void plain_cell(struct buf *b, struct span s)
{
	buf_byte(b, '\t');
	if (s.n == 0)
		buf_byte(b, '-');
	else
		buf_plain(b, s);
}

/* Of the listing from inside; empty when it has none. */
static struct span pid_text(const struct scan_row *row, char text[PID_TEXT])
{
	snprintf(text, PID_TEXT, "%u", row->pid);
	return row->pid ? span_str(text) : (struct span){0};
}

static void plain_row(struct buf *b, const struct scan_row *row)
{
	char text[ADDRESS_TEXT];
	char pid[PID_TEXT];
	char rules[64];

	scan_rules(row, rules, sizeof(rules));
	buf_str(b, verdict_key(row->verdict->kind));
	plain_cell(b, span_str(transport_word(row->transport)));
	plain_cell(b, span_str(address_text(&row->address, text)));
	buf_print(b, "\t%u", row->port);
	plain_cell(b, row->service);
	plain_cell(b, row->product);
	plain_cell(b, row->version);
	plain_cell(b, span_str(row->certainty));
	plain_cell(b, span_str(row->evidence));
	plain_cell(b, row->registered);
	plain_cell(b, span_str(scan_inside_word(row->inside)));
	plain_cell(b, span_str(rules));
	plain_cell(b, row->process);
	plain_cell(b, pid_text(row, pid));
	buf_byte(b, '\n');
}

static void put_number(struct buf *b, const char *key, uint64_t value)
{
	buf_print(b, "\t%s=", key);
	buf_u64(b, value);
}

static void put_summary(struct buf *b, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;

	buf_print(b, "summary\t%s", scan_end_word(s->end));
	put_number(b, "targets", s->targets);
	put_number(b, "sent", s->sent);
	put_number(b, "answered", s->answered);
	put_number(b, "open", s->open);
	put_number(b, "closed", s->closed);
	put_number(b, "silent", s->silent);
	put_number(b, "lost", s->lost);
	put_number(b, "unsent", s->unsent);
	put_number(b, "hosts_answered", s->n_answered);
	put_number(b, "hosts_absent", s->n_absent);
	buf_str(b, "\testimated_recall=");
	if (s->has_recall)
		buf_fixed(b, (uint64_t)(s->recall * 1e6), 6);
	else
		buf_byte(b, '-');
	buf_str(b, "\tseconds=");
	buf_fixed(b, (uint64_t)(s->seconds * 1e3 + 0.5), 3);
	buf_print(b, "\tengine=%s", s->engine);
	if (report->authorised) {
		buf_str(b, "\tauthorised_by=");
		buf_plain(b, span_str(report->authorised));
	}
	buf_byte(b, '\n');
}

void scan_plain(struct buf *b, const struct style *style, const struct scan_report *report)
{
	if (style->is_verbose)
		buf_str(b, "verdict\ttransport\taddress\tport\tservice\tproduct\tversion\tcertainty"
			   "\tevidence\tregistered\tinside\treasons\tprocess\tpid\n");
	for (size_t i = 0; i < report->n_rows; i++)
		plain_row(b, &report->rows[i]);
	put_summary(b, report);
}

static void csv_cell(struct buf *b, struct span s)
{
	buf_csv(b, s);
	buf_byte(b, ',');
}

void scan_csv(struct buf *b, const struct scan_report *report)
{
	buf_str(b, "address,port,transport,state,service,product,version,certainty,evidence,"
		   "registered,inside,verdict,reasons,process,pid,authorised_by\r\n");
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct scan_row *row = &report->rows[i];
		char text[ADDRESS_TEXT];
		char pid[PID_TEXT];
		char rules[64];

		scan_rules(row, rules, sizeof(rules));
		csv_cell(b, span_str(address_text(&row->address, text)));
		buf_print(b, "%u,%s,%s,", row->port, transport_word(row->transport),
			  row->is_open ? "open" : "inside-only");
		csv_cell(b, row->service);
		csv_cell(b, row->product);
		csv_cell(b, row->version);
		csv_cell(b, span_str(row->certainty));
		csv_cell(b, span_str(row->evidence));
		csv_cell(b, row->registered);
		csv_cell(b, span_str(scan_inside_word(row->inside)));
		csv_cell(b, span_str(verdict_key(row->verdict->kind)));
		csv_cell(b, span_str(rules));
		csv_cell(b, row->process);
		csv_cell(b, pid_text(row, pid));
		buf_csv(b, span_str(report->authorised));
		buf_str(b, "\r\n");
	}
}

/* A field between slashes and commas may hold neither. */
static void grep_field(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		buf_byte(b, c == '/' || c == ',' ? '|' : c > 0x20 && c < 0x7f ? (char)c : ' ');
	}
}

/* "Host: ADDRESS ()<tab>Status: Up", and "Host: ADDRESS ()<tab>Ports: PORT/open/TRANSPORT//SERVICE//
 * PRODUCT VERSION/, ...", the fields that other scanners' line output has in this order. A service by
 * the number alone has a question mark. */
void scan_grep(struct buf *b, const struct scan_report *report)
{
	char text[ADDRESS_TEXT];

	buf_print(b, "# periplus %s scan initiated ", PERIPLUS_VERSION);
	buf_time(b, report->begin);
	buf_str(b, " as: ");
	buf_plain(b, span_str(report->arguments));
	buf_byte(b, '\n');
	if (report->authorised) {
		buf_str(b, "# authorised by: ");
		buf_plain(b, span_str(report->authorised));
		buf_byte(b, '\n');
	}
	for (size_t i = 0, end; i < report->n_rows; i = end) {
		const char *comma = "";

		end = scan_host_end(report, i);
		for (size_t k = i; k < end; k++) {
			const struct scan_row *row = &report->rows[k];

			if (!row->is_open)
				continue;
			if (!*comma) {
				address_text(&row->address, text);
				buf_print(b, "Host: %s ()\tStatus: Up\nHost: %s ()\tPorts: ", text,
					  text);
			}
			buf_print(b, "%s%u/open/%s//", comma, row->port,
				  transport_word(row->transport));
			grep_field(b, row->service.n ? row->service : row->registered);
			buf_str(b, row->service.n || !row->registered.n ? "//" : "?//");
			grep_field(b, row->product);
			buf_str(b, row->version.n ? " " : "");
			grep_field(b, row->version);
			buf_byte(b, '/');
			comma = ", ";
		}
		buf_str(b, *comma ? "\n" : "");
	}
	buf_print(b, "# periplus done: ");
	buf_u64(b, report->plan->n_hosts);
	buf_str(b, " hosts (");
	buf_u64(b, report->summary->n_answered);
	buf_str(b, " answered) in ");
	buf_fixed(b, (uint64_t)(report->summary->seconds * 1e2 + 0.5), 2);
	buf_str(b, " seconds\n");
}

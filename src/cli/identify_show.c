/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify_show: one asked port as text, plain line, or JSON.
 *
 * A name by the number alone is dimmed, begins with '~', and is never the service's name. -v shows
 * each thing that was said: who asked, why, which bytes.
 */
#include "base/json.h"
#include "base/scope.h"
#include "cli/identify.h"

enum { TALK_HEX_MAX = 1024 };

const char *identify_certainty(const struct identified *row)
{
	if (row->result->proto)
		return row->result->match == PROTO_YES ? "probed" : "fits";
	return row->registered.n || row->target->expected[0] ? "table" : "none";
}

static bool is_identified(const struct identified *row)
{
	return row->result->proto && row->result->match == PROTO_YES;
}

/* What the certainty rests on. */
static const char *evidence(const struct identified *row)
{
	const struct scan_result *r = row->result;
	bool is_asked = false;

	for (size_t i = 0; i < r->n_steps && r->proto; i++) {
		is_asked = is_asked || r->steps[i].is_said;
		if (!r->steps[i].is_said && span_is(span_str(r->steps[i].proto), r->proto->name))
			return is_asked ? "answer" : "greeting";
	}
	return r->proto ? "answer" : "number";
}

static const char *safety(const struct identified *row)
{
	static const char *const words[] = {[PROTO_A] = "A", [PROTO_B] = "B", [PROTO_C] = "C"};
	const struct proto *proto = is_identified(row) ? row->result->proto : row->result->spared;

	return proto ? words[proto->safety] : row->result->is_spared ? "A" : NULL;
}

static void put_where(struct buf *b, const struct identified *row)
{
	bool is_v6 = span_find_byte(row->host, ':') >= 0;

	buf_str(b, is_v6 ? "[" : "");
	buf_term(b, row->host);
	buf_print(b, "%s:%u/%s", is_v6 ? "]" : "", row->target->port,
		  transport_word(row->target->transport));
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

static void put_steps(struct buf *b, const struct scan_result *r)
{
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct scan_step *step = &r->steps[i];

		buf_print(b, "  %-10s ", step->is_said ? _("said") : _("heard"));
		if (step->is_said)
			buf_print(b, _("connection %u, %u bytes of %s: %s\n"), step->connection,
				  step->n, step->proto, _(scan_reason_sentence(step->reason)));
		else if (step->proto[0])
			buf_print(b, _("connection %u, %u bytes that are %s\n"), step->connection,
				  step->n, step->proto);
		else
			buf_print(b, _("connection %u, %u bytes that no row knows\n"),
				  step->connection, step->n);
		buf_str(b, "             ");
		put_bytes(b, scan_step_bytes(r, step), step->kept < step->n);
	}
}

static void put_headline(struct buf *b, const struct style *style, const struct identified *row)
{
	const struct scan_result *r = row->result;

	if (is_identified(row)) {
		buf_str(b, r->proto->name);
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
	if (row->registered.n) {
		buf_str(b, style->has_color ? "  \x1b[2m~" : "  ~");
		buf_term(b, row->registered);
		buf_str(b, style->has_color ? "\x1b[0m" : "");
	}
}

static void show_text(struct buf *b, const struct style *style, const struct identified *row,
		      bool first)
{
	const struct scan_result *r = row->result;

	buf_str(b, first ? "" : "\n");
	put_where(b, row);
	buf_str(b, "  ");
	put_headline(b, style, row);
	buf_byte(b, '\n');
	buf_print(b, "  %-10s %s", _("certainty"), identify_certainty(row));
	if (is_identified(row))
		buf_print(b, ", %s", evidence(row));
	else if (span_is(span_str(identify_certainty(row)), "table"))
		buf_str(b, _(": by number only, not a fact"));
	buf_byte(b, '\n');
	if (r->is_spared && r->spared)
		buf_print(
			b,
			_("  %-10s %s may speak here (class %s): a stranger's bytes may harm it\n"),
			_("spared"), r->spared->name, safety(row));
	for (size_t i = 0; i < r->n_facts; i++) {
		buf_print(b, "  %-10s ", r->facts[i].name);
		buf_term(b, span_str(r->facts[i].value));
		buf_byte(b, '\n');
	}
	if (style->is_verbose)
		put_steps(b, r);
	buf_print(b, _("  %-10s %u bytes sent, %u heard, %u connections, %u ms\n"), _("spent"),
		  r->n_sent, r->n_heard, r->n_connections, r->took_ms);
}

static void plain_cell(struct buf *b, struct span s)
{
	buf_byte(b, '\t');
	if (s.n == 0)
		buf_byte(b, '-');
	else
		buf_plain(b, s);
}

static void show_plain(struct buf *b, const struct style *style, const struct identified *row,
		       bool first)
{
	const struct scan_result *r = row->result;

	if (first && style->is_verbose)
		buf_str(b, "state\ttransport\thost\tport\tservice\tproduct\tversion\tcertainty\t"
			   "evidence\tconnections\tsent\theard\n");
	buf_print(b, "%s\t%s", scan_state_word(r->state), transport_word(row->target->transport));
	plain_cell(b, row->host);
	buf_print(b, "\t%u", row->target->port);
	plain_cell(b, span_str(is_identified(row) ? r->proto->name : NULL));
	plain_cell(b, span_str(r->product));
	plain_cell(b, span_str(r->version));
	buf_print(b, "\t%s\t%s\t%u\t%u\t%u\n", identify_certainty(row), evidence(row),
		  r->n_connections, r->n_sent, r->n_heard);
}

static void json_hex(struct json *j, const char *key, struct span bytes)
{
	char text[2 * TALK_HEX_MAX + 1];
	static const char digits[] = "0123456789abcdef";
	size_t n = bytes.n < TALK_HEX_MAX ? bytes.n : TALK_HEX_MAX;

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes.p[i] >> 4];
		text[2 * i + 1] = digits[bytes.p[i] & 15];
	}
	text[2 * n] = 0;
	json_str(j, key, text);
}

static void json_steps(struct json *j, const struct scan_result *r, bool is_said)
{
	json_array(j, is_said ? "sent" : "heard");
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct scan_step *step = &r->steps[i];

		if (step->is_said != is_said)
			continue;
		json_object(j, NULL);
		json_span_if(j, "protocol", span_str(step->proto));
		if (is_said)
			json_str(j, "reason", scan_reason_word(step->reason));
		json_u64(j, "connection", step->connection);
		json_u64(j, "bytes", step->n);
		json_hex(j, "hex", scan_step_bytes(r, step));
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_periplus(struct json *j, const struct identified *row)
{
	const struct scan_result *r = row->result;

	json_object(j, "periplus");
	json_str(j, "schema", "identify/1");
	json_str(j, "state", scan_state_word(r->state));
	json_span_if(j, "product", span_str(r->product));
	json_span_if(j, "version", span_str(r->version));
	json_str(j, "certainty", identify_certainty(row));
	json_str(j, "evidence", evidence(row));
	json_str(j, "safety", safety(row));
	if (r->proto && !is_identified(row))
		json_str(j, "fits", r->proto->name);
	if (r->is_spared && r->spared)
		json_str(j, "spared", r->spared->name);
	json_span_if(j, "registered", row->registered);
	json_array(j, "facts");
	for (size_t i = 0; i < r->n_facts; i++) {
		json_object(j, NULL);
		json_str(j, "name", r->facts[i].name);
		json_span(j, "value", span_str(r->facts[i].value));
		json_object_end(j);
	}
	json_array_end(j);
	json_steps(j, r, true);
	json_steps(j, r, false);
	json_u64(j, "connections", r->n_connections);
	json_u64(j, "bytes_sent", r->n_sent);
	json_u64(j, "bytes_heard", r->n_heard);
	json_u64(j, "took_ms", r->took_ms);
	json_object_end(j);
}

static void json_row(struct json *j, const struct style *style, const struct identified *row)
{
	char text[ADDRESS_TEXT];

	json_object(j, NULL);
	json_time(j, "@timestamp", style->now);
	json_object(j, "server");
	json_span(j, "address", row->host);
	json_str(j, "ip", address_text(&row->target->address, text));
	json_u64(j, "port", row->target->port);
	json_object_end(j);
	json_object(j, "network");
	json_str(j, "transport", transport_word(row->target->transport));
	json_str(j, "type", row->target->address.family == ADDRESS_IPV6 ? "ipv6" : "ipv4");
	json_object_end(j);
	if (is_identified(row)) {
		json_object(j, "service");
		json_str(j, "name", row->result->proto->name);
		json_object_end(j);
	}
	json_periplus(j, row);
	json_object_end(j);
}

void identify_show(struct cli *cli, const struct identified *row, bool first, bool last)
{
	struct span format = span_str(cli->format->name);
	struct buf *b = &cli->out;
	struct json j;

	if (span_is(format, "json") || span_is(format, "ndjson")) {
		bool is_one = span_is(format, "json");

		if (is_one)
			buf_str(b, first ? "[\n" : ",\n");
		json_init(&j, b, is_one);
		json_row(&j, &cli->style, row);
		buf_str(b, is_one && last ? "\n]\n" : is_one ? "" : "\n");
	} else if (span_is(format, "plain")) {
		show_plain(b, &cli->style, row, first);
	} else {
		show_text(b, &cli->style, row, first);
	}
	if (!last)
		return;
	buf_flush(b);
}

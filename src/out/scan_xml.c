/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_xml: a scan in the XML that nmap's importers read: the elements that its published document
 * type definition asks for, in its order, and no more. Whoever wrote it is said in `args` and in
 * the comment of each host, for `scanner` may only be "nmap" there.
 *
 * A service's name is the proved protocol ("probed"), else the registry's name for the number
 * ("table"), as readers of this format expect. Verdicts stand in a script element.
 */
#include "out/scan_report.h"

static void attribute(struct buf *b, const char *name, struct span value)
{
	buf_print(b, " %s=\"", name);
	buf_html(b, value);
	buf_byte(b, '"');
}

static void number(struct buf *b, const char *name, uint64_t value)
{
	buf_print(b, " %s=\"", name);
	buf_u64(b, value);
	buf_byte(b, '"');
}

static void moment(struct buf *b, const char *name, int64_t when)
{
	buf_print(b, " %s=\"", name);
	buf_time(b, when);
	buf_byte(b, '"');
}

/* 22,80,8000-8010 */
static void put_ports(struct buf *b, const struct scan_plan *plan)
{
	for (size_t i = 0; i < plan->n_ports; i++) {
		size_t last = i;

		while (last + 1 < plan->n_ports && plan->ports[last + 1] == plan->ports[last] + 1)
			last++;
		buf_print(b, "%s%u", i ? "," : "", plan->ports[i]);
		if (last > i)
			buf_print(b, "-%u", plan->ports[last]);
		i = last;
	}
}

static void put_service(struct buf *b, const struct scan_row *row)
{
	struct span name = row->service.n ? row->service : row->registered;

	if (!name.n)
		return;
	buf_str(b, "<service");
	attribute(b, "name", name);
	if (row->product.n)
		attribute(b, "product", row->product);
	if (row->version.n)
		attribute(b, "version", row->version);
	/* its scale of confidence: 10 is proved, 3 is by the table of numbers */
	buf_str(b, row->service.n ? " method=\"probed\" conf=\"10\"/>"
				  : " method=\"table\" conf=\"3\"/>");
}

static void put_port(struct buf *b, const struct scan_row *row)
{
	char rules[64];

	scan_rules(row, rules, sizeof(rules));
	buf_print(b, "<port protocol=\"%s\" portid=\"%u\">", transport_word(row->transport),
		  row->port);
	buf_print(b, "<state state=\"open\" reason=\"%s\" reason_ttl=\"0\"/>",
		  row->transport == TRANSPORT_UDP ? "udp-response" : "syn-ack");
	put_service(b, row);
	buf_print(b,
		  "<script id=\"periplus\" output=\"%s %s\"><elem key=\"verdict\">%s</elem>"
		  "<elem key=\"rules\">%s</elem></script></port>\n",
		  verdict_key(row->verdict->kind), rules, verdict_key(row->verdict->kind), rules);
}

static size_t put_host(struct buf *b, const struct scan_report *report, size_t i)
{
	size_t end = scan_host_end(report, i);
	size_t n_open = 0;
	char text[ADDRESS_TEXT];

	for (size_t k = i; k < end; k++)
		n_open += report->rows[k].is_open;
	if (n_open == 0)
		return end;
	buf_print(b,
		  "<host comment=\"periplus %s\"><status state=\"up\" reason=\"%s\" "
		  "reason_ttl=\"0\"/>",
		  PERIPLUS_VERSION,
		  report->transport == TRANSPORT_UDP ? "udp-response" : "syn-ack");
	buf_print(b, "<address addr=\"%s\" addrtype=\"%s\"/>\n<hostnames/>\n<ports>\n",
		  address_text(&report->rows[i].address, text),
		  report->rows[i].address.family == ADDRESS_IPV6 ? "ipv6" : "ipv4");
	for (size_t k = i; k < end; k++)
		if (report->rows[k].is_open)
			put_port(b, &report->rows[k]);
	buf_str(b, "</ports>\n</host>\n");
	return end;
}

/* What this form has no place for: how sure the result is, and who allowed it. */
static void put_remarks(struct buf *b, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;

	buf_str(b, "<postscript><script id=\"periplus\" output=\"");
	buf_str(b, scan_end_word(s->end));
	buf_str(b, "\"><elem key=\"ended\">");
	buf_str(b, scan_end_word(s->end));
	buf_str(b, "</elem><elem key=\"estimated_recall\">");
	if (s->has_recall)
		buf_fixed(b, (uint64_t)(s->recall * 1e6), 6);
	buf_str(b, "</elem>");
	if (report->authorised) {
		buf_str(b, "<elem key=\"authorised_by\">");
		buf_html(b, span_str(report->authorised));
		buf_str(b, "</elem>");
	}
	buf_str(b, "</script></postscript>\n");
}

void scan_xml(struct buf *b, const struct scan_report *report)
{
	const struct scan_summary *s = report->summary;

	buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n"
		   "<nmaprun scanner=\"nmap\"");
	attribute(b, "args", span_str(report->arguments));
	number(b, "start", (uint64_t)report->begin);
	moment(b, "startstr", report->begin);
	buf_print(b, " version=\"periplus %s\" xmloutputversion=\"1.05\">\n", PERIPLUS_VERSION);
	buf_print(b, "<scaninfo type=\"%s\" protocol=\"%s\"",
		  report->transport == TRANSPORT_UDP        ? "udp"
		  : span_is(span_str(s->engine), "connect") ? "connect"
							    : "syn",
		  transport_word(report->transport));
	number(b, "numservices", report->plan->n_ports);
	buf_str(b, " services=\"");
	put_ports(b, report->plan);
	buf_str(b, "\"/>\n<verbose level=\"0\"/>\n<debugging level=\"0\"/>\n");
	for (size_t i = 0; i < report->n_rows;)
		i = put_host(b, report, i);
	put_remarks(b, report);
	buf_str(b, "<runstats><finished");
	number(b, "time", (uint64_t)report->begin + (uint64_t)s->seconds);
	moment(b, "timestr", report->begin + (int64_t)s->seconds);
	buf_str(b, " elapsed=\"");
	buf_fixed(b, (uint64_t)(s->seconds * 1e2 + 0.5), 2);
	buf_print(b, "\" exit=\"%s\"", s->end == SCAN_END_DONE ? "success" : "error");
	if (s->end != SCAN_END_DONE)
		attribute(b, "errormsg", span_str(scan_end_sentence(s->end)));
	buf_str(b, "/><hosts");
	number(b, "up", s->n_answered);
	number(b, "down", report->plan->n_hosts - s->n_answered);
	number(b, "total", report->plan->n_hosts);
	buf_str(b, "/></runstats>\n</nmaprun>\n");
}

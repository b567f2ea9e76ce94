/* SPDX-License-Identifier: Apache-2.0 */
/* traffic: conversations of a capture as plain lines and JSON, and shared words; see traffic.h. */
#include "out/traffic.h"

#include "out/record.h"

const char *traffic_certainty(const struct traffic_row *row)
{
	const struct wire_found *found = row->conversation->found;

	if (found)
		return found->match == PROTO_YES ? "proved" : "fits";
	return row->registered.n ? "table" : "none";
}

const char *traffic_evidence(const struct traffic_row *row)
{
	const struct wire_found *found = row->conversation->found;

	if (!found)
		return "none";
	return found->by_server && found->by_client ? "both"
	       : found->by_server                   ? "server"
						    : "client";
}

const struct wire_line *traffic_next_line(const struct traffic_report *report, uint32_t index,
					  size_t *cursor)
{
	while (*cursor < report->n_lines) {
		const struct wire_line *line = &report->lines[(*cursor)++];

		if (line->index == index)
			return line;
	}
	return NULL;
}

static void cell(struct buf *b, struct span s)
{
	buf_byte(b, '\t');
	if (s.n == 0)
		buf_byte(b, '-');
	else
		buf_plain(b, s);
}

static void cell_ids(struct buf *b, const struct verdict *verdict)
{
	size_t n = 0;

	buf_byte(b, '\t');
	for (size_t i = 0; verdict && i < verdict->n_reasons; i++)
		buf_print(b, "%s%s", n++ ? "," : "", verdict->reasons[i].rule->id);
	if (n == 0)
		buf_byte(b, '-');
}

void plain_traffic(struct buf *b, const struct style *style, const struct traffic_report *report)
{
	char text[ADDRESS_TEXT];

	if (style->is_verbose)
		buf_str(b, "verdict\ttransport\tserver\tport\tclient\tflows\tpackets\tbytes\t"
			   "service\tproduct\tversion\tcertainty\tevidence\tregistered\ttunnel\t"
			   "vlan\treasons\n");
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct traffic_row *row = &report->rows[i];
		const struct wire_conversation *c = row->conversation;
		const struct wire_found *found = c->found;
		uint64_t packets = c->packets[0] + c->packets[1];
		uint64_t bytes = c->bytes[0] + c->bytes[1];

		buf_print(b, "%s\t%s\t%s\t%u", row->verdict ? verdict_key(row->verdict->kind) : "-",
			  transport_word(c->transport), address_text(&c->server, text),
			  c->server_port);
		buf_print(b, "\t%s\t%u\t%llu\t%llu", address_text(&c->client, text), c->n_flows,
			  (unsigned long long)packets, (unsigned long long)bytes);
		cell(b, span_str(found && found->match == PROTO_YES ? found->proto->name : NULL));
		cell(b, span_str(found ? found->product : NULL));
		cell(b, span_str(found ? found->version : NULL));
		cell(b, span_str(traffic_certainty(row)));
		cell(b, span_str(traffic_evidence(row)));
		cell(b, row->registered);
		cell(b, span_str(wire_tunnel_word(c->tunnel)));
		buf_print(b, "\t%u", c->vlan);
		cell_ids(b, row->verdict);
		buf_byte(b, '\n');
	}
}

static void side(struct json *j, const char *key, const struct address *address, uint16_t port,
		 const struct wire_conversation *c, enum proto_side which)
{
	char text[ADDRESS_TEXT];

	json_object(j, key);
	json_str(j, "ip", address_text(address, text));
	json_u64(j, "port", port);
	json_u64(j, "packets", c->packets[which]);
	json_u64(j, "bytes", c->bytes[which]);
	json_object_end(j);
}

static void network(struct json *j, const struct wire_conversation *c)
{
	json_object(j, "network");
	json_str(j, "transport", transport_word(c->transport));
	json_str(j, "type", c->server.family == ADDRESS_IPV6 ? "ipv6" : "ipv4");
	if (c->vlan) {
		json_object(j, "vlan");
		json_u64(j, "id", c->vlan);
		json_object_end(j);
	}
	json_object_end(j);
}

static void facts(struct json *j, const struct wire_found *found)
{
	json_array(j, "facts");
	for (size_t i = 0; found && i < found->n_facts; i++) {
		json_object(j, NULL);
		json_str(j, "name", found->facts[i].name);
		json_span(j, "value", span_str(found->facts[i].value));
		json_str(j, "side", found->facts[i].side == PROTO_CLIENT ? "client" : "server");
		json_object_end(j);
	}
	json_array_end(j);
}

static void messages(struct json *j, const struct traffic_report *report,
		     const struct traffic_row *row)
{
	const struct wire_line *line;
	size_t cursor = 0;

	if (!row->conversation->n_lines)
		return;
	json_array(j, "messages");
	while ((line = traffic_next_line(report, row->index, &cursor))) {
		json_object(j, NULL);
		json_str(j, "side", line->side == PROTO_CLIENT ? "client" : "server");
		json_i64(j, "at_us", line->at_us);
		json_u64(j, "bytes", line->n);
		json_span(j, "text", span_str(line->text));
		json_object_end(j);
	}
	json_array_end(j);
}

static void judged(struct json *j, const struct verdict *verdict)
{
	json_str(j, "verdict", verdict ? verdict_key(verdict->kind) : NULL);
	json_array(j, "reasons");
	for (size_t i = 0; verdict && i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];

		json_object(j, NULL);
		json_str(j, "id", reason->rule->id);
		json_str(j, "effect", effect_key(reason->effect));
		json_str(j, "source", reason->rule->source);
		json_span(j, "detail", reason->detail);
		json_object_end(j);
	}
	json_array_end(j);
}

static void practice(struct json *j, const struct map *map, const struct wire_conversation *c)
{
	struct map_practice fact;
	uint32_t cursor = 0;

	json_array(j, "practice");
	while (map_next_practice(map, c->server_port, c->transport, &cursor, &fact))
		if (fact.kind != PRACTICE_MALWARE)
			json_span(j, NULL, fact.product);
	json_array_end(j);
}

static void conversation(struct json *j, const struct traffic_report *report,
			 const struct traffic_row *row)
{
	const struct wire_conversation *c = row->conversation;
	const struct wire_found *found = c->found;

	json_object(j, NULL);
	json_time(j, "@timestamp", c->first_us / 1000000);
	side(j, "server", &c->server, c->server_port, c, PROTO_SERVER);
	side(j, "client", &c->client, c->client_port, c, PROTO_CLIENT);
	network(j, c);
	if (found && found->match == PROTO_YES) {
		json_object(j, "service");
		json_str(j, "name", found->proto->name);
		json_object_end(j);
	}
	json_object(j, "periplus");
	json_str(j, "schema", "conversation/1");
	json_u64(j, "flows", c->n_flows);
	json_i64(j, "took_us", c->last_us - c->first_us);
	json_bool(j, "start_seen", c->is_start_seen);
	json_str(j, "tunnel", wire_tunnel_word(c->tunnel));
	json_u64(j, "cut", c->n_cut);
	json_u64(j, "fragmented", c->n_fragmented);
	json_u64(j, "conflicts", c->n_conflicts);
	if (found && found->match != PROTO_YES)
		json_str(j, "fits", found->proto->name);
	json_span_if(j, "product", span_str(found ? found->product : NULL));
	json_span_if(j, "version", span_str(found ? found->version : NULL));
	json_str(j, "certainty", traffic_certainty(row));
	json_str(j, "evidence", traffic_evidence(row));
	facts(j, found);
	messages(j, report, row);
	json_span_if(j, "registered", row->registered);
	practice(j, report->map, c);
	judged(j, row->verdict);
	json_object_end(j);
	json_object_end(j);
}

static void capture(struct json *j, const struct traffic_report *report)
{
	const struct wire_counts *counts = &report->summary->counts;

	json_object(j, "capture");
	json_span(j, "file", report->file);
	json_str(j, "ended", wire_ending_word(report->summary->ending));
	json_u64(j, "packets", counts->packets);
	for (int fate = 0; fate < N_WIRE_FATES; fate++)
		json_u64(j, wire_fate_word((enum wire_fate)fate), counts->fates[fate]);
	json_u64(j, "flows", counts->n_flows);
	json_u64(j, "flows_unkept", counts->n_unkept);
	json_u64(j, "flows_closed_early", counts->n_closed_early);
	json_object_end(j);
}

void json_traffic(struct buf *b, const struct style *style, const struct traffic_report *report)
{
	struct json j;

	json_init(&j, b, true);
	json_object(&j, NULL);
	json_str(&j, "schema", "traffic/1");
	json_time(&j, "@timestamp", style->now);
	capture(&j, report);
	json_array(&j, "conversations");
	for (size_t i = 0; i < report->n_rows; i++)
		conversation(&j, report, &report->rows[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

void ndjson_traffic(struct buf *b, const struct style *style, const struct traffic_report *report)
{
	(void)style;
	for (size_t i = 0; i < report->n_rows; i++) {
		struct json j;

		json_init(&j, b, false);
		conversation(&j, report, &report->rows[i]);
		json_end(&j);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain: one record a line, cells parted by one tab, nothing joined, cut or coloured. The columns
 * stand in out.h and never change their order.
 *
 * An empty cell is "-", so that `IFS=$'\t' read` keeps its columns; a real "-" is written \x2d.
 */
#include "base/scope.h"
#include "out/asked.h"
#include "out/fact_count.h"
#include "out/record.h"
#include "out/out.h"
#include "out/scan_report.h"
#include "out/traffic.h"

static void text(struct buf *b, struct span s)
{
	if (s.n == 0)
		buf_byte(b, '-');
	else if (span_is(s, "-"))
		buf_str(b, "\\x2d");
	else
		buf_plain(b, s);
}

static void cell(struct buf *b, struct span s)
{
	text(b, s);
	buf_byte(b, '\t');
}

static void cell_str(struct buf *b, const char *text)
{
	cell(b, span_str(text));
}

static void cell_u64(struct buf *b, uint64_t value)
{
	buf_u64(b, value);
	buf_byte(b, '\t');
}

static void last_cell(struct buf *b, struct span s)
{
	text(b, s);
	buf_byte(b, '\n');
}

static void header(struct buf *b, const struct style *style, const char *const *names, size_t n)
{
	if (!style->is_verbose)
		return;
	for (size_t i = 0; i < n; i++) {
		buf_str(b, names[i]);
		buf_byte(b, i + 1 < n ? '\t' : '\n');
	}
}

static void reasons(struct buf *b, const struct verdict *verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < verdict->n_reasons; i++) {
		const struct reason *reason = &verdict->reasons[i];

		/* A rule that was cancelled has only the effect of a note. */
		if (reason->effect == EFFECT_NOTE && reason->rule->effect != EFFECT_NOTE)
			continue;
		if (n++)
			buf_byte(b, ',');
		buf_str(b, reason->rule->id);
	}
	if (n == 0)
		buf_byte(b, '-');
	buf_byte(b, '\n');
}

static void listener(struct buf *b, const struct judged *row)
{
	static const struct process nobody;
	const struct sighting *s = row->sighting;
	const struct process *p = sighting_process(s);
	char address[ADDRESS_TEXT];
	struct span user = s->user;
	uint32_t uid = s->uid;

	if (p) {
		user = p->user;
		uid = p->uid;
	}
	cell_str(b, verdict_key(row->verdict->kind));
	cell_str(b, s->state == SOCKET_PACKET || s->state == SOCKET_RAW
			    ? (s->state == SOCKET_RAW ? "raw" : "packet")
			    : transport_word(s->transport));
	cell_str(b, address_text(&s->local, address));
	cell_u64(b, s->port);
	if (p)
		cell_u64(b, p->pid);
	else
		cell(b, span_of(NULL, 0));
	p = p ? p : &nobody;
	if (user.n)
		cell(b, user);
	else
		cell_u64(b, uid);
	cell(b, row->verdict->who.n ? row->verdict->who : p->name);
	cell(b, p->executable);
	cell(b, p->unit.n ? p->unit : s->unit);
	reasons(b, row->verdict);
}

static const char *const listener_names[] = {"verdict", "transport", "address", "port",
					     "pid",     "user",      "name",    "executable",
					     "unit",    "reasons"};

static void host(struct buf *b, const struct style *style, const struct host_report *report)
{
	b->is_ascii = !style->is_utf8;
	header(b, style, listener_names, ARRAY_LEN(listener_names));
	for (size_t i = 0; i < report->n_rows; i++)
		listener(b, &report->rows[i]);
}

static void ports(struct buf *b, bool has_port, uint16_t first, uint16_t last)
{
	if (!has_port)
		buf_byte(b, '-');
	else if (first == last)
		buf_print(b, "%u", first);
	else
		buf_print(b, "%u-%u", first, last);
	buf_byte(b, '\t');
}

static const char *const registered_names[] = {"fact",         "ports",    "transport",
					       "service",      "standing", "description",
					       "organisation", "domain",   "registered",
					       "purpose"};

static void registered(struct buf *b, const struct map *map, const struct map_registration *row)
{
	struct map_purpose known;
	bool is_known = map_purpose_find(map, row, &known);

	cell_str(b, "registered");
	ports(b, row->has_port, row->first, row->last);
	cell_str(b, transport_word(row->transport));
	cell(b, row->service);
	cell_str(b, map_standing_word(row->standing));
	cell(b, row->description);
	cell(b, row->organisation);
	cell(b, row->domain);
	cell(b, row->registered);
	last_cell(b, is_known ? known.purpose : span_of(NULL, 0));
}

static void practised(struct buf *b, const struct map_practice *fact)
{
	cell_str(b, "practice");
	ports(b, true, fact->first, fact->last);
	cell_str(b, transport_word(fact->transport));
	cell(b, fact->product);
	cell_str(b, practice_kind_word(fact->kind));
	cell_str(b, practice_grade_word(fact->grade));
	cell(b, fact->bind);
	cell(b, fact->note);
	last_cell(b, fact->source);
}

static void kept(struct buf *b, const struct map_platform *row)
{
	cell_str(b, "platform");
	ports(b, true, row->first, row->last);
	cell_str(b, transport_word(row->transport));
	cell(b, row->system);
	cell_str(b, map_platform_word(row->kind));
	cell(b, row->note);
	last_cell(b, row->source);
}

static void said(struct buf *b, const struct port_report *report)
{
	struct map_registration row;
	struct map_practice fact;
	struct map_platform platform;
	uint32_t cursor = 0;

	while (map_next_registration(report->map, report->port, report->transport, &cursor, &row))
		registered(b, report->map, &row);
	cursor = 0;
	while (map_next_practice(report->map, report->port, report->transport, &cursor, &fact))
		practised(b, &fact);
	cursor = 0;
	while (map_next_platform(report->map, report->port, report->transport, &cursor, &platform))
		kept(b, &platform);
}

static void port(struct buf *b, const struct style *style, const struct port_report *report,
		 bool first, bool last)
{
	(void)last;
	b->is_ascii = !style->is_utf8;
	if (!report->listing) {
		if (first)
			header(b, style, registered_names, ARRAY_LEN(registered_names));
		said(b, report);
		return;
	}
	if (first)
		header(b, style, listener_names, ARRAY_LEN(listener_names));
	for (size_t i = 0; i < report->n_rows; i++)
		listener(b, &report->rows[i]);
}

static void look(struct buf *b, const struct style *style, const struct look_report *report)
{
	b->is_ascii = !style->is_utf8;
	header(b, style, registered_names, ARRAY_LEN(registered_names));
	for (size_t i = 0; i < report->n_hits; i++) {
		struct map_registration row;

		map_registration_get(report->map, report->hits[i].index, &row);
		registered(b, report->map, &row);
	}
}

static void count(struct buf *b, const char *what, const char *which, size_t n)
{
	buf_print(b, "%s\t%s\t%zu\n", what, which, n);
}

static void kinds_and_grades(struct buf *b, const size_t *by_kind, const size_t *by_grade)
{
	for (int i = 0; i < N_PRACTICE_KINDS; i++)
		count(b, "kind", practice_kind_word((enum practice_kind)i), by_kind[i]);
	for (int i = 0; i < N_PRACTICE_GRADES; i++)
		count(b, "grade", practice_grade_word((enum practice_grade)i), by_grade[i]);
}

static const char *const count_names[] = {"count", "of", "number"};

static void found(struct buf *b, const char *what, struct span source, size_t n)
{
	cell_str(b, what);
	cell(b, source);
	buf_print(b, "%zu\n", n);
}

static void stats(struct buf *b, const struct style *style, const struct map *map)
{
	struct map_counts counts;

	map_count(map, &counts);
	header(b, style, count_names, ARRAY_LEN(count_names));
	count(b, "rows", "all", counts.rows);
	count(b, "rows", "with-port", counts.rows_with_port);
	count(b, "rows", "named", counts.named);
	count(b, "rows", "ranges-without-transport", counts.ranges_without_transport);
	for (int i = 0; i < N_TRANSPORTS; i++)
		count(b, "transport", transport_word((enum transport)i), counts.by_transport[i]);
	for (int i = 0; i < N_MAP_STANDINGS; i++)
		count(b, "standing", map_standing_word((enum map_standing)i),
		      counts.by_standing[i]);
	for (size_t i = 0; i < counts.n_sources; i++)
		found(b, "found", counts.sources[i].source, counts.sources[i].for_life);
	for (size_t i = 0; i < counts.n_sources; i++)
		found(b, "found-others", counts.sources[i].source, counts.sources[i].for_others);
	for (int i = 0; i < N_PORT_SPACES; i++)
		count(b, "range", port_space_word((enum port_space)i), counts.by_space[i]);
	for (int i = 0; i < N_PORT_SPACES; i++)
		count(b, "assigned", port_space_word((enum port_space)i), counts.assigned_ports[i]);
	for (size_t i = 0; i < counts.n_years; i++)
		buf_print(b, "year\t%u\t%zu\n", counts.years[i].year, counts.years[i].n);
	count(b, "year", "undated", counts.undated);
	count(b, "practice", "facts", counts.facts);
	count(b, "practice", "pairs", counts.fact_pairs);
	count(b, "practice", "products", counts.products);
	count(b, "practice", "platforms", counts.platforms);
	count(b, "practice", "purposes", counts.purposes);
	kinds_and_grades(b, counts.by_kind, counts.by_grade);
}

static void fact_stats(struct buf *b, const struct style *style, const struct facts_report *report)
{
	struct fact_counts counts;

	fact_count(report, &counts);
	header(b, style, count_names, ARRAY_LEN(count_names));
	count(b, "practice", "facts", counts.facts);
	count(b, "practice", "pairs", counts.pairs);
	count(b, "practice", "products", counts.products);
	count(b, "practice", "malware-families", counts.malware);
	kinds_and_grades(b, counts.by_kind, counts.by_grade);
}

static void fact_of(struct buf *b, const struct map_practice *fact)
{
	ports(b, true, fact->first, fact->last);
	cell_str(b, transport_word(fact->transport));
	cell(b, fact->product);
	cell_str(b, practice_kind_word(fact->kind));
	cell_str(b, practice_grade_word(fact->grade));
	cell(b, fact->bind);
	cell(b, fact->setting);
	cell(b, fact->since);
	cell(b, fact->note);
	cell(b, fact->source);
	last_cell(b, fact->read);
}

static void facts(struct buf *b, const struct style *style, const struct facts_report *report)
{
	static const char *const names[] = {"port",  "transport", "product", "kind",
					    "grade", "bind",      "setting", "since",
					    "note",  "source",    "read"};

	b->is_ascii = !style->is_utf8;
	if (report->is_stats) {
		fact_stats(b, style, report);
		return;
	}
	header(b, style, names, ARRAY_LEN(names));
	for (size_t i = 0; i < report->n_rows; i++) {
		struct map_practice fact;

		map_practice_get(report->map, report->rows[i], &fact);
		fact_of(b, &fact);
	}
}

static void event(struct buf *b, const struct style *style, const struct event_report *report)
{
	b->is_ascii = !style->is_utf8;
	buf_time(b, report->at);
	buf_byte(b, '\t');
	cell_str(b, report->action);
	listener(b, &report->row);
}

static void obstacle(struct buf *b, const struct bind_report *report, const struct bind_finding *f)
{
	const struct sighting *s = f ? f->sighting : NULL;
	const struct process *p = s ? sighting_process(s) : NULL;
	const char *error = report->error ? strerrorname_np(report->error) : NULL;
	struct span nothing = {0};
	char text[ADDRESS_TEXT];

	cell_str(b, transport_word(report->transport));
	cell_u64(b, report->port);
	cell_str(b, report->error ? "no" : "yes");
	cell_str(b, error);
	cell_str(b, f ? bind_cause_word(f->cause) : NULL);
	cell_str(b, !f ? NULL : bind_cause_hinders(f->cause) ? "yes" : "no");
	if (s)
		cell_u64(b, f->n);
	else
		cell(b, nothing);
	cell_str(b, s ? record_state(s->state) : NULL);
	cell_str(b, s ? address_text(&s->local, text) : NULL);
	cell_str(b, s && s->remote_port ? address_text(&s->remote, text) : NULL);
	if (s && s->remote_port)
		cell_u64(b, s->remote_port);
	else
		cell(b, nothing);
	if (p)
		cell_u64(b, p->pid);
	else
		cell(b, nothing);
	cell(b, p ? p->user : s ? s->user : nothing);
	cell(b, p ? p->name : nothing);
	last_cell(b, f ? f->detail : nothing);
}

static void why(struct buf *b, const struct style *style, const struct why_report *report)
{
	static const char *const names[] = {"transport", "port",  "can-bind", "error",   "cause",
					    "hinders",   "sockets", "state", "address", "remote",
					    "remote-port", "pid", "user",     "name",    "detail"};

	b->is_ascii = !style->is_utf8;
	header(b, style, names, ARRAY_LEN(names));
	for (size_t i = 0; i < report->bind->n_findings; i++)
		obstacle(b, report->bind, &report->bind->findings[i]);
	if (report->bind->n_findings == 0)
		obstacle(b, report->bind, NULL);
}

static void pick(struct buf *b, const struct style *style, const struct pick_report *report)
{
	static const char *const names[] = {"what", "port", "reason", "detail"};

	b->is_ascii = !style->is_utf8;
	header(b, style, names, ARRAY_LEN(names));
	for (size_t i = 0; i < report->n_picks; i++)
		buf_print(b, "pick\t%u\t-\t-\n", report->picks[i].port);
	for (size_t i = 0; i < report->n_passed; i++) {
		cell_str(b, "passed");
		cell_u64(b, report->passed[i].port);
		cell_str(b, pick_refusal_word(report->passed[i].refusal));
		last_cell(b, report->passed[i].detail);
	}
}

extern const struct format format_plain;
const struct format format_plain = {.name = "plain",
				    .traffic = plain_traffic,
				    .host = host,
				    .port = port,
				    .look = look,
				    .stats = stats,
				    .event = event,
				    .facts = facts,
				    .identify = plain_identify,
				    .why = why,
				    .pick = pick,
				    .scan_plan = scan_plan_text,
				    .scan = scan_plain,
};

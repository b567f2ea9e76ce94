/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_port: /3476: one sentence that answers, then what it rests on (ux.md section 9).
 *
 * The sections stand in page_port_facts.c and page_port_check.c. Nothing here looks at a machine.
 */
#include "serve/page_port.h"

#include "out/out.h"

static bool port_of(struct span text, uint16_t *port)
{
	uint64_t number;

	if (!span_u64(text, PORT_MAX, &number) || (text.n > 1 && text.p[0] == '0'))
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Its standing alone decides, and whether anything else is known to use the number. */
static void put_answer(struct web *web, const struct known *known)
{
	static const struct {
		const char *alone, *used;
	} sentences[] = {
		[STANDING_ALIVE] = {N_("Registered as {1}, and there is evidence that it is in use."),
				    N_("Registered as {1}, and in use; you would find {2}.")},
		[STANDING_QUIET] = {N_("Registered as {1}; it is mentioned, but no software was found "
				       "that uses it."),
				    N_("Registered as {1}, of which little is seen; you may find {2}.")},
		[STANDING_GHOST] = {N_("Registered as {1}, never seen alive; if something listens here, "
				       "it is hardly that."),
				    N_("Registered as {1}, never seen alive; you may find {2}.")},
		[STANDING_OVERTAKEN] = {N_("Registered as {1}, but seen only under other names."),
					N_("Registered as {1}, never seen alive; you would rather find "
					   "{2}.")},
		[STANDING_RESERVED] = {N_("Reserved by IANA: it is for no service."),
				       N_("Reserved by IANA; even so, you may find {2}.")},
		[STANDING_UNASSIGNED] = {N_("Nobody has registered it, and no use of it is known."),
					 N_("Nobody has registered it; you may find {2}.")},
		[STANDING_DYNAMIC] = {N_("A dynamic port: it belongs to nobody, and programs take it "
					 "for a short time."),
				      N_("A dynamic port, which belongs to nobody; you may find {2}.")},
	};
	const char *text = known->products.n ? sentences[known->standing].used
					     : sentences[known->standing].alone;

	html(web, "<p class=answer>");
	SAY(web, text, TEXT(known->services), TEXT(known->products));
	html(web, "</p>");
}

static void put_registered(struct web *web, const struct known *known)
{
	size_t n = 0;

	html(web, "<div><dt>");
	say(web, N_("registered"));
	html(web, "<dd>");
	for (size_t i = 0; i < known->n_registrations && n < 6; i++) {
		const struct map_registration *row = &known->registrations[i];

		if (!row->service.n || !known_is_first(known, i))
			continue;
		html(web, n++ ? "<br><a href=" : "<a href=");
		put_link(web, "/service/", row->service);
		html(web, "><bdi>");
		put_text(web, row->service);
		html(web, "</bdi></a> <span class=");
		html(web, standing_class(row->standing));
		html(web, ">");
		put_text(web, span_str(standing_text(web, row->standing)));
		html(web, "</span>");
		if (row->organisation.n || row->domain.n) {
			html(web, " ");
			put_bdi(web, row->organisation.n ? row->organisation : row->domain);
		}
		if (row->registered.n) {
			html(web, " ");
			put_bdi(web, span_cut(row->registered, 4));
		}
	}
	if (!n)
		put_text(web, span_str(standing_text(web, known->standing)));
	html(web, "</div>");
}

static void put_four(struct web *web, const struct known *known)
{
	html(web, "<dl class=four>");
	put_registered(web, known);
	html(web, "<div><dt>");
	say(web, N_("practice"));
	html(web, "<dd>");
	if (known->products.n)
		put_bdi(web, known->products);
	else
		say(web, N_("none known"));
	html(web, "</div><div><dt>");
	say(web, N_("claimed"));
	html(web, "<dd>");
	say(web, N_("Only your organisation's own list can tell."));
	html(web, "</div><div><dt>");
	say(web, N_("here now"));
	html(web, "<dd id=now");
	if (!web->site->is_public) {
		html(web, " data-port=");
		put_number(web, known->port);
		put_data(web, "none", N_("nothing listens"));
		put_data(web, "expected", N_("expected"));
		put_data(web, "look", N_("needs a look"));
		put_data(web, "unexpected", N_("unexpected"));
	}
	html(web, ">");
	SAY(web, N_("This page does not look. Ask your machine: {1}"),
	    CODE(arena_print(&web->arena, "periplus %u", known->port)));
	html(web, "</div></dl>");
}

static void put_title(struct web *web, const struct known *known)
{
	const char *standing = standing_text(web, known->standing);
	struct span name = map_service_name(web->site->map, known->port, TRANSPORT_ANY);

	page_begin(web,
		   name.n ? arena_print(&web->arena, "%u — %.*s (%s)", known->port, SPAN_ARG(name),
					standing)
			  : arena_print(&web->arena, "%u — %s", known->port, standing),
		   NULL);
	html(web, "<h1>");
	put_number(web, known->port);
	html(web, " <small>");
	if (name.n)
		put_bdi(web, name);
	else
		put_text(web, span_str(standing));
	html(web, "</small></h1>");
}

void page_port(struct web *web)
{
	struct known known;
	uint16_t port;

	if (!port_of(web->word, &port))
		return;
	known_read(web, port, &known);
	put_title(web, &known);
	put_answer(web, &known);
	put_four(web, &known);
	put_uses(web, &known);
	put_evidence(web, &known);
	put_incidents(web, &known);
	put_check(web, port);
	put_neighbours(web, port);
	put_transports(web, &known);
	put_feedback(web, port);
	html(web, "<p class=dim>");
	SAY(web, N_("The same for programs: {1}"),
	    CODE(arena_print(&web->arena, "/%u.json", port)));
	html(web, "</p>");
	page_end(web);
}

static void put_json(struct web *web, uint16_t port, enum transport transport)
{
	struct port_report report = {.map = web->site->map, .port = port, .transport = transport};
	struct style style = {.columns = 80};

	web->answer->status = 200;
	web->answer->type = "application/json";
	format_find(SPAN_LIT("json"))->port(web->out, &style, &report, true, true);
}

void page_port_json(struct web *web)
{
	uint16_t port;

	if (port_of(web->word, &port))
		put_json(web, port, TRANSPORT_ANY);
	else
		web_refuse(web, 404, "ports are numbers from 0 to 65535");
}

void api_port(struct web *web)
{
	struct span named = web_field(web, web->query, "transport");
	enum transport transport = TRANSPORT_ANY;
	uint16_t port;

	if (!port_of(web->word, &port))
		web_refuse(web, 404, "ports are numbers from 0 to 65535");
	else if (named.n && !transport_parse(named, &transport))
		web_refuse(web, 400, "transport is one of any, tcp, udp, dccp, sctp, udplite, mptcp");
	else
		put_json(web, port, transport);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_feedback: the question at the end of each port's page, and what becomes of the answer.
 *
 * Both answers are plain forms, complete without script. What is sent becomes one line for the
 * process that keeps proposals; nothing is kept here, and nothing of who sent it is in the line.
 */
#include "base/proposal.h"
#include "base/scope.h"
#include "serve/page_port.h"

static void put_form(struct web *web, uint16_t port, const char *answer, const char *class)
{
	html(web, "<form method=post");
	html(web, class);
	html(web, " action=");
	put_link(web, "/feedback", span_of(NULL, 0));
	html(web, "><input type=hidden name=port value=");
	put_number(web, port);
	html(web, "><input type=hidden name=answer value=");
	html(web, answer);
	html(web, ">");
}

static void put_field(struct web *web, const char *name, const char *label, size_t most,
		      const char *more)
{
	html(web, "<label>");
	say(web, label);
	html(web, "<input name=");
	html(web, name);
	html(web, " maxlength=");
	put_number(web, most);
	html(web, more);
	html(web, "></label>");
}

static void put_forms(struct web *web, uint16_t port)
{
	put_form(web, port, "right", "");
	html(web, "<button>");
	say(web, N_("Yes"));
	html(web, "</button></form><details><summary>");
	say(web, N_("Something else listens here"));
	html(web, "</summary>");
	put_form(web, port, "other", " class=ask");
	html(web, "<label>");
	say(web, N_("Transport"));
	html(web, "<select name=transport><option>tcp<option>udp<option>sctp<option>dccp</select></label>");
	put_field(web, "product", N_("Product"), PROPOSAL_PRODUCT, " required");
	put_field(web, "known", N_("How do you know?"), PROPOSAL_KNOWN, "");
	put_field(web, "link", N_("A page that says so"), PROPOSAL_LINK, " type=url");
	html(web, "<p class=dim>");
	say(web, N_("Only what you write is kept, and the day. Name no persons."));
	html(web, "</p><button>");
	say(web, N_("Send"));
	html(web, "</button></form></details>");
}

void put_feedback(struct web *web, uint16_t port)
{
	struct span elsewhere = web->site->is_static ? web->site->feedback : span_of(NULL, 0);

	if (!elsewhere.n && (web->site->is_static || !web->site->takes_feedback))
		return;
	section(web, "right", N_("Was this page right for your machine?"));
	if (elsewhere.n) {
		html(web, "<p><a rel=noreferrer href=\"");
		put_text(web, elsewhere);
		html(web, "\">");
		say(web, N_("Something else listens here"));
		html(web, "</a></p>");
	} else {
		put_forms(web, port);
	}
	html(web, "</section>");
}

static void put_back(struct web *web, uint16_t port)
{
	html(web, "<p>");
	SAY(web, N_("Back to {1}"), PORT(port));
	html(web, "</p>");
	page_end(web);
}

static void say_fault(struct web *web, const struct proposal *proposal, enum proposal_fault fault)
{
	static const char *const texts[N_PROPOSAL_FAULTS] = {
		[PROPOSAL_NO_PRODUCT] = N_("Say which product listens there."),
		[PROPOSAL_TOO_LONG] = N_("It is too long: {1} bytes for a product, {2} for how you know, {3} "
					 "for a page."),
		[PROPOSAL_BAD_TEXT] = N_("There is a character in it that nobody can see."),
		[PROPOSAL_BAD_LINK] = N_("The page must be an address that begins with https:// or http://, "
					 "with no user name in it."),
		[PROPOSAL_PERSON] = N_("Name no persons and no mailboxes."),
	};

	web->answer->status = 400;
	page_begin(web, span_str(word(web, N_("Not kept"))), NULL);
	html(web, "<h1>");
	say(web, N_("Not kept"));
	html(web, "</h1><p class=answer>");
	SAY(web, texts[fault], TEXT(number_text(web, PROPOSAL_PRODUCT)),
	    TEXT(number_text(web, PROPOSAL_KNOWN)), TEXT(number_text(web, PROPOSAL_LINK)));
	html(web, "</p>");
	put_back(web, proposal->port);
}

static void say_thanks(struct web *web, const struct proposal *proposal)
{
	page_begin(web, span_str(word(web, N_("Thank you"))), NULL);
	html(web, "<h1>");
	say(web, N_("Thank you"));
	html(web, "</h1><p class=answer>");
	if (proposal->is_right)
		say(web, N_("It is good to know."));
	else
		say(web, N_("A person will read it, look at the source, and add it or not."));
	html(web, "</p>");
	put_back(web, proposal->port);
}

/* The parts of the form that no visitor types. */
static bool read_choices(struct web *web, struct proposal *proposal)
{
	struct span body = web->request->body;
	struct span answer = web_field(web, body, "answer");
	struct span port = web_field(web, body, "port");
	struct span transport = web_field(web, body, "transport");
	uint64_t number;

	if (!span_u64(port, PORT_MAX, &number))
		return false;
	proposal->port = (uint16_t)number;
	proposal->is_right = span_is(answer, "right");
	if (proposal->is_right) {
		proposal->transport = TRANSPORT_ANY;
		return true;
	}
	return span_is(answer, "other") && transport_parse(transport, &proposal->transport) &&
	       transport_registered(proposal->transport) == proposal->transport;
}

void post_feedback(struct web *web)
{
	struct span body = web->request->body;
	struct proposal proposal = {0};
	enum proposal_fault fault;

	if (!web->site->takes_feedback || web->site->is_static)
		return;
	if (!read_choices(web, &proposal)) {
		web_refuse(web, 400, "port is a number from 0 to 65535, answer is right or other, transport "
				     "is tcp, udp, sctp or dccp");
		return;
	}
	proposal.product = web_field(web, body, "product");
	proposal.known = web_field(web, body, "known");
	proposal.link = web_field(web, body, "link");
	fault = proposal_check(&proposal);
	if (fault != PROPOSAL_SOUND) {
		say_fault(web, &proposal, fault);
		return;
	}
	proposal_write(&web->answer->proposal, &proposal);
	say_thanks(web, &proposal);
}

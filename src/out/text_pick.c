/* SPDX-License-Identifier: Apache-2.0 */
/* text_pick: the number to use, and why the nearest others were passed over. */
#include "out/text.h"

static const char *const says[N_PICK_REFUSALS] = {
	[PICK_PRIVILEGED] = N_("binding needs a privilege"),
	[PICK_TAKEN] = N_("it is in use on this host"),
	[PICK_KEPT] = N_("it is kept back on this host (ip_local_reserved_ports)"),
	[PICK_REGISTERED] = N_("registered: "),
	[PICK_PRACTICE] = N_("known to use it: "),
	[PICK_BROWSER] = N_("browsers refuse it"),
	[PICK_PLATFORM] = N_("a system has it for itself: "),
	[PICK_EPHEMERAL] = N_("this host hands it out as a source port"),
	[PICK_UNBINDABLE] = N_("the kernel refuses it (periplus why tells the cause)"),
};

static void passed(struct page *page, const struct pick *pick)
{
	const char *text = says[pick->refusal];
	bool names = text[strlen(text) - 1] == ' ';

	page_sentence(page,
		      JOIN(page, page_print(page, _("%u? no: "), pick->port), span_str(_(text)),
			   names ? pick->detail : span_of(NULL, 0)),
		      INK_DIM, NULL);
}

static bool is_outside(const struct pick_query *query, uint16_t port)
{
	return port < query->ephemeral_first || port > query->ephemeral_last;
}

static void chosen(struct page *page, const struct pick_query *query, const struct pick *pick)
{
	struct cell cell = {0};

	cell_add(&cell, span_str(_("free here on IPv4 and IPv6, unregistered, no known practice")),
		 INK_PLAIN);
	page_headline(page, page_print(page, "%u", pick->port), &cell, -1);
	if (query->ephemeral_first && is_outside(query, pick->port))
		page_sentence(page,
			      page_print(page, _("outside of this host's source ports, %u-%u"),
					 query->ephemeral_first, query->ephemeral_last),
			      INK_DIM, NULL);
	else if (!query->ephemeral_first)
		page_sentence(page,
			      span_str(_("a source port of this host: reserve it, or a connection may "
					 "have it first")),
			      INK_PLAIN, NULL);
}

void text_pick(struct buf *b, const struct style *style, const struct pick_report *report)
{
	struct page page;

	page_init(&page, b, style);
	page.label = _("passed");
	for (size_t i = 0; i < report->n_passed; i++)
		passed(&page, &report->passed[i]);
	page.label = NULL;
	if (report->n_passed)
		buf_byte(b, '\n');
	for (size_t i = 0; i < report->n_picks; i++)
		chosen(&page, report->query, &report->picks[i]);
	if (report->query->name.n) {
		page.label = _("note");
		page_sentence(&page,
			      page_print(&page,
					 _("the same answer next time for %.*s, while it is free"),
					 SPAN_ARG(report->query->name)),
			      INK_PLAIN, NULL);
	}
	page_done(&page);
}

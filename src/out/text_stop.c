/* SPDX-License-Identifier: Apache-2.0 */
/* text_stop: the plan of `periplus stop`: what ends and how, and what is left alone. */
#include "out/text.h"

#include "base/scope.h"
#include "out/stop.h"

static struct span program(struct page *page, const struct process *p)
{
	return JOIN(page, p->name, page_print(page, _(", pid %u"), p->pid), span_str(_(", user ")),
		    p->user.n ? p->user : page_print(page, "%u", p->uid), span_str(_(", started ")),
		    page_clock(page, p->start_time));
}

static void how(struct page *page, const struct stop_step *step, bool is_kill)
{
	struct span text;

	switch (step->means) {
	case STOP_SIGNAL:
		text = span_str(is_kill ? _("SIGKILL, at once")
					: _("SIGTERM, then waiting for it to end"));
		break;
	case STOP_SYSTEMD:
		text = JOIN(page, span_str(step->is_user_unit ? "systemctl --user stop " : "systemctl stop "),
			    step->socket_unit, span_str(step->socket_unit.n ? " " : ""), step->unit);
		break;
	case STOP_CONTAINER:
		text = JOIN(page, span_str(step->engine), SPAN_LIT(" stop "), step->container);
		break;
	default: return;
	}
	page_line(page, JOIN(page, span_str(_("via ")), text), INK_PLAIN);
	if (step->socket_unit.n)
		page_sentence(page, span_str(_("its socket unit first: it would start the service again "
					       "for the next client")),
			      INK_DIM, NULL);
}

static void refusal(struct page *page, const struct stop_step *step)
{
	static const char *const says[] = {
		[STOP_HIDDEN] = N_("its program is hidden from you: run it with more rights"),
		[STOP_KERNEL] = N_("the kernel itself waits there (a service such as nfsd, or a tunnel)"),
		[STOP_SYSTEM] = N_("it is a manager of services, or what periplus itself runs under"),
		[STOP_FOREIGN] = N_("it lives in another network namespace: stop it there"),
	};

	page_sentence(page, span_str(_(says[step->refusal])), INK_UNEXPECTED, NULL);
}

static void clients(struct page *page, const struct stop_report *report)
{
	size_t n = stop_n_connections(report);

	if (!n)
		return;
	page->label = _("clients");
	page_line(page,
		  page_print(page,
			     dngettext(PERIPLUS_DOMAIN, "%zu connection will end with it; the client "
				       "is left alone",
				       "%zu connections will end with it; the clients are left alone", n),
			     n),
		  INK_PLAIN);
}

void text_stop_plan(struct buf *b, const struct style *style, const struct stop_report *report)
{
	struct page page;

	page_init(&page, b, style);
	for (size_t i = 0; i < report->n_steps; i++) {
		const struct stop_step *step = &report->steps[i];

		page.label = step->means == STOP_NONE ? _("cannot") : _("will stop");
		if (step->means == STOP_CONTAINER)
			page_line(&page, JOIN(&page, span_str(_("container ")), step->container), INK_PLAIN);
		else if (step->process)
			page_line(&page, program(&page, step->process), INK_PLAIN);
		if (step->means == STOP_NONE)
			refusal(&page, step);
		else
			how(&page, step, report->is_kill);
	}
	clients(&page, report);
	page.label = NULL;
	page_done(&page);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text_why: why a number can not be bound: what was tried, what is in the way, what helps.
 *
 * A cause is a row: its sentence, and the command that helps, if one does.
 */
#include "out/text.h"

#include "base/scope.h"
#include "out/next.h"

struct telling {
	const char *says;    /* N_(); %d stands for the detail */
	const char *command; /* %p: number/transport, %n: number, %t: transport; NULL: none */
	const char *does;    /* N_() */
};

static const struct telling tellings[N_BIND_CAUSES] = {
	[BIND_LISTENER] = {N_("a program waits there, on every address"), "periplus stop %n",
			   N_("end it properly")},
	[BIND_OTHER_ADDRESS] = {N_("a program waits there on one address or family: who asks "
				   "for every address is refused, another address is free"),
				"periplus stop %n", N_("end it properly")},
	[BIND_BOUND] = {N_("a program has bound it and does not listen"), "periplus pick --near %n",
			N_("a free number")},
	[BIND_CONNECTION] = {N_("a connection holds it as its own port"),
			     "sudo periplus reserve %n",
			     N_("never hand it out as a source port again")},
	[BIND_TIME_WAIT] = {N_("connections that have ended keep it for a minute (TIME_WAIT); a "
			       "server that sets SO_REUSEADDR may bind it now"),
			    NULL, NULL},
	[BIND_PRIVILEGED] = {N_("numbers below %d need root or CAP_NET_BIND_SERVICE"),
			     "sudo sysctl net.ipv4.ip_unprivileged_port_start=%n",
			     N_("let everybody bind from here on")},
	[BIND_EXCLUDED] = {N_("Windows keeps the range %d back, for a service such as Hyper-V's or by an "
			      "administrator"),
			   "netsh interface ipv4 show excludedportrange protocol=%t",
			   N_("every such range")},
	[BIND_SECCOMP] = {N_("a filter of system calls (seccomp) refuses bind to this program, "
			     "whatever the number"),
			  NULL, NULL},
	[BIND_CGROUP_PROGRAM] = {N_("a BPF program of this control group decides who binds: %d "
				    "(SocketBindDeny= of systemd is one)"),
				 "systemctl show -p SocketBindDeny -p SocketBindAllow UNIT",
				 N_("what the unit may bind")},
	[BIND_SELINUX] = {N_("SELinux enforces its policy, and the number's type is not one that "
			     "this domain may bind: %d"),
			  "sudo semanage port -l", N_("the types of ports")},
	[BIND_SECURITY_MODULE] = {N_("a security module refuses; active here: %d"),
				  "sudo dmesg", N_("what it has logged")},
	[BIND_NO_FAMILY] = {N_("this host has no address of that family"), NULL, NULL},
	[BIND_HIDDEN] = {N_("a socket holds it that you may not see"), "sudo periplus why %p",
			 N_("look with more rights")},
	[BIND_UNKNOWN] = {N_("nothing that periplus can see explains it"), NULL, NULL},
	[BIND_NAMESPACE] = {N_("it is taken in another network namespace, which hinders nobody "
			       "here; a program in there would be refused"),
			    "periplus %p -N", N_("who it is")},
	[BIND_EPHEMERAL] = {N_("this host hands out %d as source ports, so any connection may "
			       "take it"),
			    "sudo periplus reserve %n",
			    N_("add it to ip_local_reserved_ports")},
};

static struct span endpoint(struct page *page, const struct address *address, uint16_t port)
{
	char text[ADDRESS_TEXT];

	address_text(address, text);
	return address->family == ADDRESS_IPV6 ? page_print(page, "[%s]:%u", text, port)
					       : page_print(page, "%s:%u", text, port);
}

/* "10.0.0.8:5037 -> 198.51.100.7:443, adb, pid 910, user dev" */
static void socket_line(struct page *page, const struct bind_finding *f)
{
	const struct sighting *s = f->sighting;
	const struct process *p = sighting_process(s);
	struct span text = endpoint(page, &s->local, s->port);

	if (s->remote_port)
		text = JOIN(page, text, span_str(page->style->is_utf8 ? " → " : " -> "),
			    endpoint(page, &s->remote, s->remote_port));
	if (p)
		text = JOIN(page, text, SPAN_LIT(", "), p->name,
			    page_print(page, _(", pid %u"), p->pid), span_str(_(", user ")),
			    who_user(page, s));
	else if (s->state != SOCKET_WAITING)
		text = JOIN(page, text, SPAN_LIT(", "), who_hidden(page, s));
	if (f->n > 1)
		text = JOIN(page, text, page_print(page, _(", and %zu more"), f->n - 1));
	page_line(page, text, INK_PLAIN);
}

/* A pattern of ours with one foreign text in it. */
static struct span put_in(struct page *page, const char *pattern, char mark, struct span value)
{
	struct span text = span_str(pattern);

	for (size_t i = 0; i + 1 < text.n; i++)
		if (text.p[i] == '%' && text.p[i + 1] == (uint8_t)mark)
			return JOIN(page, span_cut(text, i), value, span_skip(text, i + 2));
	return text;
}

const struct verdict *why_known(const struct why_report *report, const struct bind_finding *finding)
{
	for (size_t i = 0; i < report->n_rows; i++)
		if (report->rows[i].sighting == finding->sighting && report->rows[i].verdict &&
		    report->rows[i].verdict->match != MATCH_NONE)
			return report->rows[i].verdict;
	return NULL;
}

/* "macOS AirPlay Receiver: macOS 12 and later ...; off: System Settings > ..." */
static void known_line(struct page *page, const struct verdict *known)
{
	struct span note = known->has_fact ? known->fact->note : span_of(NULL, 0);

	page_sentence(page,
		      JOIN(page, known->product->title.n ? known->product->title : known->product->slug,
			   span_str(note.n ? ": " : ""), note),
		      INK_PLAIN, NULL);
}

static void cause(struct page *page, const struct why_report *report, const struct bind_finding *f)
{
	const struct verdict *known = f->sighting ? why_known(report, f) : NULL;
	struct span detail = f->detail.n ? f->detail : SPAN_LIT("?");

	page_sentence(page, put_in(page, _(tellings[f->cause].says), 'd', detail), INK_PLAIN, NULL);
	if (f->sighting)
		socket_line(page, f);
	if (known)
		known_line(page, known);
}

static void causes(struct page *page, const struct why_report *report, bool hinders, const char *label)
{
	const struct bind_report *bind = report->bind;
	bool is_first = true;

	for (size_t i = 0; i < bind->n_findings; i++) {
		if (bind_cause_hinders(bind->findings[i].cause) != hinders)
			continue;
		if (is_first)
			page->label = label;
		is_first = false;
		cause(page, report, &bind->findings[i]);
	}
	page->label = NULL;
}

static struct span command(struct page *page, const struct bind_report *bind, const char *pattern)
{
	struct span number = page_print(page, "%u", bind->port);
	struct span whole = page_print(page, "%u/%s", bind->port, transport_word(bind->transport));

	if (strstr(pattern, "%t"))
		return put_in(page, pattern, 't', span_str(transport_word(bind->transport)));
	return strstr(pattern, "%p") ? put_in(page, pattern, 'p', whole)
				     : put_in(page, pattern, 'n', number);
}

static void advice(struct page *page, const struct host_info *host, const struct bind_report *bind)
{
	enum { SHOWN = 3 };
	struct span commands[SHOWN];
	const char *does[SHOWN];
	size_t widest = 0;
	size_t n = 0;

	for (size_t i = 0; i < bind->n_findings && n < SHOWN; i++) {
		const struct telling *t = &tellings[bind->findings[i].cause];
		bool is_told = false;

		for (size_t k = 0; k < i; k++)
			is_told |= tellings[bind->findings[k].cause].command == t->command ||
				   (t->command && tellings[bind->findings[k].cause].command &&
				    !strcmp(tellings[bind->findings[k].cause].command, t->command));
		if (!t->command || is_told || !next_exists(host, t->command))
			continue;
		commands[n] = command(page, bind, t->command);
		does[n] = _(t->does);
		widest = commands[n].n > widest ? commands[n].n : widest;
		n++;
	}
	if (n)
		buf_byte(page->out, '\n');
	page->label = _("next");
	for (size_t i = 0; i < n; i++)
		page_command(page, commands[i], widest, does[i]);
	page->label = NULL;
}

static bool somebody_waits(const struct bind_report *bind)
{
	return bind->n_findings && (bind->findings[0].cause == BIND_LISTENER ||
				    bind->findings[0].cause == BIND_OTHER_ADDRESS);
}

void text_why(struct buf *b, const struct style *style, const struct why_report *report)
{
	const struct bind_report *bind = report->bind;
	const char *arrow = style->is_utf8 ? " → " : " -> ";
	struct cell cell = {0};
	struct page page;

	page_init(&page, b, style);
	cell_add(&cell,
		 span_str(!bind->error && bind->is_recorded
				  ? _("nobody held it when this was recorded")
			  : !bind->error	 ? _("nothing is in the way: it can be bound")
			  : somebody_waits(bind) ? _("it is taken")
						 : _("nothing listens here, but you cannot bind it")),
		 INK_PLAIN);
	page_headline(&page, page_print(&page, "%u/%s", bind->port, transport_word(bind->transport)),
		      &cell, bind->error && !somebody_waits(bind) ? (int)VERDICT_LOOK : -1);
	buf_byte(b, '\n');
	if (bind->is_tried) {
		page.label = _("tried");
		page_line(&page,
			  JOIN(&page, SPAN_LIT("bind "), endpoint(&page, &bind->tried, bind->port),
			       span_str(arrow),
			       span_str(bind->error ? strerrorname_np(bind->error) : _("done")),
			       span_str(_(" (socket closed again)"))),
			  INK_PLAIN);
	}
	causes(&page, report, true, _("seen"));
	causes(&page, report, false, _("note"));
	advice(&page, report->host, bind);
	page_done(&page);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* text_seen: the "seen" block of a port page: who holds the socket, from where, for how long. */
#include "out/text.h"

#include "base/scope.h"

enum { ANCESTORS_SHOWN = 4, OWNERS_SHOWN = 6 };

static struct span append(struct page *page, struct span text, const char *between,
			  struct span more)
{
	if (!more.n)
		return text;
	return text.n ? JOIN(page, text, span_str(between), more) : more;
}

/* "next-server, pid 42872, user dev, for 1 d 9 h" */
static void first_line(struct page *page, const struct sighting *s, const struct process *p)
{
	struct span text = p->name;
	int64_t age = page->style->now - p->start_time;

	text = append(page, text, ", ", page_print(page, _("pid %u"), p->pid));
	text = append(page, text, ", ",
		      JOIN(page, span_str(_("user")), SPAN_LIT(" "), who_user(page, s)));
	if (p->start_time && age >= 0)
		text = append(page, text, ", ",
			      JOIN(page, span_str(_("for")), SPAN_LIT(" "), page_age(page, age)));
	page_line(page, text, INK_PLAIN);
}

static void program(struct page *page, const struct process *p)
{
	struct span text = page_path(page, p->executable);
	struct span package = append(page, p->package, " ", p->package_version);

	if (!p->executable.n)
		return;
	if (p->is_memfd)
		text = append(page, text, " ", span_str(_("(only in memory)")));
	else if (p->is_deleted)
		text = append(page, text, " ", span_str(_("(deleted)")));
	if (p->is_in_tmpfs && !p->is_memfd)
		text = append(page, text, " ", span_str(_("(in a memory file system)")));
	if (package.n)
		text = append(page, text, ", ",
			      JOIN(page,
				   span_str(span_is_drive_path(p->executable) ? _("signed by")
									      : _("package")),
				   SPAN_LIT(" "), package));
	else if (p->package_answer == PACKAGE_NONE)
		text = append(page, text, ", ", span_str(_("of no package")));
	page_sentence(page, text, INK_PLAIN, NULL);
}

/* Where it runs, and what was typed to start it. */
static void place(struct page *page, const struct process *p)
{
	struct span directory = page_path(page, p->working_directory);

	if (p->git_branch.n)
		directory =
			JOIN(page, directory, SPAN_LIT(" (git: "), p->git_branch, SPAN_LIT(")"));
	if (p->working_directory.n && !span_is(p->working_directory, "/"))
		page_line(page, JOIN(page, span_str(_("in")), SPAN_LIT(" "), directory), INK_PLAIN);
	if (p->command_line.n && !span_eq(p->command_line, p->executable))
		page_line(page, JOIN(page, span_str(_("as")), SPAN_LIT(" "), p->command_line),
			  INK_PLAIN);
	if (p->is_script_missing)
		page_line(page, span_str(_("its script does not exist any more")), INK_PLAIN);
}

static void supervisor(struct page *page, const struct sighting *s, const struct process *p)
{
	struct span unit = p ? p->unit : s->unit;
	struct span container = p && p->container.n ? p->container : s->container;
	struct span text = unit;

	text = append(page, text, ", ", p ? p->user_unit : span_of(NULL, 0));
	if (s->socket_unit.n && (!p || p->is_manager)) /* no service is behind it yet */
		text = s->socket_unit;
	else if (s->socket_unit.n && !span_eq(s->socket_unit, unit))
		text = append(page, text, ", ", s->socket_unit);
	if (text.n)
		text = JOIN(page, span_str(_("unit")), SPAN_LIT(" "), text);
	if (s->socket_unit.n && s->unit.n && (!p || p->is_manager))
		text = append(page, text, ", ",
			      JOIN(page, span_str(_("which starts")), SPAN_LIT(" "), s->unit));
	if (container.n)
		text = append(page, text, ", ",
			      JOIN(page, span_str(_("container")), SPAN_LIT(" "), container));
	if (text.n)
		page_line(page, text, INK_PLAIN);
}

static bool has_shell(const struct process *p)
{
	static const char *const shells[] = {"ash",  "bash", "csh",   "dash", "elvish",
					     "fish", "ksh",  "mksh",  "nu",   "pwsh",
					     "sh",   "tcsh", "xonsh", "yash", "zsh"};

	for (size_t i = 0; i < p->n_ancestors; i++) {
		struct span name = p->ancestors[i].name;

		if (span_starts(name, "-")) /* a login shell */
			name = span_skip(name, 1);
		for (size_t k = 0; k < ARRAY_LEN(shells); k++)
			if (span_is(name, shells[k]))
				return true;
	}
	return false;
}

/* Whether the terminal is gone or was never given to it cannot be told from here; that one is
 * missing can. Services and containers never have one. */
static bool has_no_terminal(const struct process *p)
{
	return !p->terminal.n && !p->container.n && !span_ends(p->unit, ".service") && has_shell(p);
}

static void lineage(struct page *page, const struct process *p)
{
	const char *arrow = page->style->is_utf8 ? " ← " : " <- ";
	struct span text = {0};

	for (size_t i = 0; i < p->n_ancestors && i < ANCESTORS_SHOWN; i++)
		text = append(page, text, arrow, p->ancestors[i].name);
	if (p->n_ancestors > ANCESTORS_SHOWN)
		text = append(page, text, arrow, span_str(page_dots(page->style)));
	if (p->terminal.n)
		text = append(page, text, ", ",
			      JOIN(page, span_str(_("terminal")), SPAN_LIT(" "), p->terminal));
	if (text.n)
		page_line(page, JOIN(page, span_str(_("started by")), SPAN_LIT(" "), text),
			  INK_PLAIN);
	if (has_no_terminal(p))
		page_line(page, span_str(_("has no terminal, though a shell started it")),
			  INK_PLAIN);
}

static void other_owners(struct page *page, const struct sighting *s, const struct process *first)
{
	struct span text = {0};
	size_t n = 0;

	for (size_t i = 0; i < s->n_owners; i++) {
		if (s->owners[i].process->pid == first->pid)
			continue;
		if (n++ < OWNERS_SHOWN)
			text = append(page, text, ", ",
				      page_print(page, "%u", s->owners[i].process->pid));
	}
	if (n > OWNERS_SHOWN)
		text = append(page, text, ", ", span_str(page_dots(page->style)));
	if (n)
		page_line(page,
			  page_print(page, _("the socket is held by pid %.*s too"), SPAN_ARG(text)),
			  INK_PLAIN);
}

static struct span reach(const struct sighting *s)
{
	static const char *const words[] = {
		[BIND_LOOPBACK] = N_("only this machine can reach it"),
		[BIND_HOST] = N_("the network of this address can reach it"),
		[BIND_ANY] = N_("your network can reach it"),
	};

	return span_str(_(words[address_scope(&s->local)]));
}

/* "listens on *:3000 (v4+v6), backlog 128: your network can reach it" */
static void socket_line(struct page *page, const struct joined *joined)
{
	const struct sighting *s = joined->row->sighting;
	struct span bind = who_bind(page, joined);
	struct span text = page_print(page, ":%u", s->port);

	if (s->state == SOCKET_RAW || s->state == SOCKET_PACKET) {
		page_line(page, span_str(_("waits for packets without a port")), INK_PLAIN);
		return;
	}
	if (address_scope(&s->local) == BIND_HOST && s->local.family == ADDRESS_IPV6)
		bind = JOIN(page, SPAN_LIT("["), bind, SPAN_LIT("]"));
	text = JOIN(page, span_str(s->state == SOCKET_LISTEN ? _("listens on") : _("bound to")),
		    SPAN_LIT(" "), bind, text);
	if (joined->has_ipv4 && joined->has_ipv6)
		text = append(page, text, " ", SPAN_LIT("(v4+v6)"));
	else
		text = append(page, text, " ",
			      joined->has_ipv6 ? SPAN_LIT("(v6)") : SPAN_LIT("(v4)"));
	if (joined->n_sockets > 2)
		text = append(page, text, ", ",
			      page_print(page, _("%zu sockets"), joined->n_sockets));
	if (s->state == SOCKET_LISTEN && s->backlog)
		text = append(page, text, ", ", page_print(page, _("backlog %u"), s->backlog));
	if (s->state == SOCKET_LISTEN && s->queued)
		text = append(page, text, ", ", page_print(page, _("%u waiting"), s->queued));
	page_sentence(page, JOIN(page, text, SPAN_LIT(": "), reach(s)), INK_PLAIN, NULL);
	if (s->is_elsewhere)
		page_line(page,
			  s->net_namespace ? JOIN(page, span_str(_("in network namespace")),
						  SPAN_LIT(" "), who_netns(page, s))
					   : span_str(_("in another network namespace")),
			  INK_PLAIN);
}

/* "speaks redis: redis 7.0.15" */
static void speech(struct page *page, const struct spoken *spoken)
{
	static const char *const words[] = {
		[SPOKEN_PROVED] = N_("speaks"),
		[SPOKEN_FITS] = N_("what it says fits"),
		[SPOKEN_STRANGE] = N_("says what nothing known says"),
		[SPOKEN_NOTHING] = N_("says nothing to what it was asked"),
		[SPOKEN_SPARED] = N_("was not asked: a stranger's bytes may harm what is usual here"),
		[SPOKEN_NOT_ASKED] = N_("was not asked: no question is known for it, or time was up"),
	};
	struct span text = span_str(_(words[spoken->state]));
	struct span product = append(page, spoken->product, " ", spoken->version);

	text = append(page, text, " ", spoken->protocol);
	if (spoken->is_within_tls)
		text = append(page, text, " ", span_str(_("in tls")));
	text = append(page, text, ": ", product);
	page_sentence(page, text, INK_PLAIN, NULL);
}

void text_seen(struct page *page, const struct joined *joined)
{
	const struct sighting *s = joined->row->sighting;
	const struct process *p = sighting_process(s);

	page->label = _("seen");
	if (p) {
		first_line(page, s, p);
		program(page, p);
		place(page, p);
	} else {
		page_line(page, who_hidden(page, s), INK_DIM);
	}
	supervisor(page, s, p);
	if (p) {
		lineage(page, p);
		other_owners(page, s, p);
	}
	socket_line(page, joined);
	if (s->spoken)
		speech(page, s->spoken);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * next: the advice at the end of a port page.
 *
 * A row is a command that exists, what it does, and when it fits. In a command %p is the port as
 * it was asked, %n the number alone, %r the rule that weighs most and %s the registered name. The first rows that fit
 * are shown, at most SHOWN of them. A new command adds its row here.
 */
#include "out/next.h"

#include "base/scope.h"

enum { SHOWN = 3 };

struct situation {
	const struct port_report *report;
	const struct style *style;
	const struct judged *worst;
	const char *rule; /* NULL: none weighs */
	struct span service;
};

struct advice {
	const char *command;
	const char *does;
	bool (*fits)(const struct situation *);
};

static bool is_hidden_from_user(const struct situation *at)
{
	return at->worst && !at->report->host->is_root &&
	       (at->worst->sighting->hidden == HIDDEN_PERMISSION ||
		at->worst->sighting->hidden == HIDDEN_HIDEPID) &&
	       at->worst->sighting->n_owners == 0;
}

static bool has_rule(const struct situation *at)
{
	return at->rule;
}

/* What is as it should be is not advised against. */
static bool may_be_ended(const struct situation *at)
{
	return at->worst && at->worst->verdict->kind > VERDICT_EXPECTED &&
	       at->worst->sighting->n_owners && !at->worst->sighting->is_elsewhere;
}

/* Ending it would destroy what tells how it came there. */
static bool is_unexpected(const struct situation *at)
{
	return may_be_ended(at) && at->worst->verdict->kind == VERDICT_UNEXPECTED;
}

static bool only_map_was_asked(const struct situation *at)
{
	return !at->report->listing;
}

static bool may_say_more(const struct situation *at)
{
	return !at->style->is_verbose;
}

static bool has_service(const struct situation *at)
{
	return at->service.n;
}

bool next_exists(const struct host_info *host, const char *command)
{
	static const char *const systems[] = {"Windows", "macOS", "FreeBSD"};
	static const char *const words[] = {" stop ", " snapshot ", " reserve ", "sudo "};
	struct span text = span_str(command);
	bool is_foreign = false;

	for (size_t i = 0; host && i < ARRAY_LEN(systems); i++)
		is_foreign |= span_starts(host->system, systems[i]);
	for (size_t i = 0; is_foreign && i < ARRAY_LEN(words); i++)
		if (span_find(text, span_str(words[i])) >= 0)
			return false;
	return true;
}

static const struct advice advices[] = {
	{"sudo periplus %p", N_("name the hidden program"), is_hidden_from_user},
	{"periplus help %r", N_("what this rule means"), has_rule},
	{"periplus snapshot %p", N_("keep the evidence first, as JSON"), is_unexpected},
	{"periplus stop %p", N_("end what listens there; asks first"), may_be_ended},
	{"periplus pick --near %n", N_("a number that nobody has"), may_be_ended},
	{"periplus %p", N_("what listens there on this host"), only_map_was_asked},
	{"periplus -v %p", N_("every note, fact and source"), may_say_more},
	{"periplus look %s", N_("what else has this name"), has_service},
};

/* Names of the registry are used in a command only when no shell could misread them. */
static struct span safe_service(const struct port_report *report)
{
	struct span name = map_service_name(report->map, report->port, report->transport);

	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    (i == 0 || !memchr("._-", c, 3)))
			return span_of(NULL, 0);
	}
	return name;
}

static const char *weightiest(const struct judged *worst)
{
	if (!worst || worst->verdict->kind == VERDICT_EXPECTED || worst->verdict->n_reasons == 0)
		return NULL;
	return worst->verdict->reasons[0].rule->id;
}

static struct span command(struct page *page, const struct situation *at, const char *pattern)
{
	struct span text = span_str(pattern);
	ptrdiff_t mark = span_find_byte(text, '%');
	struct span value = at->service;

	if (mark < 0)
		return text;
	if (pattern[mark + 1] == 'r')
		value = span_str(at->rule);
	else if (pattern[mark + 1] == 'n' ||
		 (pattern[mark + 1] == 'p' && at->report->transport == TRANSPORT_ANY))
		value = page_print(page, "%u", at->report->port);
	else if (pattern[mark + 1] == 'p')
		value = page_print(page, "%u/%s", at->report->port,
				   transport_word(at->report->transport));
	return JOIN(page, span_cut(text, (size_t)mark), value, span_skip(text, (size_t)mark + 2));
}

void next_block(struct page *page, const struct port_report *report, const struct judged *worst)
{
	struct situation at = {.report = report,
			       .style = page->style,
			       .worst = worst,
			       .rule = weightiest(worst),
			       .service = safe_service(report)};
	struct span commands[SHOWN];
	const char *does[SHOWN];
	size_t widest = 0;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(advices) && n < SHOWN; i++) {
		if (!advices[i].fits(&at) || !next_exists(report->host, advices[i].command))
			continue;
		commands[n] = command(page, &at, advices[i].command);
		does[n] = _(advices[i].does);
		if (commands[n].n > widest)
			widest = commands[n].n;
		n++;
	}
	if (n)
		buf_byte(page->out, '\n');
	page->label = _("next");
	for (size_t i = 0; i < n; i++)
		page_command(page, commands[i], widest, does[i]);
	page->label = NULL;
}

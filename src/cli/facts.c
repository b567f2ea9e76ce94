/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what is known of ports in practice, with sources: listed, counted, or checked.
 *
 * Words filter: port:, product:, kind:, grade:, source:, transport:; any other word is looked for
 * in product and note, caseless. `facts review` is in facts_review.c.
 */
#include <time.h>

#include "base/scope.h"
#include "cli/facts.h"

enum { STATS, STALE, CHECK, ACCEPT, REFUSE, INTO };

static const struct cli_option options[] = {
	[STATS] = {"stats", 0, NULL, N_("counts by kind and grade")},
	[STALE] = {"stale", 0, "DAYS", N_("only those whose source was read longer ago")},
	[CHECK] = {"check", 0, "FILE", N_("validate a file of facts; errors as file:line")},
	[ACCEPT] = {"accept", 0, "ID", N_("review: print a proposal as a diff, and let it go")},
	[REFUSE] = {"refuse", 0, "ID", N_("review: let a proposal go")},
	[INTO] = {"into", 0, "FILE", N_("review: the file of facts that the diff is for")},
};

struct filter {
	struct span key; /* empty: a free word */
	struct span value;
};

static bool matches_port(const struct map_practice *fact, struct span value)
{
	struct why why;
	struct port_query query;

	return port_query_parse(value, &query, &why) == 0 && query.first <= fact->last &&
	       query.last >= fact->first &&
	       (query.transport == TRANSPORT_ANY || query.transport == fact->transport);
}

static bool matches_product(const struct map_practice *fact, struct span value)
{
	return span_eq_nocase(fact->product, value);
}

static bool matches_kind(const struct map_practice *fact, struct span value)
{
	return span_is(value, practice_kind_word(fact->kind));
}

static bool matches_grade(const struct map_practice *fact, struct span value)
{
	return span_is(value, practice_grade_word(fact->grade));
}

static bool matches_transport(const struct map_practice *fact, struct span value)
{
	return span_is(value, transport_word(fact->transport));
}

static bool matches_source(const struct map_practice *fact, struct span value)
{
	return span_find_nocase(fact->source, value) >= 0;
}

static const struct {
	const char *key;
	bool (*matches)(const struct map_practice *, struct span);
} filters[] = {
	{"grade", matches_grade},   {"kind", matches_kind},	{"port", matches_port},
	{"product", matches_product}, {"source", matches_source}, {"transport", matches_transport},
};

static int check_word(const char *word)
{
	struct span text = span_str(word);
	ptrdiff_t colon = span_find_byte(text, ':');

	if (colon < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (span_is(span_cut(text, (size_t)colon), filters[i].key))
			return 0;
	return cli_fail(EX_USAGE, _("'%s' is not a filter: use port:, product:, kind:, grade:, source: or "
				    "transport:"),
			word);
}

static bool matches(const struct map_practice *fact, const char *word)
{
	struct span text = span_str(word);
	ptrdiff_t colon = span_find_byte(text, ':');

	for (size_t i = 0; colon >= 0 && i < ARRAY_LEN(filters); i++)
		if (span_is(span_cut(text, (size_t)colon), filters[i].key))
			return filters[i].matches(fact, span_skip(text, (size_t)colon + 1));
	return span_find_nocase(fact->product, text) >= 0 || span_find_nocase(fact->note, text) >= 0;
}

/* The day `days` before now as YYYY-MM-DD, which sorts like time. */
static struct span day_before(struct cli *cli, uint64_t days)
{
	time_t then = (time_t)(cli->style.now - (int64_t)days * 86400);
	struct tm tm;
	char text[16];

	if (!gmtime_r(&then, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		text[0] = 0;
	return arena_copy(&cli->arena, span_str(text));
}

static int list(struct cli *cli, int argc, char **argv)
{
	size_t n = map_n_practice(cli->map);
	uint32_t *rows = arena_get_array(&cli->arena, n, sizeof(*rows));
	struct facts_report report = {.map = cli->map, .rows = rows, .is_stats = cli->values[STATS]};
	struct span before = {0};
	uint64_t days;

	if (cli->values[STALE]) {
		if (!span_u64(span_str(cli->values[STALE]), 36500, &days))
			return cli_fail(EX_USAGE, _("--stale takes a number of days, not '%s'"),
					cli->values[STALE]);
		before = day_before(cli, days);
	}
	for (int i = 0; i < argc; i++)
		if (check_word(argv[i]))
			return EX_USAGE;
	for (uint32_t i = 0; i < n; i++) {
		struct map_practice fact;
		bool is_chosen = true;

		map_practice_get(cli->map, i, &fact);
		if (before.n)
			is_chosen = span_cmp(fact.read, before) < 0;
		for (int k = 0; k < argc && is_chosen; k++)
			is_chosen = matches(&fact, argv[k]);
		if (is_chosen)
			rows[report.n_rows++] = i;
	}
	cli->format->facts(&cli->out, &cli->style, &report);
	return EXIT_EXPECTED;
}

static int check(struct cli *cli, const char *path)
{
	struct make_complaints complaints = {.put = facts_complain};
	struct span text;
	int status = facts_read(cli, path, &text);

	if (status)
		return status;
	if (make_check_file(cli->map, path, text, &complaints) > 0)
		return EXIT_LOOK;
	if (!cli->is_quiet)
		buf_print(&cli->out, _("'%s' is sound\n"), path);
	return EXIT_EXPECTED;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct facts_review review = {.accept = cli->values[ACCEPT], .refuse = cli->values[REFUSE],
				      .into = cli->values[INTO]};

	cli_open_map(cli);
	if (argc > 0 && strcmp(argv[0], "review") == 0)
		return facts_review(cli, &review, argc - 1, argv + 1);
	if (review.accept || review.refuse || review.into)
		return cli_fail(EX_USAGE, _("--accept, --refuse and --into belong to 'periplus facts review'"));
	if (cli->values[CHECK] && argc > 0)
		return cli_fail(EX_USAGE, _("--check takes one file and no other word"));
	return cli->values[CHECK] ? check(cli, cli->values[CHECK]) : list(cli, argc, argv);
}

const struct command command_facts = {
	.name = "facts",
	.does = N_("what is known of ports in practice, with sources"),
	.args = "[WORD...|review]",
	.example = "periplus facts port:3000",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

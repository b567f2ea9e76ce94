/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts_review: what visitors of the pages proposed, for a person: listed, refused, or accepted as a
 * diff to a file of data/practice/.
 *
 * A proposal becomes a line of facts: its product as a slug, the link as its source, today as the day
 * of reading, and the grade "unconfirmed", which no rule uses. What the reviewer knows better is given
 * as COLUMN=VALUE. The changed file must pass what `facts --check` asks for, or nothing is printed and
 * the proposal stays.
 */
#include <errno.h>
#include <stdio.h>

#include "base/scope.h"
#include "cli/facts.h"
#include "cli/proposals.h"

enum { CONTEXT = 3 };

/* The columns of a fact, in their order. */
static const char *const columns[] = {"port", "transport", "product", "kind",   "grade", "bind",
				      "setting", "since",     "note",    "source", "read"};
enum column { PORT, TRANSPORT, PRODUCT, KIND, GRADE, BIND, SETTING, SINCE, NOTE, SOURCE, READ, N_COLUMNS };

struct fact_line {
	struct span cell[N_COLUMNS];
};

static struct span port_text(struct cli *cli, const struct proposal *p)
{
	if (p->transport == TRANSPORT_ANY)
		return arena_print(&cli->arena, "%u", p->port);
	return arena_print(&cli->arena, "%u/%s", p->port, transport_word(p->transport));
}

static void put_line(struct cli *cli, const char *name, struct span text)
{
	if (!text.n)
		return;
	buf_print(&cli->out, "    %-8s ", name);
	buf_term(&cli->out, text);
	buf_byte(&cli->out, '\n');
}

static void show(struct cli *cli, const struct kept_proposal *kept)
{
	const struct proposal *p = &kept->proposal;
	struct span service = map_service_name(cli->map, p->port, p->transport);

	buf_print(&cli->out, "%s  %.*s  %.*s", kept->name, SPAN_ARG(p->day),
		  SPAN_ARG(port_text(cli, p)));
	if (service.n) {
		buf_str(&cli->out, "  ");
		buf_term(&cli->out, service);
	}
	buf_byte(&cli->out, '\n');
	if (p->is_right)
		put_line(cli, "", span_str(_("the page was right")));
	put_line(cli, "product", p->product);
	put_line(cli, "known", p->known);
	put_line(cli, "link", p->link);
}

static int list(struct cli *cli, const struct kept_proposal *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		show(cli, &all[i]);
	if (!n && !cli->is_quiet)
		buf_str(&cli->out, _("no proposal waits\n"));
	return EXIT_EXPECTED;
}

/* The product of the map that has this title or slug, or the words as a slug of their own. */
static struct span slug_of(struct cli *cli, struct span words)
{
	size_t n = map_n_products(cli->map);
	struct map_product product;
	char *slug = arena_get(&cli->arena, words.n + 1);
	size_t at = 0;

	for (uint32_t i = 0; i < n; i++) {
		map_product_get(cli->map, i, &product);
		if (span_eq_nocase(product.title, words) || span_eq_nocase(product.slug, words))
			return product.slug;
	}
	for (size_t i = 0; i < words.n; i++) {
		uint8_t c = words.p[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (at && (c == '+' || c == '.')))
			slug[at++] = (char)c;
		else if (at && slug[at - 1] != '-')
			slug[at++] = '-';
	}
	while (at && slug[at - 1] == '-')
		at--;
	return span_of(slug, at);
}

static void fill(struct cli *cli, const struct proposal *p, struct fact_line *line)
{
	bool is_registered = map_service_name(cli->map, p->port, p->transport).n > 0;
	struct buf day = BUF_INIT;

	buf_time(&day, cli->style.now);
	*line = (struct fact_line){{
		[PORT] = arena_print(&cli->arena, "%u", p->port),
		[TRANSPORT] = span_str(transport_word(p->transport)),
		[PRODUCT] = slug_of(cli, p->product),
		[KIND] = span_str(practice_kind_word(is_registered ? PRACTICE_CONFLICT
								  : PRACTICE_COMMON)),
		[GRADE] = span_str(practice_grade_word(GRADE_UNCONFIRMED)),
		[SOURCE] = p->link,
		[READ] = arena_copy(&cli->arena, span_cut(buf_span(&day), 10)),
	}};
	buf_done(&day);
}

/* COLUMN=VALUE of the reviewer. */
static int change(struct fact_line *line, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		struct span word = span_str(argv[i]);
		ptrdiff_t equals = span_find_byte(word, '=');
		size_t k = 0;

		while (k < N_COLUMNS &&
		       (equals < 0 || !span_is(span_cut(word, (size_t)equals), columns[k])))
			k++;
		if (k == N_COLUMNS)
			return cli_fail(EX_USAGE,
					_("'%s' is not COLUMN=VALUE: port, transport, product, kind, grade, "
					  "bind, setting, since, note, source, read"),
					argv[i]);
		line->cell[k] = span_skip(word, (size_t)equals + 1);
	}
	return 0;
}

static struct span text_of(struct cli *cli, const struct fact_line *line)
{
	struct buf out = BUF_INIT;
	struct span text;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (i)
			buf_byte(&out, '\t');
		buf_raw(&out, line->cell[i].n ? line->cell[i] : SPAN_LIT("-"));
	}
	buf_byte(&out, '\n');
	text = arena_copy(&cli->arena, buf_span(&out));
	buf_done(&out);
	return text;
}

/* The line after which the fact stands: behind the last one that sorts before it, or the header. */
static size_t line_before(struct span text, const struct map_practice *fact)
{
	struct make_knowledge knowledge = {0};
	struct make_complaints deaf = {.put = facts_complain};
	struct span rest = text;
	struct span line;
	size_t before = 0;
	size_t n = 0;

	make_read(&knowledge, MAKE_PRACTICE, "", text, &deaf);
	for (size_t i = 0; i < knowledge.n_facts; i++)
		if (make_fact_cmp(&knowledge.facts[i].fact, fact) <= 0)
			before = knowledge.facts[i].place.line;
	make_knowledge_done(&knowledge);
	while (!before && take_line(&rest, &line)) {
		n++;
		if (line.n && line.p[0] != '#')
			before = n;
	}
	return before;
}

/* Where line number n (from 0) begins; the end for one that is not there. */
static struct span from_line(struct span text, size_t n)
{
	struct span line;

	while (n-- && take_line(&text, &line))
		;
	return text;
}

/* GNU's unified format, of one line that is new behind line `before`. */
static void put_diff(struct cli *cli, const char *file, struct span text, size_t before, struct span added)
{
	size_t first = before > CONTEXT ? before - CONTEXT : 0;
	struct span rest = from_line(text, before);
	size_t after = 0;
	struct span line;

	while (after < CONTEXT && take_line(&rest, &line))
		after++;
	buf_print(&cli->out, "--- a/%s\n+++ b/%s\n@@ -%zu,%zu +%zu,%zu @@\n", file, file, first + 1,
		  before - first + after, first + 1, before - first + after + 1);
	rest = from_line(text, first);
	for (size_t i = first; i < before + after && take_line(&rest, &line); i++) {
		if (i == before)
			buf_print(&cli->out, "+%.*s", SPAN_ARG(added));
		buf_print(&cli->out, " %.*s\n", SPAN_ARG(line));
	}
	if (!after)
		buf_print(&cli->out, "+%.*s", SPAN_ARG(added));
}

/* As `facts --check` would say it of the changed file; and no fact that the map has already. */
static bool is_sound(struct cli *cli, const char *file, struct span text, const struct map_practice *fact)
{
	struct make_complaints complaints = {.put = facts_complain};
	struct map_practice other;
	uint32_t cursor = 0;

	while (map_next_practice(cli->map, fact->first, fact->transport, &cursor, &other))
		if (make_fact_cmp(&other, fact) == 0) {
			cli_fail(0, _("it is a fact already: 'periplus facts port:%u product:%.*s'"),
				 fact->first, SPAN_ARG(fact->product));
			return false;
		}
	return make_check_file(cli->map, file, text, &complaints) == 0;
}

static int print_accepted(struct cli *cli, const char *file, struct span added)
{
	struct make_complaints complaints = {.put = facts_complain};
	struct make_knowledge knowledge = {0};
	struct buf one = BUF_INIT;
	struct buf all = BUF_INIT;
	struct span text;
	size_t before;
	int status = facts_read(cli, file, &text);

	if (status)
		return status;
	if (make_table_of(text) != MAKE_PRACTICE || !span_ends(text, "\n"))
		return cli_fail(EX_DATAERR, _("'%s' is no file of facts"), file);
	for (size_t i = 0; i < N_COLUMNS; i++)
		buf_print(&one, "%s%s", columns[i], i + 1 < N_COLUMNS ? "\t" : "\n");
	buf_raw(&one, added);
	make_read(&knowledge, MAKE_PRACTICE, _("the proposal"), buf_span(&one), &complaints);
	buf_done(&one);
	if (complaints.n || knowledge.n_facts != 1) {
		make_knowledge_done(&knowledge);
		return cli_fail(EXIT_LOOK, _("give what is wrong as COLUMN=VALUE; the proposal stays"));
	}
	before = line_before(text, &knowledge.facts[0].fact);
	buf_raw(&all, span_cut(text, text.n - from_line(text, before).n));
	buf_raw(&all, added);
	buf_raw(&all, from_line(text, before));
	if (is_sound(cli, file, buf_span(&all), &knowledge.facts[0].fact))
		put_diff(cli, file, text, before, added);
	else
		status = cli_fail(EXIT_LOOK, _("nothing was changed; the proposal stays"));
	buf_done(&all);
	make_knowledge_done(&knowledge);
	return status;
}

static int accept(struct cli *cli, const struct facts_review *review, const struct kept_proposal *kept,
		  int argc, char **argv)
{
	struct fact_line line;
	int status;

	if (kept->proposal.is_right)
		return cli_fail(EX_DATAERR, _("'%s' says that the page was right: refuse it to let it go"),
				kept->name);
	if (!review->into)
		return cli_fail(EX_USAGE, _("say which file the fact is for: --into data/practice/FILE.tsv"));
	fill(cli, &kept->proposal, &line);
	status = change(&line, argc, argv);
	return status ? status : print_accepted(cli, review->into, text_of(cli, &line));
}

/* A name may be cut, as long as it is one proposal's. NULL after having said why. */
static const struct kept_proposal *find(const struct kept_proposal *all, size_t n, const char *name)
{
	const struct kept_proposal *found = NULL;
	size_t matches = 0;

	for (size_t i = 0; i < n; i++)
		if (*name && strncmp(all[i].name, name, strlen(name)) == 0) {
			found = &all[i];
			matches++;
		}
	if (matches == 1)
		return found;
	cli_fail(EX_DATAERR,
		 matches ? _("'%s' begins several names of proposals")
			 : _("there is no proposal '%s'; 'periplus facts review' lists them"),
		 name);
	return NULL;
}

static int decide(struct cli *cli, const struct facts_review *review, int directory,
		  const struct kept_proposal *all, size_t n, int argc, char **argv)
{
	const struct kept_proposal *kept = find(all, n, review->accept ? review->accept : review->refuse);
	struct why why;
	int status = 0;

	if (!kept)
		return EX_DATAERR;
	if (review->accept) {
		status = accept(cli, review, kept, argc, argv);
		/* a diff that nobody got is no reason to forget */
		if (status == 0 && buf_flush(&cli->out) < 0)
			return cli_fail(EX_IOERR, _("cannot write the diff; the proposal stays"));
	}
	if (status)
		return status;
	if (proposals_remove(directory, kept->name, &why) < 0)
		return cli_fail(EX_IOERR, "%s", why.text);
	return EXIT_EXPECTED;
}

int facts_review(struct cli *cli, const struct facts_review *review, int argc, char **argv)
{
	struct kept_proposal *all = NULL;
	struct why why;
	size_t n = 0;
	auto_close int directory = proposals_open(false, &why);
	int r = directory < 0 ? directory : proposals_list(directory, &cli->arena, &all, &n, &why);

	if (review->accept && review->refuse)
		return cli_fail(EX_USAGE, _("--accept or --refuse, not both"));
	if (argc > 0 && !review->accept)
		return cli_fail(EX_USAGE, _("'%s': COLUMN=VALUE belongs to --accept"), argv[0]);
	if (!span_is(span_str(cli->format->name), "text"))
		return cli_fail(EX_USAGE, _("'periplus facts review' is for people: it has no other format"));
	if (r < 0 && r != -ENOENT)
		return cli_fail(r == -EACCES ? EX_NOPERM : EX_UNAVAILABLE, "%s", why.text);
	if (!review->accept && !review->refuse)
		return list(cli, all, n);
	return decide(cli, review, directory, all, n, argc, argv);
}

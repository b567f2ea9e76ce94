/* SPDX-License-Identifier: Apache-2.0 */
/* look: what the map says of a name or word, or, without looking at this host, of a port. */
#include "base/scope.h"
#include "cli/cli.h"

enum { LIMIT };
enum { SHOWN = 40, PRODUCTS_SHOWN = 8, HITS_MAX = 16384 };

static const struct cli_option options[] = {
	[LIMIT] = {"limit", 'n', "N", N_("show at most N (40 in text, else all)")},
};

static int look_port(struct cli *cli, const char *text)
{
	struct why why;
	struct port_query query;

	if (port_query_parse(span_str(text), &query, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	for (uint32_t port = query.first; port <= query.last; port++) {
		struct port_report report = {
			.map = cli->map, .port = (uint16_t)port, .transport = query.transport};

		cli->format->port(&cli->out, &cli->style, &report, port == query.first,
				  port == query.last);
	}
	return EXIT_EXPECTED;
}

static struct span join(struct cli *cli, int argc, char **argv)
{
	struct span words = {0};

	for (int i = 0; i < argc; i++)
		words = arena_print(&cli->arena, "%.*s%s%s", SPAN_ARG(words), i ? " " : "",
				    argv[i]);
	return words;
}

static int run(struct cli *cli, int argc, char **argv)
{
	uint64_t limit = span_is(span_str(cli->format->name), "text") ? SHOWN : HITS_MAX;
	struct why why;

	cli_open_map(cli);
	if (argc == 0)
		return cli_fail(EX_USAGE, _("look for what? write 'periplus look ssh' or "
					    "'periplus look standing:ghost'"));
	if (argc == 1 && port_query_looks_like(span_str(argv[0])))
		return look_port(cli, argv[0]);
	if (cli->style.show_all)
		limit = HITS_MAX;
	if (cli->values[LIMIT] &&
	    (!span_u64(span_str(cli->values[LIMIT]), HITS_MAX, &limit) || limit == 0))
		return cli_fail(EX_USAGE, _("--limit takes a number from 1 to %d, not '%s'"),
				HITS_MAX, cli->values[LIMIT]);

	struct map_hit *hits = arena_get_array(&cli->arena, limit, sizeof(*hits));
	struct span words = join(cli, argc, argv);
	long n = map_search(cli->map, words, hits, limit, &why);

	if (n < 0)
		return cli_fail(EX_USAGE, "%s", why.text);

	size_t room = limit == SHOWN ? PRODUCTS_SHOWN : limit;
	uint32_t *products = arena_get_array(&cli->arena, room, sizeof(*products));
	size_t n_products = map_search_products(cli->map, words, products, room);
	struct look_report report = {.map = cli->map,
				     .words = words,
				     .hits = hits,
				     .n_hits = (size_t)n < limit ? (size_t)n : limit,
				     .n_matched = (size_t)n,
				     .products = products,
				     .n_products = n_products < room ? n_products : room,
				     .n_products_matched = n_products};

	cli->format->look(&cli->out, &cli->style, &report);
	return EXIT_EXPECTED;
}

const struct command command_look = {
	.name = "look",
	.does = N_("what does the map say of this name, word or port?"),
	.args = "WORD...|PORT",
	.example = "periplus look postgres",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_ports: which ports are asked: a list of numbers, ranges and service names, all, or the top
 * N.
 *
 * The top N are by this project's own practice: how many products are known on a number, each
 * weighed by the grade of its source; after these the registered numbers with evidence of life,
 * then the other registered ones, in their order.
 */
#include <stdlib.h>

#include "base/scope.h"
#include "cli/scan.h"

enum { WIDEST_RANGE = 32 }; /* a fact of more numbers says little of each */
enum { RANK_ALIVE = 2, RANK_NAMED = 1, RANK_FACT = 16 };

static uint32_t weight(enum practice_grade grade)
{
	static const uint8_t weights[N_PRACTICE_GRADES] = {[GRADE_PACKAGE] = 4,
							   [GRADE_PRIMARY] = 3,
							   [GRADE_SECONDARY] = 2,
							   [GRADE_UNCONFIRMED] = 1};

	return weights[grade];
}

struct ranked {
	uint32_t rank;
	uint16_t port;
};

static int cmp_ranked(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	return x->port < y->port ? -1 : 1;
}

static void rank_practice(const struct map *map, enum transport transport, struct ranked *all)
{
	for (uint32_t i = 0; i < map_n_practice(map); i++) {
		struct map_practice fact;

		map_practice_get(map, i, &fact);
		if (fact.kind == PRACTICE_MALWARE || fact.last - fact.first >= WIDEST_RANGE ||
		    (fact.transport != transport && fact.transport != TRANSPORT_ANY))
			continue;
		for (uint32_t port = fact.first; port <= fact.last; port++)
			all[port].rank += RANK_FACT * weight(fact.grade);
	}
}

static void choose_top(struct cli *cli, uint64_t top, enum transport transport, bool *chosen)
{
	struct ranked *all = arena_get_array(&cli->arena, N_PORTS, sizeof(*all));

	for (uint32_t port = 0; port < N_PORTS; port++) {
		all[port].port = (uint16_t)port;
		if (map_service_name(cli->map, (uint16_t)port, transport).n)
			all[port].rank = map_port_standing(cli->map, (uint16_t)port, transport) ==
							 STANDING_ALIVE
						 ? RANK_ALIVE
						 : RANK_NAMED;
	}
	rank_practice(cli->map, transport, all);
	all[0].rank = 0;
	qsort(all, N_PORTS, sizeof(*all), cmp_ranked);
	for (uint64_t i = 0; i < top && i < N_PORTS; i++)
		chosen[all[i].port] = true;
}

static bool choose_service(struct cli *cli, struct span name, enum transport transport,
			   bool *chosen)
{
	size_t n = map_n_registrations(cli->map);
	bool is_found = false;

	for (uint32_t i = 0; i < n; i++) {
		struct map_registration row;

		map_registration_get(cli->map, i, &row);
		if (!row.has_port || row.first != row.last ||
		    (row.transport != transport && row.transport != TRANSPORT_ANY) ||
		    !span_eq_nocase(row.service, name))
			continue;
		chosen[row.first] = true;
		is_found = true;
	}
	return is_found;
}

static int choose(struct cli *cli, struct span item, enum transport transport, bool *chosen)
{
	struct port_query query;
	struct why why;

	if (span_is(item, "all") || span_is(item, "-")) {
		memset(chosen, true, N_PORTS * sizeof(*chosen));
		return 0;
	}
	if (item.n && !port_query_looks_like(item)) {
		if (choose_service(cli, item, transport, chosen))
			return 0;
		return cli_fail(EX_USAGE,
				_("'%.*s' is no service with a port over %s; see 'periplus look "
				  "%.*s'"),
				SPAN_ARG(item), transport_word(transport), SPAN_ARG(item));
	}
	if (item.n && (item.p[0] == '-' || item.p[item.n - 1] == '-'))
		return cli_fail(EX_USAGE, _("'%.*s' is half a range: write 1-1023, or 1024-65535"),
				SPAN_ARG(item));
	if (port_query_parse(item, &query, &why) < 0)
		return cli_fail(EX_USAGE, "%s", why.text);
	if (query.transport != TRANSPORT_ANY && query.transport != transport)
		return cli_fail(EX_USAGE, _("'%.*s': this scan is over %s; scan twice, with --udp"),
				SPAN_ARG(item), transport_word(transport));
	for (uint32_t port = query.first; port <= query.last; port++)
		chosen[port] = true;
	return 0;
}

int scan_ports(struct cli *cli, const char *list, uint64_t top, enum transport transport,
	       struct scan_ports *ports)
{
	bool *chosen = arena_get_array(&cli->arena, N_PORTS, sizeof(*chosen));
	struct span rest = span_str(list);
	struct span item;

	if (!list)
		choose_top(cli, top, transport, chosen);
	else if (rest.n == 0 || rest.p[rest.n - 1] == ',')
		return cli_fail(EX_USAGE, _("'%s' is not a list of ports: write 22,80,8000-8010"),
				list);
	while (take_until(&rest, ',', &item)) {
		int status = choose(cli, item, transport, chosen);

		if (status)
			return status;
	}
	ports->numbers = arena_get_array(&cli->arena, N_PORTS, sizeof(*ports->numbers));
	for (uint32_t port = 1; port < N_PORTS; port++) /* 0 is no port that anybody has */
		if (chosen[port])
			ports->numbers[ports->n++] = (uint16_t)port;
	if (ports->n == 0)
		return cli_fail(EX_USAGE, _("nothing can be asked on port 0"));
	return 0;
}

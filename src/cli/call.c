/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: identify --call PROTOCOL [INTERFACE...]: a question made for strangers, sent to its
 * multicast group, and who answers it. The option is the order; nobody is asked without it.
 */
#include "cli/call.h"

#include <errno.h>

#include "base/scope.h"
#include "cli/probe.h"

enum { CALL_MS = 2000 };

struct found {
	struct scan_call_sink sink; /* first: put gets its address */
	struct cli *cli;
	struct identify_report *rows;
	size_t n_rows, capacity;
};

static int put(struct scan_call_sink *sink, const struct scan_target *target,
	       const struct scan_result *result)
{
	struct found *found = (struct found *)sink;
	struct arena *arena = &found->cli->arena;
	struct scan_target *kept_target = arena_get(arena, sizeof(*kept_target));
	struct scan_result *kept_result = arena_get(arena, sizeof(*kept_result));
	struct identify_report *row =
		arena_push(arena, &found->rows, &found->n_rows, &found->capacity, sizeof(*row));
	char text[ADDRESS_TEXT];

	*kept_target = *target;
	*kept_result = *result;
	*row = (struct identify_report){
		.host = arena_copy(arena, span_str(address_text(&target->address, text))),
		.target = kept_target,
		.result = kept_result,
		.registered = map_service_name(found->cli->map, target->port, target->transport),
	};
	return 0;
}

static bool can_call(const struct proto *proto)
{
	return proto && proto->call && proto->describe;
}

int identify_call(struct cli *cli, const char *protocol, const char *seconds, int argc,
		  char **argv)
{
	struct found found = {.sink = {put}, .cli = cli};
	struct scan_call order = {.proto = proto_find(span_str(protocol)),
				  .interfaces = (const char *const *)argv,
				  .n_interfaces = (size_t)argc};
	struct why why = {0};
	int status = probe_time(seconds, CALL_MS, &order.timeout_ms);
	int r;

	if (status)
		return status;
	if (!can_call(order.proto))
		return cli_fail(EX_USAGE, _("'%s' has no question for everybody; xcp has"), protocol);
	cli_open_map(cli);
	r = scan_call(&order, &found.sink, &why);
	if (r < 0)
		return cli_fail(r == -ENODEV        ? EX_USAGE
				: r == -ENETUNREACH ? EX_UNAVAILABLE
						    : EXIT_BLIND,
				"%s", why.text);
	for (size_t i = 0; i < found.n_rows; i++)
		cli->format->identify(&cli->out, &cli->style, &found.rows[i], i == 0,
				      i + 1 == found.n_rows);
	if (found.n_rows == 0)
		cli->format->identify(&cli->out, &cli->style, NULL, true, true);
	if (found.n_rows == 0 && !cli->is_quiet)
		cli_fail(0, _("nobody answered within %u s"), order.timeout_ms / 1000);
	return EXIT_EXPECTED;
}

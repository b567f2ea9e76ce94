/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elsewhere: the commands that Linux alone has, on the other systems. Each says so in one line, and
 * leaves as what is not available here. Where the system has a way of its own, the line names it.
 */
#include "base/scope.h"
#include "cli/facts.h"
#include "cli/probe.h"

#ifdef _WIN32
#define HOW_TO_END N_("'taskkill /PID NUMBER' ends a program, 'sc stop NAME' a service")
#else
#define HOW_TO_END N_("'kill NUMBER' ends a program, and its supervisor a service")
#endif

static int refuse(struct cli *cli, int argc, char **argv)
{
	static const struct {
		const char *command, *way;
	} ways[] = {
		{"snapshot", N_("'periplus PORT --json' has what is seen of the process")},
		{"stop", HOW_TO_END},
	};

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (span_is(span_str(cli->command->name), ways[i].command))
			return cli_fail(EX_UNAVAILABLE, _("'periplus %s' works on Linux only; %s"),
					cli->command->name, _(ways[i].way));
	return cli_fail(EX_UNAVAILABLE, _("'periplus %s' works on Linux only; here are host, port, look, "
					  "why, pick, check and stats"),
			cli->command->name);
}

#define ELSEWHERE(word)                                                                            \
	const struct command command_##word = {                                                    \
		.name = #word,                                                                     \
		.does = N_("on Linux only"),                                                       \
		.args = "",                                                                        \
		.example = "periplus help " #word,                                                 \
		.run = refuse,                                                                     \
	};
ELSEWHERE(identify)
ELSEWHERE(ota)
ELSEWHERE(reserve)
ELSEWHERE(scan)
ELSEWHERE(serve)
ELSEWHERE(site)
ELSEWHERE(snapshot)
ELSEWHERE(stop)
ELSEWHERE(update)
ELSEWHERE(watch)

/* Proposals are visitors', and the web server that takes them is Linux'. */
int facts_review(struct cli *cli, const struct facts_review *review, int argc, char **argv)
{
	(void)cli;
	(void)review;
	(void)argc;
	(void)argv;
	return cli_fail(EX_UNAVAILABLE, _("proposals are reviewed on Linux only"));
}

int probe_time(const char *seconds, uint32_t usual, uint32_t *ms)
{
	(void)seconds;
	*ms = usual;
	return 0;
}

/* What strangers say is parsed by a process without rights, and those are Linux' (base/jail.h). */
int probe_listeners(struct cli *cli, struct gathered *all, uint32_t ms,
		    bool (*wants)(const void *arg, const struct sighting *s), const void *arg)
{
	(void)cli;
	(void)all;
	(void)ms;
	(void)wants;
	(void)arg;
	return cli_fail(EX_UNAVAILABLE, _("--probe works on Linux only"));
}

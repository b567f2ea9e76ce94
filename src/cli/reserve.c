/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reserve: keep a number out of the source ports, so that no connection takes it before its server.
 *
 * It acts on this host: now, and at every start. --release gives back what was reserved by it, and
 * nothing that others keep back.
 */
#include <errno.h>

#include "base/scope.h"
#include "cli/cli.h"

enum { DRY_RUN, RELEASE, RUNTIME };

static const struct cli_option options[] = {
	[DRY_RUN] = {"dry-run", 'n', NULL, N_("say what would be done")},
	[RELEASE] = {"release", 0, NULL, N_("give back what was reserved so")},
	[RUNTIME] = {"runtime", 0, NULL, N_("until the next start only: write no file")},
};

static int parse(int argc, char **argv, struct port_set *asked)
{
	for (int i = 0; i < argc; i++)
		if (!*argv[i] || !port_set_parse(span_str(argv[i]), asked) || port_set_has(asked, 0))
			return cli_fail(EX_USAGE, _("'%s' is not a list of ports from 1 to 65535, like 5037,8000-8010"),
					argv[i]);
	return 0;
}

static void say_set(struct cli *cli, const char *what, const struct port_set *set)
{
	size_t before;

	buf_print(&cli->out, "%s ", what);
	before = cli->out.n;
	port_set_write(set, &cli->out);
	if (cli->out.n == before)
		buf_str(&cli->out, _("nothing"));
	buf_byte(&cli->out, '\n');
}

/* changed: NULL when only asked. False: it is for people, who are told in sentences. */
static bool tell_by_document(struct cli *cli, const struct host_reservation *r,
			     const struct port_set *changed)
{
	struct reserve_report report = {.changed = changed,
					.now = &r->now,
					.ours = &r->ours,
					.overridden = r->overridden,
					.is_release = cli->values[RELEASE],
					.is_dry_run = cli->values[DRY_RUN],
					.is_runtime = cli->values[RUNTIME]};

	if (cli->format->reserve)
		cli->format->reserve(&cli->out, &cli->style, &report);
	return cli->format->reserve;
}

static int list(struct cli *cli, const struct host_reservation *r)
{
	if (tell_by_document(cli, r, NULL))
		return EXIT_EXPECTED;
	say_set(cli, _("kept back now:"), &r->now);
	say_set(cli, _("by periplus reserve:"), &r->ours);
	return EXIT_EXPECTED;
}

/* What changes: asked numbers that are not so yet. */
static void change(const struct port_set *asked, bool is_release, bool runtime_only,
		   struct host_reservation *r, struct port_set *changed)
{
	for (uint32_t port = 1; port < N_PORTS; port++) {
		uint16_t p = (uint16_t)port;
		bool is_ours = port_set_has(&r->ours, p);

		if (!port_set_has(asked, p))
			continue;
		if (is_release && (is_ours || (runtime_only && port_set_has(&r->now, p)))) {
			port_set_remove(&r->now, p);
			port_set_remove(&r->ours, p);
			port_set_add(changed, p);
		} else if (!is_release && !port_set_has(&r->now, p)) {
			/* What somebody else keeps back stays theirs: ours is what we added. */
			port_set_add(&r->now, p);
			if (!runtime_only)
				port_set_add(&r->ours, p);
			port_set_add(changed, p);
		}
	}
}

static int refuse(int error, const struct why *why)
{
	bool is_right = error == -EACCES || error == -EPERM || error == -EROFS;

	return cli_fail(is_right ? EX_NOPERM : error == -EBADMSG ? EX_DATAERR : EX_IOERR,
			is_right ? _("%s; run it as root of this host") : "%s", why->text);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct host_reservation *r = arena_get(&cli->arena, sizeof(*r));
	struct port_set *asked = arena_get(&cli->arena, sizeof(*asked));
	struct port_set *changed = arena_get(&cli->arena, sizeof(*changed));
	bool is_release = cli->values[RELEASE];
	struct why why = {0};
	int status = parse(argc, argv, asked);
	int error;

	if (status)
		return status;
	if (!cli->format->reserve && !span_is(span_str(cli->format->name), "text"))
		return cli_fail(EX_USAGE, _("'reserve' has no --%s: text, json and ndjson"),
				cli->format->name);
	if (argc == 0 && is_release)
		return cli_fail(EX_USAGE, _("--release needs the ports to give back"));
	error = host_reservation_read(&cli->arena, r, &why);
	if (error)
		return refuse(error, &why);
	if (argc == 0)
		return list(cli, r);
	change(asked, is_release, cli->values[RUNTIME], r, changed);
	if (port_set_is_empty(changed)) {
		if (tell_by_document(cli, r, changed))
			return EXIT_EXPECTED;
		say_set(cli, is_release ? _("not reserved by periplus, so left alone:")
					: _("kept back already:"),
			asked);
		return EXIT_EXPECTED;
	}
	if (!cli->values[DRY_RUN]) {
		error = host_reservation_write(r, cli->values[RUNTIME], &why);
		if (error)
			return refuse(error, &why);
	}
	if (!tell_by_document(cli, r, changed))
		say_set(cli,
			cli->values[DRY_RUN]
				? (is_release ? _("would release:") : _("would reserve:"))
				: (is_release ? _("released:") : _("reserved:")),
			changed);
	if (r->overridden.n)
		cli_fail(0, _("'%.*s' is read later and sets net.ipv4.ip_local_reserved_ports too: "
			      "at the next start its list holds"),
			 SPAN_ARG(r->overridden));
	return EXIT_EXPECTED;
}

const struct command command_reserve = {
	.name = "reserve",
	.does = N_("keep a port out of the source ports"),
	.args = "[PORT...]",
	.example = "sudo periplus reserve 5037",
	.options = options,
	.n_options = ARRAY_LEN(options),
	.run = run,
};

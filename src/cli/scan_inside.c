/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_inside: the listing of a host from inside (periplus --json or --ndjson there), beside which
 * a scan of it from outside is laid.
 *
 * Only TCP and UDP listeners of the host's own network namespace count, and of those on one port the
 * one that explains best that the scanned address answers.
 */
#include <errno.h>
#include <stdio.h>

#include "base/json_read.h"
#include "base/scope.h"
#include "cli/scan.h"

enum { LISTING_MOST = 64 << 20 };

static int read_file(struct cli *cli, const char *path, struct span *text)
{
	auto_fclose FILE *f = fopen(path, "re");
	struct buf b = BUF_INIT;
	char room[65536];
	size_t n;

	if (!f)
		return cli_fail(EX_NOINPUT, _("cannot read the listing '%s': %s"), path,
				strerror(errno));
	while ((n = fread(room, 1, sizeof(room), f)) > 0 && b.n < LISTING_MOST)
		buf_raw(&b, span_of(room, n));
	*text = arena_copy(&cli->arena, buf_span(&b));
	buf_done(&b);
	if (ferror(f))
		return cli_fail(EX_IOERR, _("cannot read the listing '%s'"), path);
	return 0;
}

static bool take_text(struct cli *cli, struct span object, const char *outer, const char *inner,
		      struct span *text)
{
	struct span value;

	return json_member(object, outer, &value) && json_member(value, inner, &value) &&
	       json_string(&cli->arena, value, text);
}

/* One listener of the listing. */
struct scan_inside_row {
	struct scan_inside_row *next; /* of the same transport and port */
	struct address address;
	bool is_loopback, is_any;
	bool is_dual_stack; /* :: that takes IPv4, too */
	struct span process;
	uint32_t pid; /* 0: the listing does not say */
	struct span verdict;
};

static bool has_flag(struct span socket, const char *key, const char *want)
{
	struct span value;

	return json_member(socket, key, &value) && span_is(value, want);
}

/* Whether it may be reached at all: a socket of the host's own network namespace that waits for
 * peers. */
static bool may_be_reached(struct span socket, enum transport transport)
{
	struct span state;

	if (has_flag(socket, "is_elsewhere", "true"))
		return false;
	if (transport == TRANSPORT_TCP && json_member(socket, "state", &state))
		return span_is(state, "\"listen\"");
	return true;
}

static void fill_row(struct cli *cli, struct span listener, struct span socket,
		     struct scan_inside_row *row)
{
	struct span text;
	struct span value;
	uint64_t pid;

	if (!take_text(cli, listener, "server", "ip", &text) &&
	    !take_text(cli, listener, "server", "address", &text))
		text = (struct span){0};
	row->is_any = !address_parse(text, &row->address) || address_is_any(&row->address);
	row->is_loopback = !row->is_any && address_is_loopback(&row->address);
	row->is_dual_stack = row->address.family != ADDRESS_IPV4 &&
			     !has_flag(socket, "dual_stack", "false");
	take_text(cli, listener, "process", "name", &row->process);
	if (json_member(listener, "process", &value) && json_member(value, "pid", &value) &&
	    json_number(value, INT32_MAX, &pid))
		row->pid = (uint32_t)pid;
	take_text(cli, listener, "periplus", "verdict", &row->verdict);
}

/* False when it is no listener at all. */
static bool take_listener(struct cli *cli, struct scan_inside *inside, struct span listener)
{
	struct scan_inside_row *row;
	struct span socket = {0};
	struct span address;
	struct span value;
	struct span word;
	enum transport transport;
	uint64_t port;

	if (!take_text(cli, listener, "server", "address", &address) ||
	    !json_member(listener, "server", &value) || !json_member(value, "port", &value) ||
	    !json_number(value, PORT_MAX, &port) ||
	    !take_text(cli, listener, "network", "transport", &word) ||
	    !transport_parse(word, &transport))
		return false;
	transport = transport_registered(transport);
	if (json_member(listener, "periplus", &value) && !json_member(value, "socket", &socket))
		socket = (struct span){0};
	if ((transport != TRANSPORT_TCP && transport != TRANSPORT_UDP) ||
	    !may_be_reached(socket, transport))
		return true;
	row = arena_get(&cli->arena, sizeof(*row));
	fill_row(cli, listener, socket, row);
	row->next = inside->rows[transport == TRANSPORT_UDP][port];
	inside->rows[transport == TRANSPORT_UDP][port] = row;
	return true;
}

int scan_inside_read(struct cli *cli, const char *path, struct scan_inside *inside)
{
	struct span text;
	struct span document;
	struct span listeners;
	size_t n = 0;
	int status = read_file(cli, path, &text);

	if (status)
		return status;
	inside->is_known = true;
	for (size_t i = 0; i < 2; i++)
		inside->rows[i] = arena_get_array(&cli->arena, N_PORTS, sizeof(*inside->rows[i]));
	while (json_take(&text, &document)) {
		bool is_begun = false;
		struct span listener;

		if (!json_member(document, "listeners", &listeners)) {
			if (!take_listener(cli, inside, document))
				break;
			n++;
			continue;
		}
		n++;
		while (json_element(&listeners, &is_begun, &listener))
			if (!take_listener(cli, inside, listener))
				return cli_fail(EX_DATAERR, _("'%s' holds what is no listener"),
						path);
	}
	if (n == 0 || span_trim(text).n)
		return cli_fail(EX_DATAERR,
				_("'%s' is no listing: write one there with periplus --json"),
				path);
	return 0;
}

/* How well it explains that the address answers; 0: not at all. An address of the listing may be
 * behind another one, which is translated: it counts, but for less. */
static unsigned fit_of(const struct scan_inside_row *row, const struct address *target)
{
	bool is_same_family = row->address.family == target->family;

	if (row->is_loopback)
		return address_eq(&row->address, target) ? 4 : 1;
	if (row->is_any)
		return is_same_family || row->address.family == ADDRESS_NONE || row->is_dual_stack
			       ? 3
			       : 0;
	if (address_eq(&row->address, target))
		return 4;
	return is_same_family ? 2 : 0;
}

void scan_inside_ask(const struct scan_inside *inside, struct scan_row *row)
{
	const struct scan_inside_row *best = NULL;
	const struct scan_inside_row *next;
	unsigned fit = 0;

	if (!inside->is_known)
		return;
	row->inside = INSIDE_NOTHING;
	next = inside->rows[row->transport == TRANSPORT_UDP][row->port];
	for (; next; next = next->next)
		if (fit_of(next, &row->address) > fit) {
			best = next;
			fit = fit_of(next, &row->address);
		}
	if (!best)
		return;
	row->inside = fit == 1 ? INSIDE_ON_LOOPBACK : INSIDE_LISTENS;
	if (!best->is_any)
		row->inside_address = best->address;
	row->process = best->process;
	row->pid = best->pid;
	row->inside_verdict = best->verdict;
}

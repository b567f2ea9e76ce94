/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_inside: the listing of a host from inside (periplus --json or --ndjson there), beside which
 * a scan of it from outside is laid.
 *
 * Only TCP and UDP listeners of the host's own network namespace count. A port that is bound to
 * loopback and to another address too is reachable.
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

static bool is_elsewhere(struct span listener)
{
	struct span value;

	return json_member(listener, "periplus", &value) &&
	       json_member(value, "is_elsewhere", &value) && span_is(value, "true");
}

/* False when it is no listener at all. */
static bool take_listener(struct cli *cli, struct scan_inside *inside, struct span listener)
{
	struct span address;
	struct span word;
	struct span value;
	struct span process = {0};
	struct address local;
	enum transport transport;
	uint64_t port;
	size_t which;
	bool is_loopback;

	if (!take_text(cli, listener, "server", "address", &address) ||
	    !json_member(listener, "server", &value) || !json_member(value, "port", &value) ||
	    !json_number(value, PORT_MAX, &port) ||
	    !take_text(cli, listener, "network", "transport", &word) ||
	    !transport_parse(word, &transport))
		return false;
	transport = transport_registered(transport);
	if ((transport != TRANSPORT_TCP && transport != TRANSPORT_UDP) || is_elsewhere(listener))
		return true;
	which = transport == TRANSPORT_UDP;
	is_loopback = address_parse(address, &local) && address_is_loopback(&local);
	if (!is_loopback)
		inside->places[which][port] = INSIDE_LISTENS;
	else if (inside->places[which][port] != INSIDE_LISTENS)
		inside->places[which][port] = INSIDE_ON_LOOPBACK;
	if (take_text(cli, listener, "process", "name", &process))
		inside->processes[which][port] = process;
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
	for (size_t i = 0; i < 2; i++) {
		inside->processes[i] = arena_get_array(&cli->arena, N_PORTS, sizeof(struct span));
		memset(inside->places[i], INSIDE_NOTHING, sizeof(inside->places[i]));
	}
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

enum inside scan_inside_ask(const struct scan_inside *inside, enum transport transport,
			    uint16_t port, struct span *process)
{
	size_t which = transport == TRANSPORT_UDP;

	if (!inside->is_known)
		return INSIDE_UNKNOWN;
	*process = inside->processes[which][port];
	return (enum inside)inside->places[which][port];
}

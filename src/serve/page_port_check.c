/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_port_check: commands that look at a port, its neighbours, its transports and ranges.
 *
 * Every command matches the port as a number: a pattern over lines would find 13476 and a process
 * id too.
 */
#include <stdio.h>

#include "base/scope.h"
#include "serve/page_port.h"

enum { NEAR = 4 };

static void linux_commands(struct web *web, uint16_t port)
{
	put_command(web, "sudo periplus ", port, "");
	put_command(web, "sudo ss -ltnp 'sport = :", port, "'");
	put_command(web, "sudo ss -lunp 'sport = :", port, "'");
	put_command(web, "sudo lsof -nP -iTCP:", port, " -sTCP:LISTEN");
}

static void macos_commands(struct web *web, uint16_t port)
{
	put_command(web, "sudo lsof -nP -iTCP:", port, " -sTCP:LISTEN");
	put_command(web, "sudo lsof -nP -iUDP:", port, "");
}

static void windows_commands(struct web *web, uint16_t port)
{
	put_command(web, "Get-NetTCPConnection -State Listen -LocalPort ", port,
		    " | Select-Object LocalAddress,OwningProcess");
	put_command(web, "Get-NetUDPEndpoint -LocalPort ", port,
		    " | Select-Object LocalAddress,OwningProcess");
	html(web, "<li>");
	SAY(web, N_("then, with that number: {1}"),
	    CODE(SPAN_LIT("Get-CimInstance Win32_Process -Filter 'ProcessId=NUMBER'")));
}

static void freebsd_commands(struct web *web, uint16_t port)
{
	put_command(web, "sockstat -46l -p ", port, "");
}

static const struct {
	const char *name;
	void (*put)(struct web *, uint16_t port);
} systems[] = {
	[VISITOR_LINUX] = {"Linux", linux_commands},
	[VISITOR_MACOS] = {"macOS", macos_commands},
	[VISITOR_WINDOWS] = {"Windows (PowerShell)", windows_commands},
	[VISITOR_FREEBSD] = {"FreeBSD", freebsd_commands},
};

static void put_system(struct web *web, size_t system, uint16_t port, bool is_open)
{
	html(web, is_open ? "<details open><summary>" : "<details><summary>");
	html(web, systems[system].name);
	html(web, "</summary><ul class=commands>");
	systems[system].put(web, port);
	html(web, "</ul></details>");
}

void put_check(struct web *web, uint16_t port)
{
	section(web, "check", N_("Check it yourself"));
	if (port == 0) {
		html(web, "<p>");
		say(web, N_("Nothing can listen on port 0: who asks for it gets any port that is free."));
		html(web, "</p></section>");
		return;
	}
	put_system(web, web->visitor, port, true);
	for (size_t i = 0; i < ARRAY_LEN(systems); i++)
		if (i != web->visitor)
			put_system(web, i, port, false);
	html(web, "</section>");
}

void put_neighbours(struct web *web, uint16_t port)
{
	section(web, "near", N_("Neighbours"));
	html(web, "<ul class=near>");
	for (int n = port - NEAR; n <= port + NEAR; n++) {
		struct span name;

		if (n < 0 || n > PORT_MAX || n == port)
			continue;
		name = map_service_name(web->site->map, (uint16_t)n, TRANSPORT_ANY);
		html(web, "<li>");
		put_port_link(web, (uint16_t)n);
		html(web, " ");
		if (name.n) {
			put_bdi(web, name);
		} else {
			html(web, "<span class=dim>");
			put_text(web, span_str(standing_text(
					      web, map_port_standing(web->site->map, (uint16_t)n,
								     TRANSPORT_ANY))));
			html(web, "</span>");
		}
	}
	html(web, "</ul></section>");
}

static void put_transport(struct web *web, const struct known *known, enum transport transport)
{
	struct span last = {0};
	bool is_any = false;

	for (size_t i = 0; i < known->n_registrations; i++) {
		const struct map_registration *row = &known->registrations[i];

		if (row->transport != transport || !row->service.n || span_eq(row->service, last))
			continue;
		html(web, is_any ? ", " : "<li><b>");
		if (!is_any) {
			html(web, transport_word(transport));
			html(web, "</b> ");
		}
		put_bdi(web, row->service);
		last = row->service;
		is_any = true;
	}
}

static void put_space(struct web *web, uint16_t port)
{
	static const char *const texts[] = {
		[PORT_SYSTEM] = N_("System port (0 to 1023): on most systems only a privileged program may "
				   "listen on it."),
		[PORT_USER] = N_("User port (1024 to 49151): any program may listen on it; IANA registers "
				 "names on request."),
		[PORT_DYNAMIC] = N_("Dynamic port (49152 to 65535): never registered; for connections and "
				    "programs of the moment."),
	};

	html(web, "<p>");
	say(web, texts[port_space(port)]);
	html(web, "</p>");
}

/* One rule often stands once for each transport. */
static bool is_told(struct web *web, uint16_t port, const struct map_platform *row, uint32_t before)
{
	struct map_platform other;
	uint32_t cursor = 0;

	while (map_next_platform(web->site->map, port, TRANSPORT_ANY, &cursor, &other) && cursor < before)
		if (other.first == row->first && other.last == row->last &&
		    span_eq(other.note, row->note) && span_eq(other.system, row->system))
			return true;
	return false;
}

static void put_platform(struct web *web, const struct map_platform *row)
{
	html(web, "<li><span lang=en dir=ltr>");
	put_text(web, row->system);
	html(web, " ");
	put_number(web, row->first);
	if (row->last != row->first) {
		html(web, "–");
		put_number(web, row->last);
	}
	html(web, ": ");
	put_text(web, row->note);
	html(web, "</span> ");
	put_source(web, row->source, row->read);
}

void put_transports(struct web *web, const struct known *known)
{
	struct map_platform row;
	uint32_t cursor = 0;

	section(web, "transports", N_("Transports and ranges"));
	put_space(web, known->port);
	html(web, "<ul>");
	for (int i = 0; i < N_TRANSPORTS; i++)
		put_transport(web, known, (enum transport)i);
	while (map_next_platform(web->site->map, known->port, TRANSPORT_ANY, &cursor, &row) &&
	       web->out->n < LIMIT_PLATFORMS)
		if (!is_told(web, known->port, &row, cursor))
			put_platform(web, &row);
	html(web, "</ul></section>");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind: one bind is tried and closed again; nothing listens. The causes are bind_cause.c's.
 *
 * Windows refuses with WSAEACCES a number of an excluded range, and one that another program has
 * bound for itself (SO_EXCLUSIVEADDRUSE): Microsoft's "Windows Sockets Error Codes".
 */
#include "host/windows/windows.h"

#include <errno.h>

#include "base/scope.h"
#include "base/windows/winapi.h"
#include "host/bind.h"

static int errno_of(int error)
{
	static const struct {
		int windows, posix;
	} rows[] = {
		{WSAEACCES, EACCES},		 {WSAEADDRINUSE, EADDRINUSE},
		{WSAEADDRNOTAVAIL, EADDRNOTAVAIL}, {WSAEAFNOSUPPORT, EAFNOSUPPORT},
		{WSAENOBUFS, ENOBUFS},		 {WSAEMFILE, EMFILE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].windows == error)
			return rows[i].posix;
	return error ? EIO : 0;
}

static int try_one(SOCKET s, const void *name, int size)
{
	int error = s == INVALID_SOCKET || bind(s, name, size) != 0 ? WSAGetLastError() : 0;

	if (s != INVALID_SOCKET)
		closesocket(s);
	return errno_of(error);
}

/* Every address of both families where there is IPv6, else of IPv4. Returns errno or 0. */

static int try_bind(uint16_t port, int type, struct bind_report *report)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	SOCKET s = socket(AF_INET6, type, 0);
	DWORD no = 0;

	report->is_tried = true;
	if (s != INVALID_SOCKET &&
	    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&no, sizeof(no)) == 0) {
		int error = try_one(s, &six, sizeof(six));

		report->tried = address_ipv6(six.sin6_addr.s6_addr);
		report->is_dual_stack = true;
		if (error != EADDRNOTAVAIL && error != EAFNOSUPPORT)
			return error;
	} else if (s != INVALID_SOCKET) {
		closesocket(s);
	}
	report->tried = address_ipv4((const uint8_t *)&four.sin_addr);
	report->is_dual_stack = false;
	return try_one(socket(AF_INET, type, 0), &four, sizeof(four));
}

static struct span find_excluded(struct arena *arena, uint16_t port, enum transport transport)
{
	struct span text = windows_excluded(arena, transport);
	struct excluded_range range;

	while (excluded_next(&text, &range))
		if (port >= range.first && port <= range.last)
			return arena_print(arena, "%u-%u", range.first, range.last);
	return span_of(NULL, 0);
}

void host_try_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		   size_t n_seen, bool is_complete, struct arena *arena, struct bind_report *report)
{
	struct bind_finding *findings = arena_get_array(arena, BIND_FINDINGS_MAX, sizeof(*findings));
	struct bind_facts facts = {.port = port, .transport = transport, .seen = seen,
				   .n_seen = n_seen, .is_complete = is_complete,
				   .refuses_what_is_taken = true, .error_without_number = 0};
	WSADATA data;

	*report = (struct bind_report){.port = port, .transport = transport, .findings = findings};
	if (bind_waits_everywhere(seen, n_seen, transport)) {
		report->error = EADDRINUSE; /* as any bind would say */
	} else if (WSAStartup(MAKEWORD(2, 2), &data) == 0) {
		report->error = try_bind(port, transport == TRANSPORT_UDP ? SOCK_DGRAM : SOCK_STREAM,
					 report);
		WSACleanup();
	}
	if (report->error == EACCES)
		facts.excluded = find_excluded(arena, port, transport);
	windows_ephemeral(&facts.ephemeral_first, &facts.ephemeral_last);
	facts.is_tried = report->is_tried;
	facts.error = report->error;
	report->n_findings = bind_causes(&facts, arena, findings, BIND_FINDINGS_MAX);
}

/* No number needs a privilege; what is kept back for one transport is left to it altogether. */
void host_port_rules(struct port_set *kept, uint16_t *unprivileged_first)
{
	static const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};
	struct arena arena = {0};
	struct excluded_range range;

	*kept = (struct port_set){0};
	*unprivileged_first = 0;
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		struct span text = windows_excluded(&arena, transports[i]);

		while (excluded_next(&text, &range))
			for (uint32_t port = range.first; port <= range.last; port++)
				port_set_add(kept, (uint16_t)port);
	}
	arena_done(&arena);
}

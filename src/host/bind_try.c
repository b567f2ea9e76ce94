/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_try: the one bind that is tried and closed again; nothing listens. As POSIX has it. What the
 * kernel's rules are is bind_read's to say (bind_read.c on Linux), and the causes are bind_cause.c's.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/scope.h"
#include "host/bind.h"

/* Every address of both families where there is IPv6, else of IPv4. Returns errno or 0. */
static int try_bind(uint16_t port, enum transport transport, struct bind_report *report)
{
	int type = (transport == TRANSPORT_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
	auto_close int fd = socket(AF_INET6, type, 0);
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};

	report->is_tried = true;
	if (fd >= 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)) == 0) {
		report->tried = address_ipv6(six.sin6_addr.s6_addr);
		report->is_dual_stack = true;
		if (bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0)
			return 0;
		if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT)
			return errno;
	}

	auto_close int v4 = socket(AF_INET, type, 0);

	report->tried = address_ipv4((const uint8_t *)&four.sin_addr);
	report->is_dual_stack = false;
	if (v4 < 0)
		return errno;
	return bind(v4, (struct sockaddr *)&four, sizeof(four)) == 0 ? 0 : errno;
}

/* A local socket whose name the kernel chooses (unix(7), autobind): refused by filters alone. */
static int try_without_number(void)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	if (fd < 0)
		return errno;
	return bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) == 0 ? 0 : errno;
}

void host_try_bind(uint16_t port, enum transport transport, const struct sighting *const *seen,
		   size_t n_seen, bool is_complete, struct arena *arena, struct bind_report *report)
{
	struct bind_finding *findings = arena_get_array(arena, BIND_FINDINGS_MAX, sizeof(*findings));
	struct bind_facts facts = {.port = port, .transport = transport, .seen = seen,
				   .n_seen = n_seen, .is_complete = is_complete};

	*report = (struct bind_report){.port = port, .transport = transport, .findings = findings};
	bind_read(arena, &facts);
	if (!bind_waits_everywhere(seen, n_seen, transport)) {
		report->error = try_bind(port, transport, report);
		if (report->error == EPERM || report->error == EACCES)
			facts.error_without_number = try_without_number();
	} else {
		report->error = EADDRINUSE; /* as any bind would say */
	}
	facts.is_tried = report->is_tried;
	facts.error = report->error;
	report->n_findings = bind_causes(&facts, arena, findings, BIND_FINDINGS_MAX);
}

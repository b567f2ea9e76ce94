/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc_net: sockets from /proc/net/tcp and its like, where NETLINK_SOCK_DIAG is not to be had
 * (sandboxes, very small kernels).
 *
 * The tables tell neither cookies nor IPV6_V6ONLY nor the accept queue's limit, so a wildcard IPv6
 * socket is taken to serve IPv4 as well, which is the kernel's default. Like a dump, a table is read
 * in pieces and may be torn: it is read until two readings agree. Own namespace only.
 */
#include <errno.h>
#include <stdio.h>

#include "base/scope.h"
#include "base/text.h"
#include "host/portless.h"
#include "host/proc_net_line.h"

enum { MAX_PASSES = 5 };

struct table {
	const char *path;
	enum transport transport;
};

static const struct table tables[] = {
	{"/proc/net/tcp", TRANSPORT_TCP},	   {"/proc/net/tcp6", TRANSPORT_TCP},
	{"/proc/net/udp", TRANSPORT_UDP},	   {"/proc/net/udp6", TRANSPORT_UDP},
	{"/proc/net/udplite", TRANSPORT_UDPLITE}, {"/proc/net/udplite6", TRANSPORT_UDPLITE},
};

static bool is_asked(const struct host_query *query, const struct socket_row *row)
{
	/* Without an inode there is nothing to tell two readings of one socket by; nobody holds it. */
	return row->inode && row->port && row->port >= query->first && row->port <= query->last &&
	       (row->state != SOCKET_PEER || query->peers);
}

/* One reading of one table: adds rows, and sums them up. */
static int read_table(struct survey *survey, const struct table *table, uint64_t *sum)
{
	auto_fclose FILE *file = fopen(table->path, "re");
	char text[512];

	*sum = 0;
	if (!file)
		return -errno;
	while (fgets(text, sizeof(text), file)) {
		struct socket_row seen;
		struct socket_row *row;

		if (!proc_net_line(span_trim(span_str(text)), table->transport, &seen) ||
		    !is_asked(survey->query, &seen))
			continue;
		*sum += (seen.inode + seen.port + 1) * 0x9e3779b97f4a7c15u;
		row = socket_table_add(&survey->sockets, 0, seen.inode, survey->net_namespace);
		if (!row)
			return -ENOMEM;
		seen.net_namespace = survey->net_namespace;
		*row = seen;
	}
	return ferror(file) ? -EIO : 0;
}

static int fill(struct survey *survey, struct why *why)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		uint64_t sum = 0;
		uint64_t before;
		int r;

		if (!query_wants(survey->query, tables[i].transport))
			continue;
		r = read_table(survey, &tables[i], &before);
		for (int pass = 1; r == 0 && pass < MAX_PASSES; pass++) {
			r = read_table(survey, &tables[i], &sum);
			if (sum == before)
				break;
			before = sum;
		}
		survey->listing->is_torn |= r == 0 && sum != before;
		if (r < 0 && (r != -ENOENT || i == 0)) {
			errno = -r;
			return why_errno(why, _("cannot read '%s'"), tables[i].path);
		}
	}
	survey->n_failed += survey->query->namespaces; /* other namespaces are out of reach */
	return portless_fill(survey, survey->net_namespace) < 0 ? why_set(why, ENOMEM, _("out of memory"))
								: 0;
}

const struct socket_source socket_source_proc = {.name = "proc", .fill = fill};

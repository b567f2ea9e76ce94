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
#include "host/netlink.h"
#include "host/portless.h"
#include "host/proc_net.h"

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

static bool hex(struct span s, uint32_t *value)
{
	uint32_t v = 0;

	if (s.n == 0 || s.n > 8)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		uint32_t digit = c >= '0' && c <= '9'	? (uint32_t)(c - '0')
				 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
				 : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
							: 16;

		if (digit > 15)
			return false;
		v = v << 4 | digit;
	}
	*value = v;
	return true;
}

/* "0100007F:1F90": words of the address as the machine holds them, then the port. */
static bool read_end(struct span s, struct address *address, uint16_t *port)
{
	ptrdiff_t colon = span_find_byte(s, ':');
	uint32_t words[4];
	uint32_t number;

	if ((colon != 8 && colon != 32) || !hex(span_skip(s, (size_t)colon + 1), &number) ||
	    number > PORT_MAX)
		return false;
	for (size_t i = 0; i < (size_t)colon / 8; i++)
		if (!hex(span_cut(span_skip(s, i * 8), 8), &words[i]))
			return false;
	*address = colon == 8 ? address_ipv4((const uint8_t *)words)
			      : address_ipv6((const uint8_t *)words);
	*port = (uint16_t)number;
	return true;
}

bool proc_net_line(struct span line, enum transport transport, struct socket_row *row)
{
	enum { LOCAL = 1, REMOTE, STATE, QUEUES, UID = 7, INODE = 9, N_CELLS };
	struct span cell[N_CELLS];
	uint64_t value[2];
	uint32_t state;
	uint32_t queued;

	for (size_t i = 0; i < N_CELLS; i++)
		if (!take_word(&line, &cell[i]))
			return false;
	*row = (struct socket_row){.transport = (uint8_t)transport};
	if (!read_end(cell[LOCAL], &row->local, &row->port) ||
	    !read_end(cell[REMOTE], &row->remote, &row->remote_port) ||
	    !hex(cell[STATE], &state) || cell[QUEUES].n != 17 ||
	    !hex(span_skip(cell[QUEUES], 9), &queued) ||
	    !span_u64(cell[UID], UINT32_MAX, &value[0]) ||
	    !span_u64(cell[INODE], UINT64_MAX, &value[1]))
		return false;
	row->queued = queued;
	row->uid = (uint32_t)value[0];
	row->inode = value[1];
	row->state = state == DIAG_LISTEN	 ? SOCKET_LISTEN
		     : state == DIAG_ESTABLISHED ? SOCKET_PEER
						 : SOCKET_BOUND;
	if (row->state != SOCKET_PEER) {
		row->remote = (struct address){0};
		row->remote_port = 0;
	}
	/* What else TCP has (TIME_WAIT and the like) waits for nobody. */
	return transport != TRANSPORT_TCP || row->state != SOCKET_BOUND;
}

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

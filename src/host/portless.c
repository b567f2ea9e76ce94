/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portless: raw and packet sockets, from /proc/net/raw, raw6 and packet (packet(7), raw(7)).
 *
 * The kernel's sock_diag answers for them only where it was built so; these tables are always
 * there. For a raw socket `port` holds the number of its protocol, for a packet socket nothing.
 */
#include "host/portless.h"

#include <errno.h>
#include <stdio.h>

#include "base/scope.h"
#include "host/proc_net_line.h"

bool portless_packet_line(struct span line, struct socket_row *row)
{
	enum { INTERFACE = 4, QUEUED = 6, USER = 7, INODE = 8, N_CELLS };
	struct span cell[N_CELLS];
	uint64_t number[N_CELLS] = {0};

	for (size_t i = 0; i < N_CELLS; i++)
		if (!take_word(&line, &cell[i]))
			return false;
	for (size_t i = INTERFACE; i < N_CELLS; i++)
		if (!span_u64(cell[i], i == INODE ? UINT64_MAX : UINT32_MAX, &number[i]))
			return false;
	*row = (struct socket_row){
		.transport = TRANSPORT_ANY,
		.state = SOCKET_PACKET,
		.local.interface = (uint32_t)number[INTERFACE],
		.queued = (uint32_t)number[QUEUED],
		.uid = (uint32_t)number[USER],
		.inode = number[INODE],
	};
	return row->inode != 0;
}

static bool raw_line(struct span line, struct socket_row *row)
{
	if (!proc_net_line(line, TRANSPORT_UDP, row) || !row->inode)
		return false;
	row->transport = TRANSPORT_ANY;
	row->state = SOCKET_RAW;
	return true;
}

static int read_table(struct survey *survey, uint64_t net_namespace, const char *path,
		      bool (*read_line)(struct span, struct socket_row *))
{
	auto_fclose FILE *file = fopen(path, "re");
	char text[512];

	while (file && fgets(text, sizeof(text), file)) {
		struct socket_row seen;
		struct socket_row *row;

		if (!read_line(span_trim(span_str(text)), &seen))
			continue;
		row = socket_table_add(&survey->sockets, 0, seen.inode, net_namespace);
		if (!row)
			return -ENOMEM;
		seen.net_namespace = net_namespace;
		seen.is_elsewhere = net_namespace != survey->net_namespace;
		*row = seen;
	}
	return 0;
}

int portless_fill(struct survey *survey, uint64_t net_namespace)
{
	static const struct {
		const char *path;
		bool (*read_line)(struct span, struct socket_row *);
	} tables[] = {
		{"/proc/thread-self/net/raw", raw_line},
		{"/proc/thread-self/net/raw6", raw_line},
		{"/proc/thread-self/net/packet", portless_packet_line},
	};
	const struct host_query *query = survey->query;
	int r = 0;

	if (query->first > 0 || query->last < PORT_MAX || query->transport != TRANSPORT_ANY)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(tables) && r == 0; i++)
		r = read_table(survey, net_namespace, tables[i].path, tables[i].read_line);
	return r;
}

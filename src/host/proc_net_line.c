/* SPDX-License-Identifier: Apache-2.0 */
/* proc_net_line: one line of /proc/net/tcp and its like (proc(5)); touches no file. */
#include "host/proc_net_line.h"

#include "base/text.h"
#include "host/netlink.h"

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

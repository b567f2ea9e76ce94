/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd_list: the kernel's buffers, row by row. Pure.
 *
 * A list of sockets is a head (xinpgen), rows, and a tail that is a head again: its generation is the
 * head's when nothing has come or gone meanwhile. Each row begins with its length, and one of another
 * length than we know is of another release: then nothing is guessed.
 */
#include <errno.h>

#include "host/freebsd.h"

/* Numbers are in the order of the processor; ports and addresses in that of the network. */
static uint64_t number(struct span bytes, size_t at, size_t size)
{
	uint32_t word = 0;
	uint16_t half = 0;
	uint64_t value = 0;

	if (size == sizeof(half))
		memcpy(&half, bytes.p + at, sizeof(half));
	else if (size == sizeof(word))
		memcpy(&word, bytes.p + at, sizeof(word));
	else
		memcpy(&value, bytes.p + at, sizeof(value));
	return value + word + half;
}

static uint32_t word_at(struct span bytes, size_t at)
{
	return (uint32_t)number(bytes, at, 4);
}

static uint64_t long_at(struct span bytes, size_t at)
{
	return number(bytes, at, 8);
}

int freebsd_list_check(struct span list)
{
	struct span tail;

	if (list.n < XINPGEN_SIZE || long_at(list, 0) != XINPGEN_SIZE)
		return -EBADMSG;
	if (list.n < (size_t)2 * XINPGEN_SIZE) /* no socket at all: older kernels write the head alone */
		return 0;
	tail = span_skip(list, list.n - XINPGEN_SIZE);
	if (long_at(tail, 0) != XINPGEN_SIZE)
		return -EBADMSG;
	return long_at(list, XINPGEN_GENERATION) == long_at(tail, XINPGEN_GENERATION) ? 0 : -EAGAIN;
}

struct span freebsd_list_rows(struct span list)
{
	return span_skip(list, XINPGEN_SIZE);
}

/* Link-local addresses carry the number of their interface in the second pair of bytes. */
static struct address address_at(struct span inpcb, size_t at, bool is_ipv6)
{
	struct address address;

	if (!is_ipv6)
		return address_ipv4(inpcb.p + at + 12);
	address = address_ipv6(inpcb.p + at);
	if (address_is_link_local(&address)) {
		address.interface = (uint32_t)(address.bytes[2] << 8 | address.bytes[3]);
		address.bytes[2] = address.bytes[3] = 0;
	}
	return address;
}

static uint16_t port_at(struct span inpcb, size_t at)
{
	return (uint16_t)(inpcb.p[at] << 8 | inpcb.p[at + 1]);
}

static enum socket_state state_of_tcp(uint32_t state, bool has_socket)
{
	if (state == FREEBSD_TCP_LISTEN)
		return SOCKET_LISTEN;
	if (state == FREEBSD_TCP_CLOSED)
		return SOCKET_IDLE;
	if (state == FREEBSD_TCP_TIME_WAIT || (state >= FREEBSD_TCP_FIN_WAIT_1 && !has_socket))
		return SOCKET_WAITING;
	return SOCKET_PEER;
}

static void read_socket(struct span inpcb, struct socket_row *row)
{
	uint8_t families = inpcb.p[XINPCB_FAMILIES];

	row->inode = long_at(inpcb, XINPCB_SOCKET);
	/* A generation is of one table: the transport tells the tables apart. */
	row->cookie = long_at(inpcb, XINPCB_GENERATION) << 1 | (row->transport == TRANSPORT_UDP);
	row->uid = word_at(inpcb, XINPCB_UID);
	row->port = port_at(inpcb, XINPCB_LOCAL_PORT);
	row->remote_port = port_at(inpcb, XINPCB_REMOTE_PORT);
	row->local = address_at(inpcb, XINPCB_LOCAL, families & FREEBSD_IPV6);
	row->remote = address_at(inpcb, XINPCB_REMOTE, families & FREEBSD_IPV6);
	row->is_v6only = families == FREEBSD_IPV6;
}

static void read_queue(struct span inpcb, struct socket_row *row)
{
	if (row->state == SOCKET_LISTEN) {
		row->backlog = word_at(inpcb, XINPCB_QLIMIT);
		row->queued = word_at(inpcb, XINPCB_QLEN) + word_at(inpcb, XINPCB_INCQLEN);
	} else {
		row->queued = word_at(inpcb, XINPCB_RECEIVED);
	}
	if (row->state != SOCKET_PEER && row->state != SOCKET_WAITING) {
		row->remote = (struct address){0};
		row->remote_port = 0;
	}
}

int freebsd_next_socket(struct span *list, enum transport transport, struct socket_row *row)
{
	bool is_tcp = transport == TRANSPORT_TCP;
	size_t size = is_tcp ? XTCPCB_SIZE : XINPCB_SIZE;
	struct span bytes;
	struct span inpcb;

	if (list->n == 0 || (list->n == XINPGEN_SIZE && long_at(*list, 0) == XINPGEN_SIZE))
		return 0;
	if (list->n < size || long_at(*list, 0) != size || !take_span(list, size, &bytes))
		return -EBADMSG;
	inpcb = is_tcp ? span_skip(bytes, XTCPCB_INPCB) : bytes;
	*row = (struct socket_row){.transport = (uint8_t)transport};
	read_socket(inpcb, row);
	row->state = is_tcp	      ? (uint8_t)state_of_tcp(word_at(bytes, XTCPCB_STATE), row->inode)
		     : row->remote_port ? SOCKET_PEER
					: SOCKET_BOUND;
	read_queue(inpcb, row);
	return 1;
}

int freebsd_next_file(struct span *list, struct freebsd_file *file)
{
	struct span bytes;

	while (list->n) {
		if (list->n < XFILE_SIZE || long_at(*list, 0) != XFILE_SIZE ||
		    !take_span(list, XFILE_SIZE, &bytes))
			return -EBADMSG;
		if (number(bytes, XFILE_TYPE, 2) != FREEBSD_FILE_SOCKET)
			continue;
		*file = (struct freebsd_file){.pid = word_at(bytes, XFILE_PID),
					      .fd = word_at(bytes, XFILE_FD),
					      .socket = long_at(bytes, XFILE_DATA)};
		return 1;
	}
	return 0;
}

static struct span text_at(struct span bytes, size_t at, size_t size)
{
	struct span field = span_cut(span_skip(bytes, at), size);
	ptrdiff_t end = span_find_byte(field, 0);

	return end < 0 ? field : span_cut(field, (size_t)end);
}

bool freebsd_process_read(struct span bytes, struct freebsd_process *process)
{
	if (bytes.n < KINFO_PROC_BYTES || word_at(bytes, 0) != KINFO_PROC_BYTES)
		return false;
	*process = (struct freebsd_process){
		.pid = word_at(bytes, KINFO_PROC_PID),
		.parent = word_at(bytes, KINFO_PROC_PARENT),
		.uid = word_at(bytes, KINFO_PROC_REAL_UID),
		.jail = word_at(bytes, KINFO_PROC_JAIL),
		.start_us = long_at(bytes, KINFO_PROC_START) * 1000000 +
			    long_at(bytes, KINFO_PROC_START + 8),
		.name = text_at(bytes, KINFO_PROC_NAME, KINFO_PROC_NAME_SIZE),
	};
	return true;
}

struct span freebsd_directory(struct span bytes)
{
	return text_at(bytes, KINFO_FILE_PATH, bytes.n);
}

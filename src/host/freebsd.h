/* SPDX-License-Identifier: Apache-2.0 */
/*
 * freebsd: one look at a FreeBSD machine. Private to the host room.
 *
 * What the kernel hands out are buffers of C structs. freebsd_list.c reads them by offset and
 * freebsd_fill.c makes the tables of a survey of them; both compile everywhere and are tested by
 * written buffers. Only freebsd/ asks a real kernel, and is built for FreeBSD alone.
 *
 * Layouts are those of FreeBSD 12 to 15 for processors with 64 bits: sys/sys/socketvar.h (xsocket),
 * sys/netinet/in_pcb.h (xinpgen, xinpcb), sys/netinet/tcp_var.h (xtcpcb), sys/sys/file.h (xfile) and
 * sys/sys/user.h (kinfo_proc, kinfo_file). freebsd/layout.c compares each number with the headers of
 * the system that it is compiled for.
 */
#ifndef PERIPLUS_HOST_FREEBSD_H
#define PERIPLUS_HOST_FREEBSD_H

#include "host/survey.h"

enum {
	XINPGEN_SIZE = 64,
	XINPGEN_GENERATION = 16,

	XINPCB_SIZE = 400,
	XINPCB_SOCKET = 8 + 8, /* xi_socket.xso_so */
	XINPCB_QLEN = 8 + 104, /* so_qlen, so_incqlen, so_qlimit */
	XINPCB_INCQLEN = 8 + 108,
	XINPCB_QLIMIT = 8 + 112,
	XINPCB_UID = 8 + 120,
	XINPCB_RECEIVED = 8 + 168, /* so_rcv.sb_cc */
	XINPCB_REMOTE_PORT = 252,
	XINPCB_LOCAL_PORT = 254,
	XINPCB_REMOTE = 256, /* 16 bytes; IPv4 in the last four */
	XINPCB_LOCAL = 272,
	XINPCB_GENERATION = 296,
	XINPCB_FAMILIES = 392, /* inp_vflag */

	XTCPCB_SIZE = 744,
	XTCPCB_INPCB = 8,
	XTCPCB_STATE = 568,

	XFILE_SIZE = 128,
	XFILE_PID = 8,
	XFILE_FD = 16,
	XFILE_TYPE = 32,
	XFILE_DATA = 56,

	KINFO_PROC_BYTES = 1088,
	KINFO_PROC_PID = 72,
	KINFO_PROC_PARENT = 76,
	KINFO_PROC_REAL_UID = 172,
	KINFO_PROC_START = 336, /* struct timeval */
	KINFO_PROC_NAME = 447,	/* ki_comm */
	KINFO_PROC_NAME_SIZE = 20,
	KINFO_PROC_JAIL = 592,

	KINFO_FILE_PATH = 368,
};

/* Values of inp_vflag, of xf_type, and of t_state (sys/netinet/tcp_fsm.h). */
enum { FREEBSD_IPV4 = 1, FREEBSD_IPV6 = 2, FREEBSD_FILE_SOCKET = 2 };
enum {
	FREEBSD_TCP_CLOSED = 0,
	FREEBSD_TCP_LISTEN = 1,
	FREEBSD_TCP_FIN_WAIT_1 = 6,
	FREEBSD_TCP_TIME_WAIT = 10,
};

struct freebsd_file {
	uint32_t pid, fd;
	uint64_t socket; /* its address in the kernel */
};

struct freebsd_process {
	uint32_t pid, parent, uid;
	uint32_t jail; /* 0: none */
	uint64_t start_us; /* since 1970 */
	struct span name;
};

/* net.inet.tcp.pcblist or udp's: 0 when the list is whole, -EAGAIN when it changed while the kernel wrote
 * it, -EBADMSG when it is of another layout. */
int freebsd_list_check(struct span list) must_check;
/* The next socket of such a list; start behind the head with list advanced by freebsd_list_rows. Sets
 * row->inode to the kernel's address of the socket, 0 when its program has let go. 1, 0 at the end,
 * -EBADMSG. */
int freebsd_next_socket(struct span *list, enum transport transport, struct socket_row *row) must_check;
struct span freebsd_list_rows(struct span list);
/* The next descriptor of a socket in kern.file. 1, 0 at the end, -EBADMSG. */
int freebsd_next_file(struct span *list, struct freebsd_file *file) must_check;
/* kern.proc.pid. The name points into the bytes. */
bool freebsd_process_read(struct span bytes, struct freebsd_process *process) must_check;
/* The path in what kern.proc.cwd answers. */
struct span freebsd_directory(struct span bytes);

/*
 * Asks the kernel: a name of sysctl(3), with a process or -1. 0 and heap memory that is the
 * caller's, or a negative errno.
 */
typedef int freebsd_ask_fn(const char *name, int pid, uint8_t **bytes, size_t *n);

struct freebsd_look {
	struct survey *survey;
	freebsd_ask_fn *ask;
	bool sees_all; /* sockets and processes of every user are shown to us */
};

/* Fills the tables of sockets and owners. */
int freebsd_fill(const struct freebsd_look *look, struct why *why) must_check;
/* What is known of a process; the same one for the same pid. NULL: it has ended. */
struct process_row *freebsd_process(const struct freebsd_look *look, uint32_t pid);

#endif

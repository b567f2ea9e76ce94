/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout: the numbers of host/freebsd.h, compared with the headers of the FreeBSD that this is compiled
 * for. No code: a release with other structs does not compile.
 */
#include <sys/types.h>
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <sys/file.h>
#include <sys/sysctl.h>
#include <sys/user.h>
#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_fsm.h>
#include <netinet/tcp_var.h>
#include <stddef.h>

#include "host/freebsd.h"

#define AT(type, member, offset)                                                                   \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)

SIZE(xinpgen, XINPGEN_SIZE);
AT(xinpgen, xig_gen, XINPGEN_GENERATION);
SIZE(xinpcb, XINPCB_SIZE);
AT(xinpcb, xi_socket.xso_so, XINPCB_SOCKET);
AT(xinpcb, xi_socket.so_qlen, XINPCB_QLEN);
AT(xinpcb, xi_socket.so_incqlen, XINPCB_INCQLEN);
AT(xinpcb, xi_socket.so_qlimit, XINPCB_QLIMIT);
AT(xinpcb, xi_socket.so_uid, XINPCB_UID);
AT(xinpcb, xi_socket.so_rcv.sb_cc, XINPCB_RECEIVED);
AT(xinpcb, inp_inc.inc_fport, XINPCB_REMOTE_PORT);
AT(xinpcb, inp_inc.inc_lport, XINPCB_LOCAL_PORT);
AT(xinpcb, inp_inc.inc6_faddr, XINPCB_REMOTE);
AT(xinpcb, inp_inc.inc6_laddr, XINPCB_LOCAL);
AT(xinpcb, inp_inc.inc_laddr, XINPCB_LOCAL + 12);
AT(xinpcb, inp_gencnt, XINPCB_GENERATION);
AT(xinpcb, inp_vflag, XINPCB_FAMILIES);
SIZE(xtcpcb, XTCPCB_SIZE);
AT(xtcpcb, xt_inp, XTCPCB_INPCB);
AT(xtcpcb, t_state, XTCPCB_STATE);
SIZE(xfile, XFILE_SIZE);
AT(xfile, xf_pid, XFILE_PID);
AT(xfile, xf_fd, XFILE_FD);
AT(xfile, xf_type, XFILE_TYPE);
AT(xfile, xf_data, XFILE_DATA);
SIZE(kinfo_proc, KINFO_PROC_BYTES);
AT(kinfo_proc, ki_pid, KINFO_PROC_PID);
AT(kinfo_proc, ki_ppid, KINFO_PROC_PARENT);
AT(kinfo_proc, ki_ruid, KINFO_PROC_REAL_UID);
AT(kinfo_proc, ki_start, KINFO_PROC_START);
AT(kinfo_proc, ki_comm, KINFO_PROC_NAME);
_Static_assert(sizeof(((struct kinfo_proc *)0)->ki_comm) == KINFO_PROC_NAME_SIZE, "ki_comm");
AT(kinfo_proc, ki_jid, KINFO_PROC_JAIL);
AT(kinfo_file, kf_path, KINFO_FILE_PATH);

_Static_assert(INP_IPV4 == FREEBSD_IPV4 && INP_IPV6 == FREEBSD_IPV6, "inp_vflag");
_Static_assert(DTYPE_SOCKET == FREEBSD_FILE_SOCKET, "xf_type");
_Static_assert(TCPS_CLOSED == FREEBSD_TCP_CLOSED && TCPS_LISTEN == FREEBSD_TCP_LISTEN &&
		       TCPS_FIN_WAIT_1 == FREEBSD_TCP_FIN_WAIT_1 &&
		       TCPS_TIME_WAIT == FREEBSD_TCP_TIME_WAIT,
	       "t_state");

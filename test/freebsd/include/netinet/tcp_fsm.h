/* SPDX-License-Identifier: Apache-2.0 */
/* tcp_fsm: states of TCP by FreeBSD's sys/netinet/tcp_fsm.h. */
#define TCPS_CLOSED 0
#define TCPS_LISTEN 1
#define TCPS_FIN_WAIT_1 6
#define TCPS_TIME_WAIT 10

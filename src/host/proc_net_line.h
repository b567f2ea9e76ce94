/* SPDX-License-Identifier: Apache-2.0 */
/* proc_net_line: one line of /proc/net/tcp and its like. Private to the host room. */
#ifndef PERIPLUS_HOST_PROC_NET_LINE_H
#define PERIPLUS_HOST_PROC_NET_LINE_H

#include "host/survey.h"

/* False: the heading, a socket that waits for nobody, or not understood. */
bool proc_net_line(struct span line, enum transport transport, struct socket_row *row) must_check;

#endif

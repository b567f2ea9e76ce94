/* SPDX-License-Identifier: Apache-2.0 */
/* portless: sockets that wait for packets below the level of ports. Private to the host room. */
#ifndef PERIPLUS_HOST_PORTLESS_H
#define PERIPLUS_HOST_PORTLESS_H

#include "host/survey.h"

/* Adds the raw and packet sockets of the network namespace that this thread is in to the table,
 * when everything is asked for. A table that cannot be read adds nothing: the kernel may lack that
 * kind. -ENOMEM otherwise. */
int portless_fill(struct survey *survey, uint64_t net_namespace) must_check;
/* One line of /proc/net/packet. False: the heading, or not understood. */
bool portless_packet_line(struct span line, struct socket_row *row) must_check;

#endif

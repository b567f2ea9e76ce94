/* SPDX-License-Identifier: Apache-2.0 */
/* activation: sockets that systemd holds for a service. Private to the host room. */
#ifndef PERIPLUS_HOST_ACTIVATION_H
#define PERIPLUS_HOST_ACTIVATION_H

#include "host/socket_unit.h"
#include "host/survey.h"

/* The socket units that a manager finds, with what is known of them. */
struct socket_units {
	struct arena arena;
	struct known_unit *items;
	size_t n, capacity;
	struct drop_in *drop_ins;
	size_t n_drop_ins, drop_ins_capacity;
};

/* Reads the units in these directories, the one that wins first. `running` is the directory in
 * which the manager keeps links for what is active ("/run/systemd/units"); NULL: not known. */
void socket_units_read(struct socket_units *units, const char *const *directories, size_t n,
		       const char *running);
void socket_units_done(struct socket_units *units);
/* The unit that opens the socket. NULL when none does, or when several do and nothing tells which.
 */
const struct socket_unit *socket_units_find(const struct socket_units *units,
					    enum transport transport, const struct address *local,
					    uint16_t port);

/* Sets socket_unit and unit of the sockets that a manager holds. */
void activation_fill(struct survey *survey);

#endif

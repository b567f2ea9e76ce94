/* SPDX-License-Identifier: Apache-2.0 */
/* socket_unit: what the text of a systemd .socket unit says of ports. Pure; private to the host
 * room. */
#ifndef PERIPLUS_HOST_SOCKET_UNIT_H
#define PERIPLUS_HOST_SOCKET_UNIT_H

#include "base/address.h"
#include "base/arena.h"
#include "base/port.h"

enum listen_kind { LISTEN_STREAM, LISTEN_DATAGRAM, LISTEN_SEQUENTIAL_PACKET };

struct listen_at {
	enum listen_kind kind;
	struct address address; /* ADDRESS_NONE: every address of this host */
	uint16_t port;
};

struct socket_unit {
	struct span name;     /* "ssh.socket", or an instance: "echo@7.socket" */
	struct span service;  /* Service=; empty: the one of the same name */
	struct span device;   /* BindToDevice= */
	struct span protocol; /* SocketProtocol= */
	bool accepts;         /* one service for each connection */
	struct listen_at *listens;
	size_t n_listens, capacity;
};

/* Adds what a file says, the unit's own or a drop-in. Spans point into text or the arena. */
void socket_unit_read(struct socket_unit *unit, struct span text, struct arena *arena);
/* Whether the unit opens this socket; the device is the caller's to compare. */
bool socket_unit_opens(const struct socket_unit *unit, enum transport transport,
		       const struct address *local, uint16_t port);
/* The service that it starts: "ssh.service"; a template, "ssh@.service", when it accepts. */
struct span socket_unit_service(const struct socket_unit *unit, struct arena *arena);
/* "a@7.socket": "a@.socket"; empty for what is no instance. */
struct span socket_unit_template(struct span name, struct arena *arena);

#endif

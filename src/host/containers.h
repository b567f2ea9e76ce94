/* SPDX-License-Identifier: Apache-2.0 */
/* containers: whose port a container runtime's socket is. Private to the host room. */
#ifndef PERIPLUS_HOST_CONTAINERS_H
#define PERIPLUS_HOST_CONTAINERS_H

#include "host/container_api.h"
#include "host/survey.h"

/* A program that holds sockets for containers. */
enum proxy_kind {
	PROXY_NONE,
	PROXY_BY_ADDRESS, /* docker-proxy: its arguments name the container's address */
	PROXY_BY_NAME,    /* conmon: its arguments name the container */
	PROXY_BY_PORT,    /* rootlessport and the like: only the engine knows */
};

struct proxy_facts {
	enum transport transport;
	struct address host, inside;
	uint16_t host_port, inside_port;
	struct span name, id; /* conmon */
};

/* By the executable's path; only programs that are installed count. */
enum proxy_kind proxy_kind(struct span executable, bool *is_podman);
/* What the arguments tell; argv as in struct process. False when they do not. */
bool proxy_read(enum proxy_kind kind, struct span argv, struct proxy_facts *facts);
/* The container that has this address, or publishes this port. NULL: none. */
const struct container *container_by_address(const struct container_list *list,
					     const struct address *inside);
const struct container *container_by_port(const struct container_list *list,
					  enum transport transport, const struct address *host,
					  uint16_t port);
const struct container *container_by_id(const struct container_list *list, struct span id);

/* Sets `container` of sockets that publish a port, and names the containers of processes. */
void containers_fill(struct survey *survey);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* container_api: what a container engine says of its containers. Private to the host room. */
#ifndef PERIPLUS_HOST_CONTAINER_API_H
#define PERIPLUS_HOST_CONTAINER_API_H

#include "base/address.h"
#include "base/arena.h"
#include "base/port.h"
#include "base/why.h"

struct published_port {
	enum transport transport;
	struct address host; /* ADDRESS_NONE: every address */
	uint16_t port;       /* on the host */
};

struct container {
	struct span id;            /* hexadecimal */
	struct span name;          /* as the engine allows names; empty for any other */
	struct address *addresses; /* in its networks */
	size_t n_addresses, addresses_capacity;
	struct published_port *ports;
	size_t n_ports, ports_capacity;
};

struct container_list {
	struct container *items;
	size_t n, capacity;
	bool is_cut; /* there was more than is read of an answer */
};

/* Asks the engine behind a Unix socket that `uid` or root answers on. 0 or a negative errno; what
 * is listed lives in the arena. Takes half a second at most. */
int container_api_ask(const char *path, uint32_t uid, struct arena *arena,
		      struct container_list *list, struct why *why) must_check;
/* What an engine lets a container be called: no control bytes, for one. */
bool container_is_name(struct span name);
/* The parts of it that are pure: an HTTP answer, and its body. False: not understood. */
bool container_answer_read(struct span answer, struct arena *arena,
			   struct container_list *list) must_check;
/* Containers up to the first that is not whole are kept; is_cut tells that there was one. */
bool container_list_read(struct span body, struct arena *arena,
			 struct container_list *list) must_check;

#endif

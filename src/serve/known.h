/* SPDX-License-Identifier: Apache-2.0 */
/* known: what the map says of one port, in the order in which a page tells it (private to serve). */
#ifndef PERIPLUS_SERVE_KNOWN_H
#define PERIPLUS_SERVE_KNOWN_H

#include "serve/web.h"

struct known {
	uint16_t port;
	enum map_standing standing;
	struct map_registration *registrations; /* all of this number */
	size_t n_registrations;
	struct map_practice *uses; /* best attested first, malware apart */
	size_t n_uses;
	struct map_practice *incidents;
	size_t n_incidents;
	struct span services; /* names, joined; with the description when there is one */
	struct span products; /* titles of the first uses, joined; empty: none */
};

/* All lies in the arena of web. */
void known_read(struct web *web, uint16_t port, struct known *known);
/* The first row of those that say the same of several transports. */
bool known_is_first(const struct known *known, size_t index);

#endif

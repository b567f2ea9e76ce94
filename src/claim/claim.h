/* SPDX-License-Identifier: Apache-2.0 */
/*
 * claim: what this organisation says it runs. Pure. Here is what a verdict asks of it; nothing
 * reads claims from files yet, so that whoever judges brings its own, as tests do.
 *
 * All texts are borrowed and live as long as the caller's.
 */
#ifndef PERIPLUS_CLAIM_CLAIM_H
#define PERIPLUS_CLAIM_CLAIM_H

#include "base/port.h"
#include "base/span.h"

struct claim {
	enum transport transport;
	uint16_t first, last;
	struct span name; /* "orders-db" */
	struct span
		protocols; /* comma list of names of proto.list; empty: it says nothing of them */
	struct span file;  /* where it stands, for people */
	unsigned line;
};

struct claims {
	const struct claim *rows; /* the later one wins */
	size_t n_rows;
};

/* The claim that covers the port, or NULL. claims may be NULL. */
const struct claim *claims_find(const struct claims *claims, enum transport transport,
				uint16_t port);

#endif

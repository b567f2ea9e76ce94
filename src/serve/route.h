/* SPDX-License-Identifier: Apache-2.0 */
/* route: the paths that are answered, as rows (private to serve). The document of the API is written
 * from the same rows. */
#ifndef PERIPLUS_SERVE_ROUTE_H
#define PERIPLUS_SERVE_ROUTE_H

#include "serve/web.h"

struct route {
	const char *pattern; /* {x} stands for one piece of a path, without '/' */
	/* FORM: sent by a page of ours. ORDER: JSON, sent with the token. */
	enum { ROUTE_PAGE, ROUTE_API, ROUTE_FORM, ROUTE_ORDER } kind;
	bool is_live; /* shows this machine: not on a public server */
	void (*answer)(struct web *);
	const char *does; /* one line for the document of the API */
	const char *schema; /* in schema/, of what it answers; NULL: no JSON of ours */
	const char *media; /* of the API: media type */
	const char *parameters; /* of the query, by blank */
};

size_t route_count(void);
const struct route *route_at(size_t index);
/* The route of a path, and what its {} stands for, still encoded. NULL: none. */
const struct route *route_find(struct span path, struct span *word);

#endif

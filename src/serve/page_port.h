/* SPDX-License-Identifier: Apache-2.0 */
/* page_port: the sections of the page of a port (private to serve). */
#ifndef PERIPLUS_SERVE_PAGE_PORT_H
#define PERIPLUS_SERVE_PAGE_PORT_H

#include "serve/known.h"

/* page_port_facts.c */
void put_uses(struct web *web, const struct known *known);
void put_evidence(struct web *web, const struct known *known);
void put_incidents(struct web *web, const struct known *known);
void put_source(struct web *web, struct span source, struct span date);
/* page_port_check.c */
void put_check(struct web *web, uint16_t port);
void put_neighbours(struct web *web, uint16_t port);
void put_transports(struct web *web, const struct known *known);

/* page_feedback.c */
void put_feedback(struct web *web, uint16_t port);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* http_products: which product an HTTP answer shows, by a table of fields and marks. Pure. */
#ifndef PERIPLUS_PROTO_HTTP_PRODUCTS_H
#define PERIPLUS_PROTO_HTTP_PRODUCTS_H

#include "proto/http_head.h"

/* Sets product and version when the answer (or answers, one behind the other) proves them. */
void http_products_tell(const struct http_head *head, struct proto_facts *facts);
/* The public address at which the product seen tells its version; NULL: nothing more to ask. */
const char *http_products_ask(const struct http_head *head);

#endif

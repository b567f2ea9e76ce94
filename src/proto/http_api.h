/* SPDX-License-Identifier: Apache-2.0 */
/* http_api: what the rows share that find one product's API in HTTP. Private to proto. */
#ifndef PERIPLUS_PROTO_HTTP_API_H
#define PERIPLUS_PROTO_HTTP_API_H

#include "proto/http_head.h"
#include "proto/words.h"

/* A GET of the path, the connection to be closed by the server. */
size_t http_api_get(const char *path, uint8_t *out, size_t size);
/* YES: the head is whole; MORE: it is not yet; NO: this is no HTTP over TCP. */
enum proto_match http_api_head(struct span bytes, enum proto_side side, enum transport transport,
			       struct http_head *head);
/* YES: the mark is in the body; MORE: it may still come; NO: the body has ended without it, or
 * 64 KiB of it did not hold it. */
enum proto_match http_api_body(const struct http_head *head, const char *mark);

#endif

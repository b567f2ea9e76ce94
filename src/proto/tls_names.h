/* SPDX-License-Identifier: Apache-2.0 */
/* tls_names: names and dates in an X.509 certificate, as the peer wrote them. Private to proto. */
#ifndef PERIPLUS_PROTO_TLS_NAMES_H
#define PERIPLUS_PROTO_TLS_NAMES_H

#include "proto/proto.h"

/* Adds "subject", "issuer" (common names), "not_after" and up to five "name" (DNS names). */
void tls_names_tell(struct span certificate, struct proto_facts *facts);

#endif

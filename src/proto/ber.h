/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber: elements of ASN.1's basic encoding (X.690 section 8.1) in bytes that are there as a whole.
 * Private to proto. Definite lengths only, of at most three bytes; no recursion.
 */
#ifndef PERIPLUS_PROTO_BER_H
#define PERIPLUS_PROTO_BER_H

#include "base/span.h"

enum { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_SEQUENCE = 0x30 };

/* One element off the front: its tag and what it holds. False when cut or of another form; s may
 * then have moved. */
bool ber_take(struct span *s, uint8_t *tag, struct span *value) must_check;
/* The same, and false when the tag is another one. */
bool ber_take_tag(struct span *s, uint8_t wanted, struct span *value) must_check;

#endif

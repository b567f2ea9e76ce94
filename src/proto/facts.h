/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what the rows of binary protocols share when they describe: numbers, bytes and addresses
 * as text. Private to proto; every value is cut at PROTO_TEXT.
 */
#ifndef PERIPLUS_PROTO_FACTS_H
#define PERIPLUS_PROTO_FACTS_H

#include "proto/proto.h"

/* Adds one extra from a printf format, whose texts are our own. */
void facts_add(struct proto_facts *facts, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Lower-case hex digits without separators; nothing for an empty span. */
void facts_hex(struct proto_facts *facts, const char *name, struct span bytes);
/* At most 24 bytes as hex digits; returns to. */
const char *facts_hex_text(char to[49], struct span bytes);
/* Four bytes in dotted form, sixteen in the form of RFC 5952, else nothing; returns to. */
enum { FACTS_ADDRESS = 48 };
const char *facts_address_text(char to[FACTS_ADDRESS], struct span address);
/* The word of a code in a table of rows, or NULL. */
struct facts_word {
	unsigned code;
	const char *word;
};
const char *facts_word(const struct facts_word *rows, size_t n_rows, unsigned code);

#endif

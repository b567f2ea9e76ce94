/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: what the rows of the text protocols share: fixed beginnings, whole lines, and tables of
 * the marks by which products name themselves. Private to proto; pure and bounded.
 */
#ifndef PERIPLUS_PROTO_WORDS_H
#define PERIPLUS_PROTO_WORDS_H

#include "base/scope.h"
#include "base/span.h"
#include "base/text.h"
#include "proto/proto.h"

/* YES: bytes begin with the word; MORE: they are a beginning of it; NO otherwise. */
enum proto_match words_begin(struct span bytes, struct span word);
#define WORDS_BEGIN(bytes, literal) words_begin(bytes, SPAN_LIT(literal))

/* Writes all of `words` or nothing: for greet and farewell. */
size_t words_say(struct span words, uint8_t *out, size_t size);
#define WORDS_SAY(literal, out, size) words_say(SPAN_LIT(literal), out, size)

/* The first line when its LF has been seen, without line end. */
bool words_line(struct span bytes, struct span *line) must_check;
/* False when a control character other than tab is among them. */
bool words_is_text(struct span bytes);
/* The same for a line whose end has not been heard: a CR may stand last. */
bool words_is_cut(struct span bytes);
/* True when n digits stand at the start and, behind them, one of the `after` bytes or the end. */
bool words_is_code(struct span bytes, size_t n, const char *after);
/* A version: the run of letters, digits and .+-~_ at the start, if it has a digit; else empty. */
struct span words_version(struct span bytes);
/* The version behind the first `mark`; empty when there is none. */
struct span words_version_after(struct span bytes, const char *mark);
/* What stands between two marks on one line; empty when there is none. */
struct span words_between(struct span bytes, const char *before, const char *after);
/* Adds the fact when the value is text and not empty. */
void words_tell(struct proto_facts *facts, const char *name, struct span value);

/* One mark by which a product gives itself away; rows are tried in their order. */
struct words_product {
	const char *mark;   /* text that proves it */
	const char *slug;   /* as in data/products */
	const char *before; /* the version stands behind this text; NULL: no version is told */
};

/* Sets product and version by the first row whose mark is in the text; false when none is. */
bool words_product(struct span text, const struct words_product *rows, size_t n_rows,
		   struct proto_facts *facts);

#endif
